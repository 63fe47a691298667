"""What is odd in a regular series: lone outliers, which are capped, and changes of level, which are kept.

Sources: Hampel, "The influence curve and its role in robust estimation" (1974) for the filter by running medians;
Killick, Fearnhead and Eckley, "Optimal detection of changepoints" (2012) for changes of level by cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecasting.models import Floats

WINDOW = 7
"""Points on either side that a point is compared with."""
FAR = 6.0
"""From so many robust standard deviations on a lone point is an outlier."""
FEWEST = 12
SHORTEST_LEVEL = 7
SHIFT_FAR = 3.0
"""A level is another one where the medians differ by so many robust standard deviations of the points within."""
MOST_SHIFTS = 5
MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class Oddity:
    """One kind of finding in one series: how many, the first of them, and words that a screen can show."""

    id: str
    kind: str
    at: Any
    count: int
    text: str

    @classmethod
    def of(cls, name: str, kind: str, times: Sequence[Any], words: str) -> "Oddity":
        """From the times of all of them."""
        shown = ", ".join(f"{at:%Y-%m-%d}" for at in times[:3]) + (", …" if len(times) > 3 else "")
        return cls(name, kind, times[0], len(times), f"{len(times)} {words}: {shown}")


def capped_outliers(name: str, values: Floats, times: Sequence[Any]) -> tuple[Floats, list[Oddity]]:
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
    lone = far & ~np.roll(far, 1) & ~np.roll(far, -1)
    lone &= ~_returns(lone)
    if not lone.any():
        return values, []
    capped = values.copy()
    capped[known[lone]] = middle[lone] + np.sign(off[lone]) * FAR * spread
    return capped, [Oddity.of(name, "outlier", [times[n] for n in known[lone]], "outliers capped")]


def _returns(lone: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lone points that come again at an even distance are a season, not outliers."""
    places = np.flatnonzero(lone)
    regular = np.zeros_like(lone)
    if places.size >= 3:
        gaps = np.diff(places)
        if (gaps == np.median(gaps)).mean() > 0.6:
            regular[places] = True
    return regular


def level_shifts(name: str, values: Floats, times: Sequence[Any]) -> list[Oddity]:
    """Where the series goes on at another level: kept, for it is what comes next."""
    known = np.flatnonzero(~np.isnan(values))
    found = _shifts(values[known], 0, MOST_SHIFTS)
    return [
        Oddity(name, "level shift", times[known[n]], 1, f"level shift kept: {times[known[n]]:%Y-%m-%d}, by {size:+.3g}")
        for n, size in sorted(found)
    ]


def _shifts(series: Floats, start: int, most: int) -> list[tuple[int, float]]:
    """Binary segmentation: the place that splits the series best, if both sides stay apart, and those within."""
    count = series.size
    if count < 2 * SHORTEST_LEVEL or most == 0:
        return []
    places = np.arange(SHORTEST_LEVEL, count - SHORTEST_LEVEL + 1)
    ranks = np.argsort(np.argsort(series, kind="stable"), kind="stable") - (count - 1) / 2.0
    sums = np.cumsum(ranks)[places - 1]
    gain = np.abs(sums) / np.sqrt(places * (count - places))
    n = int(places[gain.argmax()])
    left, right = series[:n], series[n:]
    size = float(np.median(right) - np.median(left))
    noise = np.concatenate([left - np.median(left), right - np.median(right)])
    spread = MAD_TO_SD * float(np.median(np.abs(noise)))
    near = MAD_TO_SD * float(np.median(np.abs(np.diff(series)))) / np.sqrt(2)
    if abs(size) <= SHIFT_FAR * max(spread, near, 1e-12) or not _is_abrupt(series, n, size):
        return []
    inside = _shifts(left, start, most - 1) + _shifts(right, start + n, most - 1)
    return [(start + n, size), *inside]


def _is_abrupt(series: Floats, n: int, size: float) -> bool:
    """Most of the change happens within a few points: else it is a trend."""
    before = np.median(series[max(0, n - SHORTEST_LEVEL) : n])
    after = np.median(series[n : n + SHORTEST_LEVEL])
    return bool(abs(after - before) > 0.6 * abs(size) and np.sign(after - before) == np.sign(size))
