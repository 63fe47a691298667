"""What is due today and in the next days, and whether it will be there."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse

AT = pl.Datetime("us", "UTC")
SCHEMA = {
    "name": pl.String, "kind": pl.String, "source": pl.String, "pipeline_id": pl.String, "run_id": pl.String,
    "deadline_at": AT, "p50_at": AT, "p85_at": AT, "p95_at": AT, "p_late": pl.Float64, "landed_at": AT,
    "state": pl.String, "slack_s": pl.Float64, "history_n": pl.Int64, "on_time_rate": pl.Float64,
    "reason": pl.String, "url": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Deliveries:
    """`deliveries`: soonest first (SCHEMA). `has_deadlines`: whether the config has any."""

    now: datetime
    deliveries: pl.DataFrame
    has_deadlines: bool


def deliveries(warehouse: Warehouse, settings: Settings, now: datetime, *, days: int = 7) -> Deliveries:
    return Deliveries(now, pl.DataFrame(schema=SCHEMA), bool(settings.deadlines))
