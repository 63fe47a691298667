"""What capacity and compute say of the next day and week is kept, and scored once the period is over."""

from datetime import timedelta

import polars as pl
import pytest
from msgspec.structs import replace

from collabtui.answers.capacity import capacity
from collabtui.answers.compute import compute
from collabtui.answers.lab import lab
from collabtui.answers.ledger import ledger
from collabtui.answers.series import series
from collabtui.faces.tui.asking.answering import plainly
from collabtui.faces.tui.formats import Viewer
from collabtui.faces.tui.tabs.leads import describe_team, read
from collabtui.faces.tui.tabs.scientists import describe_series
from collabtui.ledger import KEEP_VALUE, record, settle
from collabtui.warehouse import Warehouse
from collabtui.warehouse.columns import to_us
from connectors.base import Batch, Census
from connectors.records import Pool, Ticket
from tests.answers.building import DAY, HOUR, NOW, filled, nightly, settings, task_run, ticket

WEEK = timedelta(weeks=1)
AIRFLOW = [
    Pool(source="air", name="etl", slots=4),
    *(row for run in nightly("p", 3 * HOUR, HOUR, 40)
      for row in (run, task_run(run, "load", timedelta(0), HOUR, pool="etl", pool_slots=2))),
]  # fmt: skip
"""Two slot-hours a night."""
TICKETS = [ticket(n, NOW - (n + 20) * 12 * HOUR, NOW - n * 12 * HOUR) for n in range(240)]
"""Two tickets come a day, and two are finished."""


def synced(warehouse: Warehouse, at, error: str | None = None, source: str = "air") -> None:
    warehouse.sync_started(source, "airflow", at)
    warehouse.sync_finished(source, at, error)


@pytest.fixture
def warehouse(tmp_path):
    opened = filled(tmp_path, [*AIRFLOW, *TICKETS])
    synced(opened, NOW)
    yield opened
    opened.close()


def values(warehouse: Warehouse) -> pl.DataFrame:
    return warehouse.frame("SELECT * FROM value_forecast ORDER BY forecast_id")


def one(warehouse: Warehouse, question: str) -> dict:
    return values(warehouse).filter(pl.col("question") == question).row(0, named=True)


def test_what_is_kept_is_what_is_shown(warehouse, tmp_path):
    record(warehouse, settings(tmp_path), NOW)
    week = capacity(warehouse, settings(tmp_path), NOW).weeks.filter("is_forecast").row(0, named=True)
    pool = compute(warehouse, settings(tmp_path), NOW).pools.row(0, named=True)
    names = ("p15", "p50", "p85")
    for question, source, subject, said, naive, lasts in (
        ("throughput", "", "P", [week[name] for name in names], 14, WEEK),
        ("arrivals", "", "P", [week[f"arrivals_{name}"] for name in names], 0, WEEK),
        ("slot-hours day", "air", "etl", [pool[f"next_day_{name}"] for name in names], 2, DAY),
        ("slot-hours week", "air", "etl", [pool[f"next_week_{name}"] for name in names], 14, WEEK),
    ):
        row = one(warehouse, question)
        assert (row["source"], row["subject"], row["naive"]) == (source, subject, naive)
        assert [row[name] for name in names] == said
        assert (row["from_at"], row["until_at"]) == (NOW, NOW + lasts)
        assert row["outcome"] is None
    assert warehouse.rows("SELECT until_at FROM value_forecast_iso LIMIT 1") == [("2026-03-18T12:00:00.000Z",)]


def test_a_period_is_kept_once(warehouse, tmp_path):
    for later in (timedelta(0), HOUR, 2 * DAY):
        record(warehouse, settings(tmp_path), NOW + later)
    assert values(warehouse).height == 4, "also after the day is over: its truth has not come"


def test_the_outcome_is_what_the_answer_will_show_of_that_week(warehouse, tmp_path):
    record(warehouse, settings(tmp_path), NOW)
    new = [ticket(300 + n, NOW + n * DAY, NOW + n * DAY + HOUR) for n in range(-1, 9)]
    run = nightly("p", 3 * HOUR, HOUR, 1)[0]
    late = task_run(run, "again", 10 * HOUR, 3 * HOUR, pool="etl")  # an hour after it was forecast
    records = [*new, late, ticket(400, NOW + DAY, is_epic=True)]
    warehouse.apply("air", Batch(stream="all", records=records), NOW + 9 * DAY)
    synced(warehouse, NOW + WEEK)
    assert settle(warehouse, settings(tmp_path), NOW + 9 * DAY) == 4

    weeks = capacity(warehouse, settings(tmp_path), NOW + WEEK).weeks.filter(~pl.col("is_forecast"))
    shown = weeks.row(-1, named=True)
    assert one(warehouse, "throughput")["outcome"] == shown["throughput"] == 7
    assert one(warehouse, "arrivals")["outcome"] == shown["arrivals"] == 7
    assert one(warehouse, "slot-hours day")["outcome"] == 3
    assert one(warehouse, "slot-hours week")["outcome"] == 3
    row = one(warehouse, "slot-hours week")
    losses = [max(q * (3 - row[f"p{q}"]), (q - 100) * (3 - row[f"p{q}"])) / 100 for q in (15, 50, 85)]
    assert row["score"] == pytest.approx(sum(losses) / 3)
    assert record(warehouse, settings(tmp_path), NOW + 9 * DAY) == 4, "the next periods"


