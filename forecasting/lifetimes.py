"""How long work stays in progress, and how much longer what is in progress still does.

A ticket in progress is a fact: it lasts as long as work of its age still lasts, whatever else the team does.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecasting.futures import SIMULATIONS

Floats = NDArray[np.float64]

SHORTEST_DAYS = 1 / 86400
LEAST = 1e-12
SEED = 21
"""The same luck for the first ticket, the second and so on, whatever is asked of them."""


@dataclass(frozen=True)
class Lifetimes:
    """How long work stays in progress, from what ended and what has not yet (Kaplan & Meier, "Nonparametric estimation
    from incomplete observations", Journal of the American Statistical Association 53 (1958)).

    days: ages at which something ended, ascending; left: the share that lasts longer; end_a_day: how much of what is
    in progress ends on a day, on average, which holds beyond the longest known.
    """

    days: Floats
    left: Floats
    end_a_day: float

    @classmethod
    def of(cls, ended_days: Floats, ages_days: Floats) -> "Lifetimes":
        """From how long what ended took, and how old is what is still in progress."""
        days, ends = np.unique(ended_days, return_counts=True)
        everything = np.sort(np.concatenate([ended_days, ages_days]))
        at_risk = everything.size - np.searchsorted(everything, days, side="left")
        exposed = float(everything.sum())
        left = np.cumprod((at_risk - ends) / at_risk).astype(np.float64)
        return cls(days, left, ended_days.size / max(exposed, SHORTEST_DAYS))

    @property
    def longest(self) -> float:
        """The greatest age at which something ended, days; 0 where nothing did."""
        return float(self.days[-1]) if self.days.size else 0.0

    def lasting(self, days: Floats) -> Floats:
        """The share that lasts longer than so many days."""
        places = np.searchsorted(self.days, days, side="right")
        known = np.concatenate([[1.0], self.left])[places]
        return np.asarray(known * np.exp(-self.end_a_day * np.maximum(0.0, days - self.longest)))

    def beyond(self, age_days: Floats, more_days: float) -> Floats:
        """The share of what has got so old that gets so many days older."""
        now = self.lasting(age_days)
        known = self.lasting(age_days + more_days) / np.where(now > 0, now, 1.0)
        return np.asarray(np.where(age_days >= self.longest, np.exp(-self.end_a_day * more_days), known))

    def more_days(self, age_days: Floats, share: Floats) -> Floats:
        """After how many days more only so large a share of what has got so old is left: `beyond` the other way round.

        share: above 0, at most 1; broadcast with `age_days`. Infinite where nothing ever ended.
        """
        still = np.log(share) / -self.end_a_day if self.end_a_day else np.full_like(share, np.inf)
        if not self.days.size:
            return np.asarray(still + 0.0 * age_days)
        wanted = self.lasting(age_days) * share
        place = np.searchsorted(-self.left, -wanted, side="left")
        ends = self.days[np.minimum(place, self.days.size - 1)]
        after = self.longest + np.log(np.maximum(wanted, LEAST) / max(self.left[-1], LEAST)) / -self.end_a_day
        until = np.where(place < self.days.size, ends, after)
        return np.asarray(np.where(age_days >= self.longest, still, np.maximum(until - age_days, 0.0)))


@dataclass(frozen=True)
class Begun:
    """Tickets in progress: how old each is (days), and how long work lasts where they are."""

    ages_days: tuple[float, ...]
    lifetimes: Lifetimes

    def first(self, count: int) -> "Begun":
        """So many of them."""
        return self if count >= len(self.ages_days) else Begun(self.ages_days[:count], self.lifetimes)

    @cached_property
    def lasts_days(self) -> Floats:
        """How much longer each lasts in each future (simulations × tickets)."""
        luck = 1.0 - np.random.default_rng(SEED).random((len(self.ages_days), SIMULATIONS))  # never 0
        return self.lifetimes.more_days(np.array(self.ages_days)[None, :], luck.T)
