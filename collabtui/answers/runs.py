"""What ran, what runs now, and when will it land? Newest first."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.answers.deadlines import with_deadlines
from collabtui.answers.landings import landings
from collabtui.answers.upcoming import ENDED
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads

OF_EACH = 20
"""So many runs of every pipeline are there, however seldom it runs."""
FORECAST = ("p50_at", "p85_at", "p95_at", "p_late", "p_fail")


@dataclass(frozen=True)
class Runs:
    """runs: source, pipeline_id, run_id, state (late: in flight past its deadline; landed late), run_type, due_at,
    start_at, end_at, schedule_delay_s (due to start), duration_s (so far, in flight), landing_delay_s (due to end),
    p50_at, p85_at, p95_at, p_late and p_fail (in flight only), deadline_at, overdue_s (how long after that; null where
    it is not), tasks_done, tasks_total, failed_task, url.
    """

    now: datetime
    runs: pl.DataFrame


def runs(warehouse: Warehouse, settings: Settings, now: datetime, *, limit: int = 500) -> Runs:
    """The newest `limit` runs, the newest of each pipeline, and all in flight.

    Task counts are of those in flight and those that failed.
    """
    found = landings(warehouse, settings, now)
    key = ["source", "pipeline_id", "run_id"]
    frame = warehouse.kept(("runs", repr(settings), limit), lambda: _newest(warehouse, settings, now, limit))
    flying = found.next.filter(pl.col("run_id").is_not_null()).select(*key, *FORECAST)
    counted = frame.filter(pl.col("state") != "success").head(60).select(key)
    tasks = reads.task_states(warehouse, list(counted.iter_rows()))
    in_flight, is_overdue = pl.col("in_flight"), pl.col("overdue_s").is_not_null()
    until = pl.when(in_flight).then(pl.lit(now)).otherwise(pl.col("end_at"))
    frame = (
        frame.with_columns(in_flight=~pl.col("state").is_in(ENDED))
        .join(flying, on=key, how="left")
        .join(tasks, on=key, how="left")
        .with_columns(
            schedule_delay_s=(pl.col("start_at") - pl.col("due_at")).dt.total_microseconds() / 1e6,
            duration_s=(until - pl.col("start_at")).dt.total_microseconds() / 1e6,
            landing_delay_s=(pl.col("end_at") - pl.col("due_at")).dt.total_microseconds() / 1e6,
            overdue_s=(until - pl.col("deadline_at")).dt.total_microseconds() / 1e6,
        )
        .with_columns(overdue_s=pl.when(pl.col("overdue_s") > 0).then(pl.col("overdue_s")))
        .with_columns(
            state=pl.when(in_flight & is_overdue)
            .then(pl.lit("late"))
            .when((pl.col("state") == "success") & is_overdue)
            .then(pl.lit("landed late"))
            .otherwise(pl.col("state"))
        )
        .join(found.pipelines.select("source", "pipeline_id", "url"), on=["source", "pipeline_id"], how="left")
        .sort("in_flight", "due_at", descending=True, nulls_last=True)
    )
    return Runs(
        now,
        frame.select(
            *key, "state", "run_type", "due_at", "start_at", "end_at", "schedule_delay_s", "duration_s",
            "landing_delay_s", *FORECAST, "deadline_at", "overdue_s", "tasks_done", "tasks_total", "failed_task", "url",
        ),
    )  # fmt: skip


def _newest(warehouse: Warehouse, settings: Settings, now: datetime, limit: int) -> pl.DataFrame:
    """The newest runs, and those of each pipeline, with their deadlines."""
    found = landings(warehouse, settings, now)
    of_each = found.runs.group_by("source", "pipeline_id", maintain_order=True).head(OF_EACH)
    newest = pl.concat([reads.newest_runs(warehouse, limit), of_each.select(reads.RECENT)])
    newest = newest.unique(["source", "pipeline_id", "run_id"], keep="first", maintain_order=True)
    return with_deadlines(newest, found.rules, found.cycles, settings.timezone or "UTC")
