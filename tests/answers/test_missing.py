"""Data that is not there: it stays in sight until it is."""

from datetime import timedelta

import pytest

from collabtui.answers.deliveries import deliveries
from collabtui.answers.pipelines import pipelines
from collabtui.config import Deadline
from tests.answers.building import DAY, HOUR, NOW, feeds, filled, nightly, pipeline, run, settings

RULE = Deadline(pipeline="mart", by="08:00")


def weekend(nights_failed: int) -> list:
    """A mart that waits for a nightly stage, which failed in the last nights."""
    stage = [pipeline("stage", next_run_at=NOW.replace(hour=2) + DAY), *nightly("stage", 2 * HOUR, HOUR, 20)]
    failed = [run("stage", NOW.replace(hour=2) - DAY * back, HOUR, state="failed") for back in range(nights_failed)]
    marts = nightly("mart", 3 * HOUR, HOUR, 20, run_type="asset_triggered")
    return [*stage, *failed, pipeline("mart"), *feeds("stage", "mart"), *marts[: len(marts) - nights_failed]]


@pytest.mark.parametrize("nights", [1, 2, 4])
def test_what_waits_for_a_failed_pipeline_is_late_until_it_lands(tmp_path, nights):
    warehouse, known = filled(tmp_path, weekend(nights)), settings(tmp_path, [RULE])
    first_missed = NOW.replace(hour=8) - DAY * (nights - 1)
    late = deliveries(warehouse, known, NOW).deliveries.row(0, named=True)
    assert (late["state"], late["p_late"]) == ("late", 1.0)
    assert late["deadline_at"] == first_missed
    count = f", {nights} deadlines are missed" if nights > 1 else ""
    assert late["reason"] == f"stage upstream failed{count}"
    mart = pipelines(warehouse, known, NOW).pipelines.row(0, named=True)
    assert (mart["name"], mart["state"]) == ("mart", "late")
    assert (mart["missing_since_at"], mart["held_up_by"]) == (first_missed, "stage")
    assert mart["p50_at"] > NOW


def test_a_deadline_is_told_once(tmp_path):
    found = deliveries(filled(tmp_path, weekend(1)), settings(tmp_path, [RULE]), NOW).deliveries
    assert found["deadline_at"].is_duplicated().sum() == 0


def test_what_did_not_start_for_no_reason_that_is_known_says_so(tmp_path):
    records = [pipeline("stage"), *nightly("stage", 2 * HOUR, HOUR, 20), pipeline("mart"), *feeds("stage", "mart"),
               *nightly("mart", 3 * HOUR, HOUR, 20, run_type="asset_triggered")[:-2]]  # fmt: skip
    found = deliveries(filled(tmp_path, records), settings(tmp_path, [RULE]), NOW).deliveries
    assert found.row(0, named=True)["reason"] == "it has not started, 2 deadlines are missed"


def test_before_its_deadline_nothing_is_missing(tmp_path):
    found = pipelines(filled(tmp_path, weekend(1)), settings(tmp_path, [RULE]), NOW.replace(hour=7)).pipelines
    mart = next(row for row in found.iter_rows(named=True) if row["name"] == "mart")
    assert (mart["state"], mart["missing_since_at"], mart["held_up_by"]) == ("success", None, "stage")


def test_what_has_not_started_for_a_week_of_its_rounds_is_given_up(tmp_path):
    known = settings(tmp_path, [RULE])
    warehouse = filled(tmp_path, weekend(9))
    assert deliveries(warehouse, known, NOW).deliveries.is_empty()
    found = pipelines(warehouse, known, NOW).pipelines
    mart = next(row for row in found.iter_rows(named=True) if row["name"] == "mart")
    assert (mart["state"], mart["p50_at"], mart["missing_since_at"]) == ("success", None, None)


def test_what_runs_by_the_hour_is_not_given_up_over_night(tmp_path):
    """Seven of its hours have passed by the morning."""
    hours = [run("mart", NOW - timedelta(hours=n), HOUR / 2, run_type="asset_triggered") for n in range(30, 60)]
    stage = [run("stage", NOW - timedelta(hours=n, minutes=30), HOUR / 2, state="failed" if n < 30 else "success")
             for n in range(60)]  # fmt: skip
    records = [pipeline("stage"), pipeline("mart"), *feeds("stage", "mart"), *hours, *stage]
    rule = Deadline(pipeline="mart", after_start="40m")
    found = pipelines(filled(tmp_path, records), settings(tmp_path, [rule]), NOW).pipelines
    assert next(row for row in found.iter_rows(named=True) if row["name"] == "mart")["p50_at"] is not None


