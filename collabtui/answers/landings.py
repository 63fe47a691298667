"""The next or running run of each pipeline with its landing forecast: what several answers share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.answers.cycles import FED, Cycles, Key
from collabtui.answers.deadlines import rules_of, with_deadlines
from collabtui.answers.flights import with_flights
from collabtui.config import Deadline, Settings
from collabtui.warehouse import Warehouse, reads
from forecasting.landing import landing

HISTORY_RUNS = 120
ENDED = ("success", "failed")
FEWEST_TO_EXPECT = 4
"""From so many runs on one can tell how far apart they are."""
RECORD = ("naive_at", "champion", "tested_n", "held_n", "mase", "data_quality", "features", "validation")
INNER = ("run_type", "allowed_s", "p_fail", "p50_s", "p85_s", "p95_s", "naive_s")
NEVER_DUE = pl.lit(None, dtype=pl.Datetime("us", "UTC"))


@dataclass(frozen=True)
class Landings:
    """pipelines: as in the warehouse. runs: the newest of each, newest first. rules: which deadlines hold. cycles:
    which round of a schedule a run belongs to.

    next: one row a pipeline that has a run in flight or one to come: source, pipeline_id, run_id (null for one to
    come), run_state, due_at, start_at, deadline_at, elapsed_s (since due; null before), p50_at, p85_at, p95_at,
    p_late, history_n, model, naive_at (what the last run of that hour and weekday would say), and the record of such
    forecasts in hindsight: champion, tested_n, held_n, mase, data_quality, features, validation (see
    `forecasting.landing`).
    """

    pipelines: pl.DataFrame
    runs: pl.DataFrame
    rules: Mapping[Key, Sequence[Deadline]]
    cycles: Cycles
    next: pl.DataFrame


def landings(warehouse: Warehouse, settings: Settings, now: datetime) -> Landings:
    """Forecast the run in flight of each pipeline, or else the next one that its schedule or its past lets expect.

    model: "task graph" where the tasks of a run in flight were simulated, else what `forecasting.landing` says.
    """
    pipelines = reads.pipelines(warehouse)
    keys = list(pipelines.select("source", "pipeline_id").iter_rows())
    runs = reads.runs_of(warehouse, keys, HISTORY_RUNS)
    rules = rules_of(warehouse, settings, pipelines)
    flying = (
        runs.filter(~pl.col("state").is_in(ENDED))
        .group_by("source", "pipeline_id", maintain_order=True)
        .first()
        .select("source", "pipeline_id", "run_id", "run_type", pl.col("state").alias("run_state"), "due_at", "start_at")
    )
    coming = pipelines.filter(~pl.col("is_paused").fill_null(value=False)).join(
        flying, on=["source", "pipeline_id"], how="anti"
    )
    coming = coming.join(_usual_start(runs, now), on=["source", "pipeline_id"], how="left").select(
        "source",
        "pipeline_id",
        pl.lit(None, dtype=pl.String).alias("run_id"),
        pl.lit("scheduled").alias("run_type"),
        pl.lit("to come").alias("run_state"),
        pl.coalesce("next_run_at", "usual_at").alias("due_at"),
        NEVER_DUE.alias("start_at"),
    )
    upcoming = pl.concat([flying, coming.filter(pl.col("due_at").is_not_null())])
    cycles = Cycles.of(runs, reads.upstream_pipelines(warehouse))
    upcoming = with_deadlines(upcoming, rules, cycles, settings.timezone or "UTC")
    elapsed_s = (pl.lit(now) - pl.col("due_at")).dt.total_microseconds() / 1e6
    upcoming = upcoming.with_columns(
        elapsed_s=pl.when(elapsed_s > 0).then(elapsed_s),
        allowed_s=(pl.col("deadline_at") - pl.col("due_at")).dt.total_microseconds() / 1e6,
    )
    landed_s = (pl.col("end_at") - pl.col("due_at")).dt.total_microseconds() / 1e6
    history = runs.filter(pl.col("state").is_in(ENDED)).select(
        "source", "pipeline_id", "due_at", pl.when(pl.col("state") == "success").then(landed_s).alias("landing_s")
    )
    forecast = with_flights(warehouse, landing(history, upcoming), runs, now).with_columns(
        (pl.col("due_at") + pl.duration(microseconds=(pl.col(f"{p}_s") * 1e6).cast(pl.Int64))).alias(f"{p}_at")
        for p in ("p50", "p85", "p95", "naive")
    )
    return Landings(pipelines, runs, rules, cycles, forecast.drop(INNER))


def _usual_start(runs: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """When a pipeline that its datasets start may be expected next: as long after its last run as usual.

    Where that has passed it may start at any moment; where twice as long has passed nothing is expected any more.
    Source, pipeline_id, usual_at.
    """
    return (
        runs.filter(pl.col("run_type").is_in(FED))
        .sort("due_at")
        .group_by("source", "pipeline_id")
        .agg(pl.col("due_at").last().alias("last_at"), pl.col("due_at").diff().median().alias("gap"), pl.len())
        .filter((pl.col("len") >= FEWEST_TO_EXPECT) & (pl.col("last_at") + 2 * pl.col("gap") > now))
        .select("source", "pipeline_id", pl.max_horizontal(pl.col("last_at") + pl.col("gap"), now).alias("usual_at"))
    )
