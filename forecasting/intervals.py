"""Intervals from what the backtest got wrong, calibrated over the whole panel.

Split conformal prediction on scaled residuals: each series has a scale of its own, errors grow with the step as a power
that the panel shares, and the quantiles of the scaled errors are those that the panel's own backtest showed, each error
scaled by what was known before it. Later origins weigh more, so that a change of level is followed. Where
there are few errors, Student's t stands in for what was not seen yet.
Sources: Lei et al., "Distribution-free predictive inference for regression" (2018); Gibbs and Candès, "Adaptive
conformal inference under distribution shift" (2021) for the weight of what is recent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lgamma

import numpy as np

from forecasting.models import Floats

RECENCY = 0.85
"""An origin weighs so much of the one after it."""
PRIOR_ORIGINS = 1.0
TAIL_DF = 6
PRIOR_ERRORS = 60
LEAST_GROWTH, MOST_GROWTH, USUAL_GROWTH = 0.0, 0.8, 0.35
PRIOR_SERIES = 5


@dataclass(frozen=True)
class Errors:
    """Of one series: backtest errors (origins × steps, the oldest origin first), and its usual step from point to
    point, which stands in for a scale where there are few origins.
    """

    residuals: Floats
    step: float


@dataclass(frozen=True)
class Calibration:
    """What a panel shares: `growth` of the errors with the step (a power), `per_step` (scale of the errors by usual
    step), and the pool of scaled errors.
    """

    growth: float
    per_step: float
    pool: Floats

    @classmethod
    def of(cls, panel: Sequence[Errors]) -> "Calibration":
        """From the errors of all series of a panel; those without a backtest teach nothing."""
        known = [errors for errors in panel if errors.residuals.size]
        growth = _growth(known)
        ratios = [_spread(e.residuals, growth) / e.step for e in known if e.step > 0]
        per_step = float(np.median(ratios)) if ratios else 1.0
        bare = cls(growth, per_step, np.empty(0))
        pool = [bare.scaled_by_earlier(errors) for errors in known]
        return cls(growth, per_step, np.concatenate(pool) if pool else np.empty(0))

    def scaled_by_earlier(self, errors: Errors) -> Floats:
        """The errors of the later origins by the scale that the origins before each gave: as far off as one was."""
        count, horizon = errors.residuals.shape
        steps = _steps(horizon, self.growth)
        scaled = [
            errors.residuals[n] / steps / self.scale(Errors(errors.residuals[:n], errors.step))
            for n in range(count // 2, count)
        ]
        return np.concatenate(scaled)

    def scale(self, errors: Errors) -> float:
        """The scale of a series' errors at the first step."""
        usual = max(errors.step * self.per_step, 1e-12)
        count = errors.residuals.shape[0]
        if count == 0:
            return usual
        own = _spread(errors.residuals, self.growth)
        return float(max((count * own + PRIOR_ORIGINS * usual) / (count + PRIOR_ORIGINS), 1e-3 * usual))

    def quantile(self, level: float) -> float:
        """The quantile of the scaled errors: the panel's, drawn towards Student's t where it is small."""
        from scipy.stats import t

        # errors are scaled by their mean size, so the t distribution is by its own
        size = 2 * np.sqrt(TAIL_DF / np.pi) * np.exp(lgamma((TAIL_DF + 1) / 2) - lgamma(TAIL_DF / 2)) / (TAIL_DF - 1)
        wide = float(t.ppf(level, TAIL_DF) / size)
        if not self.pool.size:
            return wide
        share = self.pool.size / (self.pool.size + PRIOR_ERRORS)
        return float(share * np.quantile(self.pool, level) + (1 - share) * wide)

    def quantiles(self, path: Floats, errors: Errors, levels: Sequence[float]) -> Mapping[float, Floats]:
        """The quantiles of a path, ordered by level at every step."""
        origins = max(1, errors.residuals.shape[0])
        # a scale from n draws is itself uncertain by 1 / sqrt(2 n) of its size
        spread = self.scale(errors) * _steps(path.size, self.growth) * np.sqrt(1 + 0.5 / origins)
        # the path itself is the middle: a bias of past errors is not a forecast of those to come
        middle = self.quantile(0.5)
        return {level: path + (self.quantile(level) - middle) * spread for level in sorted(levels)}


def _steps(count: int, growth: float) -> Floats:
    return np.power(np.arange(1, count + 1, dtype=np.float64), growth)


def _spread(residuals: Floats, growth: float) -> float:
    """The mean size of errors brought back to the first step, later origins weighing more."""
    count = residuals.shape[0]
    weights = np.power(RECENCY, np.arange(count - 1, -1, -1))
    sizes = np.abs(residuals / _steps(residuals.shape[1], growth)).mean(axis=1)
    return float((weights * sizes).sum() / weights.sum())


def _growth(panel: Sequence[Errors]) -> float:
    """The power with which errors grow with the step: the median of the series' own, drawn to the usual one."""
    slopes = []
    for errors in panel:
        horizon = errors.residuals.shape[1]
        if horizon < 4:
            continue
        sizes = np.abs(errors.residuals).mean(axis=0)
        half = horizon // 2
        near, far = sizes[:half].mean(), sizes[half:].mean()
        if near > 0 and far > 0:
            middles = np.log((half + 1) / 2), np.log((half + 1 + horizon) / 2)
            slopes.append(np.log(far / near) / (middles[1] - middles[0]))
    own = float(np.median(slopes)) if slopes else USUAL_GROWTH
    drawn = (len(slopes) * own + PRIOR_SERIES * USUAL_GROWTH) / (len(slopes) + PRIOR_SERIES)
    return float(np.clip(drawn, LEAST_GROWTH, MOST_GROWTH))
