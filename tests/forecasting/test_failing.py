"""The chance that runs fail: a streak makes the next one likely to fail, and fades for those further ahead."""

import pytest

from forecasting.failing import failing

HOUR_S, DAY_S = 3_600, 86_400
BROKEN_TONIGHT = [False] * 117 + [True] * 3


def test_a_streak_makes_the_next_run_likely_to_fail_and_fades():
    found = failing(BROKEN_TONIGHT, DAY_S)
    chances = [found.ahead(n) for n in (1, 2, 5, 20, 100)]
    assert chances[0] > 0.25
    assert chances == sorted(chances, reverse=True)
    assert chances[2] < 0.8 * chances[0]
    assert chances[-1] == pytest.approx(found.usual, rel=0.01)
    assert found.usual < 0.05


def test_after_a_good_month_a_pipeline_that_fails_often_is_still_not_safe():
    found = failing([True, False, False] * 30 + [False] * 30, DAY_S)
    assert found.ahead(1) < 0.05 < found.ahead(20) < 0.30


def test_where_streaks_are_long_they_fade_slowly():
    alone = failing([True, False, False, False] * 30 + [True], DAY_S)
    weeks = failing(([True] * 8 + [False] * 24) * 3 + [True], DAY_S)
    assert alone.stays < 0.1
    assert weeks.stays > 0.8


def test_what_is_broken_for_the_first_time_is_mended_within_days_not_runs():
    first = [False] * 119 + [True]
    hourly, nightly = failing(first, HOUR_S), failing(first, DAY_S)
    assert hourly.ahead(1) == nightly.ahead(1)
    assert hourly.ahead(4) > 0.8 * hourly.ahead(1), "in three hours"
    assert nightly.ahead(4) < 0.5 * nightly.ahead(1), "in three nights"
    assert hourly.ahead(73) == pytest.approx(nightly.ahead(4), rel=0.01), "in three nights, too"


@pytest.mark.parametrize("past", [[], [True], [False], [True] * 120, [False] * 120])
def test_nothing_is_ever_certain(past):
    found = failing(past, HOUR_S)
    assert all(0 < found.ahead(n) < 1 for n in (1, 2, 20, 1000))
    assert 0 < found.stays < 1
