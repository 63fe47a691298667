"""Events become regular series, and what is odd about them is mended or kept, each with a reason.

A day without events may be a zero (nothing happened) or a gap (nothing could happen, or nobody counted): counts and
sums are zero where it was open, and missing where it was closed (a holiday, a weekend, a paused pipeline);
measurements are always missing where there is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecasting.anomaly.seasonal import season
from forecasting.clock import LENGTH, MOMENT, begin, begins, latest
from forecasting.models import Floats
from forecasting.oddities import Oddity, capped_outliers, level_shifts

HOW = ("count", "sum", "mean", "median", "last", "max")
ADDED_UP = ("count", "sum")
LONG_GAP = 30
"""A gap of more steps than this, and than there are values, ends what is known: the past before it is left out."""
Schema = dict[str, pl.DataType | type[pl.DataType]]
SERIES: Schema = {
    "id": pl.String,
    "time": pl.Datetime("us", "UTC"),
    "value": pl.Float64,
    "is_mended": pl.Boolean,
    "is_closed": pl.Boolean,
}
Shut = Mapping[str | None, set[datetime]]
REPORT: Schema = {
    "id": pl.String,
    "kind": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "count": pl.Int64,
    "what": pl.String,
    "days": pl.List(pl.Date),
    "text": pl.String,
}
NAMED = 3


@dataclass(frozen=True)
class Regular:
    """series: id, time (when the hour, day or week begins), value (null: missing), is_mended
    (the value was capped), is_closed (nothing could happen, so nothing is missing).

    report: id, kind (duplicate, invalid, closed, gap, cut, clock change, outlier, level shift), at (the first of them),
    count, what ("9 gaps filled"), days (on which they are, in the zone; empty where these say nothing), text ("9 gaps
    filled: 2026-03-02, …", the first three days). Nothing odd, no row.
    """

    series: pl.DataFrame
    report: pl.DataFrame


def regular(
    events: pl.DataFrame,
    every: str,
    *,
    how: str,
    zone: str = "UTC",
    closed: pl.DataFrame | None = None,
    least: float | None = None,
    until: datetime | None = None,
    unit: str = "",
) -> Regular:
    """One value an hour, day or week of each series.

    events: `id`, `time` (aware, or UTC), `value` (not needed to count). every: hour, day or week, of the clock in
    `zone`. how: count, sum, mean, median, last or max of the events of one. closed: `time`, and `id` where it holds for
    one series alone: the beginnings of hours, days or weeks in which nothing could happen. least: what is less is
    invalid, such as a negative duration. until: the hour, day or week that holds it is not over and is left out. Counts
    and sums go on to it, for nothing since is a zero too, and leave out the first as well: it began before anything was
    known. unit: of the values, for the report's words.

    Raises `ValueError` for a word that is not known or a missing column.
    """
    if every not in LENGTH or how not in HOW:
        raise ValueError(f"every is one of {', '.join(LENGTH)} and how one of {', '.join(HOW)}; got {every!r}, {how!r}")
    needed = {"id", "time"} if how == "count" else {"id", "time", "value"}
    if missing := needed - set(events.columns):
        raise ValueError(f"the events have no column {', '.join(sorted(missing))}")
    ZoneInfo(zone)
    if "value" not in events.columns:
        events = events.with_columns(value=pl.lit(1.0))
    frame = events.select(
        pl.col("id").cast(pl.String), _utc(events["time"]).alias("time"), pl.col("value").cast(pl.Float64)
    ).filter(pl.col("time").is_not_null())
    end = None if until is None else begin(until, every, zone)
    if end is not None:
        frame = frame.filter(pl.col("time") < end)
    shut = _closed(closed)
    last = end if how in ADDED_UP else None
    groups = frame.group_by("id", maintain_order=True)
    parts = [_one(str(name[0]), group, every, how, zone, shut, least, last, unit) for name, group in groups]
    series = pl.concat([pl.DataFrame(schema=SERIES), *(s for s, _ in parts)])
    rows = [_row(oddity, ZoneInfo(zone)) for _, oddities in parts for oddity in oddities]
    return Regular(series, pl.DataFrame(rows, schema=REPORT, orient="row"))


def _row(oddity: Oddity, zone: ZoneInfo) -> tuple[object, ...]:
    """A row of the report."""
    days = list(dict.fromkeys(at.astimezone(zone).date() for at in oddity.times))
    named = ", ".join(map(str, days[:NAMED])) + (", …" if len(days) > NAMED else "")
    text = f"{oddity.what}: {named}" if days else oddity.what
    return oddity.id, oddity.kind, oddity.at, oddity.count, oddity.what, days, text


def _utc(times: pl.Series) -> pl.Series:
    if times.dtype == pl.Date:
        times = times.cast(pl.Datetime("us"))
    if getattr(times.dtype, "time_zone", None) is None:
        return times.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return times.dt.convert_time_zone("UTC").cast(pl.Datetime("us", "UTC"))


def _closed(closed: pl.DataFrame | None) -> Shut:
    found: dict[str | None, set[datetime]] = {}
    if closed is not None:
        names = closed["id"].to_list() if "id" in closed.columns else [None] * closed.height
        for name, at in zip(names, _utc(closed["time"]).to_list(), strict=True):
            found.setdefault(name, set()).add(at)
    return found


def _one(
    name: str,
    events: pl.DataFrame,
    every: str,
    how: str,
    zone: str,
    shut: Shut,
    least: float | None,
    end: datetime | None,
    unit: str,
) -> tuple[pl.DataFrame, Sequence[Oddity]]:
    found: list[Oddity] = []
    usable = _usable(name, events, how, least, found)
    if usable.is_empty():
        return pl.DataFrame(schema=SERIES), found
    times, values = _grid(name, usable, every, how, zone, end, found)
    if end is not None and len(times) > 1 and usable["time"][0] > times[0]:
        found.append(Oddity(name, "cut", times[0], 1, f"the first {every} left out: it is not whole"))
        times, values = times[1:], values[1:]
    times, values = _emptied(name, times, values, every, how, shut, found)
    is_closed = _is_closed(name, times, shut) & np.isnan(values)
    capped, outliers = capped_outliers(name, values, times)
    found += [*outliers, *level_shifts(name, _even(capped, times, zone), times, unit)]
    is_mended = np.nan_to_num(values) != np.nan_to_num(capped)
    columns = {
        "id": [name] * len(times),
        "time": times,
        "value": capped,
        "is_mended": is_mended,
        "is_closed": is_closed,
    }
    return pl.DataFrame(columns, schema=SERIES).with_columns(pl.col("value").fill_nan(None)), found


def _even(values: Floats, times: list[datetime], zone: str) -> Floats:
    """Without what hour and weekday explain: a Monday is no new level."""
    local = pl.Series(times, dtype=pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
    hours = (local.dt.date().cast(pl.Int32).cast(pl.Int64) * 24 + local.dt.hour()).to_numpy()
    known = ~np.isnan(values)
    even = values.copy()
    even[known] -= season(values[known], hours[known], local.dt.weekday().cast(pl.Int64).to_numpy()[known])
    return even


def _usable(name: str, events: pl.DataFrame, how: str, least: float | None, found: list[Oddity]) -> pl.DataFrame:
    """Events once each, with values that can be."""
    distinct = events if how == "count" else events.unique(maintain_order=True)
    if again := events.height - distinct.height:
        plural = "" if again == 1 else "s"
        found.append(Oddity(name, "duplicate", events["time"][0], again, f"{again} duplicate{plural} left out"))
    is_valid = pl.col("value").is_finite() & (pl.col("value") >= (-np.inf if least is None else least))
    is_valid = is_valid.fill_null(value=False)
    wrong = distinct.filter(~is_valid)
    if wrong.height:
        found.append(Oddity.of(name, "invalid", wrong["time"].to_list(), "invalid value", "left out"))
    return distinct.filter(is_valid).sort("time")


def _grid(
    name: str, events: pl.DataFrame, every: str, how: str, zone: str, end: datetime | None, found: list[Oddity]
) -> tuple[list[datetime], Floats]:
    """A value for each hour, day or week from the first to the last (or before `end`), NaN where there is no event."""
    made = {"count": pl.len().cast(pl.Float64)}.get(how)
    value = made if made is not None else getattr(pl.col("value"), how)()
    at = events["time"]
    grid = begins(at[0], at[-1] if end is None else end - MOMENT, every, zone).alias("begin")
    told = events.group_by(latest(at, grid).alias("begin")).agg(value.alias("value"))
    whole = grid.to_frame().join(told, on="begin", how="left", maintain_order="left")
    times = whole["begin"].to_list()
    changed = [a for a, b in pairwise(times) if b - a != LENGTH[every]]
    if changed:
        found.append(Oddity.of(name, "clock change", changed, every, "of another length kept, the clocks changed"))
    return times, whole["value"].to_numpy().astype(np.float64)


def _emptied(
    name: str, times: list[datetime], values: Floats, every: str, how: str, shut: Shut, found: list[Oddity]
) -> tuple[list[datetime], Floats]:
    """Tell zeros from gaps, and leave out what lies before a gap that is too long."""
    empty = np.isnan(values)
    is_closed = _is_closed(name, times, shut) & empty
    if is_closed.any():
        shut_at = [times[n] for n in np.flatnonzero(is_closed)]
        found.append(Oddity.of(name, "closed", shut_at, f"closed {every}", "not counted"))
    gap = empty & ~is_closed
    if start := _after_long_gap(empty):
        words = "what is before left out, the gap is too long"
        found.append(Oddity(name, "cut", times[0], start, words, [times[start]]))
        values, times, gap = values[start:], times[start:], gap[start:]
    if how in ADDED_UP:
        return times, np.where(gap, 0.0, values)
    if gap.any():
        found.append(Oddity.of(name, "gap", [times[n] for n in np.flatnonzero(gap)], "gap", "filled"))
    return times, values


def _is_closed(name: str, times: Sequence[datetime], shut: Shut) -> NDArray[np.bool_]:
    away = shut.get(name, set()) | shut.get(None, set())
    return np.array([at in away for at in times], dtype=np.bool_)


def _after_long_gap(empty: NDArray[np.bool_]) -> int:
    """Where the series begins again after the last gap that is longer than all that is known."""
    known = np.flatnonzero(~empty)
    gaps = np.diff(known) - 1
    long = np.flatnonzero(gaps > max(LONG_GAP, known.size))
    return int(known[long[-1] + 1]) if long.size else 0
