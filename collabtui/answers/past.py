"""The past that forecasts learn from: the newest runs of each pipeline."""

import polars as pl

from collabtui.answers.upcoming import ENDED
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.ledger_reads import retrainings

HISTORY_RUNS = 120


def newest_runs(warehouse: Warehouse) -> pl.DataFrame:
    """Of each pipeline, newest first (see `reads.runs_of`)."""
    keys = list(reads.pipelines(warehouse).select("source", "pipeline_id").iter_rows())
    return reads.runs_of(warehouse, keys, HISTORY_RUNS)


def history(warehouse: Warehouse) -> pl.DataFrame:
    """Those that ended, as `forecasting.landing` takes them; where forecasts drifted only what came since (see
    `collabtui.ledger`).
    """
    landed_s = (pl.col("end_at") - pl.col("due_at")).dt.total_microseconds() / 1e6
    ended = newest_runs(warehouse).filter(pl.col("state").is_in(ENDED))
    known = ended.select(
        "source", "pipeline_id", "due_at", pl.when(pl.col("state") == "success").then(landed_s).alias("landing_s")
    )
    drifted = retrainings(warehouse)
    if drifted.is_empty():
        return known
    known = known.join(drifted.select("source", "pipeline_id", "since_at"), on=["source", "pipeline_id"], how="left")
    return known.filter(pl.col("since_at").is_null() | (pl.col("due_at") >= pl.col("since_at"))).drop("since_at")
