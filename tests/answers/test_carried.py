"""Pipelines that wait for others: the lateness of the one is the lateness of the other."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from collabtui.answers.landings import landings
from collabtui.config import Deadline
from connectors.records import Record, Run
from tests.answers.building import DAY, HOUR, MINUTE, NOW, feeds, filled, pipeline, run, settings

TODAY = NOW.replace(hour=0)
TRIGGERED = {"run_type": "asset_triggered"}


def nights(staging: timedelta, mart: timedelta) -> list[Run]:
    """Thirty nights until yesterday: staging at 03:00, the mart as soon as that has landed."""
    runs = []
    for back in range(30, 0, -1):
        due = TODAY + 3 * HOUR - DAY * back
        runs += [run("staging", due, staging), run("mart", due + staging, mart, **TRIGGERED)]
    return runs


def forecast(folder, runs: Iterable[Record], deadlines: list[Deadline] | None = None, now: datetime = NOW) -> dict:
    known = [
        pipeline("staging", next_run_at=TODAY + DAY + 3 * HOUR), pipeline("mart"), *feeds("staging", "mart"), *runs
    ]  # fmt: skip
    found = landings(filled(folder, known), settings(folder, deadlines or []), now)
    return {row["pipeline_id"]: row for row in found.next.iter_rows(named=True)}


def test_what_waits_lands_as_long_after_what_it_waits_for_as_usual(tmp_path):
    """Staging began at 11:30 today instead of at 03:00, and takes an hour; the mart half an hour from there."""
    late = run("staging", NOW - 30 * MINUTE, None)
    found = forecast(tmp_path, [*nights(HOUR, 30 * MINUTE), late])
    staging, mart = found["staging"], found["mart"]
    assert abs(staging["p50_at"] - (NOW + 30 * MINUTE)) < 5 * MINUTE
    assert abs(mart["due_at"] - staging["p50_at"]) < 2 * MINUTE
    assert abs(mart["p50_at"] - (staging["p50_at"] + 30 * MINUTE)) < 5 * MINUTE


def test_what_waits_for_a_run_that_failed_waits_for_the_next(tmp_path):
    """Nothing will be there before tomorrow, so today's deadline is missed."""
    failed = run("staging", TODAY + 3 * HOUR, HOUR, state="failed")
    rule = Deadline(pipeline="mart", by="13:00")
    mart = forecast(tmp_path, [*nights(HOUR, 30 * MINUTE), failed], [rule])["mart"]
    assert mart["due_at"] == pytest.approx(TODAY + DAY + 4 * HOUR, abs=5 * MINUTE)
    assert mart["deadline_at"] == TODAY + 13 * HOUR
    assert mart["p_late"] > 0.99


def test_what_has_all_it_waits_for_starts_at_any_moment(tmp_path):
    landed = run("staging", NOW - HOUR - MINUTE, HOUR)
    mart = forecast(tmp_path, [*nights(HOUR, 30 * MINUTE), landed])["mart"]
    assert mart["due_at"] == NOW
    assert abs(mart["p50_at"] - (NOW + 30 * MINUTE)) < 5 * MINUTE


def test_a_chain_of_three_adds_up(tmp_path):
    started = run("staging", NOW - MINUTE, None)
    marts = [night for night in nights(HOUR, 30 * MINUTE) if night.pipeline_id == "mart"]
    reports = [run("report", mart.end_at, 20 * MINUTE, **TRIGGERED) for mart in marts]
    more = [pipeline("report"), *feeds("mart", "report"), *reports]
    report = forecast(tmp_path, [*nights(HOUR, 30 * MINUTE), started, *more])["report"]
    assert abs(report["p50_at"] - (NOW + HOUR + 50 * MINUTE)) < 10 * MINUTE


def test_what_starts_before_its_feeder_has_ended_waits_for_the_next_all_the_same(tmp_path):
    """Staging writes its data ten minutes before it ends: yesterday's end is no sign that today's are there."""
    runs = []
    for back in range(30, 0, -1):
        due = TODAY + 3 * HOUR - DAY * back
        runs += [run("staging", due, HOUR), run("mart", due + 50 * MINUTE, 30 * MINUTE, **TRIGGERED)]
    late = run("staging", NOW - 30 * MINUTE, None)
    found = forecast(tmp_path, [*runs, late])
    assert abs(found["mart"]["due_at"] - found["staging"]["p50_at"]) < 2 * MINUTE
