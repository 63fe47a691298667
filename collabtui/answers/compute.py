"""How much will run in each pool in the days and weeks to come, and when is that more than ever?"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from collabtui.answers.flights import SEED
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.columns import to_us
from forecasting.capacity import compute as forecast

HISTORY_WEEKS = 8
WEEKS_AHEAD = 4
FEWEST_WEEKS = 3


@dataclass(frozen=True)
class Compute:
    """Slot-hours: how long task runs took times the slots of the pool that they held.

    pools: source, pool, slots (null: not known or no limit), day_hours and week_hours (the last), next_day_p15,
    next_day_p50, next_day_p85, next_week_p15, next_week_p50, next_week_p85, used_p85 (of what all slots can in that
    week, 0 to 1), most_week_hours (the most in a week of the history), passes_p50_on, passes_p85_on (the first day of
    the first week to come with more than that; null where none is in sight or too little is known), history_n (whole
    weeks).
    days: source, pool, day_on (its first moment's day), hours (null ahead), is_forecast, p15, p50, p85 (null before).
    """

    now: datetime
    pools: pl.DataFrame
    days: pl.DataFrame


POOLS: dict[str, type[pl.DataType]] = {
    "source": pl.String, "pool": pl.String, "slots": pl.Int64, "day_hours": pl.Float64, "week_hours": pl.Float64,
    "next_day_p15": pl.Float64, "next_day_p50": pl.Float64, "next_day_p85": pl.Float64, "next_week_p15": pl.Float64,
    "next_week_p50": pl.Float64, "next_week_p85": pl.Float64, "used_p85": pl.Float64, "most_week_hours": pl.Float64,
    "passes_p50_on": pl.Date, "passes_p85_on": pl.Date,
    "history_n": pl.Int64,
}  # fmt: skip
DAYS: dict[str, type[pl.DataType]] = {
    "source": pl.String, "pool": pl.String, "day_on": pl.Date, "hours": pl.Float64, "is_forecast": pl.Boolean,
    "p15": pl.Float64, "p50": pl.Float64, "p85": pl.Float64,
}  # fmt: skip


def daily_hours(warehouse: Warehouse, until: datetime) -> dict[tuple[str, str], NDArray[np.float64]]:
    """By source and pool the slot-hours of each of the last 24 hours before `until`, oldest first: of the whole weeks
    that are known, eight at most.
    """
    ran = reads.pool_days(warehouse, to_us(until), to_us(until - timedelta(weeks=HISTORY_WEEKS)))
    length = HISTORY_WEEKS * 7
    found = {}
    for (source, name), part in ran.group_by("source", "name"):
        back, hours = part["back"].to_numpy(), part["slot_hours"].to_numpy()
        daily = np.bincount(np.minimum(back, length - 1), weights=hours, minlength=length)[::-1].astype(np.float64)
        known = max(1, min(HISTORY_WEEKS, (int(back.max()) + 1) // 7))
        found[source, name] = daily[-7 * known :]
    return found


def compute(warehouse: Warehouse, _settings: Settings, now: datetime, *, weeks_ahead: int = WEEKS_AHEAD) -> Compute:
    """From the last eight weeks. Days are 24 hours back from `now`, so that the last one is whole."""
    slots = {row[:2]: row[2] for row in reads.pools(warehouse).select("source", "name", "slots").iter_rows()}
    pools: list[tuple[object, ...]] = []
    days: list[tuple[object, ...]] = []
    for (source, name), daily in daily_hours(warehouse, now).items():
        weekly = daily.reshape(-1, 7)
        known = len(weekly)
        limit = slots.get((source, name)) or 0
        days += [
            (source, name, (now - timedelta(days=daily.size - n)).date(), float(value), False, None, None, None)
            for n, value in enumerate(daily)
        ]
        ahead = forecast(weekly, weeks_ahead, np.random.default_rng(SEED)) if known >= FEWEST_WEEKS else None
        tomorrow: tuple[float | None, ...] = (None, None, None)
        week: tuple[float | None, ...] = (None, None, None)
        passes: list[date | None] = [None, None]
        if ahead is not None:
            days += [
                (source, name, (now + timedelta(days=n)).date(), None, True, *band)
                for n, band in enumerate(ahead.days.tolist())
            ]
            tomorrow, week = tuple(ahead.days[0].tolist()), tuple(ahead.weeks[0].tolist())
            passes = [None if n is None else (now + timedelta(weeks=n)).date() for n in ahead.passes]
        pools.append((
            source, name, limit if limit > 0 else None, float(daily[-1]), float(weekly[-1].sum()), *tomorrow, *week,
            week[2] / (limit * 168) if week[2] is not None and limit > 0 else None, float(weekly.sum(axis=1).max()),
            *passes, known,
        ))  # fmt: skip
    return Compute(
        now,
        pl.DataFrame(pools, schema=POOLS, orient="row").sort(
            "week_hours", "source", "pool", descending=[True, False, False]
        ),
        pl.DataFrame(days, schema=DAYS, orient="row").sort("source", "pool", "day_on"),
    )
