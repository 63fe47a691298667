"""What a team may finish in the weeks to come: many futures, drawn from the weeks that it has had.

The further ahead, the further back: next week will be like the last ones, a week in a year like any of the past two
years. Each future has a memory of its own around that, its own idea of the rate, and its own drift away from it: the
past is only a sample, and teams change. Weeks count by what was worked in them, so that the week of Christmas neither
ruins the rate nor is promised.

Sources: weeks are drawn with weights that fade with their age as in exponential smoothing (Brown, "Smoothing,
Forecasting and Prediction of Discrete Time Series", 1963); that old weeks serve far forecasts better is what
multi-step estimation comes to (Chevillon, "Direct Multi-Step Estimation and Forecasting", Journal of Economic Surveys
21, 2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]

SIMULATIONS = 800
HISTORY_WEEKS = HORIZON_WEEKS = 104
MEMORY_WEEKS, MEMORY_PER_LEAD = 4.0, 0.5
"""The half-life of the past: as long as half the time ahead, and at least four weeks."""
MEMORY_SPREAD = 0.7
"""Of its logarithm, from future to future: about a factor of two."""
RATE_DOUBT, RATE_DRIFT = 0.35, 0.05
"""How far off the rate may be, and how far it wanders in a week (of its logarithm; it grows with the root of time)."""
LEAST_CAPACITY = 0.2
"""A week in which something was finished was worked in for a day at least, whatever the calendar says."""
GRID_WEEKS = 1 / 32
"""How finely an age is told: looking it up is five times as fast as searching for it."""
SEED = 20
"""The same past gives the same futures: what-ifs differ by what is asked, not by chance."""


@dataclass(frozen=True)
class Futures:
    """A team's futures, one a row; equal luck for all that is asked of them.

    pace: tickets that each week would finish (simulations × weeks, not rounded). whole: what rounds them, 0 to 1.
    like: the past week that each week is like (simulations × weeks: a row of `past_days`, past weeks × 7 days). back:
    how many weeks ago each of these was, 0 the last. wander: how far each week's rate is off (a factor).
    open_days: weeks × 7, the share of each day that is worked. hour: the time of the day of the last ticket, 0 to 1.
    fate: standard normals, one a future: whether few or many of the team's tickets are those asked for. scope: the same
    for what is added to them. newcomer: what part of a colleague's share one more person will bring, 0 to 1.
    rests: weeks from now in which nobody is at it.
    """

    pace: Numbers
    whole: Numbers
    like: NDArray[np.int64]
    past_days: Numbers
    back: NDArray[np.int64]
    wander: Numbers
    open_days: Numbers
    hour: Numbers
    fate: Numbers
    scope: Numbers
    newcomer: Numbers
    rests: int = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is ever finished."""
        return not self.pace.any()

    @cached_property
    def done(self) -> Numbers:
        """Tickets finished by the end of each week (simulations × weeks)."""
        return np.cumsum(np.floor(self.pace + self.whole), axis=1)

    @cached_property
    def next_worked(self) -> NDArray[np.int64]:
        """For each day to come the first from it on on which something may be finished; what is beyond the horizon
        where there is none."""
        is_worked = ((self.past_days.sum(axis=0) > 0) & (self.open_days > 0)).ravel()
        days = np.where(is_worked, np.arange(is_worked.size), is_worked.size)
        return np.minimum.accumulate(days[::-1])[::-1]


