"""Runs in flight, task by task: what is done is known, so their landing is surer than that of a run to come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from collabtui.answers.cycles import Key
from collabtui.answers.past import newest_runs
from collabtui.warehouse import Warehouse, reads
from forecasting.distribution import Floats
from forecasting.taskgraph import FEWEST_RUNS, Graph, Now, Past, TaskRun, landings

Span = tuple[str, datetime | None, datetime | None]
"""A task, and when it started and ended."""
PAST_RUNS = 30
MOST_FLIGHTS = 16
"""More runs in flight than these are forecast from whole runs alone: each takes some milliseconds."""
SEED = 20
LEVELS = {"p50_s": 0.50, "p85_s": 0.85, "p95_s": 0.95}


def with_flights(warehouse: Warehouse, forecast: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The forecast (`forecasting.landing`) with the runs that have started simulated through their tasks.

    What has no task graph or too few past runs stays as it was.
    """
    flying = forecast.filter(pl.col("run_id").is_not_null() & pl.col("start_at").is_not_null()).head(MOST_FLIGHTS)
    rows = flying.to_dicts()
    histories = graphs_and_pasts(warehouse, [(row["source"], row["pipeline_id"]) for row in rows])
    spans = reads.task_spans(warehouse, [(row["source"], row["pipeline_id"], row["run_id"]) for row in rows])
    by_run: dict[int, list[Span]] = {}
    for place, *span in spans.iter_rows():
        by_run.setdefault(place, []).append((span[0], span[1], span[2]))
    known = {}
    for place, row in enumerate(rows):
        if history := histories.get((row["source"], row["pipeline_id"])):
            at = _now(by_run.get(place, ()), row["due_at"], now)
            landed = landings(*history, np.random.default_rng(SEED), at)
            known[row["source"], row["pipeline_id"], row["run_id"]] = _told(landed, row)
    if not known:
        return forecast
    columns = ("p50_s", "p85_s", "p95_s", "p_late", "model")
    schema = {name: forecast.schema[name] for name in ("source", "pipeline_id", "run_id", *columns)}
    better = pl.DataFrame([(*key, *told) for key, told in known.items()], schema=schema, orient="row")
    return forecast.update(better, on=["source", "pipeline_id", "run_id"], how="left")


def _told(landed: Floats, row: dict[str, Any]) -> tuple[object, ...]:
    late, allowed, elapsed = None, row["allowed_s"], row["elapsed_s"] or 0.0
    if allowed is not None:
        in_time = (float((landed <= allowed).sum()) + 0.5) / (landed.size + 1)  # never quite sure
        late = 1.0 if allowed <= elapsed else 1 - in_time * (1 - (row["p_fail"] or 0.0))
    return *(float(np.quantile(landed, level)) for level in LEVELS.values()), late, "task graph"


def graph_and_past(warehouse: Warehouse, source: str, pipeline_id: str) -> tuple[Graph, Past] | None:
    """What a simulation of a pipeline's runs needs: None without a task graph or with too few runs that succeeded."""
    key = (source, pipeline_id)
    return graphs_and_pasts(warehouse, [key]).get(key)


def graphs_and_pasts(warehouse: Warehouse, keys: Sequence[Key]) -> Mapping[Key, tuple[Graph, Past]]:
    """The same of several pipelines (source, pipeline_id), without those that cannot be simulated."""
    return warehouse.kept(("graphs", *keys), lambda: _graphs_and_pasts(warehouse, keys))


def _graphs_and_pasts(warehouse: Warehouse, keys: Sequence[Key]) -> Mapping[Key, tuple[Graph, Past]]:
    columns = ("source", "pipeline_id", "run_id", "due_at", "end_at")
    wanted = pl.DataFrame(keys, schema={"source": pl.String, "pipeline_id": pl.String}, orient="row")
    ended = (
        newest_runs(warehouse)
        .filter((pl.col("state") == "success") & pl.col("due_at").is_not_null())
        .select(columns)
        .join(wanted, on=["source", "pipeline_id"], how="semi", maintain_order="left")
        .group_by("source", "pipeline_id", maintain_order=True)
        .head(PAST_RUNS)
        .reverse()
        .rename({"end_at": "landed_at"})
    )
    spans = reads.task_spans(warehouse, list(ended.select("source", "pipeline_id", "run_id").iter_rows()))
    known = spans.drop_nulls().join(ended.with_columns(run=pl.int_range(pl.len())), on="run", maintain_order="right")
    history = known.select(
        "source", "pipeline_id", "run_id", "task_id", _seconds("start_at"), _seconds("end_at"), _seconds("landed_at")
    ).drop_nulls()
    pasts: dict[Key, list[TaskRun]] = {}
    for source, pipeline_id, run_id, task_id, start_s, end_s, landed_s in history.iter_rows():
        pasts.setdefault((source, pipeline_id), []).append((run_id, task_id, start_s, end_s, landed_s))
    graphs: dict[Key, list[tuple[str, list[str] | None]]] = {}
    for source, pipeline_id, task_id, downstream in reads.task_graphs(warehouse, keys).iter_rows():
        graphs.setdefault((source, pipeline_id), []).append((task_id, downstream))
    found = {}
    for key, tasks in graphs.items():
        try:
            graph = Graph.of(tasks)
        except ValueError:
            continue
        past = Past.of(graph, pasts.get(key, ()))
        if past.runs >= FEWEST_RUNS:
            found[key] = graph, past
    return found


def _seconds(name: str) -> pl.Expr:
    """From when its run was due."""
    return (pl.col(name) - pl.col("due_at")).dt.total_microseconds() / 1e6


def _now(spans: Sequence[Span], due_at: datetime, now: datetime) -> Now:
    done, running = {}, {}
    for task_id, start_at, end_at in spans:
        if end_at is not None:
            done[task_id] = (end_at - due_at).total_seconds()
        elif start_at is not None:
            running[task_id] = max(0.0, (now - start_at).total_seconds())
    return Now(max(0.0, (now - due_at).total_seconds()), done, running)
