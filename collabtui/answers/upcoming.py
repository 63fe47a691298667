"""Which run of each pipeline is in flight or comes next, and when it is due."""

from datetime import datetime, timedelta

import polars as pl

from collabtui.answers.cycles import FED

ENDED = ("success", "failed")
FEWEST_TO_EXPECT = 4
"""From so many runs on one can tell how far apart they are."""
GIVEN_UP_ROUNDS, GIVEN_UP_AFTER = 7, timedelta(days=3)
"""What has not started for so many of its rounds, and for so long, is not expected any more."""
NEVER_DUE = pl.lit(None, dtype=pl.Datetime("us", "UTC"))


def upcoming(pipelines: pl.DataFrame, runs: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """One row a pipeline that has a run in flight or one to come.

    source, pipeline_id, run_id (null: to come), run_type, run_state, due_at, start_at, is_scheduled (its schedule says
    when: not guessed from the past), last_due_at (of its newest run).
    """
    key = ["source", "pipeline_id"]
    flying = (
        runs.filter(~pl.col("state").is_in(ENDED))
        .group_by(key, maintain_order=True)
        .first()
        .select(*key, "run_id", "run_type", pl.col("state").alias("run_state"), "due_at", "start_at")
        .with_columns(is_scheduled=pl.lit(value=True))
    )
    coming = (
        pipelines.filter(~pl.col("is_paused").fill_null(value=False))
        .join(flying, on=key, how="anti")
        .join(_usual_start(runs, now), on=key, how="left")
        .select(
            *key,
            pl.lit(None, dtype=pl.String).alias("run_id"),
            pl.lit("scheduled").alias("run_type"),
            pl.lit("to come").alias("run_state"),
            pl.coalesce("next_run_at", "usual_at").alias("due_at"),
            NEVER_DUE.alias("start_at"),
            pl.col("next_run_at").is_not_null().alias("is_scheduled"),
        )
    )
    last = runs.group_by(key).agg(pl.col("due_at").max().alias("last_due_at"))
    return pl.concat([flying, coming.filter(pl.col("due_at").is_not_null())]).join(
        last, on=key, how="left", maintain_order="left"
    )


def _usual_start(runs: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """When a pipeline that its datasets start may be expected next: as long after its last run as usual.

    Where that has passed it may start at any moment, until it is given up: what waits for a failed pipeline over a
    weekend is missing, not gone. Source, pipeline_id, usual_at.
    """
    given_up_at = pl.col("last_at") + pl.max_horizontal(GIVEN_UP_ROUNDS * pl.col("gap"), pl.lit(GIVEN_UP_AFTER))
    return (
        runs.filter(pl.col("run_type").is_in(FED))
        .sort("due_at")
        .group_by("source", "pipeline_id")
        .agg(pl.col("due_at").last().alias("last_at"), pl.col("due_at").diff().median().alias("gap"), pl.len())
        .filter((pl.col("len") >= FEWEST_TO_EXPECT) & (given_up_at > now))
        .select("source", "pipeline_id", pl.max_horizontal(pl.col("last_at") + pl.col("gap"), now).alias("usual_at"))
    )
