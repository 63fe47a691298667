"""One pipeline: its last runs against their deadlines, what its tasks take, and when the next run lands."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse

AT = pl.Datetime("us", "UTC")
RUNS = {
    "run_id": pl.String, "due_at": AT, "end_at": AT, "state": pl.String, "landing_delay_s": pl.Float64,
    "schedule_delay_s": pl.Float64, "duration_s": pl.Float64, "deadline_at": AT, "is_late": pl.Boolean,
}  # fmt: skip
TASKS = {"task_id": pl.String, "duration_s": pl.Float64, "share": pl.Float64, "runs_n": pl.Int64}


@dataclass(frozen=True)
class PipelineDetail:
    """`runs`: the last 60 that ended, oldest first (RUNS). `tasks`: median time of each and its share of the sum,
    longest first (TASKS). The forecast is of the current or next run; all of it None where there is none."""

    now: datetime
    source: str
    pipeline_id: str
    name: str
    runs: pl.DataFrame
    tasks: pl.DataFrame
    run_id: str | None = None
    due_at: datetime | None = None
    start_at: datetime | None = None
    p50_at: datetime | None = None
    p85_at: datetime | None = None
    p95_at: datetime | None = None
    deadline_at: datetime | None = None
    p_late: float | None = None
    history_n: int = 0
    model: str | None = None


def pipeline(
    warehouse: Warehouse, settings: Settings, now: datetime, *, source: str, pipeline_id: str
) -> PipelineDetail:
    return PipelineDetail(now, source, pipeline_id, pipeline_id, pl.DataFrame(schema=RUNS), pl.DataFrame(schema=TASKS))
