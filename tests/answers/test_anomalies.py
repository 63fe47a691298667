"""What is off, on facts that one can count by hand."""

from datetime import UTC, date, datetime

import polars as pl
from msgspec.structs import replace

from collabtui.answers.anomalies import anomalies, pipeline_anomalies
from collabtui.config import Team, TeamAbsence
from collabtui.warehouse.columns import to_us
from connectors.records import Record
from tests.answers.building import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    commit,
    feeds,
    filled,
    nightly,
    pipeline,
    run,
    settings,
    ticket,
)


def hourly(pipeline_id: str, hours: int, until=NOW, took=5 * MINUTE, **more) -> list:
    """A run an hour, the last one an hour before `until`."""
    return [run(pipeline_id, until - HOUR * back, took, **more) for back in range(hours, 0, -1)]


def told(tmp_path, records) -> list[tuple]:
    found = anomalies(filled(tmp_path, records), settings(tmp_path), NOW).anomalies
    return list(found.select("subject_type", "subject", "kind", "text").iter_rows())


def test_runs_that_take_longer_since_a_day(tmp_path):
    before = nightly("p", 2 * HOUR, HOUR, 60)[:-10]
    after = nightly("p", 2 * HOUR, 2 * HOUR, 10)
    assert told(tmp_path, [pipeline("p"), *before, *after]) == [
        ("pipeline", "p", "level shift", "runs take 2.0× as long since Mon 2 Mar")
    ]


def test_runs_that_wait_longer_are_told_as_landing(tmp_path):
    nights = nightly("p", 2 * HOUR, HOUR, 60)
    late = [replace(night, start_at=night.due_at + HOUR, end_at=night.due_at + 2 * HOUR) for night in nights[-10:]]
    found = told(tmp_path, [pipeline("p"), *nights[:-10], *late])
    assert found == [("pipeline", "p", "level shift", "runs take 2.0× as long to land since Mon 2 Mar")]


def test_old_news_is_left_out(tmp_path):
    long_ago = nightly("p", 2 * HOUR, HOUR, 100)[:40] + nightly("p", 2 * HOUR, 2 * HOUR, 60)
    assert told(tmp_path, [pipeline("p"), *long_ago]) == []


def test_failures_that_go_on_are_told_of_the_pipeline(tmp_path):
    broken = [run("p", NOW - HOUR * back, MINUTE, state="failed") for back in (3, 2, 1)]
    warehouse = filled(tmp_path, [pipeline("p"), pipeline("q"), *hourly("p", 200, NOW - 3 * HOUR), *broken])
    assert pipeline_anomalies(warehouse, settings(tmp_path), NOW, source="air", pipeline_id="p") == [
        "3 runs in a row failed since Wed 11 Mar 09:00, usually none"
    ]
    assert pipeline_anomalies(warehouse, settings(tmp_path), NOW, source="air", pipeline_id="q") == []


def test_nothing_landed_is_silence_unless_it_is_paused(tmp_path):
    silent = hourly("p", 240, NOW - 13 * HOUR)
    assert told(tmp_path, [pipeline("p"), *silent]) == [
        ("pipeline", "p", "silence", "nothing landed for 14 h, usually every 1 h")
    ]
    assert told(tmp_path, [pipeline("p", is_paused=True), *silent]) == []


def test_what_waits_for_a_silent_pipeline_is_not_told(tmp_path):
    silent = [*hourly("p", 240, NOW - 13 * HOUR), *hourly("q", 240, NOW - 13 * HOUR, run_type="asset_triggered")]
    assert [row[1] for row in told(tmp_path, [pipeline("p"), pipeline("q"), *feeds("p", "q"), *silent])] == ["p"]


def test_many_silent_at_once_are_one_event_of_their_source(tmp_path):
    names = ["a", "b", "c", "d", "e"]
    records = [record for name in names for record in (pipeline(name), *hourly(name, 240, NOW - 13 * HOUR))]
    found = anomalies(filled(tmp_path, records), settings(tmp_path), NOW).anomalies
    assert found.select("subject_type", "subject", "pipelines").rows() == [("source", "air", names)]
    assert found["text"].to_list() == ["5 pipelines are silent since Tue 10 Mar 22:05: a, b, c and 2 more"]


def test_more_tickets_than_usual_on_a_day(tmp_path):
    usual = [ticket(n, NOW - DAY * back + MINUTE * k) for n, (back, k) in
             enumerate((back, k) for back in range(60, 0, -1) for k in range(3 + back % 2))]  # fmt: skip
    many = [ticket(1000 + n, NOW - 3 * DAY + MINUTE * n) for n in range(40)]
    ((subject_type, subject, kind, text),) = told(tmp_path, usual + many)
    assert (subject_type, subject, kind) == ("team", "P", "spike")
    assert text.startswith("44 tickets arrived on Sun 8 Mar, usually")


