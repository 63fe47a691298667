"""The runs to come: when they are due and land, how that is known, and how many are in flight in which hour."""

from datetime import datetime, timedelta

import msgspec
import polars as pl
import pytest

from collabtui.answers.calendar import Calendar, calendar, runs_in
from collabtui.answers.compute import compute
from collabtui.answers.landings import landings
from collabtui.config import Deadline
from connectors.records import Pool
from tests.answers.building import DAY, HOUR, MINUTE, NOW, feeds, filled, nightly, pipeline, run, settings, task_run

TODAY = NOW.replace(hour=0)
TRIGGERED = {"run_type": "asset_triggered"}


def at(hours: float, days: int = 0) -> datetime:
    return TODAY + HOUR * hours + DAY * days


def asked(folder, records, deadlines=(), now=NOW, **more) -> Calendar:
    return calendar(filled(folder, records), settings(folder, deadlines), now, **more)


def dues(found: Calendar, pipeline_id: str = "p") -> list[datetime]:
    return found.runs.filter(pipeline_id=pipeline_id)["due_at"].to_list()


def bases(found: Calendar, pipeline_id: str = "p") -> list[str]:
    return found.runs.filter(pipeline_id=pipeline_id)["basis"].to_list()


def test_what_has_a_schedule_is_due_by_it(tmp_path):
    """Every morning at three, today is done: six mornings more in seven days."""
    known = [pipeline("p", schedule="0 3 * * *", next_run_at=at(3, 1)), *nightly("p", 3 * HOUR, HOUR, 30)]
    found = asked(tmp_path, known)
    assert dues(found) == [at(3, n) for n in range(1, 7)]
    assert bases(found) == ["schedule"] * 6
    lands = found.runs.select((pl.col("p50_at") - pl.col("due_at")).dt.total_minutes()).to_series()
    assert lands.to_list() == pytest.approx([60] * 6, abs=2)
    assert (found.runs["p50_at"] <= found.runs["p85_at"]).all()
    assert (found.runs["p85_at"] <= found.runs["p95_at"]).all()


def test_a_schedule_follows_the_clock_of_its_zone(tmp_path):
    """04:00 in Berlin is 03:00 UTC, and 02:00 from 29 March on."""
    now = NOW + 14 * DAY
    known = [pipeline("p", schedule="0 4 * * *", next_run_at=at(3, 15)), *nightly("p", 3 * HOUR, HOUR, 30)]
    berlin = msgspec.structs.replace(settings(tmp_path), timezone="Europe/Berlin")
    found = calendar(filled(tmp_path, known), berlin, now)
    assert dues(found) == [at(3, 15), at(3, 16), at(3, 17), at(2, 18), at(2, 19), at(2, 20)]
    assert set(bases(found)) == {"schedule"}
    by_day = dict(found.hours.group_by("day_on").len().iter_rows())
    assert by_day[at(0, 18).date()] == 23, "the clocks skip an hour"


@pytest.mark.parametrize("schedule", ["a timetable", "30 17 * * *", None])
def test_what_cannot_be_read_or_does_not_agree_is_guessed_as_a_week_before(tmp_path, schedule):
    """It runs on weekdays only, which its past shows. The source names the next run."""
    weekdays = [night for night in nightly("p", 3 * HOUR, HOUR, 40) if night.due_at.weekday() < 5]
    found = asked(tmp_path, [pipeline("p", schedule=schedule, next_run_at=at(3, 1)), *weekdays])
    assert dues(found) == [at(3, n) for n in (1, 2, 5, 6)], "not on Saturday and Sunday"
    assert bases(found) == ["schedule", "past", "past", "past"]


def test_with_less_than_a_week_of_past_runs_are_as_far_apart_as_usual(tmp_path):
    hourly = [run("p", NOW - HOUR * n, 10 * MINUTE) for n in range(1, 20)]
    found = asked(tmp_path, [pipeline("p", next_run_at=NOW + 5 * MINUTE), *hourly], days_ahead=1)
    assert dues(found)[:3] == [NOW + 5 * MINUTE, NOW + 65 * MINUTE, NOW + 125 * MINUTE]
    assert bases(found)[:2] == ["schedule", "past"]


