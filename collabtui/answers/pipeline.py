"""One pipeline closely: how its last runs landed, and which of its tasks take the time."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from collabtui.answers.deadlines import with_deadlines
from collabtui.answers.flights import SEED, graph_and_past
from collabtui.answers.landings import RECORD, landings
from collabtui.answers.upcoming import ENDED
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, ledger_reads, reads
from forecasting.record import record
from forecasting.taskgraph import SAVINGS, savings

SHOWN_RUNS = 60
TASK_RUNS = 12


@dataclass(frozen=True)
class PipelineDetail:
    """runs: the last 60 that ended, oldest first: run_id, state, due_at, start_at, end_at, landing_delay_s (due to
    end), schedule_delay_s (due to start), duration_s, deadline_at, is_late. tasks: task_id, duration_s (median), share
    (of the sum of medians, 0 to 1), runs_n, from the last 12 runs, and what they cost (see
    `forecasting.taskgraph.savings`; null where that is not known), the most costly first. kept: how those forecasts did
    that were shown before the start, in words; drift: since when and how they were off so often that what was before is
    set aside. The rest is the forecast of
    the run in flight or to come: all None where there is none.
    """

    now: datetime
    source: str
    pipeline_id: str
    name: str
    runs: pl.DataFrame
    tasks: pl.DataFrame
    kept: str | None = None
    drift: str | None = None
    drifted_at: datetime | None = None
    run_id: str | None = None
    due_at: datetime | None = None
    start_at: datetime | None = None
    p50_at: datetime | None = None
    p85_at: datetime | None = None
    p95_at: datetime | None = None
    deadline_at: datetime | None = None
    p_late: float | None = None
    p_fail: float | None = None
    history_n: int = 0
    model: str | None = None
    naive_at: datetime | None = None
    champion: str | None = None
    tested_n: int = 0
    held_n: int | None = None
    mase: float | None = None
    data_quality: float | None = None
    features: float | None = None
    validation: float | None = None
    failed_n: int = 0
    invalid_n: int = 0
    odd_n: int = 0
    odd_at: datetime | None = None


FORECAST = (
    "run_id", "due_at", "start_at", "p50_at", "p85_at", "p95_at", "deadline_at", "p_late", "p_fail", "history_n",
    "model", *RECORD,
)  # fmt: skip


def pipeline(
    warehouse: Warehouse, settings: Settings, now: datetime, *, source: str, pipeline_id: str
) -> PipelineDetail:
    """What is known of one pipeline; empty frames for one that is not there."""
    found = landings(warehouse, settings, now)
    mine = (pl.col("source") == source) & (pl.col("pipeline_id") == pipeline_id)
    runs = with_deadlines(found.runs.filter(mine), found.rules, found.cycles, settings.timezone or "UTC")
    runs = runs.filter(pl.col("state").is_in(ENDED)).head(SHOWN_RUNS).reverse()
    runs = runs.with_columns(
        landing_delay_s=(pl.col("end_at") - pl.col("due_at")).dt.total_microseconds() / 1e6,
        schedule_delay_s=(pl.col("start_at") - pl.col("due_at")).dt.total_microseconds() / 1e6,
        duration_s=(pl.col("end_at") - pl.col("start_at")).dt.total_microseconds() / 1e6,
        is_late=pl.col("end_at") > pl.col("deadline_at"),
    )
    durations = reads.task_durations(warehouse, source, pipeline_id, runs["run_id"].to_list()[-TASK_RUNS:])
    known = graph_and_past(warehouse, source, pipeline_id)
    saved = savings(*known, np.random.default_rng(SEED)) if known else pl.DataFrame(schema=SAVINGS)
    tasks = (
        durations.group_by("task_id")
        .agg(pl.col("duration_s").median(), pl.len().cast(pl.Int64).alias("runs_n"))
        .with_columns(share=pl.col("duration_s") / pl.col("duration_s").sum())
        .join(saved, on="task_id", how="left")
        .sort("instant_p50_s", "duration_s", descending=True, nulls_last=True)
    )
    names = found.pipelines.filter(mine)["name"].to_list()
    row = next(found.next.filter(mine).iter_rows(named=True), None)
    forecast = {name: row[name] for name in FORECAST} if row is not None else {}
    scored = ledger_reads.scored_of(warehouse, "landing ahead", source, pipeline_id)
    kept = record(scored).words if scored.height else None
    drifts = {(s, p): (at, why) for s, p, at, _, why in ledger_reads.retrainings(warehouse).iter_rows()}
    drifted_at, drift = drifts.get((source, pipeline_id), (None, None))
    return PipelineDetail(
        now, source, pipeline_id, next(iter(names), pipeline_id), runs, tasks, kept, drift, drifted_at, **forecast
    )
