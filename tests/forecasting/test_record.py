"""Records: how often forecasts held, how they did against naive, and when they drift."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from forecasting.record import drift, record

START = datetime(2026, 1, 1, tzinfo=UTC)


def scored(off_s: list[float], naive_off_s: float | None = 1200.0) -> pl.DataFrame:
    """A forecast a day that says 10, 20 and 30 minutes; the truth came so many seconds after its P50."""
    rows = []
    for n, off in enumerate(off_s):
        made = START + timedelta(days=n)
        p50, outcome = made + timedelta(minutes=10), made + timedelta(minutes=10, seconds=off)
        naive = None if naive_off_s is None else outcome + timedelta(seconds=naive_off_s)
        rows.append((made, p50, p50 + timedelta(minutes=10), p50 + timedelta(minutes=20), naive, outcome, 60.0))
    at = pl.Datetime("us", "UTC")
    names = ("made_at", "p50_at", "p85_at", "p95_at", "naive_at", "outcome_at")
    return pl.DataFrame(rows, schema={**dict.fromkeys(names, at), "score": pl.Float64}, orient="row")


def test_a_record_in_plain_words():
    found = record(scored([-300.0] * 30 + [300.0] * 55 + [900.0] * 10 + [1500.0] * 5))
    assert (found.count, found.held) == (100, (30, 85, 95))
    assert found.words == "the P85 held in 85 of the last 100"
    assert found.verdict == "holds"
    assert found.pinball_s == 60.0
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
    assert (nothing.count, nothing.pinball_s, nothing.mase, nothing.words) == (0, None, None, "none has come true yet")


def test_without_a_naive_forecast_there_is_no_ratio():
    assert record(scored([300.0] * 20, naive_off_s=None)).mase is None
    assert record(scored([300.0] * 20, naive_off_s=0.0)).mase is None


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
