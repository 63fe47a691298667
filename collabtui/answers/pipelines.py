"""Every pipeline: how its last runs went, and when the current or next one lands."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse

AT = pl.Datetime("us", "UTC")
SCHEMA = {
    "source": pl.String, "pipeline_id": pl.String, "name": pl.String, "state": pl.String,
    "recent": pl.List(pl.String), "run_id": pl.String, "due_at": AT, "start_at": AT, "elapsed_s": pl.Float64,
    "p50_at": AT, "p85_at": AT, "p95_at": AT, "deadline_at": AT, "p_late": pl.Float64, "history_n": pl.Int64,
    "model": pl.String, "last_end_at": AT, "last_duration_s": pl.Float64, "typical_duration_s": pl.Float64,
    "success_rate": pl.Float64, "owner": pl.String, "team": pl.String, "tags": pl.List(pl.String),
    "schedule": pl.String, "is_paused": pl.Boolean, "url": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Pipelines:
    """`pipelines`: one row a pipeline that is not gone (SCHEMA), the riskiest first."""

    now: datetime
    pipelines: pl.DataFrame


def pipelines(warehouse: Warehouse, settings: Settings, now: datetime) -> Pipelines:
    return Pipelines(now, pl.DataFrame(schema=SCHEMA))
