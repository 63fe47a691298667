"""The classical family on series without a season: Theta, complex exponential smoothing, ETS, autoregression.

They come from statsforecast, whose C++ fits 120 points in 2 to 30 ms where statsmodels' own ETS takes some 100.
Sources: Fiorucci et al., "Models for optimising the theta method" (2016); Svetunkov et al., "Complex exponential
smoothing" (2022); Hyndman et al., "Forecasting with Exponential Smoothing" (2008).
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from forecasting.models import Floats, Model

LONGEST = 300
"""More history than this teaches a model without a season nothing, and costs time."""
MOST_LAGS = 8


def _of(make: Callable[[Any], Any], fewest: int) -> Model:
    def model(history: Floats, horizon: int) -> Floats:
        from statsforecast import models  # 1.5 s, pandas behind it

        if history.size < fewest:
            raise ValueError(f"needs {fewest} points")
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                path = make(models).forecast(y=history[-LONGEST:], h=horizon)["mean"]
            except Exception as e:  # a library's fit may fail in any way; the other models go on
                raise ValueError(str(e)) from e
        return np.asarray(path, dtype=np.float64)

    return model


theta: Model = _of(lambda models: models.DynamicOptimizedTheta(season_length=1), 8)
ces: Model = _of(lambda models: models.AutoCES(season_length=1, model="N"), 8)
ets: Model = _of(lambda models: models.AutoETS(season_length=1, model="AAN", damped=True), 10)


def autoregression(history: Floats, horizon: int) -> Floats:
    """An autoregression of the steps from point to point, by least squares: a fiftieth of what statsmodels' takes."""
    steps = np.diff(history[-LONGEST:])
    lags = min(MOST_LAGS, steps.size // 10)
    if lags < 1 or steps.min() == steps.max():
        raise ValueError("needs 11 points that change")
    windows = np.lib.stride_tricks.sliding_window_view(steps, lags + 1)
    coefficients = np.linalg.lstsq(windows[:, :-1], windows[:, -1])[0]
    ahead = np.concatenate([steps[-lags:], np.empty(horizon)])
    with np.errstate(all="ignore"):  # what runs away is left out later
        for n in range(horizon):
            ahead[lags + n] = coefficients @ ahead[n : n + lags]
        return np.asarray(history[-1] + np.cumsum(ahead[lags:]), dtype=np.float64)
