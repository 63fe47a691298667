"""One autoregression for a whole panel: what a hundred series have in common is learned from all of them at once.

Every window of a series, its mean taken off and divided by the series' usual size, says what follows it; the least
squares of all windows of all series give one long set of coefficients, which no single series could. Source:
Montero-Manso and Hyndman, "Principles and algorithms for forecasting groups of time series" (2021).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.models import Floats

RIDGE = 1e-3
FEWEST_SERIES = 10
"""Fewer have too little in common to be worth it."""
FEWEST_POINTS = 30
MOST_LOG = 600.0
MOST_ROWS = 1500
"""Windows of one series, the newest, so that a few long ones do not decide."""


@dataclass(frozen=True)
class Moments:
    """Sums of squares and products of windows and what follows them: they add up over series."""

    xx: Floats
    xy: Floats

    @classmethod
    def none(cls, order: int) -> "Moments":
        """Of nothing."""
        return cls(np.zeros((order, order)), np.zeros(order))

    @classmethod
    def of(cls, history: Floats, order: int) -> "Moments":
        """Of one series; of nothing where it is shorter than a window and what follows, or never changes."""
        scale = size(history)
        if history.size <= order or scale <= 0:
            return cls.none(order)
        windows = np.lib.stride_tricks.sliding_window_view(history[-MOST_ROWS - order :], order + 1) / scale
        past = windows[:, :-1]
        mean = past.mean(axis=1, keepdims=True)
        rows = past - mean
        weight = 1.0 / rows.shape[0]  # every series counts the same
        return cls(rows.T @ rows * weight, rows.T @ (windows[:, -1] - mean[:, 0]) * weight)

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.xx + other.xx, self.xy + other.xy)

    def coefficients(self) -> Floats:
        """The ridge regression's, oldest lag first."""
        order = self.xy.size
        ridge = RIDGE * float(np.trace(self.xx)) / order + 1e-12
        return np.asarray(np.linalg.solve(self.xx + ridge * np.eye(order), self.xy))


def size(history: Floats) -> float:
    """The usual size of what changes in a series."""
    return float(np.abs(np.diff(history)).mean()) if history.size > 1 else 0.0


def order_for(seasons: Sequence[int], points: Sequence[int]) -> int:
    """How many lags: two seasons and a bit, or as many as most series can spare; 0 where they are too short."""
    if len(points) < FEWEST_SERIES:
        return 0
    wanted = 2 * max(seasons) + min(seasons) if seasons else 8
    typical = float(np.quantile(np.asarray(points), 0.25))
    return min(wanted, int(typical / 2.2)) if typical >= FEWEST_POINTS else 0


def paths(histories: Sequence[Floats | None], horizon: int, order: int) -> list[Floats | None]:
    """The path of each history, learned from all of them; None for those that are too short, or None.

    Series that are always positive are learned as logarithms: what they have in common is in shares, not in units.
    """
    logs = [h is not None and h.size > 0 and bool(h.min() > 0) for h in histories]
    series = [np.log(h) if h is not None and is_log else h for h, is_log in zip(histories, logs, strict=True)]
    learned = sum((Moments.of(h, order) for h in series if h is not None), Moments.none(order))
    if not learned.xx.any():
        return [None] * len(series)
    coefficients = learned.coefficients()
    found: list[Floats | None] = []
    for h, is_log in zip(series, logs, strict=True):
        if h is None or h.size < order:
            found.append(None)
            continue
        ahead = path(h, horizon, coefficients)
        found.append(np.exp(np.clip(ahead, -MOST_LOG, MOST_LOG)) if is_log else ahead)
    return found


def path(history: Floats, horizon: int, coefficients: Floats) -> Floats:
    """What follows a history that is at least as long as there are coefficients."""
    order = coefficients.size
    values = np.concatenate([history[-order:], np.empty(horizon)])
    for n in range(horizon):
        window = values[n : n + order]
        mean = window.mean()
        values[order + n] = mean + coefficients @ (window - mean)
    return values[order:]
