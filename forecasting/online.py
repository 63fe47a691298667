"""Predictors that learn value by value: each says the next one before it sees it.

So every value of the past is an origin of a rolling backtest, at no further cost. Many series are run through at once:
arrays are series × values, the newest value in the last column, NaN before a series begins. Values are logarithms of
lengths, so that all effects are factors.

Smoothing is exponential (Holt, 1957; Winters, 1960), the steps bounded by what is usual, so that one odd value does not
move the level (Gelper, Fried and Croux, "Robust forecasting with exponential and Holt-Winters smoothing", 2010); from
the third value in a row that is far off on the same side the level is a new one, and is gone to at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.distribution import Floats

Ints = NDArray[np.int64]

LAST, SEASONAL_NAIVE, MEDIAN = "last", "same hour and weekday", "median"
SMOOTHED = {"level": (0.3, False), "seasons, slow": (0.1, True), "seasons": (0.25, True)}
"""How quickly each follows the level, and whether it knows hours and weekdays."""
NAMES = (LAST, SEASONAL_NAIVE, MEDIAN, *SMOOTHED)
MEDIAN_OF = 20
SEASON_RATE = 0.1
FAR, BOUND = 2.0, 3.0
"""In usual errors: from where on a value is far off, and how far at most it moves the level."""
IN_A_ROW = 3
NEW_LEVEL_RATE = 0.7
FIRST_ERROR = 0.2
ERROR_RATE = 0.05
HOURS = 24


@dataclass(frozen=True)
class Slots:
    """When each value was due, and the one to come: weekdays (0 to 6) and hours (0 to 23), series × values + 1."""

    weekdays: Ints
    hours: Ints


def predictions(values: Floats, slots: Slots) -> Floats:
    """What each of `NAMES` said before each value, and says of the one to come: candidates × series × values + 1.

    NaN where nothing was known before.
    """
    last = np.hstack([np.full((values.shape[0], 1), np.nan), values])
    smoothed = _smoothed(values, slots, np.array([rate for rate, _ in SMOOTHED.values()]),
                         np.array([seasonal for _, seasonal in SMOOTHED.values()]))  # fmt: skip
    return np.stack([last, _seasonal_naive(values, slots, last), _running_median(values), *smoothed])


def _seasonal_naive(values: Floats, slots: Slots, last: Floats) -> Floats:
    """The last value of the same hour and weekday; the last of all where there is none."""
    count, rows = values.shape[0], np.arange(values.shape[0])
    slot = slots.weekdays * HOURS + slots.hours
    known = np.full((count, 7 * HOURS), np.nan)
    said = np.empty_like(last)
    for t in range(values.shape[1] + 1):
        same = known[rows, slot[:, t]]
        said[:, t] = np.where(np.isnan(same), last[:, t], same)
        if t < values.shape[1]:
            known[rows, slot[:, t]] = values[:, t]
    return said


def _running_median(values: Floats) -> Floats:
    """The median of the last values before each."""
    padded = np.hstack([np.full((values.shape[0], MEDIAN_OF), np.nan), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, MEDIAN_OF, axis=1)
    known = np.sort(windows, axis=2)  # NaN last
    count = (~np.isnan(windows)).sum(axis=2)
    low, high = np.maximum((count - 1) // 2, 0), count // 2
    pick = np.take_along_axis(known, np.stack([low, np.minimum(high, MEDIAN_OF - 1)], axis=2), axis=2)
    return np.where(count > 0, pick.mean(axis=2), np.nan)


def _smoothed(values: Floats, slots: Slots, rates: Floats, is_seasonal: NDArray[np.bool_]) -> Floats:
    """A robust level, and for some an effect of each weekday and hour: smoothers × series × values + 1."""
    count, length = values.shape
    rows, shape = np.arange(count), (rates.size, count)
    level, error = np.full(shape, np.nan), np.full(shape, FIRST_ERROR)
    by_weekday, by_hour = np.zeros((*shape, 7)), np.zeros((*shape, HOURS))
    seen_weekday, seen_hour, seen = np.zeros((count, 7)), np.zeros((count, HOURS)), np.zeros(count)
    in_a_row, side = np.zeros(shape), np.zeros(shape)
    # an effect that all values share is the level's
    varied = [(slot != slot[:, -1:]).any(axis=1) & is_seasonal[:, None] for slot in (slots.weekdays, slots.hours)]
    said = np.empty((rates.size, count, length + 1))
    for t in range(length + 1):
        day, hour = slots.weekdays[:, t], slots.hours[:, t]
        said[:, :, t] = level + varied[0] * by_weekday[:, rows, day] + varied[1] * by_hour[:, rows, hour]
        if t == length:
            break
        is_known = ~np.isnan(values[:, t])
        is_first = is_known & (seen == 0)
        off = np.where(is_known & ~is_first, values[:, t] - said[:, :, t], 0.0)
        bounded = np.clip(off, -BOUND * error, BOUND * error)
        is_far = np.abs(off) > FAR * error
        in_a_row = np.where(is_far, np.where(np.sign(off) == side, in_a_row, 0) + 1, np.where(is_known, 0, in_a_row))
        side = np.where(is_known, np.sign(off), side)
        is_new = in_a_row >= IN_A_ROW
        rate = np.maximum(rates[:, None], 1 / (seen + 1))
        level = np.where(is_first, values[:, t], level + np.where(is_new, NEW_LEVEL_RATE * off, rate * bounded))
        size = 1.25 * np.minimum(np.abs(off), 4 * error)
        error = np.where(is_known & ~is_first, error + np.maximum(ERROR_RATE, 1 / (seen + 3)) * (size - error), error)
        error = np.maximum(error, 1e-6)
        seen = seen + is_known
        seen_weekday[rows, day] += is_known
        seen_hour[rows, hour] += is_known
        learned = np.where(is_new, 0.0, bounded)
        by_weekday[:, rows, day] += learned * np.maximum(SEASON_RATE, 1 / (seen_weekday[rows, day] + 2))
        by_hour[:, rows, hour] += learned * np.maximum(SEASON_RATE, 1 / (seen_hour[rows, hour] + 2))
    return said
