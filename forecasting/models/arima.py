"""ARIMA (Box and Jenkins, 1970; AICc as in Hyndman and Khandakar, 2008) from statsforecast, on what is not seasonal.

A candidate only where it is asked for by name: on weekly and hourly series outside this repository the blend did as
well without it, and its fits took a third of the time.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.models import Floats
from forecasting.models.seasons import adjust, usable

FEWEST = 30
LONGEST = 600
ORDERS = ((0, 1, 1), (1, 1, 1), (2, 1, 2), (1, 0, 1))
"""A search through all takes ten times as long and wins nothing."""


@dataclass(frozen=True)
class Arima:
    """The best of a few small models by AICc, on what is left without those seasons of which there are two."""

    seasons: tuple[int, ...] = ()

    def __call__(self, history: Floats, horizon: int) -> Floats:
        """The path that follows. Raises `ValueError` where the history is too short or nothing can be fitted."""
        if history.size < FEWEST:
            raise ValueError(f"needs {FEWEST} points")
        adjusted = adjust(history, usable(self.seasons, history.size), horizon)
        return _fitted(adjusted.series[-LONGEST:], horizon) + adjusted.ahead


def _fitted(series: Floats, horizon: int) -> Floats:
    from statsforecast.models import ARIMA  # 1.5 s, pandas behind it

    best: tuple[float, Any] | None = None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for order in ORDERS:
            try:
                model = ARIMA(order=order).fit(series)
                score = float(model.model_["aicc"])
            except Exception:  # noqa: S112 - a fit may fail in any way; the other orders go on
                continue
            if np.isfinite(score) and (best is None or score < best[0]):
                best = score, model
        if best is None:
            raise ValueError("no order could be fitted")
        return np.asarray(best[1].predict(h=horizon)["mean"], dtype=np.float64)
