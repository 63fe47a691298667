"""Of each pipeline the task that costs most landing time."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from collabtui.answers.flights import PAST_RUNS, SEED, graphs_and_pasts
from collabtui.answers.past import newest_runs
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from forecasting.taskgraph import savings


@dataclass(frozen=True)
class Tasks:
    """tasks: of each pipeline the costliest, worst first: source, pipeline_id, name, task_id, instant_p50_s,
    instant_p95_s, steady_p50_s, steady_p95_s (seconds that runs would land earlier, see
    `forecasting.taskgraph.savings`), landing_p50_s, share (of it), history_n (runs).
    """

    now: datetime
    tasks: pl.DataFrame


TASKS: dict[str, type[pl.DataType]] = {
    "source": pl.String, "pipeline_id": pl.String, "name": pl.String, "task_id": pl.String,
    "instant_p50_s": pl.Float64, "instant_p95_s": pl.Float64, "steady_p50_s": pl.Float64, "steady_p95_s": pl.Float64,
    "landing_p50_s": pl.Float64, "share": pl.Float64, "history_n": pl.Int64,
}  # fmt: skip


def tasks(warehouse: Warehouse, _settings: Settings, now: datetime) -> Tasks:
    """From the newest runs of each pipeline that landed; pipelines without a task graph are not there."""
    return Tasks(now, warehouse.kept("tasks", lambda: _tasks(warehouse)))


def _tasks(warehouse: Warehouse) -> pl.DataFrame:
    pipelines = reads.pipelines(warehouse).select("source", "pipeline_id", "name")
    names = {(source, pipeline_id): name for source, pipeline_id, name in pipelines.iter_rows()}
    key = ["source", "pipeline_id"]
    landed = (
        newest_runs(warehouse).filter(pl.col("state") == "success").group_by(key, maintain_order=True).head(PAST_RUNS)
    )
    usual = landed.group_by(key).agg(_seconds(pl.col("end_at") - pl.col("due_at")).median())
    landings = {(source, pipeline_id): seconds for source, pipeline_id, seconds in usual.iter_rows()}
    rows = []
    for found, (graph, past) in graphs_and_pasts(warehouse, list(names)).items():
        task_id, instant, *more = savings(graph, past, np.random.default_rng(SEED)).row(0)
        landing = landings[found]
        share = min(1.0, instant / landing) if landing > 0 else None
        rows.append((*found, names[found], task_id, instant, *more, landing, share, past.runs))
    order = ["instant_p50_s", "source", "pipeline_id"]
    return pl.DataFrame(rows, schema=TASKS, orient="row").sort(order, descending=[True, False, False])


def _seconds(span: pl.Expr) -> pl.Expr:
    return span.dt.total_microseconds() / 1e6
