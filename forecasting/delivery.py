"""Delivery dates: when the tickets of an epic will be done, how many of them by a date, and what if.

What is in progress is a fact: it lasts as long as work of its age still does (`lifetimes`). What has not begun, and
what is added later, waits for its share of what the team finishes. All is done when the last of both is.

All is asked of the same futures of the team (`futures`), so that two answers differ by what was asked and never by
chance: one person more is never later, a larger scope never earlier.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecasting.futures import HORIZON_WEEKS, SIMULATIONS, Futures, Numbers
from forecasting.lifetimes import Begun

GROWTH_HALF_LIFE_WEEKS, GROWTH_WEEKS = 3, 24
"""Scope goes on growing as it did, but less and less: an epic that is worked on is not added to for ever."""
LEVELS = (0.50, 0.85, 0.95)
FARTHEST_WEEKS = 260
"""Nobody knows that far ahead."""
LEAST_SHARE = 1e-6
"""What is less is as good as nothing."""
RAMP_WEEKS = 12
"""Until someone new brings what they will bring."""


@dataclass(frozen=True)
class Work:
    """Tickets to be done.

    remaining: how many are open. share: the part of the team's throughput that goes into them (0 to 1); each finished
    ticket is one of them with that chance. growth_a_week: tickets that are added to them each week now, on average (it
    halves every three weeks). begun: those of the open ones that are in progress, where it is known how long work is.
    """

    remaining: int
    share: float = 1.0
    growth_a_week: float = 0.0
    begun: Begun | None = None

    @property
    def waiting(self) -> int:
        """How many of the open ones wait for their share."""
        return self.remaining - (len(self.begun.ages_days) if self.begun else 0)


@dataclass(frozen=True)
class Delivery:
    """When: weeks from now at P50, P85 and P95, None where that is beyond five years or there is no throughput.

    `p_late`: the chance to need more than the allowed weeks, None where none were given.
    """

    weeks: tuple[float | None, float | None, float | None]
    p_late: float | None


def delivery(team: Futures, work: Work, *, allowed_weeks: float | None = None) -> Delivery:
    """When the work will be done. allowed_weeks: until it is due, None without a date."""
    if work.remaining <= 0:
        return Delivery((0.0, 0.0, 0.0), 0.0 if allowed_weeks is not None else None)
    if team.is_idle or work.share <= 0:
        return Delivery((None, None, None), None)
    needed = finish(team, work)
    quantiles = np.quantile(needed, LEVELS, method="higher")
    p50, p85, p95 = (float(q) if q <= FARTHEST_WEEKS else None for q in quantiles)
    late = None
    if allowed_weeks is not None:
        late = float((np.count_nonzero(needed > allowed_weeks) + 1) / (SIMULATIONS + 2))
    return Delivery((p50, p85, p95), late)


def finish(team: Futures, work: Work) -> Numbers:
    """For each future, the weeks until nothing is left; beyond its end at its average pace, infinite without any."""
    last = _begun(team, work).max(axis=1, initial=0.0)
    done = team.done
    needed = _needed(work.waiting + _added(team, work), work.share, team.fate[:, None])
    needed = needed[:, np.minimum(np.arange(HORIZON_WEEKS), needed.shape[1] - 1)]
    is_done = done >= needed
    if work.begun:
        is_done &= np.arange(HORIZON_WEEKS) >= np.floor(np.minimum(last, HORIZON_WEEKS))[:, None]
    week = is_done.argmax(axis=1)
    rows = np.arange(SIMULATIONS)
    before = np.where(week > 0, done[rows, week - 1], 0.0)
    part = (needed[rows, week] - before) / np.maximum(done[rows, week] - before, 1e-9)
    day = (_by_day(team, week) >= np.clip(part, 0.0, 1.0)[:, None] - 1e-9).argmax(axis=1)
    within = np.where(part > 0, week + (day + team.hour) / 7, 0.0)  # else it waits for nothing but what is begun
    end, needed_end = done[:, -1], needed[:, -1]
    never = np.where(needed_end > 0, np.inf, 0.0)
    after = np.where(end > 0, HORIZON_WEEKS * needed_end / np.maximum(end, 1e-9), never)
    needs: Numbers = np.maximum(np.where(is_done[rows, week], within, after), last)
    return needs


def staffed(team: Futures, active: int, by: int) -> Futures:
    """The same futures of a team of so many active people with `by` people more, or less where it is negative.

    Assumed: someone new brings nothing at first and after twelve weeks a part of what a colleague brings, from none to
    all of it, each as likely: they are taught by the others, and the more people, the more to talk over (Brooks, "The
    Mythical Man-Month", 1975). Of those who leave their part is missing at once, and nobody makes up for it.
    """
    active = max(1, active)
    if by < 0:
        return replace(team, pace=team.pace * (max(0, active + by) / active))
    ramp = np.minimum((np.arange(HORIZON_WEEKS) + 0.5) / RAMP_WEEKS, 1.0)
    return replace(team, pace=team.pace * (1.0 + team.newcomer[:, None] * ramp * by / active))


def from_week(team: Futures, week: int) -> Futures:
    """The same futures where nothing is finished before that week (0 is the first): nobody is at it until then."""
    pace = np.where(np.arange(HORIZON_WEEKS) < week, 0.0, team.pace)
    return replace(team, pace=pace, rests=max(team.rests, week))


def scaled(work: Work, by: float) -> Work:
    """The work with so many times the tickets that are open now, in whole tickets; what is more has not begun."""
    remaining = round(work.remaining * by)
    return replace(work, remaining=remaining, begun=work.begun.first(remaining) if work.begun else None)


def histogram(needed: Numbers) -> list[float]:
    """The chance that the work is done in each week from now on, until all but 1 % of what ends within two years."""
    known = needed[needed < HORIZON_WEEKS]
    if not known.size:
        return []
    last = int(np.quantile(known, 0.99, method="higher")) + 1
    counts, _ = np.histogram(known, bins=np.arange(last + 1))
    return [float(n) / needed.size for n in counts]


def done_by(team: Futures, work: Work, weeks: float) -> tuple[int, int, int]:
    """How many of the tickets that are open now will be done after so many weeks, with a certainty of 50, 85, 95 %.

    What is added later does not count. Beyond two years it is what is done in two years.
    """
    if weeks <= 0 or team.is_idle or work.share <= 0 or work.remaining <= 0:
        return (0, 0, 0)
    at = np.minimum(weeks, HORIZON_WEEKS)
    week = min(int(at), HORIZON_WEEKS - 1)
    before = team.done[:, week - 1] if week else np.zeros(SIMULATIONS)
    days = np.floor(7 * (at - week) - team.hour).astype(np.int64)
    by_day = np.hstack([np.zeros((SIMULATIONS, 1)), _by_day(team, np.full(SIMULATIONS, week))])
    finished = before + (team.done[:, week] - before) * by_day[np.arange(SIMULATIONS), days + 1]
    low, high = np.zeros(SIMULATIONS), np.full(SIMULATIONS, work.waiting + 1.0)
    while (high - low > 1).any():  # the most tickets for which the team has finished enough
        middle = np.floor((low + high) / 2)
        is_enough = _needed(middle, work.share, team.fate) <= finished
        low, high = np.where(is_enough, middle, low), np.where(is_enough, high, middle)
    count = low + np.count_nonzero(_begun(team, work) <= weeks, axis=1)
    p50, p85, p95 = np.quantile(count, [1 - level for level in LEVELS], method="lower")
    return int(p50), int(p85), int(p95)


def weekly_band(team: Futures, weeks: int) -> list[tuple[float, float, float]]:
    """For each week to come, the throughput that is passed with a certainty of 85 %, 50 % and 15 %."""
    counts = np.diff(team.done[:, :weeks], axis=1, prepend=0.0)
    low, middle, high = np.quantile(counts, (0.15, 0.5, 0.85), axis=0)
    return [(float(a), float(b), float(c)) for a, b, c in zip(low, middle, high, strict=True)]


def _begun(team: Futures, work: Work) -> Numbers:
    """Weeks until each ticket in progress is done (simulations × tickets), on days that are worked."""
    if work.begun is None:
        return np.zeros((SIMULATIONS, 0))
    days = 7 * team.rests + work.begun.lasts_days
    ahead = team.next_worked
    day = np.minimum(days, ahead.size - 1).astype(np.int64)
    weeks: Numbers = np.where(days < ahead.size, np.maximum(days, ahead[day]), days) / 7
    return weeks


def _needed(tickets: Numbers | float, share: float, fate: Numbers) -> Numbers:
    """How many tickets the team finishes until so many of them are among them: a waiting time (negative binomial), as a
    gamma of the same mean and variance, by the cube of a normal (Wilson & Hilferty, PNAS 17, 1931)."""
    wanted = np.asarray(tickets, dtype=np.float64)
    if share >= 1:
        return wanted + 0.0 * fate
    share = max(share, LEAST_SHARE)
    shape = np.maximum(wanted, 1.0) / (1 - share)
    root = np.maximum(1 - 1 / (9 * shape) + np.clip(fate, -4, 4) / (3 * np.sqrt(shape)), 0.0)
    needed: Numbers = np.maximum(shape * root * root * root * (1 - share) / share, wanted)
    return np.where(wanted > 0, needed, 0.0)


def _added(team: Futures, work: Work) -> Numbers | float:
    """Whole tickets added by the end of each week until no more are (simulations × weeks): Poisson in all, by the
    square of a normal."""
    if work.growth_a_week <= 0:
        return 0.0
    fading = np.cumsum(np.power(0.5, np.arange(GROWTH_WEEKS) / GROWTH_HALF_LIFE_WEEKS))
    total = np.square(np.maximum(np.sqrt(work.growth_a_week * fading[-1]) + team.scope / 2, 0.0))
    added: Numbers = np.round(total[:, None] * (fading / fading[-1]))
    return added


def _by_day(team: Futures, week: NDArray[np.int64]) -> Numbers:
    """What part of that week's tickets is done at the end of each of its days (simulations × 7): spread as in the past
    week that it is like, over the days that are worked."""
    open_days = team.open_days[week]
    spread = team.past_days[team.like[np.arange(SIMULATIONS), week]] * open_days
    for instead in (open_days, np.ones_like(open_days)):
        spread = np.where(spread.sum(axis=1, keepdims=True) > 0, spread, instead)
    upto = np.cumsum(spread, axis=1)
    return upto / upto[:, -1:]