def test_a_source_whose_sync_failed_since_is_waited_for(warehouse, tmp_path):
    record(warehouse, settings(tmp_path), NOW)
    synced(warehouse, NOW + WEEK + HOUR, error="no network")
    assert settle(warehouse, settings(tmp_path), NOW + WEEK + HOUR) == 0
    synced(warehouse, NOW + 2 * WEEK)
    assert settle(warehouse, settings(tmp_path), NOW + 2 * WEEK) == 4
    assert one(warehouse, "throughput")["outcome"] == 0, "of its own week"


def test_a_pools_day_waits_a_day_for_what_still_runs(warehouse, tmp_path):
    record(warehouse, settings(tmp_path), NOW)
    run = nightly("p", 3 * HOUR, HOUR, 1)[0]
    for took, after, scored in ((None, DAY, 0), (30 * HOUR, DAY + 20 * HOUR, 1)):
        long = task_run(run, "long", 20 * HOUR, took, pool="etl")
        warehouse.apply("air", Batch(stream="all", records=[long]), NOW + after)
        synced(warehouse, NOW + after)
        assert settle(warehouse, settings(tmp_path), NOW + after) == scored
    assert one(warehouse, "slot-hours day")["outcome"] == 30

    record(warehouse, settings(tmp_path), NOW + 2 * DAY)
    for_ever = task_run(run, "for ever", 2 * DAY + 10 * HOUR, None, pool="etl")
    warehouse.apply("air", Batch(stream="all", records=[for_ever]), NOW + 3 * DAY)
    for after, scored in ((3 * DAY, 0), (4 * DAY, 1)):
        synced(warehouse, NOW + after)
        assert settle(warehouse, settings(tmp_path), NOW + after) == scored


def test_a_sync_that_began_before_the_end_does_not_know_all_of_the_period(warehouse, tmp_path):
    record(warehouse, settings(tmp_path), NOW)
    warehouse.sync_started("air", "airflow", NOW + DAY - HOUR)
    warehouse.sync_finished("air", NOW + DAY + HOUR, None)
    assert settle(warehouse, settings(tmp_path), NOW + DAY + HOUR) == 0


def test_a_teams_week_waits_for_all_sources_of_its_tickets(warehouse, tmp_path):
    warehouse.apply("second", Batch(stream="all", records=[replace(ticket(1, NOW - DAY), source="second")]), NOW)
    first = settings(tmp_path)
    both = replace(first, sources=[*first.sources, replace(first.sources[0], name="second")])
    record(warehouse, both, NOW)
    synced(warehouse, NOW + WEEK)
    synced(warehouse, NOW + WEEK, error="no network", source="second")
    assert settle(warehouse, both, NOW + WEEK) == 2, "the pool's"
    synced(warehouse, NOW + WEEK, source="second")
    assert settle(warehouse, both, NOW + WEEK) == 2


def test_a_team_that_vanished_has_no_outcome(warehouse, tmp_path):
    record(warehouse, settings(tmp_path), NOW)
    warehouse.apply("air", Batch(stream="all", census=[Census(record_type=Ticket, source="air", keys=[])]), NOW + DAY)
    synced(warehouse, NOW + WEEK)
    assert settle(warehouse, settings(tmp_path), NOW + WEEK) == 2, "the pool's"
    assert one(warehouse, "throughput")["outcome"] is None


def test_the_record_is_told_by_kind_by_subject_and_of_a_team(warehouse, tmp_path):
    """Twelve weeks of which ten held; in nine of them it was not less than the P15."""
    assert capacity(warehouse, settings(tmp_path), NOW).teams["kept"].to_list() == [None]
    kept = [
        ("throughput", "", "P", "team weeks", 50, *[to_us(NOW - (n + 1) * WEEK)] * 2, to_us(NOW - n * WEEK), *said, 10)
        for n, said in enumerate([(10, 12, 20)] * 9 + [(15, 16, 20)] + [(1, 2, 3)] * 2)
    ]
    for row in kept:  # one at a time: two of the same are never open
        warehouse.write(KEEP_VALUE, [row])
        assert settle(warehouse, settings(tmp_path), NOW) == 1
    words = "the P85 held in 10 of the last 12, P15 to P85 in 9"
    in_the_lab = "throughput of the next week: 9 of the last 12 were within P15–P85, 70 % should be"
    detail = describe_team(read(warehouse, settings(tmp_path), NOW)["teams"][0], None, Viewer(NOW))
    assert f"as shown here {words}" in ["".join(part.text for part in line) for line in detail.lines]

    looked_at = lab(warehouse, settings(tmp_path), NOW, about="tickets finished: P")
    assert looked_at.about["kept"].to_list() == [in_the_lab]
    row = series(warehouse, settings(tmp_path), NOW).series.filter(series=looked_at.series).row(0, named=True)
    lines = [
        "".join(part.text for part in line) for line in describe_series(row, plainly(looked_at), Viewer(NOW)).lines
    ]
    assert f"as shown on the other tabs: {in_the_lab}" in lines
    assert lab(warehouse, settings(tmp_path), NOW, about="tickets arrived: P").about["kept"].to_list() == [None]

    told = ledger(warehouse, settings(tmp_path), NOW)
    row = told.subjects.row(0, named=True)
    assert (row["kind"], row["source"], row["about"]) == ("throughput of the next week", None, "P")
    assert (row["words"], row["unit"], row["verdict"]) == (words, "tickets", "holds")
    assert (row["held_p50_n"], row["held_p95_n"], row["within_n"]) == (1, None, 9)
    kinds = told.kinds.filter(pl.col("model").is_null())
    assert kinds.select("kind", "scored_n", "open_n").rows() == [("throughput of the next week", 12, 0)]
    assert row["mase"] == pytest.approx((9 * 2 + 2 + 2 * 12) / (12 * 4))
