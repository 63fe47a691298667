"""Silence: nothing comes where by the hour and the weekday something should have.

A gap is measured in the events that were to be expected in it, not in hours: a weekend without runs is no gap where
there never are any. Source: the time-rescaling theorem, see Brown et al., "The time-rescaling theorem and its
application to neural spike train data analysis" (2002).
"""

from datetime import datetime, timedelta

import numpy as np

from forecasting.anomaly.alarms import Alarm, long, on
from forecasting.anomaly.points import US, Ints, Points, median, time_of
from forecasting.anomaly.worked import Worked, by_hour
from forecasting.models import Floats

HOUR_S = 3600.0
WEEK_H = 168
DAY_S = 24 * HOUR_S
FEWEST, FEWEST_DAYS = 8, 2
WEEK_DAYS = 8
"""From so many days on it is known whether anything comes at weekends."""
WEEKS_BY_WEEKDAY = 3
"""From so many weeks on every hour of the week has a rate of its own, before that every hour of the day."""
WEEKS = 12
"""Older events tell nothing of what is usual now."""
PACE_H = 14 * 24
MISSED = 3.0
"""So many expected events must be missing,"""
USUAL = 0.98
TIMES_USUAL = 2.75
"""and so many times as many as in the gaps that are usual."""


def silences(
    name: str, what: str, nothing: str, events: Points, now: datetime, zone: str, shortest: timedelta, worked: Worked
) -> list[Alarm]:
    """Alarms of one series of events. nothing: the words for none of them, such as "nothing landed". shortest: less
    does not matter to people. worked: on days off nothing is expected, and they do not lengthen a silence.
    """
    seconds = events.us / US
    until_s = now.timestamp()
    seconds = seconds[(seconds > until_s - WEEKS * WEEK_H * HOUR_S) & (seconds <= until_s)]
    if seconds.size < FEWEST or seconds[-1] - seconds[0] < FEWEST_DAYS * DAY_S:
        return []
    knows_weekends = seconds[-1] - seconds[0] >= WEEK_DAYS * DAY_S
    ends = np.append(seconds, until_s)
    hours = np.arange(int(seconds[0] // HOUR_S), int(until_s // HOUR_S) + 1)
    shares = by_hour(worked, hours, zone)
    expected = _expected(seconds, ends, hours, shares)
    off_s = np.diff(_until(ends, hours, HOUR_S * (shares == 0)))
    gaps = np.diff(ends) - off_s
    missed = np.diff(expected) * _pace(seconds, expected[:-1])
    usual = timedelta(seconds=median(gaps[:-1]))
    enough = max(MISSED, TIMES_USUAL * float(np.quantile(missed[:-1], USUAL, method="lower")))
    found = []
    for n in np.flatnonzero((missed > enough) & (gaps > max(shortest, 2 * usual).total_seconds())):
        if not knows_weekends and _has_weekend(ends[n], ends[n + 1]):
            continue
        length = timedelta(seconds=float(gaps[n]))
        until = None if n == gaps.size - 1 else time_of(US * ends[n + 1])
        ended = "" if until is None else f" until {on(until, zone, timedelta(0))}"
        off_days = round(off_s[n] / DAY_S)
        off = f" and {off_days} day{'s' * (off_days > 1)} off" if off_days else ""
        text = f"{nothing} for {long(length)}{off}{ended}, usually every {long(usual)}"
        size = length / max(usual, timedelta(seconds=1))
        found.append(Alarm(name, what, "silence", time_of(US * ends[n]), until, size, text, usual))
    return found


def _expected(seconds: Floats, ends: Floats, hours: Ints, shares: Floats) -> Floats:
    """How many events were to be expected from the first on until each of `ends`, by the hours of the week (UTC).

    hours: all since 1970 from the first event to the last end; shares: the part of each that is worked.
    """
    places = (seconds // HOUR_S).astype(np.int64) - hours[0]
    known = places[-1] + 1
    slots = hours % (WEEK_H if known > WEEKS_BY_WEEKDAY * WEEK_H else 24)
    counts = np.bincount(slots[places[shares[places] > 0]], minlength=WEEK_H)
    seen = np.bincount(slots[:known], shares[:known], minlength=WEEK_H)
    rates = counts / np.maximum(seen, 1)
    return _until(ends, hours, rates[slots] * shares)


def _until(ends: Floats, hours: Ints, of_each: Floats) -> Floats:
    """The sum of what is `of_each` of the hours until each of `ends`."""
    total = np.concatenate([[0.0], np.cumsum(of_each)])
    found: Floats = np.interp(ends, HOUR_S * np.append(hours, hours[-1] + 1), total)
    return found


def _pace(seconds: Floats, expected: Floats) -> Floats:
    """How many of the events that were expected in the weeks before each came, at most 1: fewer may be usual now."""
    since = np.searchsorted(seconds, seconds - PACE_H * HOUR_S)
    came = np.arange(seconds.size) - since + 1.0
    found: Floats = np.minimum(came / np.maximum(expected - expected[since], 1.0), 1.0)
    return found


def _has_weekend(since_s: float, until_s: float) -> bool:
    """Whether a Saturday or a Sunday (UTC) lies between these times, or a part of one."""
    days = np.arange(since_s // DAY_S, until_s // DAY_S + 1)
    return bool(((days + 3) % 7 >= 5).any())  # 1970 began on a Thursday
