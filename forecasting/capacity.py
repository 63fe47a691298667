"""What is asked of a team or a pool in the weeks to come against what it ever did, and how old work in progress gets.

Weeks to come are past weeks drawn at random with all that they had: what came and what was finished in the same week go
together, and so do the seven days of a week, so that what depends on each other still does. A team's are those of
`forecasting.futures`; for pools and people about two weeks in a row, recent ones more often, each future with its own
idea of how often (Politis and Romano, "The Stationary Bootstrap", Journal of the American Statistical Association 89,
1994; Rubin, "The Bayesian Bootstrap", Annals of Statistics 9, 1981).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.futures import Futures
from forecasting.lifetimes import Lifetimes

Floats = NDArray[np.float64]

SIMULATIONS = 500
APART = 0.2
"""How far what comes goes its own way from what is finished (of the logarithm of its rate)."""
LEVELS = (0.15, 0.50, 0.85)
BAND = 1.036
"""So many standard deviations to each side hold the middle 70 %."""


@dataclass(frozen=True)
class Change:
    """How rates change: the weeks after which a past one counts half, how far off they may be now, and how far they get
    each week (both of their logarithm)."""

    half_life_weeks: float
    doubt: float
    drift: float


OF_PEOPLE = Change(half_life_weeks=10, doubt=0.2, drift=0.12)
OF_POOLS = Change(half_life_weeks=2, doubt=0.0, drift=0.03)
"""Pipelines run as they did until somebody adds or drops some: the newest weeks tell most."""


def futures(past: Floats, weeks: int, rng: np.random.Generator, change: Change) -> Floats:
    """Simulations × `weeks` × series of weeks to come.

    past: weeks × series, oldest week first, at least one; no negative values. The rates of all series wander together:
    when people are away, all finish less.
    """
    count = past.shape[0]
    weights = np.power(0.5, np.arange(count - 1, -1, -1) / change.half_life_weeks)
    effective = weights.sum() ** 2 / np.square(weights).sum()
    believed = rng.gamma(weights / weights.sum() * effective, size=(SIMULATIONS, count)) + 1e-12
    drawn = _drawn(believed / believed.sum(axis=1, keepdims=True), rng.random((weeks, 2, SIMULATIONS)))
    drift = rng.normal(0, change.drift, (SIMULATIONS, weeks)).cumsum(axis=1)
    drift += rng.normal(0, change.doubt, (SIMULATIONS, 1))
    return np.asarray(past[drawn] * np.exp(drift)[:, :, None])


def _drawn(weights: Floats, chance: Floats) -> NDArray[np.int64]:
    """A past week for each one to come (simulations × weeks), each as likely at every step as it weighs.

    weights: simulations × past weeks, a row together 1. chance: weeks × 2 × simulations, 0 to 1. A week is followed by
    the one that followed it, but none comes more often than it weighs, and what it lacks is drawn anew: by where blocks
    begin or end the newest week, which has no successor, would come too seldom.
    """
    rows, newest = np.arange(weights.shape[0]), weights.shape[1] - 1
    follows = np.minimum(weights[:, :-1], weights[:, 1:])
    goes_on = np.pad(follows / weights[:, :-1], ((0, 0), (0, 1)))
    first, anew = (np.cumsum(w, axis=1) for w in (weights, weights - np.pad(follows, ((0, 0), (1, 0)))))
    drawn = np.empty((weights.shape[0], chance.shape[0]), dtype=np.int64)
    for week, (whether, which) in enumerate(chance):
        upto = anew if week else first
        at = np.minimum((which[:, None] * upto[:, -1:] > upto).sum(axis=1), newest)
        if week:
            before = drawn[:, week - 1]
            at = np.where(whether < goes_on[rows, before], before + 1, at)
        drawn[:, week] = at
    return drawn


@dataclass(frozen=True)
class Outlook:
    """Of each week to come P15, P50 and P85 (weeks × 3): tickets that come, are open at its end, and are asked in it.

    Asked of a team in a week is what comes in it, and what the weeks since now left over. passes: the first week (0 is
    the coming one) in which P50 and P85 of what is asked is more than it ever did; None where there is none.
    """

    arrivals: Floats
    open: Floats
    asked: Floats
    passes: tuple[int | None, int | None]


def outlook(team: Futures, arrivals: Sequence[int], open_now: int, most: float, weeks: int) -> Outlook:
    """Of a team to which so many tickets came in each past week (oldest first, the last one last; at least one).

    most: what it finished in its best week. What comes in a week is what came in the past week that it is like, and its
    rate wanders as that of what is finished: where tickets are cut smaller, more come and more are done. Where it is
    known of fewer weeks what came, these stand in for those before them. Raises `ValueError` without any.
    """
    if not len(arrivals):
        raise ValueError("the arrivals of one week at least are needed")
    newest_first = np.asarray(arrivals[::-1], dtype=np.float64)
    apart = np.exp(APART * team.scope)[:, None]
    came = np.floor(newest_first[team.back % newest_first.size][team.like] * team.wander * apart + team.whole)[
        :, :weeks
    ]
    done = np.diff(team.done[:, :weeks], axis=1, prepend=0.0)
    left, opens, asked = np.full(came.shape[0], float(open_now)), [], []
    for week in range(weeks):
        asked.append(came[:, week] + np.maximum(0.0, left - open_now))
        left = np.maximum(0.0, left + came[:, week] - done[:, week])
        opens.append(left)
    arrive, still, load = (
        np.quantile(v, LEVELS, axis=1, method="nearest").T for v in (came.T, np.array(opens), np.array(asked))
    )
    return Outlook(arrive, still, load, (first_above(load[:, 1], most), first_above(load[:, 2], most)))


def weeks_to_clear(
    past: Floats, open_now: Sequence[int], weeks: int, rng: np.random.Generator
) -> list[tuple[float | None, float | None]]:
    """When each of several people or teams will have done what they have open: P50 and P85 in weeks, parts of a week
    in proportion; None where that is not within `weeks`.

    past: weeks × people of tickets finished, oldest week first; a week without any is one in which they finished none.
    """
    if not len(past):
        return [(0.0, 0.0) if still == 0 else (None, None) for still in open_now]
    done = np.cumsum(futures(past, weeks, rng, OF_PEOPLE), axis=1)
    before = np.concatenate([np.zeros((SIMULATIONS, 1, past.shape[1])), done[:, :-1]], axis=1)
    still = np.asarray(open_now, dtype=np.float64)
    is_done = done >= still
    week = is_done.argmax(axis=1)
    upto, sofar = (np.take_along_axis(v, week[:, None], axis=1)[:, 0] for v in (done, before))
    within = np.where(upto > sofar, (still - sofar) / np.maximum(upto - sofar, 1e-9), 1.0)
    needed = np.where(still <= 0, 0.0, np.where(is_done.any(axis=1), week + within, np.inf))
    p50, p85 = np.quantile(needed, LEVELS[1:], axis=0, method="higher")
    return [(_finite(a), _finite(b)) for a, b in zip(p50, p85, strict=True)]


def _finite(weeks: float) -> float | None:
    return float(weeks) if np.isfinite(weeks) else None


def first_above(values: Floats, most: float) -> int | None:
    """The place of the first value above `most`."""
    above = np.flatnonzero(values > most)
    return int(above[0]) if above.size else None


@dataclass(frozen=True)
class Compute:
    """Slot-hours of a pool: P15, P50 and P85 of each day (days × 3) and of each week (weeks × 3) to come, and the first
    week in which P50 and P85 are more than the pool ever had in a week (None where there is none).
    """

    days: Floats
    weeks: Floats
    passes: tuple[int | None, int | None]


def compute(past: Floats, weeks: int, rng: np.random.Generator) -> Compute:
    """From whole weeks (weeks × 7 slot-hours, oldest first, the last day the last before now; at least one week).

    A day of a week to come had the same weekday in the past week that is drawn for it.
    """
    ahead = futures(past, weeks, rng, OF_POOLS)
    days = np.quantile(ahead.reshape(SIMULATIONS, -1), LEVELS, axis=0).T
    sums = np.quantile(ahead.sum(axis=2), LEVELS, axis=0).T
    most = float(past.sum(axis=1).max())
    return Compute(days, sums, (first_above(sums[:, 1], most), first_above(sums[:, 2], most)))


def ages_ahead(
    ages_days: Floats, lifetimes: Lifetimes, started_a_week: float, weeks: int
) -> list[tuple[float, float, float] | None]:
    """The age that 85 % of the work in progress is below, days, at the end of each week to come: P15, P50 and P85.

    What is in progress now gets older or ends as lifetimes say, and so does what is started from now on. The band is
    that of an order statistic: which place the 85 % have among as few tickets. None where less than one is left.
    """
    found: list[tuple[float, float, float] | None] = []
    for week in range(1, weeks + 1):
        begun: Floats = np.arange(0.5, week * 7, 1.0)  # days ago
        ages = np.concatenate([ages_days + week * 7, begun])
        alive = np.concatenate([
            lifetimes.beyond(ages_days, week * 7.0),
            started_a_week / 7 * lifetimes.lasting(begun),
        ])  # fmt: skip
        count = float(alive.sum())
        if count < 1:
            found.append(None)
            continue
        order = np.argsort(ages)
        upto = np.cumsum(alive[order]) / count
        off = BAND * np.sqrt(0.85 * 0.15 / count)
        most = max(0.85, min(0.85 + off, 0.85 ** (1 / count)))  # not older than the oldest of so many is
        places = [min(int(np.searchsorted(upto, level)), ages.size - 1) for level in (0.85 - off, 0.85, most)]
        low, middle, high = (float(ages[order[place]]) for place in places)
        found.append((low, middle, high))
    return found
