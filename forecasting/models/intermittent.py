"""Counts with many zeros: what comes on average, however long nothing came in between.

Sources: Syntetos and Boylan, "The accuracy of intermittent demand estimates" (2005); Teunter, Syntetos and Babai,
"Intermittent demand: linking forecasting to inventory obsolescence" (2011).
"""

import numpy as np

from forecasting.models import Floats

ZERO_SHARE = 0.4
"""From so many zeros on a series counts as intermittent."""
SMOOTHING = 0.1


def is_intermittent(history: Floats) -> bool:
    """Whether these are counts (nothing negative) of which many are zero."""
    return bool((history >= 0).all() and (history == 0).mean() >= ZERO_SHARE and (history > 0).any())


def sba(history: Floats, horizon: int) -> Floats:
    """Croston's method as Syntetos and Boylan corrected it."""
    from statsforecast.models import CrostonSBA

    if not is_intermittent(history):
        raise ValueError("not intermittent")
    return np.asarray(CrostonSBA().forecast(y=history, h=horizon)["mean"], dtype=np.float64)


def tsb(history: Floats, horizon: int) -> Floats:
    """Teunter, Syntetos and Babai's method: what has ceased to come fades."""
    from statsforecast.models import TSB

    if not is_intermittent(history):
        raise ValueError("not intermittent")
    return np.asarray(TSB(alpha_d=SMOOTHING, alpha_p=SMOOTHING).forecast(y=history, h=horizon)["mean"])
