"""An autoregression on few or many lags of a series, seasons among them, fitted by ridge regression.

Every window of a series, its mean taken off, says what follows it. What the least squares need of the windows are
their moments, which are cheap and can be mixed with those of other series (see `forecasting.models.pooled`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.models import Floats, Model

RIDGE = 1e-3
MOST_ROWS = 1500
"""Windows of one series, the newest."""
NEAR = 6
"""The last points are all lags, and so are a season's and its neighbours', one season back and up to `CYCLES`."""
CYCLES = 6
CYCLES_OF_LONGEST = 2


@dataclass(frozen=True)
class Moments:
    """Mean squares and products of windows (lags × lags) and of what follows them (lags), and how many there were."""

    xx: Floats
    xy: Floats
    rows: int

    @classmethod
    def of(cls, history: Floats, lags: Sequence[int]) -> "Moments":
        """Of one series, in units of its usual step; of nothing where it holds no window or never changes."""
        order, scale = max(lags), size(history)
        if history.size <= order or scale <= 0:
            return cls(np.zeros((len(lags), len(lags))), np.zeros(len(lags)), 0)
        windows = np.lib.stride_tricks.sliding_window_view(history[-MOST_ROWS - order :], order + 1) / scale
        mean = windows[:, :-1].mean(axis=1)
        rows = windows[:, order - np.asarray(lags)] - mean[:, None]
        count = rows.shape[0]
        return cls(rows.T @ rows / count, rows.T @ (windows[:, -1] - mean) / count, count)

    def with_prior(self, prior: "Moments", rows: float) -> "Moments":
        """As if so many windows of others had been seen too."""
        total = self.rows + rows
        xx = (self.xx * self.rows + prior.xx * rows) / total
        return Moments(xx, (self.xy * self.rows + prior.xy * rows) / total, round(total))

    def coefficients(self) -> Floats:
        """Of each lag."""
        count = self.xy.size
        ridge = RIDGE * float(np.trace(self.xx)) / count + 1e-12
        return np.asarray(np.linalg.solve(self.xx + ridge * np.eye(count), self.xy))


def mean(panel: Sequence[Moments]) -> Moments | None:
    """What a panel's moments are on average, every series counting the same; None where there is nothing."""
    known = [one for one in panel if one.rows]
    if not known:
        return None
    xx, xy = sum(one.xx for one in known), sum(one.xy for one in known)
    return Moments(np.asarray(xx) / len(known), np.asarray(xy) / len(known), sum(one.rows for one in known))


def size(history: Floats) -> float:
    """The usual size of what changes in a series."""
    return float(np.abs(np.diff(history)).mean()) if history.size > 1 else 0.0


def path(history: Floats, horizon: int, lags: Sequence[int], coefficients: Floats) -> Floats:
    """What follows a history that is at least as long as the longest lag."""
    order = max(lags)
    values = np.concatenate([history[-order:], np.empty(horizon)])
    back = order - np.asarray(lags)
    for n in range(horizon):
        middle = values[n : n + order].mean()
        values[order + n] = middle + coefficients @ (values[n + back] - middle)
    return values[order:]


def seasonal_lags(seasons: Sequence[int]) -> list[int]:
    """The near past, and the same time, a step before and a step after, some seasons ago."""
    found = set(range(1, NEAR + 1))
    for season in seasons:
        cycles = CYCLES_OF_LONGEST if season == max(seasons) else CYCLES
        found |= {season * cycle + d for cycle in range(1, cycles + 1) for d in (-1, 0, 1)}
    return sorted(found - {0})


def seasonal(seasons: Sequence[int]) -> Model:
    """A series' own autoregression on `seasonal_lags`."""
    lags = seasonal_lags(seasons)

    def model(history: Floats, horizon: int) -> Floats:
        own = Moments.of(history, lags)
        if own.rows < 2:
            raise ValueError("shorter than its longest lag, or never changing")
        return path(history, horizon, lags, own.coefficients())

    return model
