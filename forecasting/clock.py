"""Hours, days and weeks as a clock on the wall shows them, also where it is put forward at midnight or by half an hour.

A day begins with its first moment: 01:00 where midnight was left out (Cairo in April), never where the whole day was
(Apia on 30 December 2011). So each moment belongs to one hour, day and week, the last that has begun.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import polars as pl

LENGTH: Mapping[str, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
TIME = pl.Datetime("us", "UTC")
MOMENT = timedelta(microseconds=1)


def begins(first: datetime, last: datetime, every: str, zone: str) -> pl.Series:
    """When each hour, day or week begins (UTC, in order), from the one that holds `first` to the one that holds `last`.

    first, last: aware, or UTC. every: hour, day or week, of the clock in `zone`.
    """
    first, last = _in_utc(first), _in_utc(last)
    found = _hours(first, last, zone) if every == "hour" else _days(first, last, zone, every)
    return found.filter(found <= last).slice(int((found <= first).sum()) - 1)


def begun(times: pl.Series, every: str, zone: str) -> pl.Series:
    """When the hour, day or week that holds each time (aware, in any order, no nulls) began: UTC."""
    if times.is_empty():
        return times.cast(TIME)
    ordered = times.sort()
    return latest(times, begins(ordered[0], ordered[-1], every, zone))


def latest(times: pl.Series, found: pl.Series) -> pl.Series:
    """Of what `begins` found the last that is not after each time, by the name of the times."""
    return found.gather(found.search_sorted(times.cast(TIME), side="right") - 1).alias(times.name)


def begin(at: datetime, every: str, zone: str) -> datetime:
    """When the hour, day or week that holds a time begins, by the clock in `zone`."""
    begun_at: datetime = begins(at, at, every, zone)[0]
    return begun_at


def following(at: datetime, count: int, every: str, zone: str) -> pl.Series:
    """When each of so many hours, days or weeks begins (UTC) after the one that holds `at`."""
    return begins(at, at + (count + 2) * LENGTH[every], every, zone)[1 : count + 1]


def _in_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _hours(first: datetime, last: datetime, zone: str) -> pl.Series:
    before = first.replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    # what zones are off UTC by is made of quarters
    quarters = pl.datetime_range(before, last, "15m", time_zone="UTC", eager=True)
    local = quarters.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    hour = local.dt.truncate("1h")
    number = hour.cast(pl.Int64)
    is_new = (number > number.cum_max().shift(1)).fill_null(value=False)
    return quarters.filter((local == hour) | is_new)


def _days(first: datetime, last: datetime, zone: str, every: str) -> pl.Series:
    around = pl.Series([first - timedelta(days=8), last], dtype=TIME).dt.convert_time_zone(zone).dt.date()
    return _calendar(around[0].replace(month=1, day=1), around[1].replace(month=12, day=31), zone, every)


@lru_cache(maxsize=32)
def _calendar(first: date, last: date, zone: str, every: str) -> pl.Series:
    """Of whole years: the same few are asked for over and over."""
    days = pl.DataFrame({"day": pl.date_range(first, last, eager=True)}).with_columns(
        at=pl.col("day")
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
    )
    # by the clock of the day before, a midnight that is left out is the moment in which the clock is changed
    days = days.with_columns(pl.coalesce("at", pl.col("at").shift(1) + timedelta(days=1))).drop_nulls()
    days = days.filter((pl.lit(every) == "day") | (pl.col("day").dt.weekday() == 1))
    return days["at"].unique(maintain_order=True)
