"""Intervals from what the backtest got wrong, calibrated over the whole panel.

Split conformal prediction on scaled residuals: each series has a scale of its own, errors grow with the step as a power
that the panel shares, and the quantiles of the scaled errors are those that the panel's own backtest showed, each error
scaled by what was known before it. Half of what counts is the whole panel, half the series that are most alike in how
variable and how predictable they are, so that the interval holds for the quiet and the wild ones too. The errors of one
origin stand and fall together, so what they show is corrected for as many draws as there are origins, and where these
are few, Student's t stands in for what was not seen yet. Later origins weigh more in the scale, so that a change is
followed.
Sources: Lei et al., "Distribution-free predictive inference for regression" (2018); Dunn, Wasserman and Ramdas,
"Distribution-free prediction sets for two-layer hierarchical models" (2023) for origins as draws; Guan, "Localized
conformal prediction" (2023); Gibbs and Candès, "Adaptive conformal inference under distribution shift" (2021) for the
weight of what is recent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import lgamma

import numpy as np

from forecasting.models import Floats

RECENCY = 0.85
"""An origin weighs so much of the one after it."""
PRIOR_ORIGINS = 1.0
TAIL_DF = 6
PRIOR_DRAWS = 8
ALIKE = 15
ALIKE_SHARE = 0.25
"""A series is like so many others, and like this share of a large panel; in a small one all are alike."""
LEAST_GROWTH, MOST_GROWTH, USUAL_GROWTH = 0.0, 0.8, 0.35
PRIOR_SERIES = 5


@dataclass(frozen=True)
class Errors:
    """Of one series: backtest errors (origins × steps, the oldest origin first), its usual step from point to point,
    which stands in for a scale where there are few origins, and the usual size of its values.
    """

    residuals: Floats
    step: float
    level: float = 1.0


@dataclass(frozen=True)
class Draws:
    """Scaled errors in order, and from how many origins they are."""

    errors: Floats
    origins: int

    @classmethod
    def together(cls, pool: Sequence["Draws"]) -> "Draws":
        """Those of several series."""
        errors = np.concatenate([draws.errors for draws in pool]) if pool else np.empty(0)
        return cls(np.sort(errors), sum(draws.origins for draws in pool))

    def quantile(self, level: float) -> float:
        """The quantile that the next origin's errors stay below, drawn to Student's t where origins are few."""
        if not self.origins:
            return _student(level)
        share = self.origins / (self.origins + PRIOR_DRAWS)
        seen = min(1.0, max(0.0, 0.5 + (level - 0.5) * (1 + 1 / self.origins)))
        place, last = seen * (self.errors.size - 1), self.errors.size - 1
        low = int(place)
        between = self.errors[low] + (place - low) * (self.errors[min(low + 1, last)] - self.errors[low])
        return float(share * between + (1 - share) * _student(level))


@lru_cache
def _student(level: float) -> float:
    """Student's t in units of its mean size, as the errors are in units of theirs."""
    from scipy.special import stdtrit

    size = 2 * np.sqrt(TAIL_DF / np.pi) * np.exp(lgamma((TAIL_DF + 1) / 2) - lgamma(TAIL_DF / 2)) / (TAIL_DF - 1)
    return float(stdtrit(TAIL_DF, level) / size)


@dataclass(frozen=True)
class Calibration:
    """What a panel shares: `growth` of the errors with the step (a power), `per_step` (scale of the errors by usual
    step), the scaled errors of each series that had a backtest, and what kind each of these is (series × features).
    """

    growth: float
    per_step: float
    pool: Sequence[Draws]
    kinds: Floats

    @classmethod
    def of(cls, panel: Sequence[Errors]) -> "Calibration":
        """From the errors of all series of a panel; those without a backtest teach nothing."""
        known = [errors for errors in panel if errors.residuals.size]
        growth = _growth(known)
        ratios = [_spread(e.residuals, growth) / e.step for e in known if e.step > 0]
        per_step = float(np.median(ratios)) if ratios else 1.0
        bare = cls(growth, per_step, (), np.empty((0, 2)))
        kinds = np.array([bare.kind(errors) for errors in known]).reshape(len(known), 2)
        return cls(growth, per_step, [bare.scaled_by_earlier(errors) for errors in known], kinds)

    def kind(self, errors: Errors) -> tuple[float, float]:
        """How variable a series is for its size, and how predictable for how variable it is."""
        step = max(errors.step, 1e-12)
        return float(np.log(step / max(errors.level, 1e-12))), float(np.log(self.scale(errors) / step))

    def scaled_by_earlier(self, errors: Errors) -> Draws:
        """The errors of the later origins by the scale that the origins before each gave: as far off as one was."""
        count, horizon = errors.residuals.shape
        steps = _steps(horizon, self.growth)
        scaled = [
            errors.residuals[n] / steps / self.scale(Errors(errors.residuals[:n], errors.step))
            for n in range(count // 2, count)
        ]
        return Draws(np.sort(np.concatenate(scaled)), len(scaled))

    def scale(self, errors: Errors) -> float:
        """The scale of a series' errors at the first step."""
        usual = max(errors.step * self.per_step, 1e-12)
        count = errors.residuals.shape[0]
        if count == 0:
            return usual
        own = _spread(errors.residuals, self.growth)
        return float(max((count * own + PRIOR_ORIGINS * usual) / (count + PRIOR_ORIGINS), 1e-3 * usual))

    def quantiles(self, path: Floats, errors: Errors, levels: Sequence[float]) -> Mapping[float, Floats]:
        """The quantiles of a path, ordered by level at every step."""
        origins = max(1, errors.residuals.shape[0])
        # a scale from n draws is itself uncertain by 1 / sqrt(2 n) of its size; half of that is in the pool already
        spread = self.scale(errors) * _steps(path.size, self.growth) * np.sqrt(1 + 0.25 / origins)
        all_, alike = self._everyone, self._like(errors)
        wanted = {level: (all_.quantile(level) + alike.quantile(level)) / 2 for level in (*sorted(levels), 0.5)}
        # the path itself is the middle: a bias of past errors is not a forecast of those to come
        return {level: path + (wanted[level] - wanted[0.5]) * spread for level in sorted(levels)}

    @cached_property
    def _everyone(self) -> Draws:
        return Draws.together(self.pool)

    @cached_property
    def _sorted_kinds(self) -> Floats:
        return np.sort(self.kinds, axis=0)

    def _like(self, errors: Errors) -> Draws:
        """The errors of the series that are most like this one, by their places among all."""
        count = len(self.pool)
        if count < 2 * ALIKE:
            return self._everyone
        places = [np.searchsorted(self._sorted_kinds[:, n], self.kinds[:, n]) for n in range(2)]
        own = [np.searchsorted(self._sorted_kinds[:, n], value) for n, value in enumerate(self.kind(errors))]
        away = np.max([np.abs(place - at) for place, at in zip(places, own, strict=True)], axis=0)
        nearest = np.argsort(away, kind="stable")[: max(ALIKE, int(count * ALIKE_SHARE))]
        return Draws.together([self.pool[n] for n in nearest])


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
