"""Landing forecasts: ordered, honest about few runs, right as often as they say."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from forecasting.landing import landing, learn, told

START = datetime(2026, 1, 5, tzinfo=UTC)
QUANTILES = ("p50_s", "p85_s", "p95_s")


def history(lengths: list[float | None], every: timedelta = timedelta(days=1)) -> pl.DataFrame:
    """One pipeline's landing delays in seconds, oldest first; None failed."""
    return pl.DataFrame(
        {
            "source": ["a"] * len(lengths), "pipeline_id": ["p"] * len(lengths),
            "due_at": [START + every * n for n in range(len(lengths))], "landing_s": lengths,
        },
        schema={
            "source": pl.String, "pipeline_id": pl.String, "due_at": pl.Datetime("us", "UTC"), "landing_s": pl.Float64,
        },
    )  # fmt: skip


def coming(n: int, *, elapsed_s: float | None = None, allowed_s: float | None = None) -> pl.DataFrame:
    """The run after `n` daily ones."""
    due = START + timedelta(days=n)
    schema = {
        "source": pl.String, "pipeline_id": pl.String, "due_at": pl.Datetime("us", "UTC"), "elapsed_s": pl.Float64,
        "allowed_s": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame([("a", "p", due, elapsed_s, allowed_s)], schema=schema, orient="row")


def forecast(lengths: list[float | None], **known) -> dict:
    return landing(history(lengths), coming(len(lengths), **known)).row(0, named=True)


def test_what_was_learned_serves_while_only_time_passes():
    lengths = [600.0 + 60 * (n % 7) for n in range(40)]
    two = pl.concat([coming(40), coming(41).with_columns(pipeline_id=pl.lit("unknown")), coming(41)])
    learned = learn(history(lengths), two)
    for elapsed_s in (0.0, 700.0):
        later = two.with_columns(elapsed_s=pl.lit(elapsed_s), allowed_s=pl.lit(900.0))
        assert_frame_equal(told(learned, later), landing(history(lengths), later))


anything = st.lists(
    st.one_of(
        st.none(),
        st.floats(0, 1e6),
        st.sampled_from([0.0, -5.0, math.inf, math.nan, 1e-300, 1e300]),
    ),
    max_size=40,
)


times = st.one_of(st.none(), st.floats(-1e6, 1e6), st.sampled_from([1e15, 1e300, math.inf, -math.inf, math.nan]))


@given(anything, times, times)
def test_quantiles_are_ordered_finite_and_not_in_the_past(lengths, elapsed_s, allowed_s):
    found = forecast(lengths, elapsed_s=elapsed_s, allowed_s=allowed_s)
    known = [found[name] for name in QUANTILES]
    if found["model"] == "none":
        assert known == [None] * 3
        return
    assert all(math.isfinite(s) for s in known)
    assert known == sorted(known)
    if elapsed_s is not None and math.isfinite(elapsed_s):
        assert known[0] >= max(0.0, elapsed_s)
    if allowed_s is None or not math.isfinite(allowed_s):
        assert found["p_late"] is None
    else:
        assert 0 <= found["p_late"] <= 1


def test_how_likely_a_deadline_far_away_is_missed_is_told_however_long_it_has_taken():
    """Beyond all that was ever seen only the ratio counts; a deadline that has passed is missed."""
    lengths = [600.0] * 30
    far = [forecast(lengths, elapsed_s=ago, allowed_s=1.05 * ago)["p_late"] for ago in (1e4, 1e12, 1e200)]
    assert far == pytest.approx([far[0]] * 3)
    assert 0.05 < far[0] < 0.95
    assert forecast(lengths, elapsed_s=1e200, allowed_s=900.0)["p_late"] == 1


def test_without_any_landed_run_there_is_no_forecast():
    for lengths in ([], [None, None], [math.nan]):
        found = forecast(lengths, allowed_s=60.0)
        assert (found["model"], found["history_n"], found["p50_s"]) == ("none", 0, None)


def test_few_runs_have_wide_intervals_and_say_so():
    few, many = forecast([600.0] * 4), forecast([600.0] * 60)
    assert (few["model"], many["model"]) == ("few runs", "blend")
    assert few["p95_s"] / few["p50_s"] > 1.3 > many["p95_s"] / many["p50_s"]


@pytest.mark.parametrize("factor", [0.5, 1.8, 3.0])
def test_a_change_of_level_is_followed_within_ten_runs(factor):
    rng = np.random.default_rng(4)
    lengths = list(600 * rng.lognormal(0, 0.1, 40)) + list(factor * 600 * rng.lognormal(0, 0.1, 8))
    assert forecast(lengths)["p50_s"] == pytest.approx(factor * 600, rel=0.15)


def test_one_odd_run_is_not_a_change_of_level():
    rng = np.random.default_rng(4)
    lengths = list(600 * rng.lognormal(0, 0.1, 40))
    assert forecast([*lengths, 6000.0])["p50_s"] == pytest.approx(forecast(lengths)["p50_s"], rel=0.1)


def test_hours_of_their_own_are_seen():
    rng = np.random.default_rng(5)
    hours = [600 * (2.0 if n % 24 < 6 else 1.0) * float(rng.lognormal(0, 0.05)) for n in range(152)]  # slow at night
    due = START + timedelta(hours=len(hours))
    found = landing(history(hours, timedelta(hours=1)), coming(0).with_columns(due_at=pl.lit(due)))  # at 08:00
    late = landing(history(hours[:145], timedelta(hours=1)), coming(0).with_columns(due_at=pl.lit(START)))  # at 00:00
    assert found["p50_s"][0] == pytest.approx(600, rel=0.15)
    assert late["p50_s"][0] == pytest.approx(1200, rel=0.15)


def test_a_weekday_of_its_own_is_seen():
    weeks = [1800.0 if n % 7 == 0 else 600.0 for n in range(70)]  # Mondays take three times as long
    monday, tuesday = forecast(weeks), forecast([*weeks, 1800.0])
    assert monday["p50_s"] > 1.5 * tuesday["p50_s"]


def test_what_runs_already_can_only_take_longer():
    rng = np.random.default_rng(1)
    lengths = list(rng.lognormal(6.4, 0.3, 60))
    fresh = forecast(lengths, allowed_s=1200.0)
    old = forecast(lengths, elapsed_s=900.0, allowed_s=1200.0)
    assert old["p50_s"] > 900 > fresh["p50_s"]
    assert old["p_late"] > fresh["p_late"]
    assert forecast(lengths, elapsed_s=1300.0, allowed_s=1200.0)["p_late"] == 1.0


@pytest.mark.parametrize("spread", [0.1, 0.4])
def test_p50_p85_and_p95_hold_as_often_as_they_say(spread):
    """400 pipelines with 60 runs each, their 61st held back: within 5 points."""
    rng = np.random.default_rng(20)
    held = np.zeros(3)
    trials = 400
    for _ in range(trials):
        lengths = rng.lognormal(rng.uniform(4, 8), spread, 61)
        found = forecast(list(lengths[:-1]))
        held += [lengths[-1] <= found[name] for name in QUANTILES]
    assert held / trials == pytest.approx([0.50, 0.85, 0.95], abs=0.05)


def test_the_chance_to_miss_is_as_large_as_it_says():
    """Runs that pass 800 s in 20 % of cases."""
    rng = np.random.default_rng(3)
    promised, missed = 0.0, 0
    for _ in range(300):
        lengths = rng.lognormal(math.log(800) - 0.3 * 0.8416, 0.3, 61)
        promised += forecast(list(lengths[:-1]), allowed_s=800.0)["p_late"]
        missed += lengths[-1] > 800
    assert promised / 300 == pytest.approx(0.2, abs=0.05)
    assert missed / 300 == pytest.approx(promised / 300, abs=0.06)


def test_rows_keep_their_order_and_pipelines_do_not_mix():
    two = pl.concat([history([60.0] * 20), history([6000.0] * 20).with_columns(pipeline_id=pl.lit("q"))])
    asked = pl.concat([coming(20).with_columns(pipeline_id=pl.lit(name)) for name in ("q", "p", "r")])
    found = landing(two, asked)
    assert found["pipeline_id"].to_list() == ["q", "p", "r"]
    assert found["p50_s"].to_list() == [pytest.approx(6000, rel=0.1), pytest.approx(60, rel=0.1), None]


def test_a_forecast_brings_its_record():
    """A hundred pipelines whose runs depend on the weekday: the P85 of their past held in 85 %, naive erred more."""
    rng = np.random.default_rng(6)
    found = [forecast([600 * (1 + n % 7 / 5) * float(rng.lognormal(0, 0.1)) for n in range(80)]) for _ in range(100)]
    assert {row["model"] for row in found} == {"blend"}
    assert sum(row["held_n"] for row in found) / sum(row["tested_n"] for row in found) == pytest.approx(0.85, abs=0.04)
    assert np.mean([row["mase"] for row in found]) < 0.9
    assert all(row["champion"] == "seasons" or "same" in row["champion"] or "slow" in row["champion"] for row in found)
    assert all(row["tested_n"] == 80 - 10 - 5 for row in found)


def test_what_is_no_better_than_plain_history_is_shown_as_plain_history():
    """Runs that are pure chance: candidates that look for more than their spread earn nothing."""
    rng = np.random.default_rng(7)
    found = [forecast(list(rng.lognormal(6, 0.4, 80))) for _ in range(40)]
    plain = [row for row in found if row["model"] == "history"]
    assert len(plain) > 20
    assert all(min(row["data_quality"], row["features"], row["validation"]) < 0.5 for row in plain)


def test_what_was_wrong_with_the_history_lowers_its_quality():
    clean, failing, invalid = [600.0] * 40, [600.0, None] * 20, [600.0, -5.0] * 20
    quality = [forecast(lengths)["data_quality"] for lengths in (clean, failing, invalid)]
    assert quality[0] == 1.0
    assert quality[1] == quality[2] == pytest.approx((0.5 + 1 + 1) / 3)


def test_what_was_odd_is_told():
    rng = np.random.default_rng(8)
    lengths: list[float | None] = list(600 * rng.lognormal(0, 0.1, 60))
    lengths[50], lengths[55], lengths[56] = 6000.0, None, -5.0
    found = forecast(lengths)
    assert (found["failed_n"], found["invalid_n"], found["odd_n"]) == (1, 1, 1)
    assert found["odd_at"] == START + timedelta(days=50)
