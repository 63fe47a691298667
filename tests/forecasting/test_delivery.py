"""Delivery dates by Monte Carlo over throughput."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.delivery import Delivery, delivery, simulated_weeks, weekly_band


def forecast(weekly, remaining, *, share=1.0, growth=0.0, allowed=None) -> Delivery:
    rng = np.random.default_rng(5)
    return delivery(weekly, remaining, share=share, growth_a_week=growth, allowed_weeks=allowed, rng=rng)


def test_ten_a_week_deliver_thirty_in_three_weeks():
    p50, p85, p95 = forecast([10] * 20, 30).weeks
    assert p50 == pytest.approx(3, abs=0.1)
    assert 3.3 < p85 < p95 < 6, "no team goes on exactly as it did"


def test_half_of_the_throughput_takes_twice_as_long():
    p50, _, _ = forecast([10] * 20, 30, share=0.5).weeks
    assert p50 == pytest.approx(6, abs=0.6)


def test_what_is_done_is_delivered_now():
    assert forecast([10] * 20, 0, allowed=2) == Delivery((0.0, 0.0, 0.0), 0.0)


@pytest.mark.parametrize(("weekly", "share"), [([], 1.0), ([0, 0], 1.0), ([5], 0.0)])
def test_without_throughput_there_is_no_date(weekly, share):
    assert forecast(weekly, 3, share=share, allowed=4) == Delivery((None, None, None), None)


def test_what_lies_beyond_two_years_has_no_date():
    found = forecast([1] * 20, 500, allowed=10)
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
    futures = simulated_weeks([9, 10, 11] * 8, 6, np.random.default_rng(1))
    assert futures.shape[1] == 6
    assert futures.dtype == np.int64
    assert futures.min() >= 0
    assert np.median(futures) == pytest.approx(10, abs=1)
    assert not simulated_weeks([0, 0], 6, np.random.default_rng(1)).any()


def test_a_band_is_ordered_and_as_long_as_asked():
    band = weekly_band([3, 8, 5, 6, 4, 9], 4, np.random.default_rng(1))
    assert len(band) == 4
    assert all(low <= middle <= high for low, middle, high in band)
    assert weekly_band([], 4, np.random.default_rng(1)) == []
