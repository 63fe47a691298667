"""Delivery dates by Monte Carlo over throughput and work in progress."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.delivery import (
    Delivery,
    Work,
    delivery,
    done_by,
    finish,
    from_week,
    histogram,
    scaled,
    staffed,
    weekly_band,
)
from forecasting.futures import HORIZON_WEEKS, Futures, futures
from forecasting.lifetimes import Begun, Lifetimes


def team(weekly, **calendar) -> Futures:
    """A team that finished so many in each past week, spread over its working days."""
    days = [count // 5 + (day < count % 5) if day < 5 else 0 for count in weekly for day in range(7)]
    return futures(days, **calendar)


def forecast(weekly, remaining, *, share=1.0, growth=0.0, allowed=None) -> Delivery:
    return delivery(team(weekly), Work(remaining, share, growth), allowed_weeks=allowed)


def test_ten_a_week_deliver_thirty_in_three_weeks():
    p50, p85, p95 = forecast([10] * 20, 30).weeks
    assert 2 + 4 / 7 <= p50 <= 2 + 5 / 7, "on the fifth working day of the third week"
    assert 3 < p85 < p95 < 6, "no team goes on exactly as it did"


def test_half_of_the_throughput_takes_twice_as_long():
    p50, _, _ = forecast([10] * 20, 30, share=0.5).weeks
    assert p50 == pytest.approx(6, abs=0.6)


def test_what_is_done_is_delivered_now():
    assert forecast([10] * 20, 0, allowed=2) == Delivery((0.0, 0.0, 0.0), 0.0)


@pytest.mark.parametrize(("weekly", "share"), [([], 1.0), ([0, 0], 1.0), ([5], 0.0)])
def test_without_throughput_there_is_no_date(weekly, share):
    assert forecast(weekly, 3, share=share, allowed=4) == Delivery((None, None, None), None)


def test_what_lies_beyond_five_years_has_no_date():
    found = forecast([1] * 20, 5000, allowed=10)
    assert found.weeks == (None, None, None)
    assert 0.99 < found.p_late <= 1


def test_scope_that_grows_puts_the_date_off():
    still, growing = (forecast([10] * 20, 30, growth=growth).weeks[0] for growth in (0, 5))
    assert growing > still + 0.5


def test_recent_weeks_count_more():
    faster = forecast([2] * 14 + [20] * 12, 40).weeks[0]
    slower = forecast([20] * 14 + [2] * 12, 40).weeks[0]
    assert faster < slower


@given(
    st.lists(st.integers(0, 60), max_size=30),
    st.integers(0, 200),
    st.floats(0, 1),
    st.floats(-3, 20),
    st.one_of(st.none(), st.floats(-50, 120)),
)
def test_dates_are_ordered_and_chances_are_chances(weekly, remaining, share, growth, allowed):
    found = forecast(weekly, remaining, share=share, growth=growth, allowed=allowed)
    known = [w for w in found.weeks if w is not None]
    assert known == sorted(known)
    assert all(math.isfinite(w) and w >= 0 for w in known)
    assert found.weeks[: len(known)] == tuple(known), "the sure ones come first"
    assert found.p_late is None or 0 <= found.p_late <= 1
    if allowed is None:
        assert found.p_late is None


def test_the_chance_to_be_late_falls_with_the_time_allowed():
    rng = np.random.default_rng(9)
    weekly = list(rng.poisson(8, 26))
    chances = [forecast(weekly, 60, allowed=weeks).p_late for weeks in (4, 6, 8, 10, 14)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.9
    assert chances[-1] < 0.1


def test_dates_hold_at_least_as_often_as_they_say_for_a_team_that_goes_on_as_it_did():
    """500 teams of unlike speed. Real teams change, and need the room that these do not."""
    rng = np.random.default_rng(11)
    held, trials = np.zeros(3), 500
    for _ in range(trials):
        rate = rng.uniform(3, 20)
        past, future = rng.poisson(rate, 26), rng.poisson(rate, 60)
        remaining = int(rate * rng.uniform(3, 8))
        took = float(np.interp(remaining, np.cumsum([0, *future]), np.arange(61)))
        weeks = forecast([int(n) for n in past], remaining).weeks
        held += [took <= w for w in weeks]
    p50, p85, p95 = held / trials
    assert p50 == pytest.approx(0.5, abs=0.06)
    assert p85 >= 0.85
    assert p95 >= 0.95


def test_futures_are_whole_tickets_and_on_average_what_was():
    counts = np.diff(team([9, 10, 11] * 8).done[:, :6], axis=1, prepend=0.0)
    assert (counts == np.floor(counts)).all()
    assert counts.min() >= 0
    assert np.median(counts) == pytest.approx(10, abs=1)
    assert team([0, 0]).is_idle


def test_next_week_is_like_the_last_ones_and_a_far_one_like_any():
    """A team that stood still for a quarter after a year at work."""
    stopped = team([10] * 52 + [0] * 13)
    pace = stopped.pace.mean(axis=0)
    assert pace[:4].mean() < 2
    assert pace[60:].mean() > 5


def test_a_band_is_ordered_and_as_long_as_asked():
    band = weekly_band(team([3, 8, 5, 6, 4, 9]), 4)
    assert len(band) == 4
    assert all(low <= middle <= high for low, middle, high in band)


def test_the_day_of_the_week_counts():
    """All is finished on the fourth day of the week: four days are enough, three are not."""
    fast = futures([0, 0, 0, 20, 0, 0, 0] * 20)
    assert 3 / 7 <= delivery(fast, Work(5)).weeks[0] <= 4 / 7


# --- work in progress ---

A_DAY_OR_TEN = Lifetimes.of(np.array([1.0] * 80 + [10.0] * 20), np.array([]))


def last_one(age_days: float, **more) -> Work:
    """One ticket is left, it is in progress, and a twentieth of what is finished is of its kind."""
    return Work(1, 0.05, begun=Begun((age_days,), A_DAY_OR_TEN), **more)


def test_the_last_ticket_lasts_as_long_as_work_of_its_age():
    """It does not wait until the team has finished some twenty others."""
    ours = team([10] * 20)
    assert delivery(ours, replace(last_one(0.0), begun=None)).weeks[1] > 3
    p50, p85, _ = delivery(ours, last_one(0.0)).weeks
    assert (p50, p85) == pytest.approx((1 / 7, 10 / 7), abs=0.3), "the last day may be a weekend"
    assert delivery(ours, last_one(2.0)).weeks[0] == pytest.approx(8 / 7, abs=0.3), "it is one of those that take ten"


def test_what_has_not_begun_waits_and_all_is_done_when_the_last_is():
    ours, lasts = team([10] * 20), A_DAY_OR_TEN
    both = finish(ours, Work(6, 0.2, begun=Begun((0.0, 0.0), lasts)))
    begun, waiting = finish(ours, Work(2, 0.2, begun=Begun((0.0, 0.0), lasts))), finish(ours, Work(4, 0.2))
    assert (both >= np.maximum(begun, waiting)).all()
    assert np.quantile(both, 0.85) < np.quantile(finish(ours, Work(6, 0.2)), 0.85)


def test_what_is_added_to_the_last_ticket_puts_it_off_in_whole_tickets():
    ours = team([10] * 20)
    still, barely, much = (delivery(ours, last_one(0.0, growth_a_week=g)).weeks for g in (0.0, 0.01, 2.0))
    assert still == barely, "a tenth of a ticket is none"
    assert much[1] > still[1] + 2


def test_what_is_in_progress_is_not_done_in_a_week_off():
    open_days = np.ones((HORIZON_WEEKS, 7))
    open_days[1:3] = 0.0
    finishes = finish(team([10] * 20, open_days=open_days), last_one(0.0))
    assert not ((finishes > 1) & (finishes < 3)).any()
    assert (finishes == 3).any(), "it is done as soon as somebody is back"


def test_how_many_by_a_date_knows_what_is_in_progress():
    """By tomorrow four of five, as a rule, though the team finishes two tickets a day and few of them are theirs."""
    five = Work(5, 0.05, begun=Begun((0.0,) * 5, A_DAY_OR_TEN))
    assert done_by(team([10] * 20), five, 1.2 / 7)[0] == 4
    assert done_by(team([10] * 20), replace(five, begun=None), 1.2 / 7)[0] == 0


# --- the calendar ---


def test_a_week_off_does_not_ruin_the_rate():
    weekly = [10] * 20 + [0]
    worked = [1.0] * 20 + [0.0]
    assert delivery(team(weekly, past_capacity=worked), Work(30)) == delivery(team([10] * 20), Work(30))
    assert delivery(team(weekly), Work(30)).weeks[1] > 5


def test_a_week_off_is_not_promised():
    ahead = np.ones(HORIZON_WEEKS)
    ahead[1:3] = 0.0
    p50 = delivery(team([10] * 20, capacity=ahead), Work(30)).weeks[0]
    assert 4 + 4 / 7 <= p50 <= 4 + 5 / 7


def test_a_half_week_counts_half():
    halves = team([5, 10] * 10, past_capacity=[0.5, 1.0] * 10)
    assert delivery(halves, Work(30)).weeks[0] == delivery(team([10] * 20), Work(30)).weeks[0]


def test_nothing_is_delivered_on_a_holiday():
    open_days = np.ones((HORIZON_WEEKS, 7))
    open_days[:, 1] = 0.0
    finishes = finish(team([10] * 20, open_days=open_days), Work(8))
    days = np.floor(finishes % 1 * 7)
    assert not (days == 1).any()
    assert (days == 2).any()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1)), min_size=1, max_size=60),
    st.lists(st.sampled_from([0.0, 0.2, 1.0]), min_size=HORIZON_WEEKS, max_size=HORIZON_WEEKS),
    st.integers(1, 60),
)
def test_any_calendar_gives_dates_in_order_or_none(past, ahead, remaining):
    open_days = np.repeat(np.array(ahead)[:, None], 7, axis=1)
    ours = team([n for n, _ in past], past_capacity=[c for _, c in past], capacity=ahead, open_days=open_days)
    weeks = [w for w in delivery(ours, Work(remaining)).weeks if w is not None]
    assert weeks == sorted(weeks)
    assert all(math.isfinite(w) for w in weeks)
    finishes = finish(ours, Work(remaining))
    within = finishes[finishes < HORIZON_WEEKS]
    assert (np.array(ahead)[within.astype(int)] > 0).all(), "nothing is done in a week off"
    assert not np.isnan(finishes).any()


# --- what if, from the same futures ---

WEEKLY = st.lists(st.integers(0, 30), min_size=1, max_size=30).filter(any)
FEW = settings(max_examples=40)
LASTING = Lifetimes.of(np.array([0.3, 0.5, 1.0, 1.0, 2.0, 3.0, 5.0, 9.0, 20.0, 40.0]), np.array([1.0, 60.0]))


@st.composite
def works(draw) -> Work:
    """Some open tickets, of which none, some or all are in progress."""
    ages = sorted(draw(st.lists(st.floats(0, 90), max_size=6)), reverse=True)
    remaining = draw(st.integers(max(1, len(ages)), 150))
    begun = Begun(tuple(ages), LASTING) if ages else None
    return Work(remaining, draw(st.floats(0.02, 1)), draw(st.floats(0, 10)), begun)


WORK = works()


@FEW
@given(WEEKLY, WORK, st.integers(1, 12))
def test_one_person_more_is_never_later_and_one_less_never_earlier(weekly, work, active):
    ours = team(weekly)
    more, now, less = (finish(team, work) for team in (staffed(ours, active, 1), ours, staffed(ours, active, -1)))
    assert (more <= now).all()
    assert (now <= less).all()


@FEW
@given(WEEKLY, WORK, st.integers(1, 12), st.integers(-3, 3))
def test_the_more_people_the_earlier(weekly, work, active, by):
    ours = team(weekly)
    assert (finish(staffed(ours, active, by), work) >= finish(staffed(ours, active, by + 1), work)).all()


@FEW
@given(WEEKLY, WORK, st.integers(0, 8))
def test_what_begins_later_is_never_earlier_and_not_done_before_it_begins(weekly, work, week):
    ours = team(weekly)
    later = finish(from_week(ours, week), work)
    assert (later >= finish(ours, work)).all()
    assert (later >= week).all()


@FEW
@given(WEEKLY, WORK, st.floats(1, 2))
def test_a_larger_scope_is_never_earlier(weekly, work, by):
    ours = team(weekly)
    assert (finish(ours, scaled(work, by)) >= finish(ours, work)).all()


@FEW
@given(WEEKLY, WORK)
def test_what_grows_no_more_is_never_later(weekly, work):
    ours = team(weekly)
    assert (finish(ours, replace(work, growth_a_week=0.0)) <= finish(ours, work)).all()


@FEW
@given(WEEKLY, WORK, st.floats(0.01, 1))
def test_a_larger_share_is_never_later(weekly, work, part):
    ours = team(weekly)
    less = replace(work, share=work.share * part)
    assert (finish(ours, work) <= finish(ours, less)).all()


def test_one_person_more_brings_less_than_their_share():
    """Five people in twelve weeks: a sixth would bring a tenth of the time at best, for they are new."""
    ours, work = team([10] * 26), Work(120)
    more, now, less = (delivery(team, work).weeks[0] for team in (staffed(ours, 5, 1), ours, staffed(ours, 5, -1)))
    assert now * 5 / 6 < more < now
    assert less == pytest.approx(now * 5 / 4, rel=0.05)


def test_without_the_only_person_there_is_no_date():
    assert delivery(staffed(team([10] * 26), 1, -1), Work(10)).weeks == (None, None, None)


@FEW
@given(WEEKLY, WORK)
def test_a_histogram_is_of_chances(weekly, work):
    chances = histogram(finish(team(weekly), work))
    assert all(0 <= p <= 1 for p in chances)
    assert sum(chances) <= 1 + 1e-9
    assert len(chances) <= HORIZON_WEEKS


@FEW
@given(WEEKLY, WORK, st.floats(-3, 150))
def test_how_many_by_a_date_agrees_with_the_dates(weekly, work, weeks):
    ours, still = team(weekly), replace(work, growth_a_week=0.0)
    counts = done_by(ours, still, weeks)
    assert list(counts) == sorted(counts, reverse=True)
    assert 0 <= counts[-1] <= counts[0] <= work.remaining
    for count, when in zip(counts, delivery(ours, still).weeks, strict=True):
        if 0 < weeks <= HORIZON_WEEKS and when is not None:
            assert (count == work.remaining) == (when <= weeks)


def test_more_time_is_never_fewer_tickets():
    ours, work = team([3, 8, 5, 6, 4, 9] * 4), Work(40, 0.4)
    assert [done_by(ours, work, weeks)[1] for weeks in range(30)] == sorted(
        done_by(ours, work, weeks)[1] for weeks in range(30)
    )
