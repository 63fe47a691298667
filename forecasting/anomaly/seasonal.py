"""What is usual for the hour of day and for the day of the week, by medians: what is left is compared evenly.

Source: after Cleveland et al., "STL: a seasonal-trend decomposition procedure based on loess" (1990), with running
medians in the place of loess: an outlier or a change of level does not leak into the season.
"""

import numpy as np
from numpy.typing import NDArray

from forecasting.anomaly.points import Ints, median
from forecasting.models import Floats
from forecasting.oddities import robust_sd, running_median

FEWEST_ALIKE = 4
"""An hour or a weekday has an effect of its own from so many points on."""
PERIODS = 1.8
"""About two days or weeks must be known: some runs fail and tell no length."""
HOURS = (1, 2, 3, 6, 12)
"""Hours that are taken together: the fewest that leave enough points in each."""
MOST_REACH = 120


def season(values: Floats, hours: Ints, weekdays: Ints) -> Floats:
    """The part of each value that hour and weekday explain; zeros where there are too few points to tell.

    values: finite, in the order of their times. hours: since a midnight; weekdays: Monday is 1. Weekdays are told apart
    one by one where there are weeks enough, before that the weekend from the other days.
    """
    a_day = values.size / np.unique(hours // 24).size
    daily = np.zeros_like(values)
    if a_day > 1.5:
        for wide in HOURS:
            daily = _effects(values, hours % 24 // wide, round(a_day))
            if daily.any():
                break
    weekly = _effects(values - daily, weekdays, round(7 * a_day))
    return daily + (weekly if weekly.any() else _weekend(values - daily, weekdays >= 6, round(a_day)))


def _effects(values: Floats, bins: Ints, period: int) -> Floats:
    """How far the points of each bin lie from the level of a period around them; zeros where a bin has too few."""
    known = np.bincount(bins)
    counts = known[known > 0]
    if counts.size < 2 or counts.min() < FEWEST_ALIKE or values.size < PERIODS * period:
        return np.zeros_like(values)
    off = values - running_median(values, min(max(period // 2, 2), MOST_REACH))
    ordered = off[np.lexsort((off, bins))]
    ends = np.cumsum(counts)
    middle = (ordered[ends - counts + (counts - 1) // 2] + ordered[ends - counts + counts // 2]) / 2
    effects = np.zeros(known.size)
    effects[known > 0] = middle - median(middle)
    found: Floats = effects[bins]
    return found


def _weekend(values: Floats, is_weekend: NDArray[np.bool_], a_day: int) -> Floats:
    """How far weekends lie from the days beside them: the middle of all Saturdays and Mondays by size, the lesser of
    two.

    One weekend alone counts: a level that is another for these two days only is rather a weekend than a change. What
    differs by less than the noise is left: it may be chance or a trend.
    """
    reach = max(a_day, FEWEST_ALIKE // 2)
    steps = []
    for edge in np.flatnonzero(np.diff(is_weekend.astype(np.int64))) + 1:
        before, after = values[max(0, edge - reach) : edge], values[edge : edge + reach]
        if min(before.size, after.size) >= reach // 2:
            step = median(after) - median(before)
            steps.append(step if is_weekend[edge] else -step)
    steps.sort(key=abs)
    middle = steps[(len(steps) - 1) // 2] if steps else 0.0
    noise = robust_sd(np.diff(values)) / float(np.sqrt(2))
    return np.where(is_weekend, middle if abs(middle) > noise else 0.0, 0.0)
