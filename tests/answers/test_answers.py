"""What the answers say of facts that one can count by hand, and of a whole simulated team."""

import math
from datetime import date, timedelta

import msgspec
import polars as pl
import pytest

from collabtui.answers import ANSWERS
from collabtui.answers.capacity import capacity
from collabtui.answers.compute import compute
from collabtui.answers.deliveries import deliveries
from collabtui.answers.epics import epics
from collabtui.answers.pipeline import pipeline as pipeline_detail
from collabtui.answers.pipelines import pipelines
from collabtui.answers.runs import runs
from collabtui.answers.sources import sources
from collabtui.answers.throughput import team_workdays
from collabtui.config import Deadline, Team, TeamAbsence
from connectors.base import Batch
from connectors.records import Pool
from tests.answers.building import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    feeds,
    filled,
    nightly,
    pipeline,
    run,
    settings,
    task,
    task_run,
    ticket,
)
from tests.conftest import asked_of

STRICT = Deadline(pipeline="*", by="06:00")


def only(frame: pl.DataFrame) -> dict:
    assert frame.height == 1
    return frame.row(0, named=True)


# --- pipelines and runs ---


def test_a_pipeline_that_always_takes_an_hour_lands_an_hour_after_it_is_due(tmp_path):
    nights = nightly("p", 2 * HOUR, HOUR, 60)
    warehouse = filled(tmp_path, [pipeline("p", next_run_at=NOW.replace(hour=2) + DAY), *nights])
    row = only(pipelines(warehouse, settings(tmp_path, [Deadline(pipeline="p", by="06:00")]), NOW).pipelines)
    due = NOW.replace(hour=2) + DAY
    assert (row["state"], row["due_at"], row["run_id"], row["elapsed_s"]) == ("success", due, None, None)
    assert abs(row["p50_at"] - (due + HOUR)) < MINUTE
    assert row["p50_at"] <= row["p85_at"] <= row["p95_at"] < due + 2 * HOUR
    assert row["deadline_at"] == NOW.replace(hour=6) + DAY
    assert 0 < row["p_late"] < 0.05
    assert (row["typical_duration_s"], row["success_rate"], row["history_n"]) == (3600, 1.0, 60)
    assert row["recent"] == ["success"] * 14


def test_a_run_in_flight_cannot_land_in_the_past(tmp_path):
    """It usually takes an hour and is three hours old."""
    nights = nightly("p", 2 * HOUR, HOUR, 30)[:-1]
    flying = run("p", NOW - 3 * HOUR, None)
    warehouse = filled(tmp_path, [pipeline("p"), *nights, flying])
    row = only(pipelines(warehouse, settings(tmp_path, [Deadline(pipeline="p", after_start="2h")]), NOW).pipelines)
    assert (row["state"], row["run_id"], row["elapsed_s"]) == ("late", flying.run_id, 3 * 3600)
    assert NOW <= row["p50_at"] < row["p85_at"] < row["p95_at"]
    assert row["p_late"] == 1.0


def two_tasks() -> list:
    """Thirty nights: `a` takes ten minutes, then `b` fifty."""
    nights = nightly("p", 2 * HOUR, HOUR, 30)[:-1]
    spans = [(task_run(r, "a", 0 * MINUTE, 10 * MINUTE), task_run(r, "b", 10 * MINUTE, 50 * MINUTE)) for r in nights]
    return [pipeline("p"), task("p", "a", "b"), task("p", "b"), *nights, *(t for both in spans for t in both)]


def test_a_run_in_flight_is_forecast_by_what_its_tasks_have_done(tmp_path):
    """`a` took 50 minutes instead of ten, `b` has just begun: 50 minutes are left, not ten."""
    flying = run("p", NOW - HOUR, None)
    now = [task_run(flying, "a", 0 * MINUTE, 50 * MINUTE), task_run(flying, "b", 55 * MINUTE, None)]
    row = only(pipelines(filled(tmp_path, [*two_tasks(), flying, *now]), settings(tmp_path), NOW).pipelines)
    assert row["model"] == "task graph"
    assert abs(row["p50_at"] - (NOW + 45 * MINUTE)) < 2 * MINUTE


