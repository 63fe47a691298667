"""Intervals from what the backtest got wrong, calibrated over the whole panel.

Split conformal prediction on scaled residuals: each series has a shape (see `forecasting.shapes`) and a scale of its
own, and the quantiles of the scaled errors are those that the panel's own backtest showed, each origin scaled by the
others of its series. The scale is drawn towards what is usual for the series' steps, as far as the panel is of one kind
and the series has few origins. The more a series is alike in how variable and how predictable it is, the more its
errors count, so that the interval holds for the quiet and the wild ones too, and later origins count more, so that a
change is followed. The errors of one origin stand and fall together: they count as fewer draws than they are, and where
these are few, Student's t stands in for what was not seen yet.
Sources: Lei et al., "Distribution-free predictive inference for regression" (2018); Barber et al., "Predictive
inference with the jackknife+" (2021) for leaving out the origin that is scaled; Efron and Morris, "Stein's estimation
rule and its competitors" (1973) for the scale; Guan, "Localized conformal prediction" (2023); Barber et al., "Conformal
prediction beyond exchangeability" (2023) for the weight of what is recent; Kish, "Survey Sampling" (1965) for the
effective sizes and for what the errors of one origin count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import lgamma

import numpy as np

from forecasting.models import Floats
from forecasting.shapes import Errors, Shape, Shapes

RECENCY = 0.85
"""An origin weighs so much of the one after it."""
TAIL_DF = 6
PRIOR_DRAWS = 8
NARROW = 4.0
PRIOR_SERIES = 15
"""The weight of a series falls with its distance in ranks, among so many more than there are, to the power of `NARROW`:
in a small panel all are alike."""
LEAST_SPREAD, USUAL_SPREAD = 0.02, 0.3
"""Variance of the logarithm of the scales in a panel: the least, and where there is none to learn from."""
INSIDE = 0.8
"""The share of errors within the bound at which it is looked how those of one origin hang together."""


@dataclass(frozen=True)
class Draws:
    """Scaled errors in order, their weights, and of how many independent draws they tell."""

    errors: Floats
    weights: Floats
    count: float

    def quantile(self, level: float) -> float:
        """The quantile that the next origin's errors stay below, drawn to Student's t where draws are few."""
        if self.count <= 0:
            return _student(level)
        share = self.count / (self.count + PRIOR_DRAWS)
        seen = 0.5 + (level - 0.5) * (1 + 1 / self.count)
        below = np.cumsum(self.weights) - self.weights / 2
        between = np.interp(seen * self.weights.sum(), below, self.errors)
        return float(share * between + (1 - share) * _student(level))


@lru_cache
def _student(level: float) -> float:
    """Student's t in units of its mean size, as the errors are in units of theirs."""
    from scipy.special import stdtrit

    size = 2 * np.sqrt(TAIL_DF / np.pi) * np.exp(lgamma((TAIL_DF + 1) / 2) - lgamma(TAIL_DF / 2)) / (TAIL_DF - 1)
    return float(stdtrit(TAIL_DF, level) / size)


@dataclass(frozen=True)
class Scales:
    """What the scales of a panel's errors are: `usual` by step from point to point, their variance `between` series,
    and that of one origin `within` a series; all of logarithms.
    """

    usual: float = 0.0
    between: float = USUAL_SPREAD
    within: float = USUAL_SPREAD

    @classmethod
    def of(cls, panel: Sequence[tuple[Errors, Floats]]) -> "Scales":
        """From series and the mean size of each one's errors by origin, in the units of its shape."""
        if not panel:
            return cls()
        own = [float(np.log(sizes.mean() / max(errors.step, 1e-12))) for errors, sizes in panel]
        usual = float(np.median(own))
        # origins that overlap are more alike than two that do not
        several = [float(np.log(sizes).var(ddof=1)) / (1 - errors.overlap) for errors, sizes in panel if sizes.size > 1]
        within = float(np.median(several)) if several else USUAL_SPREAD
        robust = float(np.median(np.abs(np.array(own) - usual)) * 1.4826) ** 2
        noise = float(np.mean([within / max(errors.independent, 1.0) for errors, _ in panel]))
        return cls(usual, max(LEAST_SPREAD, robust - noise), within)

    def scale(self, errors: Errors, sizes: Floats) -> float:
        """Of a series, from the mean size of its errors by origin; the usual one where there is none."""
        usual = float(np.log(max(errors.step, 1e-12))) + self.usual
        if not sizes.size:
            return float(np.exp(usual))
        weights = _recent(sizes.size)
        share = self.between / (self.between + self.within / _origins(errors))
        return float(np.exp(share * np.log((weights * sizes).sum() / weights.sum()) + (1 - share) * usual))


