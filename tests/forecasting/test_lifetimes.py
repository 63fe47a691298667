"""How long work stays in progress."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecasting.lifetimes import Begun, Lifetimes


def test_how_long_work_lasts_counts_what_has_not_ended():
    """Of four one ends after 2 days, one after 4, two are 3 days old and go on: after 4 days, 3/4 · 0 are left."""
    known = Lifetimes.of(np.array([2.0, 4.0]), np.array([3.0, 3.0]))
    assert known.lasting(np.array([1.0, 2.0, 3.5, 4.0])).tolist() == [1, 0.75, 0.75, 0]
    assert known.beyond(np.array([2.0]), 1.0).tolist() == [1]
    assert known.end_a_day == pytest.approx(2 / 12)
    assert known.beyond(np.array([9.0]), 6.0) == pytest.approx(np.exp(-1))


def test_how_much_longer_is_told_from_the_age():
    """Work takes a day or ten: what is two days old is of those that take ten."""
    either = Lifetimes.of(np.array([1.0] * 50 + [10.0] * 50), np.array([]))
    halves = np.array([0.75, 0.25])
    assert either.more_days(np.array([0.0, 0.0]), halves).tolist() == [1, 10]
    assert either.more_days(np.array([2.0, 2.0]), halves).tolist() == [8, 8]


def test_what_is_older_than_all_before_ends_at_the_rate_of_all():
    quick = Lifetimes.of(np.array([1.0, 2.0, 3.0, 4.0]), np.array([]))
    assert quick.more_days(np.array([30.0]), np.array([np.exp(-1)])) == pytest.approx(2.5)


def test_where_nothing_ever_ended_nothing_will():
    stuck = Lifetimes.of(np.array([]), np.array([10.0]))
    assert stuck.more_days(np.array([10.0]), np.array([0.5])).tolist() == [np.inf]


AGES = st.lists(st.floats(0, 1000), max_size=20)


@given(AGES, AGES, st.floats(0, 1500), st.floats(0.001, 1))
@example([2.2250738585e-313], [0.0], 0.0, 0.5)
def test_days_more_and_shares_left_say_the_same(ended, ages, age, share):
    known = Lifetimes.of(np.array(ended), np.array(ages))
    more = float(known.more_days(np.array([age]), np.array([share]))[0])
    assert more >= 0
    if np.isfinite(more) and known.lasting(np.array([age]))[0] > 1e-6:
        assert known.beyond(np.array([age]), more + 1e-6)[0] <= share + 1e-6
        if more > 1e-3:
            assert known.beyond(np.array([age]), more * (1 - 1e-6) - 1e-6)[0] >= share - 1e-3


def test_of_more_tickets_the_first_have_the_same_luck():
    known = Lifetimes.of(np.array([1.0, 2.0, 5.0, 9.0]), np.array([3.0]))
    three = Begun((4.0, 1.0, 0.5), known)
    assert (three.lasts_days[:, :2] == three.first(2).lasts_days).all()
