"""Series by name, and the lab: what is known of the forecast of one of them."""

import pytest

from collabtui.answers.lab import lab
from collabtui.answers.series import series
from collabtui.config import ConfigError
from tests.answers.building import DAY, HOUR, MINUTE, NOW, filled, nightly, pipeline, run, settings, ticket


def test_every_number_that_changes_has_a_name(tmp_path):
    hours = [run("often", NOW - HOUR * back, 3 * MINUTE) for back in range(60, 0, -1)]
    tickets = [ticket(n, NOW - n * DAY, NOW - n * DAY + HOUR) for n in range(1, 15)]
    warehouse = filled(
        tmp_path, [pipeline("p"), pipeline("often"), *nightly("p", 2 * HOUR, HOUR, 30), *hours, *tickets]
    )
    found = series(warehouse, settings(tmp_path), NOW).series
    assert list(found.select("series", "every", "unit", "points", "last_value").iter_rows()) == [
        ("duration: often", "hour", "min", 60, 3.0),
        ("duration: p", "day", "min", 29, 60.0),
        ("landing delay: often", "hour", "min", 60, 3.0),
        ("landing delay: p", "day", "min", 29, 60.0),
        ("tickets arrived: P", "week", "tickets", 1, 7.0),
        ("tickets finished: P", "week", "tickets", 1, 7.0),
    ]


def test_the_list_has_as_many_points_as_the_lab_and_its_last_count_is_of_a_whole_week(tmp_path):
    nights = [night for n, night in enumerate(nightly("p", 2 * HOUR, HOUR, 90)) if n % 9]
    often = [run("often", NOW - HOUR * back, 3 * MINUTE) for back in range(60, 0, -1) if back % 7]
    weekly = [run("weekly", NOW - 7 * DAY * back, HOUR) for back in range(30, 0, -1) if back != 12]
    tickets = [ticket(n, NOW - n * 9 * HOUR) for n in range(1, 300) if n % 5]
    names = [pipeline(name) for name in ("p", "often", "weekly")]
    warehouse = filled(tmp_path, [*names, *nights, *often, *weekly, *tickets])
    for row in series(warehouse, settings(tmp_path), NOW).series.iter_rows(named=True):
        found = lab(warehouse, settings(tmp_path), NOW, about=row["series"])
        assert row["points"] == found.about["points"].item(), row["series"]
        if row["unit"] == "tickets":
            assert row["last_value"] == found.history["value"][-1]


def test_the_week_that_goes_on_is_counted_and_not_forecast(tmp_path):
    tickets = [ticket(n, NOW - n * 6 * HOUR) for n in range(1, 400)]
    found = lab(filled(tmp_path, tickets), settings(tmp_path), NOW, about="tickets arrived: P")
    monday = NOW.replace(hour=0) - 2 * DAY
    assert found.so_far == 10
    assert found.history["at"][-1] == monday - 7 * DAY
    assert found.ahead.select("step", "at").row(0) == (2, monday + 7 * DAY)
    ends = found.ahead.select("p2_5", "p10", "p50", "p85", "p90", "p95", "p97_5").row(0)
    assert all(value == round(value) for value in ends), "tickets are whole"
    assert list(ends) == sorted(ends)


def test_what_began_this_week_is_listed_and_not_forecast_yet(tmp_path):
    warehouse = filled(tmp_path, [ticket(n, NOW - n * HOUR) for n in range(1, 4)])
    listed = series(warehouse, settings(tmp_path), NOW).series
    assert listed.select("series", "points", "last_value").rows() == [("tickets arrived: P", 0, None)]
    found = lab(warehouse, settings(tmp_path), NOW, about="tickets arrived: P")
    assert (found.so_far, found.ahead.height, found.about.height) == (3, 0, 0)


def test_runs_that_somebody_started_are_left_out_where_a_pipeline_runs_by_itself(tmp_path):
    by_hand = [run(name, NOW.replace(hour=9) - DAY * back, 10 * MINUTE, run_type="manual")
               for name in ("both", "by_hand") for back in range(40)]  # fmt: skip
    again = [run("both", NOW.replace(hour=5) - DAY * back, 5 * HOUR, run_type="backfill") for back in range(40)]
    names = [pipeline(name) for name in ("both", "by_hand")]
    warehouse = filled(tmp_path, [*names, *nightly("both", 2 * HOUR, HOUR, 40), *by_hand, *again])
    found = series(warehouse, settings(tmp_path), NOW).series.filter(what="duration")
    assert found.select("subject", "last_value").rows() == [("both", 60.0), ("by_hand", 10.0)]


