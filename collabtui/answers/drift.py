"""Which series are off: at a new level, far from the usual, or silent."""

from datetime import datetime

import polars as pl

from collabtui.answers.anomalies import anomalies
from collabtui.config import Settings
from collabtui.warehouse import Warehouse

STATES = {"level shift": "new level", "spike": "spike", "silence": "silent"}
BOTH = ["duration", "landing delay"]
MEASURES = {"duration": BOTH, "landing": ["landing delay"], "landings": BOTH}
"""The series in which an anomaly is seen: what takes longer lands later too. The others have one name for both."""
KEY = ["what", "subject_type", "source", "subject"]


def drift(warehouse: Warehouse, settings: Settings, now: datetime) -> pl.DataFrame:
    """what, subject_type, source (null for a team), subject, state (new level, spike, silent), off ("runs take 1.6× as
    long since Tue 3 Mar"): of what goes on, one row a series.
    """
    found = anomalies(warehouse, settings, now).anomalies.filter(
        pl.col("until_at").is_null() & pl.col("kind").is_in(list(STATES))
    )
    is_pipeline = pl.col("pipelines").list.len() > 0
    named = [
        found.filter(~is_pipeline),
        found.filter(is_pipeline)
        .with_columns(subject_type=pl.lit("pipeline"), subject=pl.col("pipelines"))
        .explode("subject"),
    ]
    rows = pl.concat(named).with_columns(
        what=pl.col("what").replace_strict(MEASURES, default=pl.concat_list("what"), return_dtype=pl.List(pl.String)),
        state=pl.col("kind").replace_strict(STATES, return_dtype=pl.String),
    )
    return rows.explode("what").unique(KEY, keep="first", maintain_order=True).select(*KEY, "state", off="text")