def test_the_task_that_costs_most_is_named_first(tmp_path):
    found = pipeline_detail(filled(tmp_path, two_tasks()), settings(tmp_path), NOW, source="air", pipeline_id="p")
    assert found.tasks["task_id"].to_list() == ["b", "a"]
    assert found.tasks["instant_p50_s"].to_list() == pytest.approx([3000, 600])


def test_failures_raise_the_chance_to_miss_and_do_not_shorten_the_forecast(tmp_path):
    good = nightly("good", 2 * HOUR, HOUR, 30)
    bad = nightly("bad", 2 * HOUR, HOUR, 27) + [
        run("bad", NOW.replace(hour=2) - DAY * back, MINUTE, state="failed") for back in (2, 1, 0)
    ]
    coming = {"next_run_at": NOW.replace(hour=2) + DAY}
    warehouse = filled(tmp_path, [pipeline("good", **coming), pipeline("bad", **coming), *good, *bad])
    found = {r["name"]: r for r in pipelines(warehouse, settings(tmp_path, [STRICT]), NOW).pipelines.to_dicts()}
    assert found["bad"]["p_late"] > 0.25 > found["good"]["p_late"]
    assert found["bad"]["state"] == "failed"
    assert abs(found["bad"]["p50_at"] - found["good"]["p50_at"]) < 5 * MINUTE


def test_the_riskiest_pipeline_stands_first(tmp_path):
    records = [
        pipeline("calm"), *nightly("calm", 2 * HOUR, HOUR, 20),
        pipeline("failed"), *nightly("failed", 2 * HOUR, HOUR, 20)[:-1],
        run("failed", NOW - 5 * HOUR, HOUR, state="failed"),
        pipeline("late"), *nightly("late", 2 * HOUR, HOUR, 20)[:-1], run("late", NOW - 9 * HOUR, None),
        pipeline("idle", is_paused=True), pipeline("new"),
    ]  # fmt: skip
    found = pipelines(filled(tmp_path, records), settings(tmp_path, [STRICT]), NOW).pipelines
    assert found["name"].to_list() == ["late", "failed", "calm", "new", "idle"]
    assert found["state"].to_list() == ["late", "failed", "success", "never ran", "paused"]


def test_runs_tell_delays_and_what_failed(tmp_path):
    done, broken, flying = (
        run("p", NOW - 3 * HOUR, HOUR),
        run("p", NOW - 2 * HOUR, HOUR, state="failed"),
        run("p", NOW, None),
    )
    found = runs(filled(tmp_path, [pipeline("p"), done, broken, flying]), settings(tmp_path), NOW + 5 * MINUTE).runs
    assert found["run_id"].to_list() == [flying.run_id, broken.run_id, done.run_id]
    assert found["state"].to_list() == ["running", "failed", "success"]
    assert found["duration_s"].to_list() == [300, 3600, 3600]
    assert found["landing_delay_s"].to_list() == [None, 3600, 3600]
    assert found["p50_at"].is_null().to_list() == [False, True, True]


def test_a_run_that_landed_after_its_deadline_says_so(tmp_path):
    records = [pipeline("p"), run("p", NOW - DAY, HOUR), run("p", NOW - HOUR, 40 * MINUTE), run("p", NOW, None)]
    rule = Deadline(pipeline="p", after_interval="50m")
    found = runs(filled(tmp_path, records), settings(tmp_path, [rule]), NOW + HOUR).runs
    assert found["state"].to_list() == ["late", "success", "landed late"]
    assert found["overdue_s"].to_list() == [600, None, 600]


def test_one_pipeline_closely(tmp_path):
    warehouse = filled(tmp_path, [pipeline("p"), *nightly("p", 2 * HOUR, HOUR, 70)])
    found = pipeline_detail(warehouse, settings(tmp_path, [STRICT]), NOW, source="air", pipeline_id="p")
    assert found.runs.height == 60
    assert found.runs["due_at"].is_sorted()
    assert set(found.runs["is_late"].to_list()) == {False}
    nothing = pipeline_detail(warehouse, settings(tmp_path), NOW, source="air", pipeline_id="unknown")
    assert (nothing.name, nothing.runs.height, nothing.p50_at) == ("unknown", 0, None)


