"""What is asked of teams and pools in the weeks to come, and how old work gets."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecasting.capacity import (
    OF_PEOPLE,
    OF_POOLS,
    Outlook,
    ages_ahead,
    compute,
    first_above,
    futures,
    outlook,
    weeks_to_clear,
)
from forecasting.futures import futures as team_futures
from forecasting.lifetimes import Lifetimes


def ahead(arrivals, throughput, open_now, most=1e9, weeks=8) -> Outlook:
    """A team that finishes what it finishes on the first day of each week."""
    team = team_futures([count if day == 0 else 0 for count in throughput for day in range(7)])
    return outlook(team, arrivals, open_now, most, weeks)


def test_what_comes_less_what_is_finished_piles_up():
    """Five more a week than are finished: forty more in eight weeks."""
    found = ahead([15] * 26, [10] * 26, 60)
    assert found.open[7, 1] == pytest.approx(100, abs=8)
    assert found.open[0, 1] == pytest.approx(65, abs=2)
    assert found.arrivals[0, 1] == pytest.approx(15, abs=1)
    assert found.open[7, 2] - found.open[7, 0] > found.open[0, 2] - found.open[0, 0], "the further, the less sure"


def test_weeks_in_which_much_comes_and_much_is_finished_do_not_make_the_backlog_unsure():
    """What comes is finished in the same week, however much it is."""
    weekly = [2, 30, 9, 18] * 6
    found = ahead(weekly, weekly, 50)
    assert found.open[7, 1] == pytest.approx(50, abs=4)
    apart = ahead(weekly, weekly[1:] + weekly[:1], 50)
    assert apart.open[7, 2] - apart.open[7, 0] > 1.2 * (found.open[7, 2] - found.open[7, 0])


def test_no_backlog_is_less_than_nothing():
    assert ahead([1] * 10, [9] * 10, 20).open[7].tolist() == [0, 0, 0]


def test_load_passes_what_a_team_ever_did_when_what_is_left_over_gets_too_much():
    """Twelve come and ten are finished: two are left over each week; a best week of 16 is passed in the fourth."""
    p50, p85 = ahead([12] * 26, [10] * 26, 40, most=16).passes
    assert p50 in {2, 3, 4}
    assert p85 < p50
    assert ahead([8] * 26, [10] * 26, 40, most=25).passes == (None, None)


def test_a_backlog_that_is_there_already_is_not_asked_in_one_week():
    assert ahead([5] * 26, [5] * 26, 500, most=20).passes[0] is None


def test_weeks_of_which_it_is_not_known_what_came_are_no_zeros():
    """Ten came in each of the last four weeks; of the 48 before only what was finished is known."""
    assert ahead([10] * 4, [10] * 52, 30).arrivals[:, 1] == pytest.approx([10] * 8, abs=1)
    with pytest.raises(ValueError, match="one week at least"):
        ahead([], [10] * 52, 30)


def test_a_team_that_is_new_to_one_of_both_has_zeros_there():
    assert ahead([4] * 8, [], 10).open[7, 1] == pytest.approx(42, abs=3)


def test_who_finishes_five_a_week_clears_ten_in_two_weeks():
    """Beside somebody who has nothing open and somebody who never finishes anything."""
    past = np.array([[5.0, 5.0, 0.0]] * 20)
    slow, idle, stuck = weeks_to_clear(past, [10, 0, 3], 26, np.random.default_rng(5))
    assert slow[0] == pytest.approx(2, abs=0.2)
    assert slow[0] < slow[1] < 3.5
    assert (idle, stuck) == ((0, 0), (None, None))
    assert weeks_to_clear(np.zeros((0, 2)), [0, 1], 26, np.random.default_rng(5)) == [(0, 0), (None, None)]


def test_a_heavy_weekday_stays_one():
    """Ten slot-hours on the third day of every week, one on the others."""
    week = [1.0, 1, 10, 1, 1, 1, 1]
    found = compute(np.array([week] * 8), 2, np.random.default_rng(5))
    assert found.days.shape == (14, 3)
    assert found.days[[2, 9], 1] == pytest.approx([10, 10], rel=0.05)
    assert found.days[[0, 8], 1] == pytest.approx([1, 1], rel=0.05)
    assert found.weeks[:, 1] == pytest.approx([16, 16], rel=0.05)
    assert found.passes[1] == 0, "a week just above the best is likely enough where all were alike"


def test_the_first_week_above_is_found_or_none():
    assert first_above(np.array([1.0, 3, 2, 4]), 2.0) == 1
    assert first_above(np.array([1.0, 2]), 2.0) is None


def test_work_that_never_ends_gets_older_by_a_week_a_week():
    stuck = Lifetimes.of(np.array([]), np.array([10.0, 10.0]))
    assert ages_ahead(np.array([10.0, 10.0]), stuck, 0.0, 3) == [(17, 17, 17), (24, 24, 24), (31, 31, 31)]


def test_work_that_ends_within_days_is_replaced_by_younger():
    quick = Lifetimes.of(np.array([1.0, 2.0, 3.0, 4.0]), np.array([]))
    low, middle, high = ages_ahead(np.array([30.0] * 5), quick, 28.0, 12)[-1]
    assert low <= middle <= high < 5


def test_without_work_there_is_no_age():
    assert ages_ahead(np.array([]), Lifetimes.of(np.array([]), np.array([])), 0.0, 2) == [None, None]


COUNTS = st.lists(st.integers(0, 500), min_size=1, max_size=30)


@given(COUNTS, COUNTS, st.integers(0, 2000), st.integers(0, 500))
def test_bands_are_ordered_and_no_week_is_no_number(arrivals, throughput, open_now, most):
    found = ahead(arrivals, throughput, open_now, most, 5)
    for band in (found.arrivals, found.open, found.asked):
        assert band.shape == (5, 3)
        assert np.isfinite(band).all()
        assert (band >= 0).all()
        assert (np.diff(band, axis=1) >= 0).all()
    p50, p85 = found.passes
    assert p50 is None or (p85 is not None and p85 <= p50)


AGES = st.lists(st.floats(0, 1000), max_size=20)


@given(AGES, AGES, st.floats(0, 50))
@example([2.2250738585e-313], [0.0], 0.0)
def test_ages_are_ordered_and_real(ended, ages, started):
    known = Lifetimes.of(np.array(ended), np.array(ages))
    for band in ages_ahead(np.array(ages), known, started, 4):
        assert band is None or (np.isfinite(band).all() and list(band) == sorted(band) and band[0] >= 0)


def test_each_past_week_is_drawn_as_often_for_every_week_to_come():
    """As it weighs: half as often for each half-life, the newest most; no saw-tooth from odd to even weeks."""
    told = futures(np.eye(12), 6, np.random.default_rng(2), replace(OF_POOLS, drift=0)).mean(axis=0)
    weights = 0.5 ** (np.arange(11, -1, -1) / OF_POOLS.half_life_weeks)
    assert told == pytest.approx(np.tile(weights / weights.sum(), (6, 1)), abs=0.06)
    assert told[:, -1].min() > 0.2


def test_weeks_that_followed_each_other_often_do_so_again():
    drawn = futures(np.arange(40.0)[:, None], 6, np.random.default_rng(2), replace(OF_PEOPLE, drift=0, doubt=0))
    follows = (np.diff(drawn[:, :, 0], axis=1) == 1).mean()
    assert follows == pytest.approx(0.45, abs=0.05), "about two in a row"


def test_a_pool_that_doubled_is_told_alike_for_odd_and_even_weeks():
    past = np.repeat(np.array([100.0] * 11 + [200.0])[:, None] / 7, 7, axis=1)
    weeks = compute(past, 4, np.random.default_rng(0)).weeks
    assert weeks[:, 2] == pytest.approx([200] * 4, rel=0.1), "P85 says that it may stay so"
    assert weeks[:, 1] == pytest.approx([100] * 4, rel=0.1)


def test_futures_are_drawn_from_the_past():
    found = futures(np.array([[0.0, 5.0]] * 12), 6, np.random.default_rng(1), OF_POOLS)
    assert found.shape[1:] == (6, 2)
    assert not found[:, :, 0].any()
    assert np.median(found[:, :, 1]) == pytest.approx(5, rel=0.1)