def test_what_waits_for_data_is_due_when_the_last_of_it_lands(tmp_path):
    """a lands at four, b at five; the mart begins then, and the report when the mart has landed at 5:30."""
    nights = range(1, 31)
    known = [
        pipeline("a", schedule="0 3 * * *", next_run_at=at(3, 1)), *nightly("a", 3 * HOUR, HOUR, 30),
        pipeline("b", schedule="0 3 * * *", next_run_at=at(3, 1)), *nightly("b", 3 * HOUR, 2 * HOUR, 30),
        pipeline("mart"), *(run("mart", at(5, -n + 1), 30 * MINUTE, **TRIGGERED) for n in nights),
        pipeline("report"), *(run("report", at(5.5, -n + 1), 15 * MINUTE, **TRIGGERED) for n in nights),
        *feeds("a", "mart"), *feeds("b", "mart"), *feeds("mart", "report"),
    ]  # fmt: skip
    found = asked(tmp_path, known)
    for name, hour in (("mart", 5.0), ("report", 5.5)):
        assert dues(found, name) == pytest.approx([at(hour, n) for n in range(1, 7)], abs=10 * MINUTE)
        assert bases(found, name) == ["data"] * 6
    widths = found.runs.with_columns(width=pl.col("p95_at") - pl.col("p50_at")).group_by("pipeline_id").agg("width")
    by_name = {name: sorted(width)[3] for name, width in widths.iter_rows()}
    assert by_name["report"] >= by_name["mart"] >= by_name["b"], "the doubt carries over"


def test_what_waits_for_what_is_guessed_is_guessed(tmp_path):
    known = [
        pipeline("a"), *(run("a", at(3, -n), HOUR) for n in range(30)),
        pipeline("mart"), *(run("mart", at(4, -n), HOUR, **TRIGGERED) for n in range(30)), *feeds("a", "mart"),
    ]  # fmt: skip
    assert set(bases(asked(tmp_path, known), "mart")[1:]) == {"past"}


def test_pipelines_that_wait_for_one_another_do_not_go_on_for_ever(tmp_path):
    known = [
        pipeline("a"), *(run("a", at(3, -n), HOUR, **TRIGGERED) for n in range(30)),
        pipeline("b"), *(run("b", at(4, -n), HOUR, **TRIGGERED) for n in range(30)),
        *feeds("a", "b"), *feeds("b", "a"), *feeds("a", "a"),
    ]  # fmt: skip
    found = asked(tmp_path, known)
    assert 0 < found.runs.height < 400


def test_a_run_in_flight_is_there_and_the_next_comes_after_it(tmp_path):
    known = [pipeline("p", schedule="@hourly", next_run_at=NOW), *nightly("p", 3 * HOUR, HOUR, 30)]
    found = asked(tmp_path, [*known, run("p", NOW - HOUR, None)], days_ahead=1)
    assert dues(found) == [NOW - HOUR + HOUR * n for n in range(12)] + [NOW + 11 * HOUR, NOW + 12 * HOUR]
    assert bases(found)[:3] == ["in flight", "schedule", "schedule"]
    assert found.runs["run_id"].null_count() == found.runs.height - 1


def test_nothing_is_expected_of_what_is_paused_or_only_started_by_hand(tmp_path):
    known = [
        pipeline("paused", schedule="@daily", next_run_at=at(0, 1), is_paused=True),
        *nightly("paused", 3 * HOUR, HOUR, 9), pipeline("new"),
        pipeline("by_hand"), *(run("by_hand", at(3, -n), HOUR, run_type="manual") for n in range(20)),
    ]  # fmt: skip
    assert asked(tmp_path, known).runs.height == 0


def test_the_next_run_is_as_everywhere_else(office, warehouse):
    found = calendar(warehouse, office.settings, office.now).runs.group_by("pipeline_id", maintain_order=True).first()
    known = landings(warehouse, office.settings, office.now).next
    both = known.join(found, on=["source", "pipeline_id"], suffix="_here")
    assert both.height == known.height
    for name in ("due_at", "p50_at", "p95_at", "deadline_at", "p_late"):
        assert both[name].equals(both[f"{name}_here"]), name


def test_later_runs_have_deadlines_and_a_chance_to_miss_them(tmp_path):
    """It takes an hour, and on every third night two hours."""
    nights = [run("p", at(3, -n), HOUR * (1 + (n % 3 == 0))) for n in range(60)]
    rule = Deadline(pipeline="p", by="04:30")
    found = asked(tmp_path, [pipeline("p", schedule="0 3 * * *", next_run_at=at(3, 1)), *nights], [rule])
    assert found.runs["deadline_at"].to_list() == [at(4.5, n) for n in range(1, 7)]
    assert found.runs["p_late"].is_between(0.1, 0.7).all()


def test_what_failed_tonight_is_less_likely_to_fail_in_a_week(tmp_path):
    """It failed in the last three of sixty nights; its lengths alone never miss the deadline."""
    nights = [run("p", at(3, -n), HOUR, state="failed" if n < 3 else "success") for n in range(60)]
    rule = Deadline(pipeline="p", by="07:00")
    found = asked(tmp_path, [pipeline("p", schedule="0 3 * * *", next_run_at=at(3, 1)), *nights], [rule])
    late = found.runs["p_late"].to_list()
    assert late[0] > 0.25
    assert late == sorted(late, reverse=True)
    assert late[-1] < 0.7 * late[0]


