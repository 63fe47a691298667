"""Autoregressions that learn from a whole panel: what its series have in common stands in for what each lacks.

The coefficients of a series come from its own windows and from as many of an average series as weigh `PANEL_ROWS` of
its own: a short history follows the panel, a long one itself. Source: Montero-Manso and Hyndman, "Principles and
algorithms for forecasting groups of time series" (2021); the shrinkage is a ridge regression's towards the panel.
"""

from collections.abc import Sequence

import numpy as np

from forecasting.models import Floats
from forecasting.models.lags import Moments, mean, path

PANEL_ROWS = 200
FEWEST_SERIES = 10
"""Fewer have too little in common to be worth it."""
FEWEST_POINTS = 30
MOST_LOG = 600.0
BEYOND = 16
"""Lags beyond the longest season."""
SHORT = 8
"""Lags where there is no season."""


def order_for(seasons: Sequence[int], points: Sequence[int]) -> int:
    """How many lags: a season and a bit where enough series hold two of it, or as many as most can spare; 0 where they
    are too short.
    """
    if len(points) < FEWEST_SERIES:
        return 0
    wanted = max(seasons) + max(BEYOND, max(seasons) // 4) if seasons else SHORT
    if sum(count >= 2.2 * wanted for count in points) >= FEWEST_SERIES:
        return wanted
    typical = float(np.quantile(np.asarray(points), 0.25))
    return min(wanted, int(typical / 2.2)) if typical >= FEWEST_POINTS else 0


def paths(histories: Sequence[Floats | None], horizon: int, order: int) -> list[Floats | None]:
    """The path of each history, learned from it and from all of them; None for those that are too short, or None.

    Series that are always positive are learned as logarithms: what they have in common is in shares, not in units.
    """
    lags = range(1, order + 1)
    logs = [h is not None and h.size > 0 and bool(h.min() > 0) for h in histories]
    series = [np.log(h) if h is not None and is_log else h for h, is_log in zip(histories, logs, strict=True)]
    known = [None if h is None or h.size < order else Moments.of(h, lags) for h in series]
    panel = mean([own for own in known if own is not None])
    found: list[Floats | None] = []
    for h, own, is_log in zip(series, known, logs, strict=True):
        if panel is None or own is None or h is None:
            found.append(None)
            continue
        ahead = path(h, horizon, lags, own.with_prior(panel, PANEL_ROWS).coefficients())
        found.append(np.exp(np.clip(ahead, -MOST_LOG, MOST_LOG)) if is_log else ahead)
    return found
