"""Series too short for a backtest: quantiles of what there is, with the uncertainty that so few points deserve."""

from collections.abc import Mapping, Sequence

import numpy as np

from forecasting.models import Floats

FEW = 10
"""Below so many points nothing is fitted."""
ONE_SPREAD = 0.5
"""A single point may be off by about half of its size."""


def quantiles(history: Floats, horizon: int, levels: Sequence[float]) -> Mapping[float, Floats]:
    """Of one more point from the same source, by Student's t: wide for two points, and wider for one.

    history: at least one point.
    """
    from scipy.special import stdtrit

    middle = float(np.median(history))
    if history.size == 1:
        spread, freedom = ONE_SPREAD * max(abs(middle), 1e-9), 1
    else:
        spread, freedom = float(history.std(ddof=1)), history.size - 1
        spread = max(spread, abs(middle) * 1e-3) * float(np.sqrt(1 + 1 / history.size))
    return {level: np.full(horizon, middle + float(stdtrit(freedom, level)) * spread) for level in sorted(levels)}
