"""One pipeline closely: how its last runs landed, and which of its tasks take the time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from collabtui.answers.deadlines import with_deadlines
from collabtui.answers.landings import ENDED, landings
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads

SHOWN_RUNS = 60
TASK_RUNS = 12


@dataclass(frozen=True)
class PipelineDetail:
    """runs: the last 60 that ended, oldest first: run_id, state, due_at, start_at, end_at, landing_delay_s (due to
    end), schedule_delay_s (due to start), duration_s, deadline_at, is_late. tasks: task_id, median_s, share (of the sum
    of medians, 0 to 1), longest first, from the last 12 runs. forecast: the row of `Landings.next`, None where no run
    is in flight or expected.
    """

    now: datetime
    source: str
    pipeline_id: str
    runs: pl.DataFrame
    tasks: pl.DataFrame
    forecast: dict[str, Any] | None


def pipeline(
    warehouse: Warehouse, settings: Settings, now: datetime, *, source: str, pipeline_id: str
) -> PipelineDetail:
    """What is known of one pipeline; empty frames for one that is not there."""
    found = landings(warehouse, settings, now)
    mine = (pl.col("source") == source) & (pl.col("pipeline_id") == pipeline_id)
    runs = found.runs.filter(mine & pl.col("state").is_in(ENDED)).head(SHOWN_RUNS).reverse()
    runs = with_deadlines(runs, found.rules, settings.timezone or "UTC").with_columns(
        landing_delay_s=(pl.col("end_at") - pl.col("due_at")).dt.total_microseconds() / 1e6,
        schedule_delay_s=(pl.col("start_at") - pl.col("due_at")).dt.total_microseconds() / 1e6,
        duration_s=(pl.col("end_at") - pl.col("start_at")).dt.total_microseconds() / 1e6,
        is_late=pl.col("end_at") > pl.col("deadline_at"),
    )
    durations = reads.task_durations(warehouse, source, pipeline_id, runs["run_id"].to_list()[-TASK_RUNS:])
    tasks = (
        durations.group_by("task_id")
        .agg(pl.col("duration_s").median().alias("median_s"))
        .with_columns(share=pl.col("median_s") / pl.col("median_s").sum())
        .sort("median_s", descending=True)
    )
    forecast = found.next.filter(mine)
    return PipelineDetail(
        now, source, pipeline_id, runs, tasks, forecast.row(0, named=True) if forecast.height else None
    )
