"""From events to regular series, and what is told of mending them."""

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecasting.series import regular

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""
DAY = timedelta(days=1)


def events(times, values=None, name="s") -> pl.DataFrame:
    frame = pl.DataFrame(
        {"id": [name] * len(times), "time": times}, schema={"id": pl.String, "time": pl.Datetime("us", "UTC")}
    )
    return frame if values is None else frame.with_columns(value=pl.Series(values, dtype=pl.Float64))


def daily(values, start=START) -> pl.DataFrame:
    return events([start + DAY * n for n in range(len(values))], values)


def kinds(found) -> dict[str, int]:
    return dict(found.report.select("kind", "count").iter_rows())


def test_a_day_without_events_is_zero_for_counts_and_missing_for_measurements():
    times = [START, START + timedelta(hours=3), START + 2 * DAY]
    assert regular(events(times), "day", how="count").series["value"].to_list() == [2, 0, 1]
    measured = regular(events(times, [1.0, 3.0, 5.0]), "day", how="mean")
    assert measured.series["value"].to_list() == [2.0, None, 5.0]
    assert measured.report["text"].to_list() == ["1 gap filled: 2026-03-03"]


def test_a_closed_day_is_no_zero():
    holiday = pl.DataFrame({"time": [START + DAY]})
    found = regular(events([START, START + 3 * DAY]), "day", how="count", closed=holiday)
    assert found.series["value"].to_list() == [1, None, 0, 1]
    assert found.series["is_closed"].to_list() == [False, True, False, False]
    assert kinds(found) == {"closed": 1}


def test_the_day_that_is_not_over_is_left_out_and_quiet_days_before_it_are_zeros():
    until = START + 4 * DAY + timedelta(hours=9)
    happened = [START, START + DAY, until - timedelta(hours=1)]
    assert regular(events(happened), "day", how="count", until=until).series["value"].to_list() == [1, 1, 0, 0]
    measured = regular(events(happened, [1.0, 2.0, 3.0]), "day", how="last", until=until)
    assert measured.series["value"].to_list() == [1.0, 2.0]


def test_counts_leave_out_a_first_week_that_is_not_whole():
    began = START + timedelta(hours=30)
    happened = [began + DAY * n for n in range(3)]
    found = regular(events(happened), "day", how="count", until=START + 4 * DAY)
    assert found.series["value"].to_list() == [1, 1]
    assert found.report["text"].to_list() == ["the first day left out: it is not whole"]
    measured = regular(events(happened, [1.0, 2.0, 3.0]), "day", how="last", until=START + 4 * DAY)
    assert measured.series["value"].to_list() == [1.0, 2.0, 3.0]


