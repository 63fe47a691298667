"""A panel of series: quantiles out, ordered and finite, whatever comes in; better than naive where something can be
learned; and believable intervals."""

import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from forecasting import metrics, processes
from forecasting.panel import LEVELS, column, forecast
from forecasting.processes import CancelledError
from forecasting.rows import completed
from forecasting.spacing import seasons_of, usual_step_s

START = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)
COLUMNS = [column(level) for level in LEVELS]


def panel(**series) -> pl.DataFrame:
    """Daily series by name."""
    frames = [
        pl.DataFrame(
            {
                "id": [name] * len(values),
                "time": [START + timedelta(days=n) for n in range(len(values))],
                "value": values,
            },
            schema={"id": pl.String, "time": pl.Datetime("us", "UTC"), "value": pl.Float64},
        )
        for name, values in series.items()
    ]
    return pl.concat(frames)


def weekly_wave(rng: np.random.Generator, points: int, noise: float) -> np.ndarray:
    days = np.arange(points)
    return 100 + rng.normal(0, 30, 7)[days % 7] + 0.1 * days + rng.normal(0, noise, points)


odd_values = st.lists(
    st.one_of(
        st.none(),
        st.floats(-1e9, 1e9),
        st.sampled_from([0.0, math.nan, math.inf, -math.inf, 1e-300, 1e250, 5.0]),
    ),
    min_size=1,
    max_size=45,
)


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(odd_values, min_size=1, max_size=3), st.integers(1, 9))
def test_there_is_always_an_answer_or_a_reason_and_never_a_nan(lists, horizon):
    frame = panel(**{f"s{n}": values for n, values in enumerate(lists)})
    found = forecast(frame, horizon, seasons=(7,), workers=1)
    assert found.series["id"].to_list() == [f"s{n}" for n in range(len(lists))]
    told = found.quantiles
    for row in told.select(COLUMNS).iter_rows():
        assert all(math.isfinite(v) for v in row)
        assert list(row) == sorted(row)
    for name, model, weights, reason in found.series.select("id", "model", "weights", "reason").iter_rows():
        steps = told.filter(pl.col("id") == name)["step"].to_list()
        assert steps == ([] if model == "none" else list(range(1, horizon + 1)))
        assert weights or reason


@pytest.mark.parametrize(
    ("values", "model"),
    [([], None), ([None, math.nan], "none"), ([3.0], "few points"), ([7.0] * 40, "constant")],
)
def test_hopeless_series_say_why(values, model):
    found = forecast(panel(s=values, other=[1.0, 2.0, 3.0]), 2, seasons=(7,))
    known = dict(found.series.select("id", "model").iter_rows())
    assert known.get("s") == model
    assert found.series["reason"].null_count() == 0


def test_few_points_are_widely_uncertain():
    found = forecast(panel(two=[10.0, 12.0], nine=[10.0, 12.0] * 4 + [11.0]), 1, seasons=())
    width = {row["id"]: row["p97_5"] - row["p2_5"] for row in found.quantiles.to_dicts()}
    assert width["two"] > 4 * width["nine"] > 8


def test_what_was_never_negative_does_not_become_so():
    rng = np.random.default_rng(4)
    found = forecast(panel(counts=list(rng.poisson(0.4, 90).astype(float))), 14, seasons=(7,))
    assert found.quantiles.select(pl.min_horizontal(COLUMNS).min()).item() >= 0


def test_a_season_is_seen_and_naive_is_beaten():
    rng = np.random.default_rng(2)
    series = {f"s{n}": weekly_wave(rng, 134, 6.0) for n in range(6)}
    found = forecast(panel(**{name: list(y[:120]) for name, y in series.items()}), 14, seasons=(7,))
    ours, naive = [], []
    for name, y in series.items():
        path = found.quantiles.filter(pl.col("id") == name)["p50"].to_numpy()
        ours.append(metrics.mae(y[120:], path))
        naive.append(metrics.mae(y[120:], np.resize(y[113:120], 14)))
    assert np.mean(ours) < 0.9 * np.mean(naive)
    assert found.series["readiness"].min() > 0.4