LAST_DAY = datetime(2026, 12, 23, tzinfo=UTC)
"""A Wednesday. In Germany the Friday and the Saturday after it are Christmas, a week later Friday is New Year's Day."""
BREAK = TeamAbsence(first=date(2026, 12, 24), last=date(2027, 1, 3))
DATA = Team(name="Data", projects=["P"], members=["Ada", "Bo"])


def working(days: int) -> list[Record]:
    """Tickets and commits, two an hour from nine to five on the weekdays until the last day."""
    starts = [LAST_DAY - DAY * back for back in range(days - 1, -1, -1)]
    times = [day + 9 * HOUR + 30 * MINUTE * n for day in starts if day.weekday() < 5 for n in range(16)]
    return [record for n, at in enumerate(times) for record in (ticket(n, at, at + HOUR), commit(n, at))]


def silent(tmp_path, now: datetime, teams=(DATA,), **places) -> list[tuple[str, str]]:
    """Who is silent at that time, and how long."""
    known = replace(settings(tmp_path, teams=teams), **places)
    found = anomalies(filled(tmp_path, working(100)), known, now).anomalies
    assert set(found["kind"]) <= {"silence"}
    return sorted((kind, text.split(", ")[0]) for kind, text in found.select("subject_type", "text").iter_rows())


def test_a_team_that_is_off_for_christmas_is_not_silent_nor_is_its_repository(tmp_path):
    new_year = datetime(2027, 1, 4, 9, tzinfo=UTC)
    assert silent(tmp_path, new_year) == [
        ("repository", "no commits for 11.7 days"), ("team", "no tickets arrived for 11.7 days"),
    ]  # fmt: skip
    assert silent(tmp_path, new_year, [replace(DATA, absences=[BREAK])]) == []


def test_who_is_not_back_for_weeks_after_christmas_is_silent_once(tmp_path):
    assert silent(tmp_path, datetime(2027, 1, 25, 9, tzinfo=UTC), [replace(DATA, absences=[BREAK])]) == [
        ("repository", "no commits for 21.7 days and 11 days off"),
        ("team", "no tickets arrived for 21.7 days and 11 days off"),
    ]


def test_public_holidays_are_days_off_for_teams_and_repositories(tmp_path):
    """Off are Thursday by absence, Friday and Saturday by the calendar; on Sunday nothing ever comes."""
    monday = datetime(2026, 12, 28, 9, tzinfo=UTC)
    eve = [replace(DATA, absences=[TeamAbsence(first=BREAK.first, last=BREAK.first)])]
    assert silent(tmp_path, monday, eve, country="DE") == []
    assert [kind for kind, _ in silent(tmp_path, monday, eve)] == ["repository", "team"]
    assert [kind for kind, _ in silent(tmp_path, monday, eve, country="IL")] == ["repository", "team"]


def test_a_repository_has_days_off_where_all_teams_have(tmp_path):
    new_year, away = datetime(2027, 1, 4, 9, tzinfo=UTC), replace(DATA, absences=[BREAK])
    others = Team(name="Others", members=["Cy", "Di"])
    assert [kind for kind, _ in silent(tmp_path, new_year, [away, others])] == ["repository"]
    assert silent(tmp_path, new_year, [away, replace(others, absences=[BREAK])]) == []


def test_pipelines_run_on_holidays_as_on_other_days(tmp_path):
    now = datetime(2026, 12, 25, 20, tzinfo=UTC)
    runs = [pipeline("p"), *hourly("p", 240, now - 13 * HOUR)]
    known = replace(settings(tmp_path, teams=[replace(DATA, absences=[BREAK])]), country="DE")
    found = anomalies(filled(tmp_path, runs), known, now).anomalies
    assert found["text"].to_list() == ["nothing landed for 14 h, usually every 1 h"]


def test_an_empty_warehouse_and_few_runs_tell_nothing(tmp_path):
    assert told(tmp_path, []) == []
    assert told(tmp_path, [pipeline("p"), *hourly("p", 5)]) == []


def test_what_is_usual_for_the_demos_team_is_not_off(office, warehouse):
    """Its pipelines grow by a trend, rest at weekends, have heavy Mondays. What it tells are streaks of failures."""
    found = anomalies(warehouse, office.settings, office.now).anomalies
    streaks = found.filter(pl.col("kind") == "failing")
    assert streaks.height >= 1
    assert found.height - streaks.height <= 1
    for row in streaks.iter_rows(named=True):
        states = warehouse.rows(
            "SELECT state FROM run WHERE pipeline_id = ? AND due_at BETWEEN ? AND ?",
            [row["subject"], to_us(row["since_at"]), to_us(row["until_at"] or office.now)],
        )
        assert sum(state == "failed" for (state,) in states) >= max(2, len(states) / 2)