def test_days_are_those_of_the_zone_and_clock_changes_are_told():
    times = [datetime(2026, 3, 27, 23, 30, tzinfo=UTC) + timedelta(hours=24) * n for n in range(4)]
    found = regular(events(times), "day", how="count", zone="Europe/Berlin")
    assert found.series["value"].to_list() == [1, 1, 1, 1]
    assert found.series["time"][1] == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert kinds(found) == {"clock change": 1}
    assert found.report["days"].to_list() == [[date(2026, 3, 29)]]
    assert found.report["text"].item().endswith("the clocks changed: 2026-03-29")


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Africa/Cairo", date(2025, 4, 25)),
        ("America/Santiago", date(2025, 9, 7)),
        ("Asia/Beirut", date(2025, 3, 30)),
        ("America/Havana", date(2025, 3, 9)),
    ],
)
def test_a_day_that_begins_at_one_is_counted_from_there(zone, day):
    """Its clocks are put forward at midnight."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    hourly = [noon + timedelta(hours=n) for n in range(-72, 72)]
    found = regular(events(hourly), "day", how="count", zone=zone).series
    local = found.with_columns(pl.col("time").dt.convert_time_zone(zone))
    assert local.filter(pl.col("time").dt.date() == day).select(pl.col("time").dt.hour(), "value").rows() == [(1, 23)]
    assert local["time"].dt.date().to_list() == [day + DAY * n for n in range(-3, 4)]


@pytest.mark.parametrize("every", ["hour", "day", "week"])
@pytest.mark.parametrize(
    ("zone", "year"), [("Africa/Cairo", 2025), ("Australia/Lord_Howe", 2025), ("Pacific/Apia", 2011)]
)
def test_no_event_of_a_year_is_lost_where_clocks_change(zone, year, every):
    """At midnight, by half an hour, by a whole day."""
    hourly = [datetime(year, 1, 10, tzinfo=UTC) + timedelta(hours=n) for n in range(370 * 24)]
    found = regular(events(hourly), every, how="count", zone=zone).series
    assert found["value"].sum() == len(hourly)


def test_duplicates_and_what_cannot_be_are_left_out():
    times = [START, START, START + DAY, START + 2 * DAY]
    found = regular(events(times, [5.0, 5.0, -3.0, math.inf]), "day", how="sum", least=0)
    assert found.series["value"].to_list() == [5.0]
    assert kinds(found) == {"duplicate": 1, "invalid": 2}


def test_a_lone_outlier_is_capped_and_says_so():
    values = [10.0 + n % 3 for n in range(40)]
    values[20] = 900.0
    found = regular(daily(values), "day", how="last")
    assert found.series["value"][20] < 30
    assert found.series["is_mended"].to_list().count(True) == 1
    assert found.report["text"].to_list() == ["1 outlier capped: 2026-03-22"]


@pytest.mark.parametrize("places", [[0], [39], [0, 39], [0, 20], [38]])
def test_outliers_at_the_ends_are_lone_too(places):
    values = np.array([10.0 + n % 3 for n in range(40)])
    values[places] = 900.0
    assert np.flatnonzero(regular(daily(values), "day", how="last").series["is_mended"]).tolist() == places


def test_two_in_a_row_are_kept_also_at_the_end():
    values = [10.0 + n % 3 for n in range(38)] + [900.0, 900.0]
    assert regular(daily(values), "day", how="last").series["value"].to_list()[-2:] == [900.0, 900.0]


def test_a_change_of_level_is_kept_and_found_at_its_day():
    found = regular(daily([10.0 + n % 3 for n in range(30)] + [50.0 + n % 3 for n in range(30)]), "day", how="last")
    assert found.series["value"].to_list()[30:33] == [50.0, 51.0, 52.0]
    assert found.report.select("kind", "at").rows() == [("level shift", START + 30 * DAY)]


def test_a_change_of_level_is_found_beneath_a_week_and_told_in_its_unit():
    usual = [24.0, 16.0, 16.0, 16.0, 16.0, 10.0, 10.0]
    hours = [START + timedelta(hours=n) for n in range(168 * 6)]
    noisy = np.array([usual[at.weekday()] for at in hours]) + np.random.default_rng(1).normal(size=len(hours)) * 2
    assert kinds(regular(events(hours, noisy), "hour", how="median")) == {}
    higher = noisy + 12 * (np.arange(len(hours)) >= 168 * 3)
    found = regular(events(hours, higher), "hour", how="median", unit="min").report.filter(kind="level shift")
    assert found.select("what", "days").rows() == [("level shift of +11.3 min kept", [date(2026, 3, 23)])]


def test_a_level_that_comes_back_little_by_little_is_not_told_each_time_it_is_left():
    teeth = [50.0 - n % 30 + n * 7919 % 3 for n in range(150)]
    assert kinds(regular(daily(teeth), "day", how="last")) == {}


def test_a_trend_and_a_season_are_neither():
    trend = regular(daily([2.0 * n + (n * 7919 % 5) for n in range(80)]), "day", how="last")
    season = regular(daily([100.0 if n % 7 == 0 else 10.0 + n % 2 for n in range(80)]), "day", how="last")
    assert kinds(trend) == {}
    assert kinds(season) == {}


def test_what_lies_before_a_gap_of_ten_years_is_left_out():
    times = [START - timedelta(days=3650) + DAY * n for n in range(20)] + [START + DAY * n for n in range(20)]
    found = regular(events(times, [1.0] * 40), "day", how="last")
    assert found.series.height == 20
    assert "cut" in kinds(found)


@given(
    st.lists(st.tuples(st.integers(0, 400 * 24), st.one_of(st.none(), st.floats(), st.just(-1.0))), max_size=60),
    st.sampled_from(["hour", "day", "week"]),
    st.sampled_from(["count", "sum", "mean", "median", "last", "max"]),
    st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia"]),
)
@example([(0, 9e307)], "hour", "sum", "UTC")
def test_any_events_become_a_regular_series_without_nan(rows, every, how, zone):
    frame = events([START + timedelta(hours=h) for h, _ in rows], [v for _, v in rows])
    found = regular(frame, every, how=how, zone=zone)
    values = [v for v in found.series["value"].to_list() if v is not None]
    assert all(math.isfinite(v) for v in values)
    times = found.series["time"].to_list()
    assert times == sorted(set(times))


def test_words_that_are_not_known_are_named():
    with pytest.raises(ValueError, match="'month'"):
        regular(events([START]), "month", how="count")
    with pytest.raises(ValueError, match="no column value"):
        regular(events([START]), "day", how="sum")