def test_hours_count_runs_in_flight_and_pools_what_is_asked_of_them(tmp_path):
    """Two pipelines of ninety minutes at three, which keep two slots for an hour of it; the pool has two."""
    known = []
    for name in "ab":
        nights = nightly(name, 3 * HOUR, 90 * MINUTE, 30)
        tasks = [task_run(night, "copy", MINUTE, HOUR, pool="tight", pool_slots=2) for night in nights]
        known += [pipeline(name, schedule="0 3 * * *", next_run_at=at(3, 1)), *nights, *tasks]
    found = asked(tmp_path, [*known, Pool(source="air", name="tight", slots=2)])
    assert found.hours["from_at"][0] == NOW
    assert found.hours.height == 12 + 6 * 24
    tomorrow = found.hours.filter(pl.col("day_on") == at(0, 1).date())
    counts = {
        hour: (flying, begin) for hour, flying, begin in tomorrow.select("hour", "in_flight", "begin").iter_rows()
    }
    assert [counts[hour] for hour in (2, 3, 4, 5)] == [(0, 0), (2, 2), (2, 0), (0, 0)]
    of_pool = found.pools.filter(pl.col("from_at").is_in([at(3, 1), at(4, 1)]))
    assert of_pool["slots_asked"].to_list() == pytest.approx([2 * 2 * 60 / 90, 2 * 2 * 30 / 90], rel=0.05)
    assert of_pool["is_over"].to_list() == [True, False]
    assert found.runs["pools"].unique().to_list() == ["tight"]


def test_pools_are_asked_for_more_on_the_weekdays_on_which_runs_took_more(tmp_path):
    """Hourly, one slot for twenty minutes, on Mondays for forty. It is Wednesday: the last runs know of no Monday."""
    hours = [NOW - HOUR * n for n in range(24 * 7 * 3)]
    runs = [run("p", due_at, MINUTE * 45) for due_at in hours]
    tasks = [task_run(one, "copy", MINUTE, MINUTE * (40 if one.due_at.weekday() == 0 else 20)) for one in runs]
    found = asked(tmp_path, [pipeline("p", schedule="@hourly", next_run_at=NOW + HOUR), *runs, *tasks])
    by_day = found.pools.join(found.hours, on="from_at").group_by("day_on", maintain_order=True)
    slot_hours = {day.weekday(): hours for day, hours in by_day.agg(pl.col("slots_asked").sum()).iter_rows()}
    assert slot_hours[0] == pytest.approx(24 * 40 / 60, rel=0.02)
    assert slot_hours[6] == pytest.approx(24 * 20 / 60, rel=0.02)
    of_monday = found.runs.filter(pl.col("due_at").dt.weekday() == 1)["slot_hours"]
    assert of_monday.to_list() == pytest.approx([40 / 60] * 24, rel=0.02)


def test_the_week_asks_of_each_pool_about_what_the_last_one_took(office, warehouse):
    found = calendar(warehouse, office.settings, office.now, days_ahead=8)
    whole_days = found.hours.filter(pl.col("day_on") > office.now.date())
    said = found.pools.join(whole_days, on="from_at").group_by("pool").agg(pl.col("slots_asked").sum())
    last_week = {
        row["pool"]: row["week_hours"] for row in compute(warehouse, office.settings, office.now).pools.to_dicts()
    }
    for pool, slot_hours in said.iter_rows():
        assert slot_hours == pytest.approx(last_week[pool], rel=0.06), pool


def test_the_runs_of_an_hour_are_those_that_are_counted(office, warehouse):
    found = calendar(warehouse, office.settings, office.now)
    for from_at, in_flight in found.hours.select("from_at", "in_flight").iter_rows():
        assert runs_in(found, from_at).height == in_flight
    assert runs_in(found, office.now - timedelta(days=2)).height == 0


def test_an_hour_that_clocks_repeat_is_two_hours_long(tmp_path):
    now = datetime.fromisoformat("2026-10-24T12:30:00+00:00")
    known = [pipeline("p", schedule="0 * * * *", next_run_at=now + 30 * MINUTE)]
    known += [run("p", now - 30 * MINUTE - HOUR * n, 10 * MINUTE) for n in range(30)]
    berlin = msgspec.structs.replace(settings(tmp_path), timezone="Europe/Berlin")
    hours = calendar(filled(tmp_path, known), berlin, now, days_ahead=2).hours
    sunday = hours.filter(pl.col("day_on") == (now + DAY).date())
    assert sunday["hour"].to_list() == list(range(24))
    assert sunday["begin"].to_list() == [1, 1, 2, *[1] * 21]