# --- deliveries ---


def test_a_delivery_is_named_after_its_dataset_and_says_what_holds_it_up(tmp_path):
    fed = {"run_type": "asset_triggered"}
    records = [
        pipeline("stage"), pipeline("mart"), *feeds("stage", "mart"), *feeds("mart", "report"),
        *nightly("stage", 2 * HOUR, 3 * HOUR, 20)[:-1], run("stage", NOW.replace(hour=2), HOUR, state="failed"),
        *nightly("mart", 5 * HOUR, HOUR, 20, **fed)[:-1],
    ]  # fmt: skip
    rule = Deadline(pipeline="mart", by="13:15")
    found = only(deliveries(filled(tmp_path, records), settings(tmp_path, [rule]), NOW).deliveries)
    assert (found["name"], found["kind"], found["state"]) == ("mart", "dataset", "at risk")
    assert found["reason"] == "stage upstream failed"
    assert found["deadline_at"] == NOW.replace(hour=13, minute=15)
    assert found["slack_s"] == (found["deadline_at"] - found["p85_at"]).total_seconds()


def test_what_failed_two_steps_up_holds_up_a_report(tmp_path):
    """The mart writes its data before it ends, and the report begins then: yesterday's mart is not today's."""
    fed = {"run_type": "asset_triggered"}
    records = [
        pipeline("stage", next_run_at=NOW.replace(hour=2) + DAY), pipeline("mart"), pipeline("report"),
        *feeds("stage", "mart"), *feeds("mart", "report"),
        *nightly("stage", 2 * HOUR, 3 * HOUR, 20)[:-1], run("stage", NOW.replace(hour=2), HOUR, state="failed"),
        *nightly("mart", 5 * HOUR, HOUR, 20, **fed)[:-1], *nightly("report", 5.9 * HOUR, HOUR, 20, **fed)[:-1],
    ]  # fmt: skip
    rule = Deadline(pipeline="report", by="16:00")
    found = only(deliveries(filled(tmp_path, records), settings(tmp_path, [rule]), NOW).deliveries)
    assert (found["name"], found["state"], found["reason"]) == ("report", "at risk", "stage upstream failed")
    assert found["p50_at"] > NOW + 12 * HOUR


def test_what_landed_today_is_there_in_time_or_late(tmp_path):
    records = [pipeline(name) for name in ("quick", "slow")]
    records += nightly("quick", 2 * HOUR, HOUR, 10) + nightly("slow", 2 * HOUR, 5 * HOUR, 10)
    found = deliveries(filled(tmp_path, records), settings(tmp_path, [STRICT]), NOW).deliveries
    landed = {row["name"]: row for row in found.filter(pl.col("landed_at").is_not_null()).to_dicts()}
    assert {name: row["state"] for name, row in landed.items()} == {"quick": "landed", "slow": "landed late"}
    assert {name: row["on_time_rate"] for name, row in landed.items()} == {"quick": 1.0, "slow": 0.0}


def hourly(pipeline_id: str, hours: int, failed: int) -> list:
    """A run an hour until now, the newest of them failed."""
    return [
        run(pipeline_id, NOW - HOUR * back, 10 * MINUTE, state="failed" if back <= failed else "success")
        for back in range(hours, 0, -1)
    ]


