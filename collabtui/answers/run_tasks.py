"""One run task by task: what ran when, what is usual, what the landing waited for, and what is still to come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from collabtui.answers.flights import PAST_RUNS, graph_and_past
from collabtui.config import ConfigError, Settings
from collabtui.warehouse import Warehouse, reads, run_reads
from forecasting.critical import Critical, Times, Typical, critical, levels, projected
from forecasting.distribution import Lengths
from forecasting.taskgraph import Graph

LOOKED_AT = 2 * PAST_RUNS
WORST_FIRST = (
    "failed", "upstream_failed", "running", "restarting", "up_for_retry", "up_for_reschedule", "deferred", "queued",
    "scheduled", "to come", "not run", "success", "skipped", "removed",
)  # fmt: skip
"""A task of many mapped parts is in the state of the first of these that one of them is in."""
OPEN = frozenset(WORST_FIRST[2:10])
NEVER_RAN = frozenset({"upstream_failed", "skipped", "removed", "not run"})
TASKS: dict[str, Any] = {
    "task_id": pl.String, "state": pl.String, "level": pl.Int64, "operator": pl.String, "pool": pl.String,
    "try_number": pl.Int64, "max_tries": pl.Int64, "parts_n": pl.Int64, "parts_done_n": pl.Int64,
    "parts_failed_n": pl.Int64, "queued_at": pl.Datetime("us", "UTC"), "start_at": pl.Datetime("us", "UTC"),
    "end_at": pl.Datetime("us", "UTC"), "took_s": pl.Float64, "p50_s": pl.Float64, "p85_s": pl.Float64,
    "expected_start_at": pl.Datetime("us", "UTC"), "expected_end_at": pl.Datetime("us", "UTC"), "held_s": pl.Float64,
    "slack_s": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class RunTasks:
    """tasks: a row a task, mapped parts together, in the order of the graph, then of the start: task_id, state ("to
    come" where it has none yet), level (tasks that must end before it, one after the other), operator, pool,
    try_number (most of any part; 0: none began), max_tries, parts_n, parts_done_n, parts_failed_n, queued_at (when it
    could have begun), start_at (of the first try), end_at (of the last), took_s (so far, where it runs), p50_s and
    p85_s (usual length, tries and waits between them included), expected_start_at and expected_end_at (by P50),
    held_s (on the critical path: how long the landing waited for it; else null), slack_s (how much longer it could
    have taken), past_n, failed_n and retried_n (its record, see `run_reads.failures`).

    tries: every try of every part: task_id, map_index, try_number, is_latest, state, start_at, end_at.
    from_at to until_at is the time of the run with what is expected; history_n is how many past runs that stands on.
    `knows_graph`: without it nothing is known of what waited for what.
    """

    now: datetime
    source: str
    pipeline_id: str
    run_id: str
    state: str
    due_at: datetime | None
    start_at: datetime | None
    end_at: datetime | None
    from_at: datetime
    until_at: datetime
    history_n: int
    knows_graph: bool
    tasks: pl.DataFrame
    tries: pl.DataFrame


def run_tasks(warehouse: Warehouse, settings: Settings, now: datetime, *, about: str) -> RunTasks:
    """Of the newest run of a pipeline, or of "PIPELINE RUN_ID". Raises `ConfigError` where there is none."""
    pipeline_id, _, run_id = about.partition(" ")
    named = run_reads.named_run(warehouse, pipeline_id, run_id) if run_id else None
    key = named if run_id else run_reads.newest_run(warehouse, pipeline_id)
    found = tasks_of(warehouse, settings, now, *key) if key else None
    if found is None:
        raise ConfigError(
            f"there is no run {about!r}; give a pipeline for its newest one, or PIPELINE RUN_ID in quotes"
        )
    return found


def tasks_of(
    warehouse: Warehouse, _settings: Settings, now: datetime, source: str, pipeline_id: str, run_id: str
) -> RunTasks | None:
    """The tasks of this run; None where it is not there (any more)."""
    run = run_reads.run(warehouse, source, pipeline_id, run_id)
    if run is None:
        return None
    tries = run_reads.tries(warehouse, source, pipeline_id, run_id)
    in_flight = run["end_at"] is None
    tasks = [_folded(list(parts), in_flight=in_flight, now=now) for parts in _by_task(tries)]
    graph = _graph(warehouse, source, pipeline_id)
    usual, history_n = warehouse.kept(
        ("usual tasks", source, pipeline_id), lambda: _usual(warehouse, source, pipeline_id)
    )
    began = [at for task in tasks for at in (task["queued_at"], task["start_at"]) if at is not None]
    from_at = min((at for at in (run["start_at"], *began) if at is not None), default=run["due_at"] or now)
    told = _told(tasks, graph, usual, from_at, now) if graph is not None else {}
    place = levels(graph) if graph is not None else {}
    for task in tasks:
        _complete(task, usual.get(task["task_id"]), told.get(task["task_id"]), from_at)
        task["level"] = place.get(task["task_id"])
    later = max((at for task in tasks for at in (task["end_at"], task["expected_end_at"]) if at), default=from_at)
    run_ids = [id_ for id_ in _past_ids(warehouse, source, pipeline_id) if id_ != run_id]
    record = run_reads.failures(warehouse, source, pipeline_id, run_ids[:PAST_RUNS])
    frame = pl.DataFrame(tasks, schema=TASKS).join(record, on="task_id", how="left")
    frame = frame.sort("level", "start_at", "expected_start_at", "task_id", nulls_last=True)
    shown = ("task_id", "map_index", "try_number", "is_latest", "state", "start_at", "end_at")
    return RunTasks(
        now, source, pipeline_id, run_id, run["state"], run["due_at"], run["start_at"], run["end_at"], from_at,
        max(later, run["end_at"] or now, from_at + timedelta(seconds=1)), history_n, graph is not None, frame,
        tries.select(shown),
    )  # fmt: skip


@dataclass(frozen=True)
class _Usual:
    """What is usual of a task: all its lengths in the past, its median wait, and quantiles of its length, seconds."""

    lengths: Lengths
    wait_s: float
    p50_s: float
    p85_s: float


@dataclass(frozen=True)
class _Told:
    """What the graph tells of a task: its times or expected ones, seconds since the run began; held_s, slack_s."""

    times: tuple[float, float]
    held_s: float | None
    slack_s: float | None


def _by_task(tries: pl.DataFrame) -> Iterable[Sequence[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in tries.iter_rows(named=True):
        grouped.setdefault(row["task_id"], []).append(row)
    return grouped.values()


def _folded(tries: Sequence[Mapping[str, Any]], *, in_flight: bool, now: datetime) -> dict[str, Any]:
    """All tries of all parts of a task as one row."""
    latest = [row for row in tries if row["is_latest"]] or tries[-1:]
    blank = "to come" if in_flight else "not run"
    states = [row["state"] or blank for row in latest]
    state = next((name for name in WORST_FIRST if name in states), states[0])
    started = [row["start_at"] for row in tries if row["start_at"] is not None]
    ended = [row["end_at"] for row in tries if row["end_at"] is not None]
    ready = [at for row in tries if (at := row["scheduled_at"] or row["queued_at"]) is not None]
    start_at = min(started, default=None)
    is_over = state not in OPEN and "running" not in states
    end_at = max(ended) if is_over and ended and state not in NEVER_RAN else None
    took = (end_at or now) - start_at if start_at is not None and state not in NEVER_RAN else None
    return {
        "task_id": tries[0]["task_id"], "state": state, "operator": latest[0]["operator"], "pool": latest[0]["pool"],
        "try_number": max(row["try_number"] for row in latest), "max_tries": latest[0]["max_tries"],
        "parts_n": len(latest), "parts_done_n": sum(name in {"success", "skipped"} for name in states),
        "parts_failed_n": states.count("failed"), "queued_at": min(ready, default=None),
        "start_at": start_at if state not in NEVER_RAN else None, "end_at": end_at,
        "took_s": max(0.0, took.total_seconds()) if took is not None else None,
    }  # fmt: skip


def _graph(warehouse: Warehouse, source: str, pipeline_id: str) -> Graph | None:
    tasks = reads.task_graphs(warehouse, [(source, pipeline_id)]).select("task_id", "downstream").iter_rows()
    try:
        graph = Graph.of(tasks)
    except ValueError:
        return None
    return graph if graph.names else None


def _past_ids(warehouse: Warehouse, source: str, pipeline_id: str) -> list[str]:
    runs = reads.runs_of(warehouse, [(source, pipeline_id)], LOOKED_AT)
    return runs.filter(pl.col("end_at").is_not_null())["run_id"].to_list()


def _usual(warehouse: Warehouse, source: str, pipeline_id: str) -> tuple[Mapping[str, _Usual], int]:
    """What is usual of each task in the last runs that succeeded, and how many those are."""
    found = graph_and_past(warehouse, source, pipeline_id)
    if found is None:
        return {}, 0
    graph, past = found
    usual = {}
    for n, name in enumerate(graph.names):
        ran = past.durations[:, n] > 0
        if ran.any():
            lengths = past.durations[ran, n]
            known, wait_s = Lengths.of(lengths, np.ones(lengths.size)), float(np.median(past.waits[ran, n]))
            usual[name] = _Usual(known, wait_s, known.quantile(0.5), known.quantile(0.85))
    return usual, past.runs


def _told(
    tasks: Sequence[Mapping[str, Any]], graph: Graph, usual: Mapping[str, _Usual], from_at: datetime, now: datetime
) -> Mapping[str, _Told]:
    times: dict[str, tuple[float, float]] = {}
    open_: dict[str, Typical] = {}
    for task in tasks:
        name, start_at, end_at = task["task_id"], task["start_at"], task["end_at"]
        known = usual.get(name)
        if start_at is not None:
            start_s = (start_at - from_at).total_seconds()
            end_s = (end_at - from_at).total_seconds() if end_at else start_s + _whole(known, task["took_s"])
            times[name] = start_s, max(start_s, end_s)
        elif task["state"] in OPEN and known is not None:
            open_[name] = Typical(known.wait_s, known.p50_s)
    all_times: Times = projected(graph, times, open_, (now - from_at).total_seconds())
    found: Critical = critical(graph, all_times)
    return {name: _Told(span, found.held_s.get(name), found.slack_s.get(name)) for name, span in all_times.items()}


def _whole(known: _Usual | None, elapsed_s: float) -> float:
    """How long a task that has run so long will probably take: the median of those that took longer."""
    return known.lengths.quantile(0.5, given_above=elapsed_s) if known is not None else elapsed_s


def _complete(task: dict[str, Any], known: _Usual | None, told: _Told | None, from_at: datetime) -> None:
    """What is usual and expected of a task, into its row."""
    task["p50_s"] = known.p50_s if known else None
    task["p85_s"] = known.p85_s if known else None
    task["held_s"], task["slack_s"] = (told.held_s, told.slack_s) if told else (None, None)
    task["expected_start_at"] = task["expected_end_at"] = None
    if task["end_at"] is not None and known is not None:
        task["expected_end_at"] = task["start_at"] + timedelta(seconds=task["p50_s"])
    elif task["end_at"] is None and told is not None:
        start_s, end_s = told.times
        task["expected_start_at"] = None if task["start_at"] else from_at + timedelta(seconds=start_s)
        task["expected_end_at"] = from_at + timedelta(seconds=end_s) if known is not None else None
