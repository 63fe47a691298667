"""How much of the runs to come is in flight in which hour, and what they ask of each pool."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from collabtui.answers.past import newest_runs
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.run_reads import slot_hours

POOL_RUNS = 10
"""What runs ask of the pools is that of so many of the last that succeeded."""
HOURS: dict[str, pl.DataType | type[pl.DataType]] = {
    "day_on": pl.Date, "hour": pl.Int64, "from_at": pl.Datetime("us", "UTC"), "until_at": pl.Datetime("us", "UTC"),
    "in_flight": pl.Int64, "begin": pl.Int64,
}  # fmt: skip
POOLS: dict[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String, "pool": pl.String, "slots": pl.Int64, "from_at": pl.Datetime("us", "UTC"),
    "slots_asked": pl.Float64, "is_over": pl.Boolean,
}  # fmt: skip
Hour = tuple[object, int, datetime, datetime]
"""Its day, its number on the clock, when it begins and ends."""


def asked_of_pools(warehouse: Warehouse) -> pl.DataFrame:
    """What a run of each pipeline asks of each pool: source, pipeline_id, pool, slot_hours."""

    def asked() -> pl.DataFrame:
        landed = newest_runs(warehouse).filter(pl.col("state") == "success")
        newest = landed.group_by("source", "pipeline_id", maintain_order=True).head(POOL_RUNS)
        return slot_hours(warehouse, newest.select("source", "pipeline_id", "run_id").rows())

    return warehouse.kept("slot hours", asked)


def pools_told(asked: pl.DataFrame) -> pl.DataFrame:
    """The same by pipeline: source, pipeline_id, pools (the most used first), slot_hours (of all)."""
    return (
        asked.sort("slot_hours", "pool", descending=[True, False])
        .group_by("source", "pipeline_id", maintain_order=True)
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
    begin, end = _spans(frame)
    rows = [
        (*hour, int(((begin < b) & (end > a)).sum()), int(((begin >= a) & (begin < b)).sum()))
        for hour, (a, b) in zip(hours, pairwise(_us(edges)), strict=True)
    ]
    return pl.DataFrame(rows, schema=HOURS, orient="row")


def by_pool(warehouse: Warehouse, frame: pl.DataFrame, asked: pl.DataFrame, edges: Sequence[datetime]) -> pl.DataFrame:
    """Each run's slot-hours, evenly over the time that it is in flight, by pool and hour."""
    slots = {row[:2]: row[2] for row in reads.pools(warehouse).select("source", "name", "slots").iter_rows()}
    joined = frame.select("source", "pipeline_id", "due_at", "p50_at").join(asked, on=["source", "pipeline_id"])
    rows: list[tuple[object, ...]] = []
    for (source, pool), part in joined.group_by("source", "pool", maintain_order=True):
        begin, end = _spans(part)
        rate = part["slot_hours"].to_numpy() / (end - begin)
        limit = slots.get((source, pool)) or 0
        for at, (a, b) in zip(edges[:-1], pairwise(_us(edges)), strict=True):
            hours = float((np.clip(np.minimum(end, b) - np.maximum(begin, a), 0, None) * rate).sum())
            if hours > 0:
                slots_asked = hours * 3.6e9 / float(b - a)
                limits = (limit, slots_asked > limit) if limit > 0 else (None, False)
                rows.append((source, pool, limits[0], at, slots_asked, limits[1]))
    return pl.DataFrame(rows, schema=POOLS, orient="row").sort("source", "pool", "from_at")
