"""Seasons taken off a series before a model sees it, and put back on its forecast.

STL from statsmodels (Cleveland et al., "STL", 1990), for several seasons one after the other, as in MSTL (Bandara,
Hyndman and Bergmeir, "MSTL", 2021): the seasonal part may change slowly, and seasons of 52 or 168 steps cost no
parameters.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.models import Floats

FEWEST_SEASONS = 2
ROUNDS = 2
"""With several seasons each is looked for again, once the others are known."""
WINDOW = 13
"""Seasons over which the seasonal part may change."""
LONGEST_SEASONS = 12
"""So many of its longest season of a series are looked at."""


@dataclass(frozen=True)
class Adjusted:
    """A series without its seasons, and these for the steps that follow."""

    series: Floats
    ahead: Floats


def usable(seasons: Sequence[int], points: int) -> tuple[int, ...]:
    """Those seasons of which there are two and a bit in so many points, shortest first."""
    return tuple(sorted(s for s in set(seasons) if s > 1 and points >= fewest(s)))


def fewest(season: int) -> int:
    """So many points hold two of a season and a bit."""
    return FEWEST_SEASONS * season + max(3, season // 4)


def adjust(history: Floats, seasons: Sequence[int], horizon: int) -> Adjusted:
    """Take off these seasons, of which there must be two each."""
    if not seasons:
        return Adjusted(history, np.zeros(horizon))
    recent = history[-LONGEST_SEASONS * max(seasons) :]
    parts = {season: np.zeros(recent.size) for season in sorted(seasons)}
    for _ in range(ROUNDS if len(parts) > 1 else 1):
        for season in parts:
            others = sum((part for other, part in parts.items() if other != season), np.zeros(recent.size))
            parts[season] = _stl(recent - others, season)
    ahead = sum((np.resize(part[-season:], horizon) for season, part in parts.items()), np.zeros(horizon))
    return Adjusted(recent - sum(parts.values(), np.zeros(recent.size)), ahead)


def _stl(series: Floats, season: int) -> Floats:
    """The seasonal part of a series."""
    from statsmodels.tsa.seasonal import STL

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jump = max(1, season // 6)  # between these the smooth parts are drawn as lines
        fit = STL(series, period=season, seasonal=WINDOW, trend_jump=jump, low_pass_jump=jump).fit()
        return np.asarray(fit.seasonal)