def test_intervals_hold_as_often_as_they_say():
    """Sixty series of three kinds, fourteen steps ahead: within 5 points, also for the noisiest quarter."""
    rng = np.random.default_rng(8)
    series = {}
    for n in range(60):
        noise = rng.uniform(2, 30)
        walk = np.cumsum(rng.normal(0, noise / 4, 94)) if n % 3 == 0 else np.zeros(94)
        series[f"s{n}"] = weekly_wave(rng, 94, noise) + walk + 500
    found = forecast(panel(**{name: list(y[:80]) for name, y in series.items()}), 14, seasons=(7,), workers=2)
    within = {0.8: [], 0.95: []}
    for name, y in series.items():
        row = found.quantiles.filter(pl.col("id") == name)
        within[0.8].append(metrics.coverage(y[80:], row["p10"], row["p90"]))
        within[0.95].append(metrics.coverage(y[80:], row["p2_5"], row["p97_5"]))
    assert np.mean(within[0.8]) == pytest.approx(0.8, abs=0.05)
    assert np.mean(within[0.95]) == pytest.approx(0.95, abs=0.05)


def test_intervals_of_short_histories_hold_as_often_as_they_say():
    """Ninety walks and seasons of forty points, thirteen steps ahead: their backtests have little room, and origins
    that overlap know each other's truth. Taken as if they did not, the intervals held 63 and 80 % of what came."""
    rng = np.random.default_rng(12)
    months = np.arange(53)
    series = {}
    for n in range(90):
        walk = np.cumsum(rng.normal(0, rng.uniform(1, 5), 53))
        season = rng.normal(0, 10, 12)[months % 12] + rng.normal(0, rng.uniform(1, 20), 53)
        series[f"s{n}"] = 500 + (walk if n % 2 else season)
    found = forecast(panel(**{name: list(y[:40]) for name, y in series.items()}), 13, seasons=(12,), workers=2)
    within = {0.8: [], 0.95: []}
    for name, y in series.items():
        row = found.quantiles.filter(pl.col("id") == name)
        within[0.8].append(metrics.coverage(y[40:], row["p10"], row["p90"]))
        within[0.95].append(metrics.coverage(y[40:], row["p2_5"], row["p97_5"]))
    assert np.mean(within[0.8]) == pytest.approx(0.8, abs=0.06)
    assert np.mean(within[0.95]) == pytest.approx(0.95, abs=0.07)


SCRIPT = """
from datetime import date, timedelta
import polars as pl
from forecasting.panel import forecast
print("begun")
days = [date(2025, 1, 1) + timedelta(days=n) for n in range(260)]
values = [float(n % 7) for n in range(260)]
frame = pl.concat(pl.DataFrame({"id": f"s{k}", "time": days, "value": values}) for k in range(20))
print(forecast(frame, 3, workers=2).series.height)
"""


def test_a_script_without_a_main_guard_may_ask(tmp_path):
    """What it does beside that is not done again in each of the processes."""
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["begun", "20"], done.stderr[-1000:]


def test_the_number_of_processes_changes_nothing():
    rng = np.random.default_rng(3)
    frame = panel(**{f"s{n}": list(weekly_wave(rng, 420, 5.0)) for n in range(13)})
    one, two = (forecast(frame, 3, seasons=(7,), workers=workers) for workers in (1, 2))
    assert one.quantiles.equals(two.quantiles)
    assert one.series.equals(two.series)


def test_progress_is_told_and_it_can_be_stopped():
    rng = np.random.default_rng(3)
    frame = panel(**{f"s{n}": list(weekly_wave(rng, 30, 5.0)) for n in range(5)})
    told = []
    forecast(frame, 3, seasons=(7,), progress=lambda done, total: told.append((done, total)))
    assert told == [(n, 5) for n in range(1, 6)]
    with pytest.raises(CancelledError):
        forecast(frame, 3, seasons=(7,), cancelled=lambda: len(told) > 0)


def test_steps_count_from_the_last_row_also_where_its_value_is_missing():
    months = 100 + 30 * np.sin(2 * np.pi * np.arange(123) / 12)
    known = [*months[:117], None, math.nan, None]
    found = forecast(panel(late=known, whole=list(months[:120])), 3, seasons=12, workers=1).quantiles
    for name in ("late", "whole"):
        told = found.filter(pl.col("id") == name)
        assert told["step"].to_list() == [1, 2, 3]
        assert told["p50"].to_numpy() == pytest.approx(months[120:], abs=5)


def test_missing_rows_are_missing_values():
    weeks = weekly_wave(np.random.default_rng(3), 200, 5.0)
    frame = panel(s=list(weeks))
    is_gone = (pl.int_range(pl.len()) >= 150) & (pl.int_range(pl.len()) < 156)
    null = frame.with_columns(value=pl.when(is_gone).then(None).otherwise("value"))
    holes, nulls = (forecast(each, 7, workers=1) for each in (frame.filter(~is_gone).reverse(), null))
    assert holes.quantiles.equals(nulls.quantiles)
    assert holes.series.equals(nulls.series)


