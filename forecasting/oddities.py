"""What is odd in a regular series: lone outliers, which are capped, and changes of level, which are kept.

Sources: Hampel, "The influence curve and its role in robust estimation" (1974) for the filter by running medians;
Baranowski, Chen and Fryzlewicz, "Narrowest-over-threshold detection of multiple change points" (2019) and Kovács,
Bühlmann, Li and Munk, "Seeded binary segmentation" (2023) for changes of level; Hall, Kay and Titterington,
"Asymptotically optimal difference-based estimation of variance" (1990) for noise that no change of level makes larger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forecasting.anomaly.points import median
from forecasting.models import Floats

WINDOW = 7
"""Points on either side that a point is compared with."""
FAR = 6.0
"""From so many robust standard deviations on a lone point is an outlier."""
FEWEST = 12
SHORTEST_LEVEL = 7
SHIFT_FAR = 1.8
"""A level is another one where it differs by so many robust standard deviations of the points within,"""
SHIFT_SURE = 5.5
"""and by so many standard errors, for the best of hundreds of places is looked for,"""
TREND_SURE = 3.5
"""and still by so many where a trend may explain it as well."""
APART = (4, 5, 6)
"""Points so many steps apart tell the noise: neighbours may be alike."""
MOST_ALIKE, CHANCE = 0.9, 2.0
CLIP = 3.0
"""A point counts as at most so many robust standard deviations away from the points around it."""
MOST_SHIFTS = 5
LASTING = 0.5
REFINED = 28
"""So many points on either side tell exactly where a step is, and how large."""
WIDE = 7
MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class Oddity:
    """One kind of finding in one series: the first of them, how many, what it is in words ("2 gaps filled"), and the
    times that are worth naming.
    """

    id: str
    kind: str
    at: datetime
    count: int
    what: str
    times: Sequence[datetime] = ()

    @classmethod
    def of(cls, name: str, kind: str, times: Sequence[datetime], noun: str, words: str) -> "Oddity":
        """From the times of all of them, the noun "gap" and the words "filled"."""
        what = f"{len(times)} {noun}{'' if len(times) == 1 else 's'} {words}"
        return cls(name, kind, times[0], len(times), what, times)


def capped_outliers(name: str, values: Floats, times: Sequence[datetime]) -> tuple[Floats, list[Oddity]]:
    """Lone points far from the points around them, brought to the edge of what is usual there.

    Two or more such points in a row are no outlier but something that happened: they are kept.
    """
    known = np.flatnonzero(~np.isnan(values))
    if known.size < FEWEST:
        return values, []
    series = values[known]
    around = [series[max(0, n - WINDOW) : n + WINDOW + 1] for n in range(series.size)]
    middle = np.array([np.median(np.delete(window, min(n, WINDOW))) for n, window in enumerate(around)])
    off = series - middle
    spread = MAD_TO_SD * float(np.median(np.abs(off)))
    if spread <= 0:
        return values, []
    far = np.abs(off) > FAR * spread
    far[0] &= _leaps(series[::-1])  # all around it is on one side, as also at the ends of a trend
    far[-1] &= _leaps(series)
    beside = np.convolve(far, (1, 0, 1), mode="same") > 0  # the first and the last are no neighbours
    lone = far & ~beside
    lone &= ~_returns(lone)
    if not lone.any():
        return values, []
    capped = values.copy()
    capped[known[lone]] = middle[lone] + np.sign(off[lone]) * FAR * spread
    return capped, [Oddity.of(name, "outlier", [times[n] for n in known[lone]], "outlier", "capped")]


def _leaps(series: Floats) -> bool:
    """Whether the last point is farther from those before it than points are from those before them."""
    windows = np.lib.stride_tricks.sliding_window_view(series, WINDOW + 1)
    off = windows[:, -1] - np.median(windows[:, :-1], axis=1)
    off = np.abs(off - np.median(off))
    return bool(off[-1] > FAR * MAD_TO_SD * np.median(off))


def _returns(lone: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lone points that come again at an even distance are a season, not outliers."""
    places = np.flatnonzero(lone)
    regular = np.zeros_like(lone)
    if places.size >= 3:
        gaps = np.diff(places)
        if (gaps == np.median(gaps)).mean() > 0.6:
            regular[places] = True
    return regular


def level_shifts(name: str, even: Floats, times: Sequence[datetime], unit: str = "") -> list[Oddity]:
    """Where a series goes on at another level: kept, for it is what comes next. even: without its seasons."""
    known = np.flatnonzero(~np.isnan(even))
    found = []
    for place, size in _lasting(even[known]):
        at = times[known[place]]
        size_in_unit = f"{size:+.3g} {unit}".rstrip()
        found.append(Oddity(name, "level shift", at, 1, f"level shift of {size_in_unit} kept", [at]))
    return found


def _lasting(series: Floats) -> list[tuple[int, float]]:
    """The shifts after which most of the change is still there until the next: one that comes back little by little,
    and then again, is none.
    """
    found = shifts(series)
    edges = [0, *(place for place, _ in found), series.size]
    levels = [median(series[start:end]) for start, end in pairwise(edges)]
    return [
        (place, size)
        for (place, size), (before, after) in zip(found, pairwise(levels), strict=True)
        if (after - before) / size > LASTING
    ]