def test_what_failed_is_missed_until_the_data_is_there(tmp_path):
    records = [pipeline("p", next_run_at=NOW), *hourly("p", 30, failed=3)]
    rule = Deadline(pipeline="p", after_interval="30m")
    warehouse = filled(tmp_path, records)
    shown = deliveries(warehouse, settings(tmp_path, [rule]), NOW).deliveries
    missed, coming = shown.filter(pl.col("landed_at").is_null()).to_dicts()
    assert (missed["state"], missed["deadline_at"], missed["p_late"]) == ("late", NOW - 2.5 * HOUR, 1.0)
    assert missed["reason"] == "its last run failed, 3 deadlines are missed"
    assert missed["p50_at"] == coming["p50_at"] > NOW, "when the next run lands"
    assert (coming["state"], coming["deadline_at"]) == ("at risk", NOW + 30 * MINUTE)
    assert coming["p_late"] >= coming["p_fail"] > 0.25

    warehouse.apply("air", Batch(stream="all", records=[run("p", NOW, 5 * MINUTE)]), NOW)
    states = deliveries(warehouse, settings(tmp_path, [rule]), NOW + 10 * MINUTE).deliveries["state"].to_list()
    assert "late" not in states


def test_what_failed_before_its_deadline_has_failed_and_may_still_be_repaired(tmp_path):
    next_run_at = NOW.replace(hour=2) + DAY
    records = [
        pipeline("p", next_run_at=next_run_at), *nightly("p", 2 * HOUR, HOUR, 20)[:-1],
        run("p", NOW.replace(hour=2), HOUR, state="failed"),
    ]  # fmt: skip
    rule = Deadline(pipeline="p", by="14:00")
    today, tomorrow = deliveries(filled(tmp_path, records), settings(tmp_path, [rule]), NOW).deliveries.to_dicts()
    assert (today["state"], today["deadline_at"], today["p_late"]) == ("failed", NOW.replace(hour=14), None)
    assert today["reason"] == "its last run failed"
    assert tomorrow["deadline_at"] == NOW.replace(hour=14) + DAY


def test_without_deadlines_every_pipelines_next_landing_is_shown(tmp_path):
    records = [pipeline("p", next_run_at=NOW + HOUR), *nightly("p", 2 * HOUR, HOUR, 10)]
    found = deliveries(filled(tmp_path, records), settings(tmp_path), NOW)
    assert not found.has_deadlines
    assert found.deliveries["name"].to_list() == ["p", "p"]
    assert found.deliveries["deadline_at"].to_list() == [None, None]


# --- tickets ---


def steady(a_week: int, weeks: int) -> list:
    """So many tickets come and are done each week, spread over its days."""
    gap = timedelta(days=7) / a_week
    return [
        ticket(n, NOW - gap * (a_week * weeks - n) - 2 * DAY, NOW - gap * (a_week * weeks - n) + MINUTE)
        for n in range(a_week * weeks)
    ]


def test_a_steady_team_goes_on_steadily(tmp_path):
    waiting = [ticket(9000 + n, NOW - 10 * DAY) for n in range(20)]
    found = capacity(filled(tmp_path, steady(10, 20) + waiting), settings(tmp_path), NOW)
    team = only(found.teams)
    assert (team["team"], team["throughput_week"], team["wip"], team["open_tickets"]) == ("P", 10, 20, 20)
    assert team["next_week_p50"] == 10
    assert 7 <= team["next_week_p85"] < 10
    assert team["backlog_weeks_p50"] == pytest.approx(2, abs=0.3)
    assert team["wip_age_p85_days"] == pytest.approx(10)
    ahead = found.weeks.filter("is_forecast")
    assert all(abs(p50 - 10) <= 1 for p50 in ahead["p50"])
    assert found.weeks.filter(~pl.col("is_forecast"))["throughput"].to_list()[-5:] == [10] * 5


def test_more_coming_than_going_is_said(tmp_path):
    flood = [ticket(7000 + n, NOW - timedelta(hours=4) * n, status_category="new", status="To do") for n in range(320)]
    found = only(capacity(filled(tmp_path, steady(10, 20) + flood), settings(tmp_path), NOW).teams)
    assert found["state"] == "overloaded"
    assert found["load"] > 2


def test_all_teams_together_are_their_sum_and_load_is_one_column_by_the_other(tmp_path):
    q = [ticket(n + 5000, NOW - 20 * DAY, NOW - 2 * DAY, project="Q") for n in range(16)]
    found = capacity(filled(tmp_path, steady(10, 20) + q), settings(tmp_path), NOW)
    p, q = found.teams.to_dicts()
    both = only(found.together)
    assert (q["arrivals_week"], q["throughput_week"]) == (16 / 3, 16 / 3)
    assert both["throughput_week"] == p["throughput_week"] + q["throughput_week"]
    for row in (p, q, both):
        assert row["load"] == pytest.approx(row["arrivals_week"] / row["throughput_week"])


