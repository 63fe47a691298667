"""Changes of level and spikes, in lengths and in counts.

Lengths are compared by their logarithms, counts by Anscombe's square roots ("The transformation of Poisson, binomial
and negative-binomial data", 1948), whose noise is 1 however large they are; both without what hour and weekday explain.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.anomaly.alarms import Alarm, on, span, times
from forecasting.anomaly.points import EPOCH, Ints, Points, median, midnight
from forecasting.anomaly.seasonal import season
from forecasting.anomaly.worked import Worked, by_day
from forecasting.models import Floats
from forecasting.oddities import SHORTEST_LEVEL, robust_sd, running_median, shifts

FEWEST = 14
SHIFT_FACTOR, SPIKE_FACTOR = 1.25, 2.0
"""Less is not worth a word, nor are lengths that differ by less than"""
LEAST_LENGTH_S = 30.0
SPIKE_FAR = 6.0
"""From so many robust standard deviations on a point is a spike, where such points are rare:"""
RARE, BEYOND = 0.02, 1.5
"""it lies so many times as far out as the share of points that is rare."""
BACK = 0.5
"""A level that ends so close to the one before, in shares of the step, was one for a while."""
LEAST_SPREAD = 0.03
SHORTEST_S = 0.5
COUNT_SPREAD, LEAST_COUNT = 1.0, 0.05
MOST_DAYS = 400
WEEKEND_SHARE = 0.1
"""Where fewer of the events fall on weekends, only the other days are counted."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Shift:
    """Another level from point `first` on, until `end` where it went back (None: it goes on); `step` as measured."""

    first: int
    end: int | None
    step: float


def lengths(name: str, what: str, words: str, runs: Points, zone: str) -> list[Alarm]:
    """Alarms of one series of lengths, in seconds."""
    if len(runs) < FEWEST:
        return []
    gap = runs.gap
    logs = np.log(np.maximum(runs.values, SHORTEST_S))
    seasonal = season(logs, runs.hours, runs.weekdays)
    even = logs - seasonal
    steps = shifts(even, LEAST_SPREAD)
    usual = seasonal + _level(even, steps)
    found = []
    for shift in _lasting(even, steps):
        before, after = (float(np.exp(median(part))) for part in _sides(even, shift))
        factor = float(np.exp(shift.step))
        if max(factor, 1 / factor) < SHIFT_FACTOR or abs(after - before) < LEAST_LENGTH_S:
            continue
        until = None if shift.end is None else runs.at(shift.end)
        verb = "take" if until is None else "took"
        text = f"runs {verb} {times(factor)} {words} {span(runs.at(shift.first), until, zone, gap)}"
        found.append(Alarm(name, what, "level shift", runs.at(shift.first), until, factor, text, gap))
    for spike in _spikes(logs, usual, LEAST_SPREAD, float(np.log(SPIKE_FACTOR))):
        factor = float(np.exp((logs - usual)[spike.worst]))
        if abs(1 - 1 / factor) * runs.values[spike.worst] < LEAST_LENGTH_S:
            continue
        since, until = runs.at(spike.first), runs.at(spike.last)
        which = "one run took" if since == until else f"{spike.last - spike.first + 1} runs took up to"
        text = f"{which} {times(factor)} {words} {span(since, until, zone, gap)}"
        found.append(Alarm(name, what, "spike", since, until, factor, text, gap))
    return found


def counts(name: str, what: str, events: Points, now: datetime, zone: str, worked: Worked) -> list[Alarm]:
    """Alarms of one series of events, counted on each whole day of the clock in `zone` before that of `now`."""
    days, weekdays, count = _as_if_worked(*_counted(events, now, zone), worked)
    if count.size < FEWEST:
        return []
    roots = 2 * np.sqrt(count + 3 / 8)
    usual_day = season(roots, 24 * days, weekdays)
    even = roots - usual_day
    steps = shifts(even, COUNT_SPREAD)
    level = _level(even, steps) + usual_day
    found = []

    def begin(n: int) -> datetime:
        return midnight(int(days[n]), zone)

    for shift in _lasting(even, steps):
        before, after = (max(float(part.mean()), LEAST_COUNT) for part in _sides(count, shift))
        factor = after / before
        if max(factor, 1 / factor) < SHIFT_FACTOR:
            continue
        until = None if shift.end is None else begin(shift.end)
        text = f"{times(factor)} as many {what} {span(begin(shift.first), until, zone, DAY)}"
        found.append(Alarm(name, what, "level shift", begin(shift.first), until, factor, text, DAY))
    usual = np.maximum(np.square(np.maximum(level, 0) / 2) - 3 / 8, 0)
    for spike in _spikes(roots, level, COUNT_SPREAD, 0.0):
        n = spike.worst
        if count[n] <= SPIKE_FACTOR * usual[n]:
            continue
        text = f"{count[n]:.0f} {what} on {on(begin(n), zone)}, usually {usual[n]:.0f}"
        size = float(count[n] / max(usual[n], 1.0))
        found.append(Alarm(name, what, "spike", begin(spike.first), begin(spike.last), size, text, DAY))
    return found


