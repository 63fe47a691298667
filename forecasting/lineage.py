"""Lateness that is handed on: a pipeline that waits for others starts when the last of them has landed.

Each landing is a distribution, drawn from its quantiles; what waits starts at the latest of what it waits for, draw by
draw, and takes its own time from there. So a chain adds up, and a pipeline that waits for three is as late as the
latest.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Generic, TypeVar

import numpy as np

from forecasting.distribution import Floats

DRAWS = 1000
AT_85, AT_95 = 1.0364, 1.6449
"""Where 85 % and 95 % of the normal distribution lie: quantiles are drawn as lines between these."""
NORMAL = np.array([NormalDist().inv_cdf((n + 0.5) / DRAWS) for n in range(DRAWS)])
"""Evenly over the normal distribution, so that a draw of all has its quantiles exactly."""
LEAST = 0.3
"""Nothing is drawn that is shorter than so much of its median."""
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Length:
    """Quantiles of a positive length, in seconds."""

    p50_s: float
    p85_s: float
    p95_s: float

    def drawn(self, rng: np.random.Generator) -> Floats:
        """`DRAWS` lengths that have these quantiles, and below the median are spread as above it."""
        z = rng.permutation(NORMAL)
        lower = 2 * self.p50_s - self.p95_s, 2 * self.p50_s - self.p85_s
        knots = (-AT_95, -AT_85, 0.0, AT_85, AT_95)
        heights = (*lower, self.p50_s, self.p85_s, self.p95_s)
        inside = np.interp(z, knots, heights)
        slope = (self.p95_s - self.p85_s) / (AT_95 - AT_85)
        beyond = np.sign(z) * np.maximum(np.abs(z) - AT_95, 0.0) * slope
        return np.asarray(np.maximum(inside + beyond, LEAST * self.p50_s))


@dataclass(frozen=True)
class Waiting(Generic[K]):
    """A pipeline that starts when all of `on` have landed, and takes `length` from there; `earliest_s`: not before."""

    length: Length
    on: Sequence[K]
    earliest_s: float = 0.0


@dataclass(frozen=True)
class Carried:
    """When what waits starts and lands: seconds from now, one of each a draw."""

    starts_s: Floats
    lands_s: Floats


def carried(
    landing: Mapping[K, Length], waiting: Mapping[K, Waiting[K]], rng: np.random.Generator
) -> Mapping[K, Carried]:
    """Of each that waits when it starts and lands.

    landing: seconds from now until those land that wait for nothing. What is waited for and is in neither is taken as
    landed; where pipelines wait for one another in a ring, the ring is cut.
    """
    lands = {key: length.drawn(rng) for key, length in landing.items()}
    found: dict[K, Carried] = {}

    def of(key: K, above: frozenset[K]) -> Floats | None:
        if key in found:
            return found[key].lands_s
        mine = waiting.get(key)
        if mine is None or key in above:
            return lands.get(key)
        feeders = [of(feeder, above | {key}) for feeder in mine.on]
        starts = np.full(DRAWS, mine.earliest_s)
        for lands_s in feeders:
            if lands_s is not None:
                starts = np.maximum(starts, lands_s)
        found[key] = Carried(starts, starts + mine.length.drawn(rng))
        return found[key].lands_s

    for key in waiting:
        of(key, frozenset())
    return found
