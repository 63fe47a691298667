"""The rows of a panel as they come from outside: refused where they cannot be told apart or put in order, and completed
where some of a regular series are missing.
"""

import polars as pl

NAMES = {"unique_id": "id", "ds": "time", "y": "value"}
"""What other libraries call the columns."""
REGULAR = 0.9
"""Where so many steps are of one length the others are holes: of working days one step in five is a weekend."""
MOST_MISSING = 0.5
"""Where more than so many for each row would be missing, the times are none of regular steps."""


def completed(panel: pl.DataFrame) -> pl.DataFrame:
    """id, time, value, is_mended, is_closed: the rows that were given, and after them a row without a value for each
    step that a series is missing.

    panel: as `forecasting.panel.forecast` takes it. Series whose steps are of many lengths, such as working days, are
    left as they are. Raises `ValueError` for a missing column, an id or a time that is null, times that are neither
    dates, times nor numbers, and a time that one id has twice.
    """
    panel = panel.rename({theirs: ours for theirs, ours in NAMES.items() if ours not in panel.columns}, strict=False)
    if missing := {"id", "time", "value"} - set(panel.columns):
        raise ValueError(f"the panel has no column {', '.join(sorted(missing))}")
    flags = [
        pl.col(name).fill_null(value=False) if name in panel.columns else pl.lit(value=False).alias(name)
        for name in ("is_mended", "is_closed")
    ]
    panel = panel.select("id", "time", "value", *flags)
    if panel.is_empty():
        return panel
    for name in ("id", "time"):
        if count := panel[name].null_count():
            raise ValueError(f"{count} rows of the panel have no {name}")
    kind = panel.schema["time"]
    if not (kind.is_numeric() or isinstance(kind, pl.Date | pl.Datetime)):
        raise ValueError(f"times are dates, times or numbers, for text sorts 10 before 9; got {kind}")
    twice = panel.select("id", "time").filter(pl.struct("id", "time").is_duplicated())
    if twice.height:
        name, at = twice.row(0)
        raise ValueError(f"the panel has more than one row of {name!r} at {at}")
    return pl.concat([panel, _missing(panel)])


def _missing(panel: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not there, their times spread evenly over the holes."""
    kind = panel.schema["time"]
    number = pl.col("time").cast(pl.Float64)
    if isinstance(kind, pl.Date | pl.Datetime):
        number = pl.col("time").cast(pl.Datetime("us")).cast(pl.Int64)
    away = (pl.col("at").shift(-1) - pl.col("at")).over("id")
    steps = panel.select("id", "time", at=number).sort("at").with_columns(away=away)
    steps = steps.with_columns(ratio=pl.col("away") / pl.col("away").median().over("id"))
    lacks = (pl.col("ratio") - 0.5).ceil().fill_null(1).cast(pl.Int64, strict=False).fill_null(1) - 1
    is_alike = pl.col("ratio").is_between(0.5, 1.5)
    steps = steps.with_columns(lacks=lacks.clip(0)).filter(
        is_alike.mean().over("id") >= REGULAR,
        pl.col("lacks").sum().over("id") <= MOST_MISSING * pl.len().over("id"),
    )
    holes = steps.filter(pl.col("lacks") > 0).with_columns(nth=pl.int_ranges(1, pl.col("lacks") + 1)).explode("nth")
    at = pl.col("at") + pl.col("away") * pl.col("nth") / (pl.col("lacks") + 1)
    if isinstance(kind, pl.Datetime):
        at = at.cast(pl.Int64).cast(pl.Datetime("us", kind.time_zone))
    elif isinstance(kind, pl.Date):
        at = at.cast(pl.Int64).cast(pl.Datetime("us"))
    elif kind.is_integer():
        at = at.round()
    return holes.select(
        "id", at.cast(kind).alias("time"), pl.lit(None, dtype=panel.schema["value"]).alias("value"),
        pl.lit(value=False).alias("is_mended"), pl.lit(value=False).alias("is_closed"),
    )  # fmt: skip
