"""A run as its graph of tasks, simulated: what is left of one in flight, and what each task costs.

A simulated run takes how long its tasks took, and waited, in one past run drawn at random (recent ones more often), so
that what is slow together stays slow together; it lands when the longest way through the graph does. In a run in flight
what is done is a fact, and a task that has run for m seconds only draws from lengths above m. Source of the method:
Van Slyke, "Monte Carlo methods and the PERT problem", Operations Research 11 (1963).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
import polars as pl

from forecasting.distribution import Floats, Lengths

TaskRun = tuple[str, str, float, float, float]
"""run_id, task_id, when it started and ended, and when its run landed: all in seconds since that run was due."""
SIMULATIONS = 400
HALF_LIFE_RUNS = 15
GRID = np.linspace(0.005, 0.995, 34)
FEWEST_RUNS = 5
MOST_TRIED = 30
"""Of more tasks than these only the longest are tried instant: a task saves at most its own length."""
SAVINGS = {
    "task_id": pl.String, "instant_p50_s": pl.Float64, "instant_p95_s": pl.Float64, "steady_p50_s": pl.Float64,
    "steady_p95_s": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Graph:
    """The tasks of a pipeline, those that need nothing first, and what each waits for (places in `names`)."""

    names: Sequence[str]
    upstream: Sequence[Sequence[int]]

    @classmethod
    def of(cls, tasks: Iterable[tuple[str, Sequence[str] | None]]) -> "Graph":
        """From tasks, each with those that follow it. Raises `ValueError` where tasks wait for each other."""
        known = list(tasks)
        waits: dict[str, list[str]] = {name: [] for name, _ in known}
        for name, downstream in known:
            for follower in downstream or ():
                if follower in waits:
                    waits[follower].append(name)
        try:
            order = list(TopologicalSorter(waits).static_order())
        except CycleError as e:
            raise ValueError(f"the tasks wait for each other: {e.args[1]}") from e
        place = {name: n for n, name in enumerate(order)}
        return cls(order, [[place[before] for before in waits[name]] for name in order])


@dataclass(frozen=True)
class Past:
    """Past runs, oldest first: waits and durations (runs × tasks, seconds), and what a run took after its last task."""

    waits: Floats
    durations: Floats
    tails: Floats

    @classmethod
    def of(cls, graph: Graph, history: Iterable[TaskRun]) -> "Past":
        """From the tasks of ended runs, oldest run first. A task that did not run in a run took no time there."""
        place = {name: n for n, name in enumerate(graph.names)}
        rows = [row for row in history if row[1] in place]
        run_ids = {run_id: n for n, run_id in enumerate(dict.fromkeys(row[0] for row in rows))}
        runs, tasks = [run_ids[row[0]] for row in rows], [place[row[1]] for row in rows]
        shape = (len(run_ids), len(place))
        start, end, landed = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(len(run_ids))
        start[runs, tasks] = [row[2] for row in rows]
        end[runs, tasks] = [max(row[2], row[3]) for row in rows]
        landed[runs] = [row[4] for row in rows]
        waits, durations, reached = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for n, before in enumerate(graph.upstream):
            ready = reached[:, before].max(axis=1) if before else np.zeros(len(run_ids))
            began = np.where(np.isnan(start[:, n]), ready, start[:, n])
            reached[:, n] = np.where(np.isnan(end[:, n]), ready, end[:, n])
            waits[:, n], durations[:, n] = np.maximum(0.0, began - ready), reached[:, n] - began
        return cls(waits, durations, np.maximum(0.0, landed - np.fmax.reduce(end, axis=1, initial=-np.inf)))

    @property
    def runs(self) -> int:
        """How many."""
        return self.tails.size

    def weights(self) -> Floats:
        """Of each run, all together 1."""
        weights = np.power(0.5, np.arange(self.runs - 1, -1, -1) / HALF_LIFE_RUNS)
        return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class Now:
    """A run in flight, `at_s` seconds after it was due: when tasks ended (`done`), how long others run (`running`)."""

    at_s: float
    done: Mapping[str, float]
    running: Mapping[str, float]


def landings(graph: Graph, past: Past, rng: np.random.Generator, now: Now | None = None) -> Floats:
    """Simulated landing delays, seconds since a run was due, none before `now`. Raises `ValueError` without a past."""
    if past.runs == 0:
        raise ValueError("no past run to draw from")
    drawn = rng.choice(past.runs, size=SIMULATIONS, p=past.weights())
    durations = past.durations[drawn]
    if now is not None:
        for name, elapsed_s in now.running.items():
            if name in graph.names:
                n = graph.names.index(name)
                durations[:, n] = _longer(past.durations[:, n], past.weights(), elapsed_s, rng)
    return _landed(graph, past.waits[drawn], durations, past.tails[drawn], now)


def _longer(durations: Floats, weights: Floats, elapsed_s: float, rng: np.random.Generator) -> Floats:
    """Lengths above what has passed already."""
    known = durations > 0
    if not known.any():
        return np.full(SIMULATIONS, elapsed_s)
    lengths = Lengths.of(durations[known], weights[known])
    above = [lengths.quantile(float(level), given_above=elapsed_s) for level in GRID]
    return np.asarray(np.interp(rng.random(SIMULATIONS), GRID, above))


def _landed(graph: Graph, waits: Floats, durations: Floats, tails: Floats, now: Now | None = None) -> Floats:
    """When the longest way through the graph ends, in each simulated run."""
    ends: Floats = np.zeros((len(durations), len(graph.names)), order="F")  # read by column
    at_s = now.at_s if now is not None else 0.0
    for n, (name, before) in enumerate(zip(graph.names, graph.upstream, strict=True)):
        ready = np.maximum.reduce([ends[:, b] for b in before]) if before else np.zeros(ends.shape[0])
        if now is not None and name in now.done:
            ends[:, n] = now.done[name]
        elif now is not None and name in now.running:
            ends[:, n] = at_s - now.running[name] + durations[:, n]
        else:
            ends[:, n] = np.maximum(ready + waits[:, n], at_s) + durations[:, n]
    return np.asarray(np.maximum(ends.max(axis=1) + tails, at_s))


def savings(graph: Graph, past: Past, rng: np.random.Generator) -> pl.DataFrame:
    """What each task costs: how much earlier runs would land were it instant, or never slower than its median.

    The same simulated runs with and without. Returns task_id, instant_p50_s, instant_p95_s, steady_p50_s, steady_p95_s
    (seconds saved at P50 and P95 of the landing), the most costly first; of many tasks only the `MOST_TRIED` longest.
    Raises `ValueError` without a past.
    """
    if past.runs == 0:
        raise ValueError("no past run to draw from")
    drawn = rng.choice(past.runs, size=SIMULATIONS, p=past.weights())
    durations, medians = past.durations[drawn], np.median(past.durations, axis=0)
    tried = np.sort(np.argsort(-past.durations.mean(axis=0), kind="stable")[:MOST_TRIED])
    changed = np.repeat(durations[None], 2 * tried.size + 1, axis=0)  # as it was; each instant; each at most its median
    for place, n in enumerate([*tried, *tried]):
        most = 0.0 if place < tried.size else medians[n]
        changed[place + 1, :, n] = np.minimum(changed[place + 1, :, n], most)
    many = (changed.shape[0], 1)
    landed = _landed(
        graph,
        np.tile(past.waits[drawn], many),
        changed.reshape(-1, len(graph.names)),
        np.tile(past.tails[drawn], many[0]),
    )
    quantiles = np.quantile(landed.reshape(-1, SIMULATIONS), (0.5, 0.95), axis=1)
    instant, steady = np.split(quantiles[:, :1] - quantiles[:, 1:], 2, axis=1)
    rows = [(graph.names[n], *instant[:, place], *steady[:, place]) for place, n in enumerate(tried)]
    rows.sort(key=lambda row: row[1], reverse=True)
    return pl.DataFrame(rows, schema=SAVINGS, orient="row")
