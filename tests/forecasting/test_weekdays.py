"""What a run asks by weekday: learned where weeks agree, the usual where they are few or say different things."""

import polars as pl
import pytest

from forecasting.weekdays import by_weekday

MONDAY, SUNDAY = 0, 6
A_MONDAY = 4  # 5 January 1970


def days(asked, *, runs: int = 1, pool: str = "warehouse", every: int = 1) -> pl.DataFrame:
    """A pipeline's days from a Monday on, and what all runs of each asked."""
    schema = {"source": pl.String, "pipeline_id": pl.String, "pool": pl.String,
              "day": pl.Int64, "runs": pl.Int64, "asked": pl.Float64}  # fmt: skip
    rows = [("air", "p", pool, A_MONDAY + n * every, runs, float(value)) for n, value in enumerate(asked)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def said(found: pl.DataFrame) -> list[float]:
    """From Monday to Sunday."""
    assert found["weekday"].sort().to_list() == list(range(7))
    return found.sort("weekday")["asked"].to_list()


def test_weeks_that_agree_tell_each_weekday():
    week = [20, 10, 10, 10, 10, 5, 5]
    assert said(by_weekday(days(week * 4))) == pytest.approx(week)


def test_one_week_says_nothing_of_its_monday():
    assert said(by_weekday(days([20, 10, 10, 10, 10, 5, 5]))) == pytest.approx([10] * 7)


def test_one_odd_monday_of_many_is_hardly_followed():
    odd = by_weekday(days([10] * 7 * 6 + [40] + [10] * 6 + [10] * 7))
    assert said(odd)[MONDAY] == pytest.approx(10, rel=0.1)


def test_weeks_that_differ_draw_a_weekday_towards_the_usual():
    """Mondays ask 18 or 22, all other days 8 or 12: of two weeks it is known less well than of eight."""
    noisy = [22, 8, 12, 8, 12, 8, 12, 18, 12, 8, 12, 8, 12, 8]
    few, many = said(by_weekday(days(noisy))), said(by_weekday(days(noisy * 4)))
    assert sum(few) / 7 < few[MONDAY] < many[MONDAY] < 20


def test_a_new_level_is_followed_and_its_weekdays_stay():
    week = [20, 10, 10, 10, 10, 5, 5]
    doubled = [2 * value for value in week]
    assert said(by_weekday(days(week * 6 + doubled * 2))) == pytest.approx(doubled)


def test_many_runs_of_a_quiet_day_do_not_make_the_usual_small():
    """Hourly, and the newest day is a Sunday: its many runs are not what a Monday's ask."""
    week = [480, 240, 240, 240, 240, 120, 120]
    assert said(by_weekday(days(week * 3, runs=24))) == pytest.approx([value / 24 for value in week])


def test_a_pool_that_is_not_used_on_sundays_is_not_asked_then():
    found = said(by_weekday(days([10, 10, 10, 10, 10, 10, 0] * 5)))
    assert found[SUNDAY] == 0
    assert found[MONDAY] == pytest.approx(10)


def test_a_weekly_pipeline_asks_what_its_last_ten_did():
    assert said(by_weekday(days([*[90] * 5, *[100] * 10], every=7))) == pytest.approx([100] * 7)


def test_what_asks_nothing_any_more_or_never_ran():
    assert said(by_weekday(days([10] * 7 + [0] * 21))) == [0] * 7
    assert by_weekday(days([])).is_empty()


def test_a_week_that_is_hardly_known_is_not_compared():
    """Two whole weeks, and before them a Sunday alone: it was what its week knows, not the usual."""
    week = [20, 10, 10, 10, 10, 5, 5]
    sunday = days([5]).with_columns(day=pl.lit(A_MONDAY - 1, pl.Int64))
    assert said(by_weekday(pl.concat([sunday, days(week * 2)]))) == pytest.approx(week)


def test_pools_and_pipelines_are_told_apart():
    two = pl.concat([days([20, 10, 10, 10, 10, 5, 5] * 4), days([3] * 28, pool="tight")])
    by_pool = {pool: said(part) for (pool,), part in by_weekday(two).group_by("pool")}
    assert by_pool["tight"] == pytest.approx([3] * 7)
    assert by_pool["warehouse"][MONDAY] == pytest.approx(20)