def _counted(events: Points, now: datetime, zone: str) -> tuple[Ints, Ints, Floats]:
    """Days since 1970, their weekdays (Monday is 1) and counts; without weekends where these are quiet."""
    if not len(events):
        return events.us, events.us, events.values
    today = (now.astimezone(ZoneInfo(zone)).date() - EPOCH.date()).days
    days = np.arange(max(int(events.hours[0] // 24), today - MOST_DAYS), today)
    places = events.hours // 24 - today + days.size
    count = np.bincount(places[(places >= 0) & (places < days.size)], minlength=days.size).astype(np.float64)
    weekdays = (days + 3) % 7 + 1  # 1970 began on a Thursday
    is_open = (weekdays < 6) | (count[weekdays >= 6].sum() >= WEEKEND_SHARE * count.sum())
    return days[is_open], weekdays[is_open], count[is_open]


def _as_if_worked(days: Ints, weekdays: Ints, count: Floats, worked: Worked) -> tuple[Ints, Ints, Floats]:
    """The same without days off, but for those on which far more came than usual; and where some were away with what
    may be missing for that, up to what is usual around.
    """
    share = by_day(worked, days)
    full = np.flatnonzero(share >= 1)
    if full.size == days.size:
        return days, weekdays, count
    around = running_median(count[full], 2 * SHORTEST_LEVEL) if full.size else np.zeros(1)
    usual = np.interp(np.arange(days.size), full if full.size else [0], around)
    made_up = np.maximum(count, np.minimum(count / np.maximum(share, 1e-9), usual))
    is_told = (share > 0) | (count > SPIKE_FACTOR * usual)
    return days[is_told], weekdays[is_told], made_up[is_told]


def _level(even: Floats, steps: list[tuple[int, float]]) -> Floats:
    """The level around each point, which changes at once at each step."""
    parts = np.split(even, [place for place, _ in steps])
    return np.concatenate([running_median(part, 2 * SHORTEST_LEVEL) for part in parts])


def _lasting(even: Floats, steps: list[tuple[int, float]]) -> list[_Shift]:
    """Steps as events: one up and one back down are one."""
    edges = [0, *(place for place, _ in steps), even.size]
    middle = [median(even[a:b]) for a, b in pairwise(edges)]
    found: list[_Shift] = []
    n = 0
    while n < len(steps):
        place, step = steps[n]
        ends = n + 1 < len(steps)
        is_back = ends and step * steps[n + 1][1] < 0 and abs(middle[n + 2] - middle[n]) < BACK * abs(step)
        found.append(_Shift(place, steps[n + 1][0] if ends else None, step))
        n += 2 if is_back else 1
    return found


def _sides(values: Floats, shift: _Shift) -> tuple[Floats, Floats]:
    """The points before a shift, no more than after it where these are many, and those of its level."""
    after = values[shift.first : shift.end]
    return values[max(0, shift.first - max(after.size, 2 * SHORTEST_LEVEL)) : shift.first], after


@dataclass(frozen=True)
class _Spike:
    """Points far from their level, side by side, and the one that is farthest."""

    first: int
    last: int
    worst: int


def _spikes(values: Floats, usual: Floats, least_spread: float, least: float) -> list[_Spike]:
    """What lies far from what is usual for it and for its neighbours: rare, and at least `least` away.

    Neighbours count, for hours and days may be those of another clock: a point at midnight may be of the day before.
    """
    away = np.abs(values - usual)
    rare = float(np.quantile(away, 1 - RARE, method="lower"))
    enough = max(SPIKE_FAR * robust_sd(away), SPIKE_FAR * least_spread, BEYOND * rare, least)
    beside = np.lib.stride_tricks.sliding_window_view(np.pad(usual, 1, mode="edge"), 3)
    off = values - np.clip(values, beside.min(axis=1), beside.max(axis=1))
    far = np.flatnonzero(np.abs(off) > enough)
    apart = np.flatnonzero((np.diff(far) > 2) | (np.diff(np.sign(off[far])) != 0)) + 1
    groups = np.split(far, apart) if far.size else []
    return [_Spike(int(group[0]), int(group[-1]), int(group[away[group].argmax()])) for group in groups]