def shifts(series: Floats, least_spread: float = 0.0) -> list[tuple[int, float]]:
    """The first points of new levels and by how much each differs from the level before, in order.

    series: finite, in order. least_spread: the standard deviation of points within a level counts as at least this.
    Trends are none, nor are fewer than seven points. Steps are looked for in intervals of 14, 28, … points that overlap
    by half; the narrowest interval that holds one tells where it is.
    """
    if series.size < 2 * SHORTEST_LEVEL:
        return []
    calm = _clipped(series)
    spread, error = _noise(calm, max(least_spread, 1e-12))
    found: list[_Step] = []
    length = 2 * SHORTEST_LEVEL
    while length < 2 * series.size:
        length = min(length, series.size)
        found += [step for step in _steps(calm, length, spread, error) if _is_abrupt(calm, step)]
        length *= 2
    chosen: list[_Step] = []
    while found and len(chosen) < MOST_SHIFTS:
        best = min(found, key=lambda step: (step.end - step.start, -step.sure))
        chosen.append(best)
        found = [s for s in found if not s.start < best.place < s.end and abs(s.place - best.place) >= SHORTEST_LEVEL]
    return _placed(calm, sorted(step.place for step in chosen))


@dataclass(frozen=True)
class _Step:
    """The best step within an interval: its first point, its size, how sure it is (standard errors), the interval."""

    place: int
    size: float
    sure: float
    start: int
    end: int


def _placed(series: Floats, places: list[int]) -> list[tuple[int, float]]:
    """Each step at the point nearby that splits best what lies between its neighbours, and its size there."""
    found = []
    edges = [0, *places, series.size]
    for before, place, after in zip(edges, places, edges[2:], strict=False):
        start, end = max(before, place - REFINED), min(after, place + REFINED)
        near = np.arange(max(start + 1, place - SHORTEST_LEVEL), min(end, place + SHORTEST_LEVEL + 1))
        part = series[start:end]
        sums = np.cumsum(part - part.mean())[near - start - 1]
        best = int(near[(np.abs(sums) / np.sqrt((near - start) * (end - near))).argmax()])
        found.append((best, float(series[best:end].mean() - series[start:best].mean())))
    return found


def _steps(series: Floats, length: int, spread: float, error: float) -> list[_Step]:
    """The best step of each interval of this length, where it is large and sure."""
    starts = np.array([*range(0, series.size - length, length // 2), series.size - length])
    windows = np.lib.stride_tricks.sliding_window_view(series, length)[starts]
    off = windows - windows.mean(axis=1, keepdims=True)
    places = np.arange(SHORTEST_LEVEL, length - SHORTEST_LEVEL + 1)
    room = places * (length - places) / length
    sums = -np.cumsum(off, axis=1)[:, places - 1]
    best = (np.abs(sums) / np.sqrt(room)).argmax(axis=1)
    alone, total = room[best], sums[np.arange(starts.size), best]
    time = np.arange(length) - (length - 1) / 2
    shared, times = alone * length / 2, float(time @ time)
    left = alone - shared**2 / times  # what a trend leaves of the step
    beside = total - off @ time * shared / times
    size, sure = total / alone, np.abs(total) / np.sqrt(alone) / error
    is_step = (np.abs(size) > SHIFT_FAR * spread) & (sure > SHIFT_SURE)
    is_step &= np.sign(total) * beside / np.sqrt(left) > TREND_SURE * error
    return [
        _Step(int(starts[n] + places[best[n]]), float(size[n]), float(sure[n]), int(starts[n]), int(starts[n]) + length)
        for n in np.flatnonzero(is_step)
    ]


def running_median(series: Floats, reach: int) -> Floats:
    """The median of each point and `reach` points on either side; at the ends that of the nearest whole window.

    Of wide windows every second, third, … point is enough.
    """
    reach = min(reach, (series.size - 1) // 2)
    windows = np.lib.stride_tricks.sliding_window_view(series, 2 * reach + 1)[:, :: max(1, reach // WIDE)]
    middle: Floats = np.pad(np.median(windows, axis=1), reach, mode="edge")
    return middle


def robust_sd(off: Floats) -> float:
    """The standard deviation that the median absolute deviation from 0 speaks of; 0 without any."""
    return MAD_TO_SD * median(np.abs(off)) if off.size else 0.0


def _clipped(series: Floats) -> Floats:
    """Without the force of lone points far away."""
    middle = running_median(series, WINDOW)
    reach = CLIP * robust_sd(series - middle)
    return np.clip(series, middle - reach, middle + reach)


def _noise(series: Floats, least: float) -> tuple[float, float]:
    """Standard deviation around the levels, from points some steps apart; and the same for the mean of many points,
    larger where neighbours are alike.
    """
    far = np.concatenate([series[apart:] - series[:-apart] for apart in APART])
    spread, near = (max(robust_sd(off) / float(np.sqrt(2)), least) for off in (far, np.diff(series)))
    alike = min(max(1 - (near / spread) ** 2 - CHANCE / float(np.sqrt(series.size)), 0.0), MOST_ALIKE)
    return spread, spread * float(np.sqrt((1 + alike) / (1 - alike)))


def _is_abrupt(series: Floats, step: _Step) -> bool:
    """Most of the change happens within a few points: else it is a trend."""
    n, size = step.place, step.size
    before = median(series[max(0, n - SHORTEST_LEVEL) : n])
    after = median(series[n : n + SHORTEST_LEVEL])
    return bool(abs(after - before) > 0.6 * abs(size) and np.sign(after - before) == np.sign(size))