@pytest.mark.parametrize(
    "times",
    [
        pl.int_range(0, 40, eager=True),
        pl.int_range(0, 40, eager=True) / 4,
        pl.date_range(pl.date(2020, 1, 1), pl.date(2023, 4, 1), "1mo", eager=True),
        pl.datetime_range(START, START + 39 * timedelta(hours=1), "1h", time_zone="America/New_York", eager=True),
        pl.datetime_range(START, START + 39 * DAY, "1d", time_unit="ms", eager=True),
    ],
)
def test_a_hole_is_filled_where_it_is(times):
    whole = pl.DataFrame({"id": ["s"] * 40, "time": times, "value": np.arange(40.0)})
    found = completed(whole.filter(pl.col("value") != 20)).sort("time")
    assert found["value"].to_list() == [*range(20), None, *range(21, 40)]
    assert found.schema["time"] == whole.schema["time"]
    assert (found["time"] == times).sum() >= 39, "months are of many lengths"


def test_working_days_have_no_holes():
    """Nor have times that are far apart in no order."""
    days = panel(s=list(range(70))).filter(pl.col("time").dt.weekday() < 6)
    assert completed(days).height == 50
    odd = pl.DataFrame({"id": ["s"] * 40, "time": [*range(39), 10**12], "value": [1.0] * 40})
    assert completed(odd).height == 40