@dataclass(frozen=True)
class Calibration:
    """What a panel shares: shapes, scales, the scaled errors of each series that had a backtest (origins × steps), how
    many independent draws each of these is, and what kind it is (series × features).
    """

    shapes: Shapes
    scales: Scales
    pool: Sequence[Floats]
    draws: Floats
    kinds: Floats

    @classmethod
    def of(cls, panel: Sequence[Errors]) -> "Calibration":
        """From the errors of all series of a panel; those without a backtest teach nothing."""
        known = [errors for errors in panel if errors.residuals.size]
        shapes = Shapes.of(known)
        shaped = [(errors, shapes.of_series(errors)) for errors in known]
        sized = [(errors, _sizes(errors, shape)) for errors, shape in shaped]
        bare = cls(shapes, Scales.of(sized), (), np.empty(0), np.empty((0, 2)))
        pool = [bare._scaled(errors) for errors in known]
        together = _together(pool)
        draws = [_origins(e) * _draws(e.residuals.shape[1], together) for e in known]
        kinds = np.array([bare._kind(errors, shape) for errors, shape in shaped]).reshape(len(known), 2)
        return cls(shapes, bare.scales, pool, np.array(draws), kinds)

    def quantiles(self, path: Floats, errors: Errors, levels: Sequence[float]) -> Mapping[float, Floats]:
        """The quantiles of a path, ordered by level at every step."""
        shape = self.shapes.of_series(errors)
        spread = self.scales.scale(errors, _sizes(errors, shape)) * shape.units(path, errors.level)
        alike = self._like(self._kind(errors, shape))
        wanted = {level: alike.quantile(level) for level in (*sorted(levels), 0.5)}
        # the path itself is the middle: a bias of past errors is not a forecast of those to come
        return {level: path + (wanted[level] - wanted[0.5]) * spread for level in sorted(levels)}

    def _kind(self, errors: Errors, shape: Shape) -> tuple[float, float]:
        """How variable a series is for its size, and how predictable for how variable it is."""
        step = max(errors.step, 1e-12)
        scale = self.scales.scale(errors, _sizes(errors, shape))
        return float(np.log(step / max(errors.level, 1e-12))), float(np.log(scale / step))

    def _scaled(self, errors: Errors) -> Floats:
        """The errors of each origin by the shape and the scale that the others gave: as far off as one was."""
        scaled = np.empty_like(errors.residuals)
        for n in range(scaled.shape[0]):
            others = errors.without(n)
            shape = self.shapes.of_series(others)
            scale = self.scales.scale(others, _sizes(others, shape))
            scaled[n] = errors.residuals[n] / shape.units(errors.told[n], errors.level) / scale
        return scaled

    def _like(self, kind: tuple[float, float]) -> Draws:
        """The errors of all series, weighed by how like each is, by their places among all."""
        if not self.pool:
            return Draws(np.empty(0), np.empty(0), 0.0)
        ranked = np.sort(self.kinds, axis=0)
        places = [np.searchsorted(ranked[:, n], self.kinds[:, n]) for n in range(2)]
        own = [np.searchsorted(ranked[:, n], value) for n, value in enumerate(kind)]
        away = np.max([np.abs(place - at) for place, at in zip(places, own, strict=True)], axis=0)
        like = np.power(1 - away / (len(self.pool) + PRIOR_SERIES), NARROW)
        errors, weights, owners = self._flat
        return Draws(errors, weights * like[owners], float((like @ self.draws) ** 2 / (like**2 @ self.draws)))

    @cached_property
    def _flat(self) -> tuple[Floats, Floats, np.ndarray]:
        """All scaled errors in order, the weight of each in its series, and whose it is."""
        errors = np.concatenate([z.ravel() for z in self.pool])
        recent = [np.repeat(_recent(z.shape[0]) / _recent(z.shape[0]).mean(), z.shape[1]) for z in self.pool]
        owners = np.repeat(np.arange(len(self.pool)), [z.size for z in self.pool])
        order = np.argsort(errors, kind="stable")
        return errors[order], np.concatenate(recent)[order], owners[order]


def _recent(count: int) -> Floats:
    """The weights of so many origins, the oldest first."""
    return np.power(RECENCY, np.arange(count - 1, -1, -1, dtype=np.float64))


def _origins(errors: Errors) -> float:
    """How many origins that weigh the same and do not overlap tell as much as those of a series: Kish's size."""
    weights = _recent(errors.residuals.shape[0])
    return float(weights.sum() ** 2 / np.square(weights).sum()) * errors.independent / weights.size


def _draws(steps: int, together: float) -> float:
    """How many independent draws so many errors of one origin are: Kish's design effect."""
    return steps / (1 + (steps - 1) * together)


def _sizes(errors: Errors, shape: Shape) -> Floats:
    """The mean size of the errors of each origin, in the units of the shape."""
    if not errors.residuals.size:
        return np.empty(0)
    sizes = (np.abs(errors.residuals) / shape.units(errors.told, errors.level)).mean(axis=1)
    return np.asarray(np.maximum(sizes, max(1e-3 * errors.step, 1e-12)))


def _together(pool: Sequence[Floats]) -> float:
    """How errors of one origin hang together: the correlation, 0 to 1, of one being far off with another being so."""
    if not pool:
        return 1.0
    bound = np.quantile(np.abs(np.concatenate([z.ravel() for z in pool])), INSIDE)
    pairs = alone = 0.0
    for z in pool:
        steps = z.shape[1]
        far = (np.abs(z) > bound) - (1 - INSIDE)
        if steps > 1:
            pairs += float(((far.sum(axis=1) ** 2 - (far**2).sum(axis=1)) / (steps * (steps - 1))).sum())
            alone += float((far**2).mean(axis=1).sum())
    return float(np.clip(pairs / alone, 0, 1)) if alone else 1.0