def test_what_is_off_comes_first_and_says_how(tmp_path):
    longer = [*nightly("longer", 2 * HOUR, HOUR, 60)[:-10], *nightly("longer", 2 * HOUR, 2 * HOUR, 10)]
    silent = [run("silent", NOW - HOUR * back, MINUTE) for back in range(240, 40, -1)]
    usual = nightly("usual", 2 * HOUR, HOUR, 60)
    tickets = [ticket(n, NOW - n * HOUR) for n in range(400, 0, -4)]
    names = [pipeline(name) for name in ("longer", "silent", "usual")]
    found = series(filled(tmp_path, [*names, *longer, *silent, *usual, *tickets]), settings(tmp_path), NOW).series
    told = [(name, state, off) for name, state, off in found.select("series", "state", "off").iter_rows()]
    assert told[:4] == [
        ("duration: longer", "new level", "runs take 2.0× as long since Mon 2 Mar"),
        ("duration: silent", "silent", "nothing landed for 41 h, usually every 1 h"),
        ("landing delay: longer", "new level", "runs take 2.0× as long since Mon 2 Mar"),
        ("landing delay: silent", "silent", "nothing landed for 41 h, usually every 1 h"),
    ]
    assert told[4:] == [
        (f"{what}: {subject}", "steady", None)
        for what, subject in (("duration", "usual"), ("landing delay", "usual"), ("tickets arrived", "P"))
    ]


def test_the_lab_shows_history_what_was_mended_and_what_comes(tmp_path):
    nights = [run("p", NOW.replace(hour=2) - DAY * back, (50 + back % 5) * MINUTE) for back in range(60, 0, -1)]
    nights[30] = run("p", nights[30].due_at, 600 * MINUTE)
    found = lab(filled(tmp_path, [pipeline("p"), *nights]), settings(tmp_path), NOW, about="duration: p")
    assert found.history.height == 60
    assert found.history["value"].max() < 100
    assert found.mended["text"].to_list() == ["1 outlier capped: 2026-02-09"]
    assert found.ahead["at"].to_list() == [NOW.replace(hour=0) + DAY * n for n in range(1, 14)]
    assert found.ahead["p50"].is_between(49, 56).all()
    assert found.rivals["mase"].is_sorted()
    assert found.backtest.select("known_at", "at").row(-1) == (
        NOW.replace(hour=0) - 15 * DAY,
        NOW.replace(hour=0) - DAY,
    )
    assert found.about["readiness"].item() > 0.5


def test_days_on_which_a_pipeline_never_runs_are_closed_not_missing(tmp_path):
    nights = [run("p", NOW.replace(hour=2) - DAY * back, (50 + back % 5) * MINUTE) for back in range(60, 0, -1)]
    weekdays = [night for night in nights if night.due_at.weekday() < 5]
    found = lab(filled(tmp_path, [pipeline("p"), *weekdays]), settings(tmp_path), NOW, about="duration: p")
    assert [text.split(":")[0] for text in found.mended["text"]] == ["16 closed days not counted"]
    assert found.about["data_quality"].item() == 1


def test_prophet_and_arima_are_rivals_where_they_are_asked_for(tmp_path):
    nights = [
        run("p", NOW.replace(hour=2) - DAY * back, (50 + back * 7919 % 13) * MINUTE) for back in range(260, 0, -1)
    ]
    warehouse = filled(tmp_path, [pipeline("p"), *nights])
    found = lab(warehouse, settings(tmp_path), NOW, about="duration: p", also=("arima", "prophet"))
    assert {"arima", "prophet"} <= set(found.rivals["candidate"].to_list())


def test_a_name_that_is_not_known_brings_those_near_to_it(tmp_path):
    warehouse = filled(tmp_path, [pipeline("orders"), *nightly("orders", 2 * HOUR, HOUR, 30)])
    with pytest.raises(ConfigError, match="near to it: duration: orders"):
        lab(warehouse, settings(tmp_path), NOW, about="duration: order")