def test_a_likely_failure_is_named_where_the_time_would_do(tmp_path):
    records = [pipeline("mart", next_run_at=NOW.replace(hour=2) + DAY), *nightly("mart", 2 * HOUR, HOUR, 20)[:-4]]
    records += [run("mart", NOW.replace(hour=2) - DAY * back, HOUR, state="failed" if back else "success")
                for back in range(4)]  # fmt: skip
    found = deliveries(filled(tmp_path, records), settings(tmp_path, [RULE]), NOW).deliveries
    coming = next(row for row in found.iter_rows(named=True) if row["state"] == "at risk")
    assert coming["p95_at"] < coming["deadline_at"]
    assert coming["reason"] == "it may fail, as it did lately"


def four_failures(pipeline_id: str = "mart") -> list:
    """Three runs of the last four nights failed."""
    nights = [run(pipeline_id, NOW.replace(hour=2) - DAY * back, HOUR, state="failed" if back else "success")
              for back in range(4)]  # fmt: skip
    due_at = NOW.replace(hour=2) + DAY
    return [pipeline(pipeline_id, next_run_at=due_at), *nightly(pipeline_id, 2 * HOUR, HOUR, 20)[:-4], *nights]


def test_a_likely_failure_is_the_reason_also_where_something_before_it_is_on_its_way(tmp_path):
    on_its_way = run("stage", NOW - HOUR, None)
    records = [*four_failures(), pipeline("stage"), *nightly("stage", HOUR, HOUR, 20), on_its_way]
    records += feeds("stage", "mart")
    found = deliveries(filled(tmp_path, records), settings(tmp_path, [RULE]), NOW).deliveries
    coming = next(row for row in found.iter_rows(named=True) if row["state"] == "at risk")
    assert coming["reason"] == "it may fail, as it did lately"


def test_a_likely_failure_is_a_risk_without_a_deadline_too(tmp_path):
    found = deliveries(filled(tmp_path, four_failures()), settings(tmp_path), NOW).deliveries
    coming = next(row for row in found.iter_rows(named=True) if row["landed_at"] is None)
    assert (coming["state"], coming["p_late"], coming["reason"]) == ("at risk", None, "it may fail, as it did lately")


def test_a_run_that_is_late_for_once_is_not_said_to_be_so_often(tmp_path):
    rule = Deadline(pipeline="mart", after_start="65m")
    begun = run("mart", NOW - timedelta(minutes=64), None)
    records = [pipeline("mart"), *nightly("mart", 2 * HOUR, HOUR, 30), begun]
    found = deliveries(filled(tmp_path, records), settings(tmp_path, [rule]), NOW).deliveries
    coming = next(row for row in found.iter_rows(named=True) if row["landed_at"] is None)
    assert (coming["state"], coming["on_time_rate"]) == ("at risk", 1.0)
    assert coming["reason"] == "this run is later than most"


def test_what_often_misses_its_deadline_says_how_often(tmp_path):
    rule = Deadline(pipeline="mart", after_start="65m")
    took = [run("mart", NOW.replace(hour=2) - DAY * back, HOUR * (1 + back % 2)) for back in reversed(range(30))]
    records = [pipeline("mart", next_run_at=NOW.replace(hour=2) + DAY), *took]
    found = deliveries(filled(tmp_path, records), settings(tmp_path, [rule]), NOW).deliveries
    coming = next(row for row in found.iter_rows(named=True) if row["state"] == "at risk")
    assert coming["reason"] == "it missed 50 % of its last deadlines"


def test_what_has_never_landed_says_so_also_when_it_is_late(tmp_path):
    records = [pipeline("mart", next_run_at=NOW - 5 * HOUR)]
    found = deliveries(filled(tmp_path, records), settings(tmp_path, [RULE]), NOW).deliveries
    assert found.row(0, named=True)["state"] == "late"
    assert found.row(0, named=True)["reason"] == "it has never landed"
