"""Which seasons regular times may have, when nobody says: a day, a week and a year, counted in steps."""

from datetime import timedelta

import polars as pl

DAY = 86_400.0
WEEK = 7 * DAY
YEAR = 365.25 * DAY
SHORTEST = 4
"""A season of fewer steps is none."""


def usual_step_s(times: pl.Series) -> float | None:
    """The median time from one point to the next, in seconds; None where these are not times, or too few."""
    if not times.dtype.is_temporal() or times.len() < 2:
        return None
    step = times.cast(pl.Datetime("us")).sort().diff().drop_nulls().median()
    return step.total_seconds() if isinstance(step, timedelta) and step.total_seconds() > 0 else None


def seasons_of(step_s: float | None) -> tuple[int, ...]:
    """Within a day the day and the week count, within a week the week and the year, and from there on the year.

    Hours have (24, 168), days (7, 365), weeks (52,), months (12,), quarters (4,); years, and steps unknown, have none.
    """
    if step_s is None:
        return ()
    cycles = (DAY, WEEK) if step_s < DAY else (WEEK, YEAR) if step_s < WEEK else (YEAR,)
    return tuple(steps for cycle in cycles if (steps := round(cycle / step_s)) >= SHORTEST)
