"""Open epics and when they will be done."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse

SCHEMA = {
    "source": pl.String, "epic_id": pl.String, "epic_key": pl.String, "title": pl.String, "team": pl.String,
    "status": pl.String, "done": pl.Int64, "open": pl.Int64, "total": pl.Int64, "scope_growth_28d": pl.Int64,
    "due_on": pl.Date, "p50_on": pl.Date, "p85_on": pl.Date, "p95_on": pl.Date, "p_late": pl.Float64,
    "throughput_week": pl.Float64, "history_n": pl.Int64, "model": pl.String, "state": pl.String, "url": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Epics:
    """`epics`: the likeliest to be late first, then by date (SCHEMA)."""

    now: datetime
    epics: pl.DataFrame


def epics(warehouse: Warehouse, settings: Settings, now: datetime) -> Epics:
    return Epics(now, pl.DataFrame(schema=SCHEMA))