NO_ORDER = pl.DataFrame({"id": ["a", "a"], "time": [START, START], "value": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (NO_ORDER, "more than one row of 'a' at 2026-01-05"),
        (NO_ORDER.with_columns(time=pl.lit(None, dtype=pl.Date)), "2 rows of the panel have no time"),
        (NO_ORDER.with_columns(id=pl.Series([None, "None"])), "1 rows of the panel have no id"),
        (NO_ORDER.with_columns(time=pl.Series(["9", "10"])), "dates, times or numbers"),
    ],
)
def test_rows_that_cannot_be_told_apart_or_ordered_are_refused(rows, words):
    with pytest.raises(ValueError, match=words):
        forecast(rows, 3)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"levels": (10, 90)}, "between 0 and 1, such as 0.85; got 10, 90"),
        ({"levels": (0, 0.5, 1, math.nan)}, "got 0, 1, nan"),
        ({"horizon": 13.0}, "a horizon is a whole number of steps; got 13.0"),
        ({"seasons": [52.18]}, "a season is a whole number of steps; got 52.18"),
        ({"seasons": (0,)}, "1 or more"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(asked, words):
    with pytest.raises(ValueError, match=words):
        forecast(panel(a=[1.0, 2.0]), **{"horizon": 3, **asked})


def test_whole_numbers_may_be_numpys_and_a_level_may_come_again():
    frame = panel(a=list(weekly_wave(np.random.default_rng(3), 60, 5.0)))
    usual = forecast(frame, 3, seasons=7, levels=(0.1, 0.9)).quantiles
    assert forecast(frame, np.int64(3), seasons=np.int64(7), levels=(0.1, 0.9, 0.1)).quantiles.equals(usual)
    assert forecast(frame, 3, seasons=np.array([7]), levels=np.array([0.1, 0.9])).quantiles.equals(usual)


def test_what_cannot_be_asked_is_said():
    with pytest.raises(ValueError, match="no column value"):
        forecast(pl.DataFrame({"id": ["a"], "time": [START]}), 3, seasons=())
    with pytest.raises(ValueError, match="horizon of 0"):
        forecast(panel(a=[1.0]), 0, seasons=())


@pytest.mark.parametrize(
    ("step", "seasons"),
    [
        (timedelta(minutes=30), (48, 336)),
        (timedelta(hours=1), (24, 168)),
        (timedelta(days=1), (7, 365)),
        (timedelta(weeks=1), (52,)),
        (timedelta(days=30.4), (12,)),
        (timedelta(days=91), (4,)),
        (timedelta(days=365), ()),
        (timedelta(days=400), ()),
    ],
)
def test_seasons_follow_from_the_times(step, seasons):
    assert seasons_of(usual_step_s(pl.Series([START + step * n for n in range(9)]))) == seasons


def test_times_that_are_numbers_have_no_seasons():
    assert seasons_of(usual_step_s(pl.Series([1, 2, 3]))) == ()


def test_seasons_need_not_be_given_and_columns_may_have_other_names():
    rng = np.random.default_rng(7)
    frame = panel(a=list(weekly_wave(rng, 60, 5.0)), b=list(weekly_wave(rng, 50, 5.0)))
    given = forecast(frame, 7, seasons=(7, 365))
    theirs = frame.rename({"id": "unique_id", "time": "ds", "value": "y"})
    assert forecast(theirs, 7).quantiles.equals(given.quantiles)
    assert forecast(frame, 7, seasons=7).quantiles.equals(given.quantiles)  # too short for 365


def test_arima_comes_where_it_is_asked_for():
    rng = np.random.default_rng(2)
    season = 10 * np.sin(2 * np.pi * np.arange(84) / 7)
    walk = 200 + season + np.cumsum(rng.normal(0, 1, 84))
    found = forecast(panel(a=list(walk)), 7, seasons=7, also=("arima",))
    assert "arima" in [one["family"] for one in found.series["weights"][0]]
    assert "arima" not in [one["family"] for one in forecast(panel(a=list(walk)), 7, seasons=7).series["weights"][0]]
    assert found.quantiles["p50"].is_between(140, 260).all()


def test_arima_is_told_by_several_processes_as_by_one(monkeypatch):
    monkeypatch.setattr(processes, "ALONE_POINTS", 0)
    rng = np.random.default_rng(2)
    frame = panel(a=list(weekly_wave(rng, 84, 5.0)), b=list(weekly_wave(rng, 84, 5.0)))
    one, two = (forecast(frame, 7, seasons=7, also=("arima",), workers=workers) for workers in (1, 2))
    assert two.rivals.filter(candidate="arima").height == 2
    assert two.quantiles.equals(one.quantiles)


def test_prophet_comes_where_it_is_asked_for_and_knows_holidays(capfd):
    """Every tenth day is a holiday on which nothing runs: no season tells, the calendar does."""
    rng = np.random.default_rng(9)
    days = np.arange(210)
    values = np.where(days % 10 == 3, 20.0, 100.0 + rng.normal(0, 2, days.size))
    frame = panel(shop=[math.nan, *values[:200]], other=[5.0, None, 7.0])
    off = pl.DataFrame(
        {"name": "off", "date": [START + timedelta(days=int(n) + 1) for n in days if n % 10 == 3]},
        schema={"name": pl.String, "date": pl.Datetime("us", "UTC")},
    )
    found = forecast(frame, 10, seasons=7, also=("prophet",), holidays=off)
    families = [each["family"] for each in found.series.filter(pl.col("id") == "shop")["weights"][0]]
    assert families[0] == "prophet"
    path = found.quantiles.filter(pl.col("id") == "shop")["p50"].to_numpy()
    assert path.argmin() == 3
    assert path[3] < 40
    assert capfd.readouterr().err == ""


def test_an_unknown_candidate_is_refused():
    with pytest.raises(ValueError, match="no candidate oracle"):
        forecast(panel(a=[1.0]), 3, also=("oracle",))


def test_what_stands_behind_the_champion_can_be_seen():
    values = weekly_wave(np.random.default_rng(4), 90, 5.0)
    found = forecast(panel(s=values), 7, seasons=(7,), workers=1)
    (about,) = found.series.iter_rows(named=True)
    assert found.rivals["mase"].is_sorted()
    assert {"last", "median", "naive 7"} <= set(found.rivals["candidate"].to_list())
    assert found.rivals["weight"].sum() == pytest.approx(1)
    assert about["naive"] == "naive 7"
    assert about["naive_mase"] == found.rivals.filter(candidate="naive 7")["mase"].item()
    (plain,) = forecast(panel(s=values), 7, seasons=(), workers=1).series.iter_rows(named=True)
    assert plain["naive"] == "last"
    back = found.backtest
    assert back["known"].n_unique() == about["origins"]
    assert back["value"].to_list()[-7:] == pytest.approx(values[-7:])
    mae = (back["value"] - back["told"]).abs().mean()
    assert mae / metrics.naive_scale(values, 7) == pytest.approx(about["mase"])


def test_closed_days_are_not_missing():
    days = panel(s=[None if n % 7 > 4 else 50.0 + n % 3 for n in range(70)])
    missing = forecast(days, 7, seasons=(7,), workers=1).series["data_quality"].item()
    closed = days.with_columns(is_closed=pl.col("value").is_null())
    assert forecast(closed, 7, seasons=(7,), workers=1).series["data_quality"].item() > missing
