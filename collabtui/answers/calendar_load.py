"""How much of the runs to come is in flight in which hour, and what they ask of each pool."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from collabtui.answers.past import newest_runs
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.run_reads import slot_hours
from forecasting.weekdays import LEVEL_RUNS, by_weekday

POOL_WEEKS = timedelta(weeks=8)
"""What runs ask of the pools on which weekday is learned from so long before the newest that succeeded."""
HOURS: dict[str, pl.DataType | type[pl.DataType]] = {
    "day_on": pl.Date, "hour": pl.Int64, "from_at": pl.Datetime("us", "UTC"), "until_at": pl.Datetime("us", "UTC"),
    "in_flight": pl.Int64, "begin": pl.Int64,
}  # fmt: skip
POOLS: dict[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String, "pool": pl.String, "slots": pl.Int64, "from_at": pl.Datetime("us", "UTC"),
    "slots_asked": pl.Float64, "is_over": pl.Boolean,
}  # fmt: skip
ASKED_BY = ("source", "pipeline_id", "weekday")
Hour = tuple[object, int, datetime, datetime]
"""Its day, its number on the clock, when it begins and ends."""


def asked_of_pools(warehouse: Warehouse) -> pl.DataFrame:
    """What a run of each pipeline asks of each pool: source, pipeline_id, pool, weekday (of when it is due, 0: Monday),
    slot_hours.
    """

    def asked() -> pl.DataFrame:
        landed = newest_runs(warehouse).filter(pl.col("state") == "success")
        enough = landed.group_by("source", "pipeline_id", maintain_order=True).head(LEVEL_RUNS)
        times = enough.group_by("source", "pipeline_id", maintain_order=True).agg(
            pl.min_horizontal(pl.col("due_at").min(), pl.col("due_at").max() - POOL_WEEKS)
        )
        taken = slot_hours(warehouse, times.with_columns(pl.col("due_at").to_physical()).rows())
        return by_weekday(taken).rename({"asked": "slot_hours"}).filter(pl.col("slot_hours") > 0)

    return warehouse.kept("slot hours", asked)


def pools_told(asked: pl.DataFrame) -> pl.DataFrame:
    """The same by run: source, pipeline_id, weekday, pools (the most used first), slot_hours (of all)."""
    return (
        asked.sort("slot_hours", "pool", descending=[True, False])
        .group_by("source", "pipeline_id", "weekday", maintain_order=True)
        .agg(pl.col("pool").str.join(", ").alias("pools"), pl.col("slot_hours").sum())
    )


def _spans(frame: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """When runs begin and land (P50), microseconds; what never landed is in flight for a moment."""
    begin = frame["due_at"].to_physical().to_numpy()
    return begin, np.maximum(frame["p50_at"].fill_null(frame["due_at"]).to_physical().to_numpy(), begin + 1)


def _us(times: Sequence[datetime]) -> NDArray[np.int64]:
    return pl.Series(times, dtype=pl.Datetime("us", "UTC")).to_physical().to_numpy()


def in_flight(frame: pl.DataFrame, hours: Sequence[Hour], edges: Sequence[datetime]) -> pl.DataFrame:
    """Of each hour how many runs are in flight in it and how many are due. edges: when hours begin, and the end."""
    (begin, end), at = _spans(frame), _us(edges)
    begun, landed = np.searchsorted(np.sort(begin), at), np.searchsorted(np.sort(end), at, side="right")
    counts = zip((begun[1:] - landed[:-1]).tolist(), np.diff(begun).tolist(), strict=True)
    rows = [(*hour, *count) for hour, count in zip(hours, counts, strict=True)]
    return pl.DataFrame(rows, schema=HOURS, orient="row")


def by_pool(warehouse: Warehouse, frame: pl.DataFrame, asked: pl.DataFrame, edges: Sequence[datetime]) -> pl.DataFrame:
    """Each run's slot-hours, evenly over the time that it is in flight, by pool and hour."""
    slots = {row[:2]: row[2] for row in reads.pools(warehouse).select("source", "name", "slots").iter_rows()}
    joined = frame.select(*ASKED_BY, "due_at", "p50_at").join(asked, on=ASKED_BY)
    at = _us(edges)
    rows: list[tuple[object, ...]] = []
    for (source, pool), part in joined.group_by("source", "pool", maintain_order=True):
        begin, end = _spans(part)
        in_hour = np.diff(np.clip(at[:, None], begin, end), axis=0)  # hours × runs, microseconds
        asked_of_hour = in_hour @ (part["slot_hours"].to_numpy() * 3.6e9 / (end - begin)) / np.diff(at)
        limit = slots.get((source, pool)) or 0
        for from_at, slots_asked in zip(edges[:-1], asked_of_hour.tolist(), strict=True):
            if slots_asked > 0:
                limits = (limit, slots_asked > limit) if limit > 0 else (None, False)
                rows.append((source, pool, limits[0], from_at, slots_asked, limits[1]))
    return pl.DataFrame(rows, schema=POOLS, orient="row").sort("source", "pool", "from_at")
