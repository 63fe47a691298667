"""The newest runs, and when those in flight land."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse

AT = pl.Datetime("us", "UTC")
SCHEMA = {
    "source": pl.String, "pipeline_id": pl.String, "run_id": pl.String, "state": pl.String, "run_type": pl.String,
    "due_at": AT, "start_at": AT, "end_at": AT, "schedule_delay_s": pl.Float64, "duration_s": pl.Float64,
    "landing_delay_s": pl.Float64, "p50_at": AT, "p85_at": AT, "p95_at": AT, "deadline_at": AT,
    "p_late": pl.Float64, "is_late": pl.Boolean, "tasks_done": pl.Int64, "tasks_total": pl.Int64,
    "failed_task": pl.String, "url": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Runs:
    """`runs`: newest first (SCHEMA)."""

    now: datetime
    runs: pl.DataFrame


def runs(warehouse: Warehouse, settings: Settings, now: datetime, *, limit: int = 500) -> Runs:
    return Runs(now, pl.DataFrame(schema=SCHEMA))
