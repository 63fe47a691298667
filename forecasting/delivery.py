"""Delivery dates: when the tickets of an epic will be done, and how many a team finishes in the weeks to come.

Monte Carlo over the team's own weekly throughput (weeks without any count), two weeks at a time so that good and bad
weeks follow each other as they did, recent weeks drawn more often. Source of the block bootstrap: Künsch, "The
Jackknife and the Bootstrap for General Stationary Observations", Annals of Statistics 17 (1989); of the weights that
differ from future to future, so that few weeks give wide dates: Rubin, "The Bayesian Bootstrap", Annals of Statistics 9
(1981).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

SIMULATIONS = 800
HORIZONS_WEEKS = (26, 104)
BLOCK_WEEKS = 2
HALF_LIFE_WEEKS = 10
RATE_DOUBT, RATE_DRIFT = 0.2, 0.12
"""How far off the rate may be now, and by how much it wanders each week (of its logarithm): teams change, what counts
as a ticket changes, and the past few months alone promise dates that hold in 70 % of cases where they say 85 %."""
GROWTH_HALF_LIFE_WEEKS = 3
"""Scope goes on growing as it did, but less and less: an epic that is worked on is not added to for ever."""
LEVELS = (0.50, 0.85, 0.95)


@dataclass(frozen=True)
class Delivery:
    """When: weeks from now at P50, P85 and P95, None where that is beyond two years or there is no throughput.

    `p_late`: the chance to need more than the allowed weeks, None where none were given.
    """

    weeks: tuple[float | None, float | None, float | None]
    p_late: float | None


def simulated_weeks(weekly: Sequence[int], weeks: int, rng: np.random.Generator) -> Counts:
    """Throughput of `weeks` weeks to come in `SIMULATIONS` futures: an array of simulations × weeks.

    weekly: tickets finished in each past week, oldest first, at least one week.
    """
    past = np.asarray(weekly, dtype=np.int64)
    blocks = -(-weeks // BLOCK_WEEKS)
    age = np.arange(past.size - 1, -1, -1)
    weights = np.power(0.5, age / HALF_LIFE_WEEKS)
    effective = weights.sum() ** 2 / np.square(weights).sum()
    # each future has its own idea of how often a week such as that one comes: the past is only a sample
    believed = rng.gamma(weights / weights.sum() * effective, size=(SIMULATIONS, past.size)) + 1e-12
    upto = np.cumsum(believed, axis=1)
    rows = np.arange(SIMULATIONS)[:, None]
    points = rows + rng.random((SIMULATIONS, blocks))
    drawn = np.searchsorted((rows + upto / upto[:, -1:]).ravel(), points.ravel()).reshape(points.shape)
    drawn = np.clip(drawn - rows * past.size, 0, past.size - 1)
    within = (drawn[:, :, None] + np.arange(BLOCK_WEEKS)) % past.size
    drift = rng.normal(0, RATE_DRIFT, (SIMULATIONS, weeks)).cumsum(axis=1) + rng.normal(0, RATE_DOUBT, (SIMULATIONS, 1))
    counts = past[within].reshape(SIMULATIONS, -1)[:, :weeks] * np.exp(drift)
    futures: Counts = np.floor(counts + rng.random(counts.shape)).astype(np.int64)  # whole tickets, on average as many
    return futures


def delivery(
    weekly: Sequence[int],
    remaining: int,
    *,
    share: float,
    growth_a_week: float,
    allowed_weeks: float | None,
    rng: np.random.Generator,
) -> Delivery:
    """When `remaining` tickets will be done.

    share: the part of the team's throughput that goes into them (0 to 1); each finished ticket is one of them with
    that chance. growth_a_week: tickets that are added to them each week now, on average (it
    halves every three weeks). allowed_weeks: until they are
    due, None without a date.
    """
    if remaining <= 0:
        return Delivery((0.0, 0.0, 0.0), 0.0 if allowed_weeks is not None else None)
    if not weekly or sum(weekly) == 0 or share <= 0:
        return Delivery((None, None, None), None)
    for horizon in HORIZONS_WEEKS:  # most end within the short one, at a quarter of the cost
        needed = _weeks_needed(simulated_weeks(weekly, horizon, rng), remaining, min(share, 1.0), growth_a_week, rng)
        if np.count_nonzero(np.isfinite(needed)) > SIMULATIONS * LEVELS[-1]:
            break
    quantiles = [float(np.quantile(needed, level, method="higher")) for level in LEVELS]
    late = None
    if allowed_weeks is not None:
        late = float((np.count_nonzero(needed > allowed_weeks) + 1) / (SIMULATIONS + 2))
    p50, p85, p95 = (q if np.isfinite(q) else None for q in quantiles)
    return Delivery((p50, p85, p95), late)


def _weeks_needed(
    team: Counts, remaining: int, share: float, growth_a_week: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """For each future of the team, the weeks until nothing is left; infinite where that is beyond its end."""
    done = np.cumsum(rng.binomial(team, share), axis=1)
    fading = max(growth_a_week, 0.0) * np.power(0.5, np.arange(team.shape[1]) / GROWTH_HALF_LIFE_WEEKS)
    added = np.cumsum(rng.poisson(fading, size=team.shape), axis=1)
    left = remaining + np.hstack([np.zeros((SIMULATIONS, 1)), added - done])
    is_done = left <= 0
    week = is_done.argmax(axis=1)
    rows = np.arange(SIMULATIONS)
    before, after = left[rows, np.maximum(week - 1, 0)], left[rows, week]
    within = np.where(before > after, before / np.maximum(before - after, 1e-9), 1.0)
    return np.where(is_done.any(axis=1), week - 1 + np.clip(within, 0.0, 1.0), np.inf)


def weekly_band(weekly: Sequence[int], weeks: int, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """For each week to come, the throughput that is passed with a certainty of 85 %, 50 % and 15 %.

    Empty where there is no past week.
    """
    if not weekly:
        return []
    futures = simulated_weeks(weekly, weeks, rng)
    low, middle, high = np.quantile(futures, (0.15, 0.5, 0.85), axis=0)
    return [(float(a), float(b), float(c)) for a, b, c in zip(low, middle, high, strict=True)]