def test_a_flood_fills_the_backlog_and_passes_what_the_team_ever_did(tmp_path):
    """Ten a week are finished; for eight weeks forty a week came."""
    flood = [ticket(7000 + n, NOW - timedelta(hours=4) * n, status_category="new", status="To do") for n in range(320)]
    found = capacity(filled(tmp_path, steady(10, 20) + flood), settings(tmp_path), NOW)
    team = only(found.teams)
    assert (team["most_week"], team["ahead_weeks"], team["open_tickets"]) == (10, 8, 320)
    assert team["passes_p50_on"] == NOW.date()
    assert 320 + 8 * 15 < team["ahead_open_p50"] < 320 + 8 * 42
    ahead = found.weeks.filter("is_forecast")
    assert ahead["arrivals_p50"][0] > 25
    assert ahead["open_p50"].is_sorted()
    assert (ahead["open_p15"] <= ahead["open_p50"]).all()
    assert found.weeks.filter(~pl.col("is_forecast"))["open"][-1] == 320


def test_work_that_nobody_ends_gets_older(tmp_path):
    stuck = [ticket(9000 + n, NOW - 10 * DAY) for n in range(20)]
    ahead = capacity(filled(tmp_path, stuck), settings(tmp_path), NOW).weeks.filter("is_forecast")
    assert ahead["age_p50_days"].to_list() == [10 + 7 * n for n in range(1, 9)]
    assert ahead["open_p50"].null_count() == 8, "nothing was ever finished"


def test_the_slot_hours_of_a_pool_go_on_by_weekday(tmp_path):
    """Two slots for an hour every night, and for five hours more on Sundays."""
    nights = nightly("p", 2 * HOUR, HOUR, 60)
    tries = [task_run(r, "t", 0 * MINUTE, HOUR * (6 if r.due_at.isoweekday() == 7 else 1), pool="big", pool_slots=2)
             for r in nights]  # fmt: skip
    found = compute(filled(tmp_path, [pipeline("p"), Pool(source="air", name="big", slots=4), *nights, *tries]),
                    settings(tmp_path), NOW)  # fmt: skip
    pool = only(found.pools)
    assert (pool["slots"], pool["day_hours"], pool["week_hours"], pool["history_n"]) == (4, 2, 24, 8)
    assert pool["next_week_p50"] == pytest.approx(24, rel=0.05)
    assert pool["used_p85"] == pytest.approx(24 / (4 * 168), rel=0.1)
    ahead = found.days.filter("is_forecast")
    sundays = ahead.filter(pl.col("day_on").dt.weekday() == 6)  # the night to Sunday begins before noon on Saturday
    assert sundays["p50"].to_list() == pytest.approx([12] * 4, rel=0.1)
    assert ahead.height == 28


def test_an_epics_date_comes_from_its_teams_throughput(tmp_path):
    """Ten a week, all of them for the one epic: thirty open ones take three weeks."""
    epic = ticket(1_000_000, NOW - 200 * DAY, is_epic=True, due_on=date(2026, 4, 20))
    done = [ticket(n, NOW - 150 * DAY, t.resolved_at, epic_id="1000000") for n, t in enumerate(steady(10, 20))]
    waiting = [ticket(5000 + n, NOW - 100 * DAY, epic_id="1000000") for n in range(30)]
    found = only(epics(filled(tmp_path, [epic, *done, *waiting]), settings(tmp_path), NOW).epics)
    assert (found["open"], found["done"], found["total"]) == (30, 200, 230)
    assert abs(found["p50_on"] - date(2026, 4, 1)) <= timedelta(days=3)
    assert found["p50_on"] <= found["p85_on"] <= found["p95_on"]
    assert 0 <= found["p_late"] <= 1
    assert found["state"] in {"on time", "at risk"}