def futures(
    daily: Sequence[int],
    *,
    past_capacity: ArrayLike | None = None,
    open_days: Numbers | None = None,
    capacity: ArrayLike | None = None,
) -> Futures:
    """The futures of a team that finished so many tickets on each past day.

    daily: oldest day first, whole weeks that end now; none gives a team that never finishes anything. past_capacity:
    the share of a usual week that each of these weeks was worked, oldest first; capacity: the same for
    `HORIZON_WEEKS` weeks to come. Both 1 where not given. open_days: weeks to come × 7, the share of each day.
    """
    if len(daily) % 7:
        raise ValueError(f"daily takes whole weeks; got {len(daily)} days")
    (fate, scope, drift, memory), (hour, newcomer), (whole, chance) = _luck()
    by_day = np.asarray(daily, dtype=np.float64).reshape(-1, 7)[::-1]  # the last week first
    ahead = np.ones(HORIZON_WEEKS) if capacity is None else np.asarray(capacity, dtype=np.float64)
    days = np.ones((HORIZON_WEEKS, 7)) if open_days is None else open_days
    counts = by_day.sum(axis=1)
    worked = np.ones(counts.size) if past_capacity is None else np.asarray(past_capacity, dtype=np.float64)[::-1]
    worked = np.where(counts > 0, np.maximum(worked, LEAST_CAPACITY), worked)
    seen = worked > 0
    if not counts.any():
        nothing, first = np.zeros_like(whole), np.zeros(1, dtype=np.int64)
        return Futures(
            nothing, whole, nothing.astype(np.int64), np.ones((1, 7)), first, nothing + 1.0, days, hour, fate, scope,
            newcomer,
        )  # fmt: skip
    by_day, counts, worked = by_day[seen], counts[seen], worked[seen]
    half_life = np.maximum(MEMORY_WEEKS, MEMORY_PER_LEAD * (np.arange(HORIZON_WEEKS) + 0.5))
    drawn = _drawn(worked, half_life * np.exp(MEMORY_SPREAD * memory)[:, None], chance)
    rates = counts / worked
    doubt = np.sqrt(
        _sampling(rates, worked, half_life) + RATE_DOUBT**2 + RATE_DRIFT**2 * np.arange(1, HORIZON_WEEKS + 1)
    )
    wander = np.exp(drift[:, None] * doubt)
    pace = rates[drawn] * wander * ahead
    return Futures(pace, whole, drawn, by_day, np.flatnonzero(seen), wander, days, hour, fate, scope, newcomer)


@cache
def _luck() -> tuple[Numbers, Numbers, Numbers]:
    """Four normals and two even chances a future, and two even chances a week of each: the same for all teams."""
    rng = np.random.default_rng(SEED)
    found = rng.normal(size=(4, SIMULATIONS)), rng.random((2, SIMULATIONS)), rng.random((2, SIMULATIONS, HORIZON_WEEKS))
    for numbers in found:
        numbers.setflags(write=False)
    return found


def _drawn(worked: Numbers, half_life: Numbers, chance: Numbers) -> NDArray[np.int64]:
    """For each week of each future a past week (0 is the last): its age fades with the half-life, and the chance of a
    week is as large as what was worked in it."""
    until = np.cumsum(worked)
    age = -half_life * np.log2(1 - chance * (1 - np.exp2(-until[-1] / half_life)))
    grid = np.searchsorted(until, np.arange(0, until[-1] + GRID_WEEKS, GRID_WEEKS), side="right")
    drawn: NDArray[np.int64] = np.minimum(grid, worked.size - 1)[(age / GRID_WEEKS).astype(np.int64)]
    return drawn


def _sampling(rates: Numbers, worked: Numbers, half_life: Numbers) -> Numbers:
    """The relative variance of a rate that is seen through each half-life, at most 1: few tickets say little."""
    age = np.cumsum(worked) - worked / 2
    weights = worked * np.exp2(-age / half_life[:, None])
    weights /= weights.sum(axis=1, keepdims=True)
    mean = np.maximum(weights @ rates, 1e-9)
    counted = (weights**2 / worked).sum(axis=1) * mean  # as if they came one by one (Poisson)
    found = np.maximum((weights**2 * (rates - mean[:, None]) ** 2).sum(axis=1), counted)
    relative: Numbers = np.minimum(found / mean**2, 1.0)
    return relative
