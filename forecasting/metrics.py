"""How good forecasts were. Arrays of equal shape in, one number out; NaN in the truth is left out.

Sources: Hyndman and Koehler, "Another look at measures of forecast accuracy" (2006) for MASE; Makridakis et al., "The
M4 Competition" (2020) for sMAPE and OWA; Koenker and Bassett, "Regression Quantiles" (1978) for the pinball loss.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def _pair(truth: ArrayLike, forecast: ArrayLike) -> tuple[Floats, Floats]:
    y, f = np.asarray(truth, dtype=np.float64), np.asarray(forecast, dtype=np.float64)
    known = ~np.isnan(y)
    return y[known], f[known]


def mae(truth: ArrayLike, forecast: ArrayLike) -> float:
    """Mean absolute error, in the series' unit; NaN where nothing is known."""
    y, f = _pair(truth, forecast)
    return float(np.abs(y - f).mean()) if y.size else float("nan")


def naive_scale(history: ArrayLike, season: int = 1) -> float:
    """The mean absolute error of the seasonal naive forecast one step ahead in the history: what MASE divides by.

    Where a series is shorter than its season, or never changes, the next simpler scale: steps of one, then 1.
    """
    y = np.asarray(history, dtype=np.float64)
    for lag in (season, 1):
        if y.size > lag:
            steps = np.abs(y[lag:] - y[:-lag])
            steps = steps[~np.isnan(steps)]
            if steps.size and steps.mean() > 0:
                return float(steps.mean())
    return 1.0


def mase(truth: ArrayLike, forecast: ArrayLike, history: ArrayLike, season: int = 1) -> float:
    """Mean absolute error in units of the seasonal naive forecast's in the history: below 1 is better than that."""
    return mae(truth, forecast) / naive_scale(history, season)


def smape(truth: ArrayLike, forecast: ArrayLike) -> float:
    """Symmetric mean absolute percentage error, 0 to 200."""
    y, f = _pair(truth, forecast)
    size = np.abs(y) + np.abs(f)
    return float((200 * np.abs(y - f) / np.where(size > 0, size, 1.0)).mean()) if y.size else float("nan")


def pinball(truth: ArrayLike, quantile: ArrayLike, level: float) -> float:
    """Mean pinball loss of a quantile forecast, in the series' unit."""
    y, q = _pair(truth, quantile)
    return float(np.maximum(level * (y - q), (level - 1) * (y - q)).mean()) if y.size else float("nan")


def coverage(truth: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """The share of the truth within the interval, 0 to 1."""
    y, a = _pair(truth, low)
    _, b = _pair(truth, high)
    return float(((a <= y) & (y <= b)).mean()) if y.size else float("nan")


def owa(smape_: float, mase_: float, smape_naive: float, mase_naive: float) -> float:
    """The M4 competition's overall weighted average against its naive 2; below 1 is better."""
    return (smape_ / smape_naive + mase_ / mase_naive) / 2