def test_an_epics_date_knows_holidays_and_absences(tmp_path):
    """The third week is off: what was to be done in it is done in the fourth."""
    epic = ticket(1_000_000, NOW - 200 * DAY, is_epic=True)
    done = [ticket(n, NOW - 150 * DAY, t.resolved_at, epic_id="1000000") for n, t in enumerate(steady(10, 20))]
    waiting = [ticket(5000 + n, NOW - 100 * DAY, epic_id="1000000") for n in range(30)]
    warehouse = filled(tmp_path, [epic, *done, *waiting])
    first = (NOW + 14 * DAY).date()
    off = TeamAbsence(first=first, last=first + 6 * DAY)
    away = settings(tmp_path, teams=[Team(name="Data", projects=["P"], absences=[off])])
    there, gone = (only(epics(warehouse, known, NOW).epics)["p50_on"] for known in (settings(tmp_path), away))
    assert gone - there == timedelta(days=7)
    weeks = capacity(warehouse, away, NOW).weeks.filter("is_forecast")["p50"].to_list()
    assert weeks[2] == 0 < weeks[3]
    easter = msgspec.structs.replace(settings(tmp_path), country="DE")
    assert team_workdays(easter, "P", NOW, 0, 5).weeks.tolist() == pytest.approx([1, 1, 1, 0.6, 1])


def test_epics_without_tickets_or_throughput_have_no_date(tmp_path):
    empty = ticket(1, NOW - 9 * DAY, is_epic=True, due_on=date(2026, 6, 1))
    stuck = ticket(2, NOW - 9 * DAY, is_epic=True)
    found = epics(filled(tmp_path, [empty, stuck, ticket(3, NOW - DAY, epic_id="2")]), settings(tmp_path), NOW).epics
    states = dict(found.select("epic_key", "state").iter_rows())
    assert states == {"P-1": "no tickets", "P-2": "unknown"}
    assert found.select("p50_on", "p85_on", "p95_on", "p_late").null_count().row(0) == (2, 2, 2, 2)


def test_projects_are_teams_unless_the_config_says_otherwise(tmp_path):
    warehouse = filled(tmp_path, steady(10, 10))
    named = settings(tmp_path, teams=[Team(name="Data", projects=["P"])])
    assert only(capacity(warehouse, named, NOW).teams)["team"] == "Data"


# --- sources ---


def test_a_source_that_was_never_synced_says_so(tmp_path):
    assert only(sources(filled(tmp_path, []), settings(tmp_path), NOW).sources)["state"] == "never"


# --- all of them ---


def asked(name, warehouse, settings_, now) -> pl.DataFrame:
    question = ANSWERS[name]
    more = asked_of(question)
    return question.frame(question.ask(warehouse, settings_, now, **more))


@pytest.mark.parametrize("name", [name for name, question in ANSWERS.items() if not question.about])
def test_an_answer_has_the_same_columns_with_and_without_facts(name, office, warehouse, tmp_path):
    full = asked(name, warehouse, office.settings, office.now)
    bare = asked(name, filled(tmp_path, []), settings(tmp_path), NOW)
    assert full.height > 0 or "ledger" in name, "nothing was forecast there before"
    assert bare.schema == full.schema


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_holds_nan_or_impossible_numbers(name, office, warehouse):
    for row in asked(name, warehouse, office.settings, office.now).to_dicts():
        assert not [key for key, value in row.items() if isinstance(value, float) and not math.isfinite(value)]
        assert all(0 <= row[key] <= 1 for key in ("p_late", "success_rate", "on_time_rate") if row.get(key) is not None)
        for unit in ("at", "on"):
            known = [row[f"{p}_{unit}"] for p in ("p50", "p85", "p95") if row.get(f"{p}_{unit}") is not None]
            assert known == sorted(known)
        if row.get("p50_at") is not None:
            assert row["p50_at"] >= office.now


@pytest.mark.parametrize("name", ANSWERS)
def test_the_same_question_at_the_same_time_has_the_same_answer(name, office, warehouse):
    first, second = (asked(name, warehouse, office.settings, office.now) for _ in range(2))
    assert first.equals(second)
