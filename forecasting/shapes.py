"""The shape of a forecast's errors: how they grow with the step and with the level, learned from a whole panel.

At step h of a path whose value is f, an error is taken to be as large as h ** growth · (|f| / usual size) ** power: a
random walk errs with the root of the step, traffic by day more than by night, counts with the root of their number.
Which shape of a grid a series has is told by the likelihood of its backtest errors (Laplace's distribution, of any
scale) and by how often each shape is found in the panel: where a series shows little, it is like the others.
Sources: Taylor, "Aggregation, variance and the mean" (1961) and Carroll and Ruppert, "Transformation and weighting in
regression" (1988) for the power; Laird, "Nonparametric maximum likelihood estimation of a mixing distribution" (1978)
for the frequencies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.backtest import independent
from forecasting.models import Floats

GROWTHS = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.75])
POWERS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
ORIGIN_DRAWS = 8.0
"""The errors of one origin stand and fall together: they tell as much as so many that do not."""
PRIOR_SERIES = 5.0
"""As if so many series had been seen, of each shape as many."""
ROUNDS = 20
LEAST_LEVEL = 0.05
"""A path nearer to zero than this share of the usual size counts as this."""


@dataclass(frozen=True)
class Errors:
    """Of one series: backtest errors and the paths that were told (origins × steps, the oldest origin first), its usual
    step from point to point, which stands in for a scale where there are few origins, and the usual size of its values.

    apart: from one origin to the next, in horizons; below 1 they overlap.
    """

    residuals: Floats
    told: Floats
    step: float
    level: float = 1.0
    apart: float = 1.0

    def without(self, origin: int) -> "Errors":
        """Those of the other origins."""
        residuals, told = (np.delete(each, origin, axis=0) for each in (self.residuals, self.told))
        return replace(self, residuals=residuals, told=told)

    @property
    def independent(self) -> float:
        """As many origins that do not overlap tell as much."""
        return independent(self.residuals.shape[0], self.apart)

    @property
    def overlap(self) -> float:
        """The share of their steps that two origins have in common, on average over all pairs; needs two or more."""
        count = self.residuals.shape[0]
        gaps = np.arange(1, count)
        return float(np.average(np.maximum(0.0, 1 - gaps * self.apart), weights=count - gaps))


@dataclass(frozen=True)
class Shape:
    """growth: the power of the step. power: that of the level."""

    growth: float
    power: float

    def units(self, told: Floats, level: float) -> Floats:
        """How large an error is at each step (the last axis) of these paths, where it is 1 at the first, at the usual
        level."""
        steps = np.arange(1, told.shape[-1] + 1, dtype=np.float64)
        return np.asarray(np.exp(self.growth * np.log(steps) + self.power * _log_level(told, level)))


@dataclass(frozen=True)
class Shapes:
    """How often each shape of the grid is found in a panel: growths × powers, all together 1."""

    shares: Floats

    @classmethod
    def of(cls, panel: Sequence[Errors]) -> "Shapes":
        """From the errors of those series that had a backtest."""
        shares = np.full((GROWTHS.size, POWERS.size), 1 / (GROWTHS.size * POWERS.size))
        each = np.array([_likelihood(errors) for errors in panel if errors.residuals.size])
        if each.size:
            prior = shares * PRIOR_SERIES
            for _ in range(ROUNDS):
                found = each * shares
                found /= found.sum(axis=(1, 2), keepdims=True)
                shares = (found.sum(axis=0) + prior) / (each.shape[0] + PRIOR_SERIES)
        return cls(shares)

    def of_series(self, errors: Errors) -> Shape:
        """What a series' errors and the panel say together."""
        found = self.shares * (_likelihood(errors) if errors.residuals.size else 1.0)
        found = found / found.sum()
        return Shape(float(found.sum(axis=1) @ GROWTHS), float(found.sum(axis=0) @ POWERS))


def _likelihood(errors: Errors) -> Floats:
    """Of each shape, growths × powers; the largest is 1."""
    steps = np.log(np.arange(1, errors.residuals.shape[1] + 1))
    levels = _log_level(errors.told, errors.level)
    sizes = np.abs(errors.residuals) + 1e-3 * errors.step + 1e-300
    by_power = np.array([(sizes * np.exp(-power * levels)).mean(axis=0) for power in POWERS])
    scale = np.exp(-GROWTHS[:, None] * steps) @ by_power.T / steps.size
    log = -(GROWTHS[:, None] * steps.mean() + POWERS * levels.mean() + np.log(scale))
    return np.asarray(np.exp(ORIGIN_DRAWS * errors.independent * (log - log.max())))


def _log_level(told: Floats, level: float) -> Floats:
    return np.asarray(np.log(np.maximum(np.abs(told) / max(level, 1e-300), LEAST_LEVEL)))
