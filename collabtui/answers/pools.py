"""Which pools are full, when, and what a slot more would bring."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.columns import to_us
from forecasting.queueing import DAY_S, HOUR_S, Load, slot_more

DAYS = 14
LONGEST_RUN = timedelta(days=1)
"""A run that was due earlier than this before the first day is not looked at."""
WAITED_S = 60.0
"""A task that begins within this has not waited: schedulers take some seconds anyway."""
TOLD = 0.5
"""What part of a pool's tasks must say when they were ready, for a word about waiting."""
FULL_SAVED_MIN = 15.0
"""A pool is full where a slot more saves at least so many minutes on every other day."""

POOLS: dict[str, type[pl.DataType]] = {
    "source": pl.String, "pool": pl.String, "slots": pl.Int64, "most_used": pl.Int64, "used": pl.Float64,
    "full": pl.Float64, "busiest_weekday": pl.Int64, "busiest_hour": pl.Int64, "busiest_full": pl.Float64,
    "tasks_day": pl.Float64, "waited_day": pl.Float64, "waited_p50_min": pl.Float64, "waited_p95_min": pl.Float64,
    "replayed_p50_min": pl.Float64, "slot_more_p50_min": pl.Float64, "slot_more_p95_min": pl.Float64,
    "share": pl.Float64, "history_n": pl.Int64, "state": pl.String,
}  # fmt: skip
HOURS: dict[str, type[pl.DataType]] = {
    "source": pl.String, "pool": pl.String, "weekday": pl.Int64, "hour": pl.Int64, "used": pl.Float64,
    "full": pl.Float64, "waited_min": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Pools:
    """pools: source, pool, slots (null: no limit), most_used (at once), used and full (parts of the time, 0 to 1: slots
    in use on average, all slots in use), busiest_weekday (1 is Monday), busiest_hour (of `zone`) and busiest_full
    (null where it never was full), tasks_day and waited_day (tries, and those that waited for more than a minute),
    minutes of waiting of all tasks on a day: waited_p50_min, waited_p95_min as they were, replayed_p50_min as played
    again (see `forecasting.queueing`: as far as these two differ the queue is not what makes tasks wait, or they do
    not start in turn), slot_more_p50_min, slot_more_p95_min (saved by a slot more), share (waiting of waiting and
    running), history_n (days), state (full, steady). What is about waiting is null where the source does not say when
    tasks were ready (Airflow 2), and what is about slots where there is no limit.
    hours: source, pool, weekday, hour, used, full, waited_min (mean minutes that the tasks waited which got ready;
    null as above).
    """

    now: datetime
    pools: pl.DataFrame
    hours: pl.DataFrame


def pools(warehouse: Warehouse, settings: Settings, now: datetime) -> Pools:
    """Every pool in which something ran in the last 14 days, the longest queue first, and its hours of the week.

    Of whole hours, and looked at once a minute: bottlenecks and the stand-up ask too.
    """
    minute = now.replace(second=0, microsecond=0)
    found = warehouse.kept(("pools", repr(settings)), lambda: _pools(warehouse, settings, minute), at=minute)
    return replace(found, now=now)


def _pools(warehouse: Warehouse, settings: Settings, now: datetime) -> Pools:
    zone = settings.timezone or "UTC"
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    tries = reads.pool_tries(warehouse, first - LONGEST_RUN)
    origin = to_us(first)
    edges: NDArray[np.float64] = np.linspace(0.0, DAYS * DAY_S, DAYS * 24 + 1)
    weekday, hour = _clock(first, zone)
    slots = {row[:2]: row[2] for row in reads.pools(warehouse).select("source", "name", "slots").iter_rows()}
    rows, of_hours = [], []
    for (source, name), part in tries.group_by("source", "name"):
        ready, start, end = (
            (part[column].fill_null(to_us(now)).to_numpy() - origin) / 1e6
            for column in ("ready_us", "start_us", "end_us")
        )
        end = np.maximum(end, start)
        needs = part["needs"].to_numpy()
        load = Load.of(start, end, needs)
        inside = (ready >= 0) & (ready < DAYS * DAY_S)
        is_told = float(part["is_told"].to_numpy().mean()) >= TOLD
        waited = np.where(start - ready >= WAITED_S, start - ready, 0.0)[inside]
        by_hour = np.bincount((ready[inside] // HOUR_S).astype(np.int64), weights=waited, minlength=edges.size - 1) / 60
        limit = slots.get((source, name)) or 0
        used = load.mean(edges)
        full = load.share_at(limit, edges) if limit > 0 else np.zeros(used.size)
        week = _by_clock(weekday, hour, used, full, by_hour)
        of_hours += [(source, name, *row[:4], row[4] if is_told else None) for row in week]
        busiest = max(week, key=lambda row: (row[3], row[2]))
        days = by_hour.reshape(DAYS, 24).sum(axis=1)
        more = slot_more(ready, end - start, needs, limit, DAYS) if limit > 0 and is_told else None
        saved = _quantiles(more.saved) if more else (None, None)
        a_day = _quantiles(days) if is_told else (None, None)
        ran, idle = float((end - start)[inside].sum()), float(waited.sum())
        rows.append((
            source, name, limit if limit > 0 else None, load.most,
            float(used.mean()) / limit if limit > 0 else None, float(full.mean()) if limit > 0 else None,
            *((*busiest[:2], busiest[3]) if busiest[3] else (None, None, None)), float(inside.sum()) / DAYS,
            float(np.count_nonzero(waited)) / DAYS if is_told else None, *a_day,
            float(np.quantile(more.waited, 0.5)) if more else None, *saved,
            idle / (idle + ran) if ran and is_told else None, DAYS,
            "full" if (saved[0] or 0.0) >= FULL_SAVED_MIN else "steady",
        ))  # fmt: skip
    found = pl.DataFrame(rows, schema=POOLS, orient="row").sort(
        "slot_more_p50_min", "waited_p50_min", "source", "pool", descending=[True, True, False, False], nulls_last=True
    )
    hours = pl.DataFrame(of_hours, schema=HOURS, orient="row").sort("source", "pool", "weekday", "hour")
    return Pools(now, found, hours)


def _clock(first: datetime, zone: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The weekday and the hour of the viewer's clock at which each hour since then began."""
    times = pl.datetime_range(first, first + timedelta(hours=DAYS * 24 - 1), "1h", eager=True).dt.convert_time_zone(
        zone
    )
    return times.dt.weekday().cast(pl.Int64).to_numpy(), times.dt.hour().cast(pl.Int64).to_numpy()


def _by_clock(
    weekday: NDArray[np.int64], hour: NDArray[np.int64], *values: NDArray[np.float64]
) -> list[tuple[int, int, float, float, float]]:
    """Means of the values at each hour of the week."""
    place = (weekday - 1) * 24 + hour
    count = np.bincount(place, minlength=168)
    used, full, waited = (np.bincount(place, weights=v, minlength=168) / np.maximum(count, 1) for v in values)
    return [
        (n // 24 + 1, n % 24, float(used[n]), float(full[n]), float(waited[n])) for n in np.flatnonzero(count).tolist()
    ]


def _quantiles(values: NDArray[np.float64]) -> tuple[float, float]:
    p50, p95 = np.quantile(values, (0.5, 0.95))
    return float(p50), float(p95)
