"""A predictive distribution from few, weighted observations of a positive length, with tails that go on.

Between the observations the distribution function runs through their plotting positions i / (n + 1), so that the
chance to pass the largest of n is 1 / (n + 1), not 0; beyond them the logarithm has exponential tails. n is Kish's
effective size (Σw)² / Σw². Sources: Weibull, "A statistical theory of the strength of materials" (1939) for the
positions; Kish, "Survey Sampling" (1965) for the effective size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHORTEST_S = 0.5
"""Lengths are taken as at least this: logarithms need it, and no scheduler is more exact."""
FEW = 10
"""Below so many observations the spread is taken as at least `FEW_SPREAD` (of the logarithm: some 40 %)."""
FEW_SPREAD = 0.35
LEAST_SPREAD = 0.03


@dataclass(frozen=True)
class Lengths:
    """Sorted logarithms of the observed lengths, the distribution function at each, and the scale of the tails."""

    logs: Floats
    below: Floats
    spread: float

    @classmethod
    def of(cls, seconds: Floats, weights: Floats) -> "Lengths":
        """From observed lengths (seconds, at least one) and their positive weights."""
        order = np.argsort(seconds, kind="stable")
        logs = np.log(np.maximum(seconds[order], SHORTEST_S))
        shares = weights[order] / weights.sum()
        effective = 1.0 / np.square(shares).sum()
        below = (np.cumsum(shares) - shares / 2) * effective / (effective + 1) + 0.5 / (effective + 1)
        mean = float((shares * logs).sum())
        spread = float(np.sqrt((shares * np.square(logs - mean)).sum() * effective / max(effective - 1, 0.5)))
        return cls(logs, below, max(spread, FEW_SPREAD if effective < FEW else LEAST_SPREAD))

    def chance_above(self, seconds: float, *, given_above: float = 0.0) -> float:
        """The chance that a length is greater than this, among those greater than `given_above`."""
        if seconds <= given_above:
            return 1.0
        if (
            given_above > 0 and np.log(given_above) >= self.logs[-1]
        ):  # each of both may be as good as 0, not their ratio
            return float((given_above / seconds) ** (1 / self.spread))
        return self._above(seconds) / self._above(given_above)

    def _above(self, seconds: float) -> float:
        """The chance of all lengths."""
        if seconds <= 0:
            return 1.0
        log = float(np.log(max(seconds, 1e-9)))
        if log >= self.logs[-1]:
            return float((1 - self.below[-1]) * np.exp(-(log - self.logs[-1]) / self.spread))
        if log <= self.logs[0]:
            return float(1 - self.below[0] * np.exp((log - self.logs[0]) / self.spread))
        return float(1 - np.interp(log, self.logs, self.below))

    def quantile(self, level: float, *, given_above: float = 0.0) -> float:
        """The length (seconds) that `level` of the lengths stay below, among those greater than `given_above`."""
        above = self._above(given_above) * (1 - level)
        if above < 1 - self.below[-1]:
            log = self.logs[-1] + self.spread * np.log((1 - self.below[-1]) / max(above, 1e-300))
        elif 1 - above < self.below[0]:
            log = self.logs[0] + self.spread * np.log(max(1 - above, 1e-300) / self.below[0])
        else:
            log = np.interp(1 - above, self.below, self.logs)
        return max(float(np.exp(min(log, 40.0))), given_above)
