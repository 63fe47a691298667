"""What is off, on facts that one can count by hand."""

import polars as pl
from msgspec.structs import replace

from collabtui.answers.anomalies import anomalies, pipeline_anomalies
from collabtui.warehouse.columns import to_us
from tests.answers.building import DAY, HOUR, MINUTE, NOW, feeds, filled, nightly, pipeline, run, settings, ticket


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
