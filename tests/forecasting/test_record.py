"""Records: how often forecasts held, how they did against naive, and when they drift."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from forecasting.record import NUMBERS, drift, record

START = datetime(2026, 1, 1, tzinfo=UTC)


def scored(off_s: list[float], naive_off_s: float | None = 1200.0) -> pl.DataFrame:
    """A forecast a day that says 10, 20 and 30 minutes; the truth came so many seconds after its P50."""
    rows = []
    for n, off in enumerate(off_s):
        made = START + timedelta(days=n)
        p50 = (made + timedelta(minutes=10)).timestamp()
        naive = None if naive_off_s is None else p50 + off + naive_off_s
        rows.append((made, None, p50, p50 + 600, p50 + 1200, naive, p50 + off, 60.0))
    schema = {"made_at": pl.Datetime("us", "UTC"), **dict.fromkeys(NUMBERS, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_record_in_plain_words():
    found = record(scored([-300.0] * 30 + [300.0] * 55 + [900.0] * 10 + [1500.0] * 5))
    assert (found.count, found.held) == (100, (30, 85, 95))
    assert found.words == "the P85 held in 85 of the last 100"
    assert found.verdict == "holds"
    assert found.pinball == 60.0
    assert found.mase == pytest.approx((30 * 300 + 55 * 300 + 10 * 900 + 5 * 1500) / 100 / 1200)


def test_only_the_last_hundred_count():
    assert record(scored([1500.0] * 50 + [-300.0] * 100)).held == (100, 100, 100)


@pytest.mark.parametrize(
    ("late", "verdict"), [(0, "too careful"), (15, "holds"), (30, "too sure")],
)  # fmt: skip
def test_a_verdict_is_more_than_chance(late, verdict):
    assert record(scored([900.0] * late + [0.0] * (100 - late))).verdict == verdict


def test_few_forecasts_have_no_verdict():
    assert record(scored([900.0] * 9)).verdict == "too few"
    nothing = record(scored([]))
    assert (nothing.count, nothing.pinball, nothing.mase, nothing.words) == (0, None, None, "none has come true yet")


def test_without_a_naive_forecast_there_is_no_ratio():
    assert record(scored([300.0] * 20, naive_off_s=None)).mase is None
    assert record(scored([300.0] * 20, naive_off_s=0.0)).mase is None


def values(outcomes: list[float]) -> pl.DataFrame:
    """Forecasts that say 3, 5 and 8 tickets."""
    rows = [(3.0, 5.0, 8.0, None, 5.0, float(outcome), 1.0) for outcome in outcomes]
    return pl.DataFrame(rows, schema=dict.fromkeys(NUMBERS, pl.Float64), orient="row")


def test_values_have_a_record_too():
    found = record(values([1] * 10 + [4] * 40 + [6] * 35 + [9] * 15))
    assert (found.count, found.held, found.within) == (100, (50, 85, None), 75)
    assert found.words == "the P85 held in 85 of the last 100, P15 to P85 in 75"
    assert found.verdict == "holds"


@pytest.mark.parametrize(
    ("inside", "edge", "verdict"), [(50, 0, "too sure"), (70, 0, "holds"), (90, 0, "too careful"), (55, 40, "holds")],
)  # fmt: skip
def test_a_value_that_is_the_quantile_itself_speaks_neither_for_nor_against_it(inside, edge, verdict):
    outcomes = [5] * inside + [8] * edge + [0] * (100 - inside - edge)
    assert record(values(outcomes)).verdict == verdict


def test_six_of_ten_after_their_p85_is_drift():
    found = drift(scored([0.0] * 30 + [0.0] * 4 + [900.0] * 6))
    assert found is not None
    assert found.reason == "6 of 10 landed after their P85"
    assert found.since_at == START + timedelta(days=30)
    assert drift(scored([0.0] * 30 + [0.0] * 5 + [900.0] * 5)) is None


def test_ten_of_ten_before_their_p50_is_drift():
    assert drift(scored([-300.0] * 10)) is not None
    assert drift(scored([-300.0] * 9)) is None


def test_a_forecast_that_holds_hardly_ever_drifts():
    """2,000 decades of forecasts whose quantiles are right."""
    rng = np.random.default_rng(1)
    draws = np.where(rng.random((2000, 10)) < 0.5, -1.0, np.where(rng.random((2000, 10)) < 0.7, 1.0, 700.0))
    assert sum(drift(scored(list(row))) is not None for row in draws) <= 12
