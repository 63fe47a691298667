"""Cumulative flow, cycle times and ages, on tickets that one can count by hand, and on real ones."""

from datetime import timedelta

import polars as pl
import pytest
from msgspec.structs import replace

from collabtui.answers.flow import DAYS, flow
from connectors.records import Person
from tests.answers.building import DAY, HOUR, NOW, STATUSES, filled, settings, ticket, walked
from tests.jira.conftest import Server
from tests.jira.test_real_tickets import ARCHIVE, rows


def asked(tmp_path, *tickets: list):
    """The flow of what these tickets went through."""
    records = [*STATUSES, *(record for records in tickets for record in records)]
    return flow(filled(tmp_path, records), settings(tmp_path), NOW)


def test_each_day_counts_what_was_in_which_status_then(tmp_path):
    found = asked(
        tmp_path,
        walked(1, (10, "1"), (5, "2"), (2, "4")),
        walked(2, (10, "1"), (3, "2")),
        walked(3, (4, "1")),
        walked(4, (200, "1"), (190, "2"), (180, "4")),  # done long before
    )
    ours = found.days.filter(pl.col("team") == "P").sort("on")
    assert ours.height == DAYS + 1
    assert ours["on"][-1] == NOW.date()
    assert ours.select("to_do", "in_progress", "done").rows()[-12:] == [
        (0, 0, 0), (2, 0, 0), (2, 0, 0), (2, 0, 0), (2, 0, 0), (2, 0, 0), (1, 1, 0), (2, 1, 0), (1, 2, 0), (1, 1, 1),
        (1, 1, 1), (1, 1, 1),
    ]  # fmt: skip
    everything = found.days.filter(pl.col("team").is_null())
    assert everything.drop("team").equals(ours.drop("team"))


def test_cycle_time_is_from_the_first_work_to_the_end_and_age_to_now(tmp_path):
    """To Do for five days, Doing, back to To Do, Doing again: three days from start to end."""
    found = asked(
        tmp_path,
        walked(1, (10, "1"), (5, "2"), (4, "1"), (3, "2"), (2, "4")),
        walked(2, (9, "2")),  # created where work is done already
        walked(3, (9, "1"), (1, "4")),  # never worked on, as far as one knows
        walked(4, (9, "1")),
    )
    assert found.cycle_times.select("ticket_key", "days", "state").rows() == [("P-1", 3.0, "done")]
    assert found.ages.select("ticket_key", "days", "status").rows() == [("P-2", 9.0, "Doing")]
    (team, _) = found.teams.to_dicts()
    assert (team["wip"], team["finished_n"], team["unknown_n"], team["p50_days"]) == (1, 1, 1, 3.0)


def test_work_that_is_older_than_what_finished_ones_took_is_told(tmp_path):
    ended = [walked(n, (60, "1"), (30 + n, "2"), (30, "4")) for n in range(1, 21)]
    young, aging, old = ([*walked(100 + age, (age, "1"), (age, "2"))] for age in (4, 19, 40))
    found = asked(tmp_path, *ended, young, aging, old)
    (levels, _) = found.teams.select("p50_days", "p85_days", "p95_days").rows()
    assert levels == (11.0, 18.0, 20.0)
    assert found.ages.select("days", "state").rows() == [(40.0, "old"), (19.0, "ageing"), (4.0, "in progress")]
    assert found.ages["older_than"].to_list() == [1.0, pytest.approx(0.9, abs=0.06), pytest.approx(0.2, abs=0.06)]


def test_flow_efficiency_needs_a_status_that_says_that_work_waits(tmp_path):
    """Of eight days three were waiting, of another two none."""
    waits = walked(1, (10, "1"), (9, "2"), (6, "3"), (3, "2"), (1, "4"))
    works = walked(2, (10, "1"), (6, "2"), (4, "4"))
    (folder := tmp_path / "a").mkdir()
    (other := tmp_path / "b").mkdir()
    first = asked(folder, waits, works).teams.row(0, named=True)
    assert (first["efficiency"], first["waiting"]) == (pytest.approx(7 / 10), "Waiting for QA")
    second = asked(other, works).teams.row(0, named=True)
    assert (second["efficiency"], second["waiting"]) == (None, None)


def test_statuses_stand_in_the_order_in_which_work_comes_to_them(tmp_path):
    found = asked(tmp_path, walked(1, (10, "1"), (9, "2"), (8, "3"), (7, "2"), (6, "3"), (5, "4")))
    assert found.statuses.filter(pl.col("team") == "P")["status"].to_list() == ["Doing", "Waiting for QA"]


def test_a_ticket_names_its_epic_and_who_has_it(tmp_path):
    epic = replace(ticket(9, NOW - 90 * DAY, is_epic=True), title="All of it")
    person = Person(source="air", person_id="ada", name="Ada Obi")
    found = asked(
        tmp_path,
        [epic, person],
        walked(1, (3, "2"), epic_id="9", assignee_id="ada"),
        walked(2, (2, "2"), epic_key="P-9"),
    )
    assert found.ages.select("ticket_key", "epic", "assignee").rows() == [
        ("P-1", "All of it", "Ada Obi"), ("P-2", "All of it", None)
    ]  # fmt: skip


def test_nothing_at_all_is_an_empty_answer(tmp_path):
    found = asked(tmp_path)
    assert [frame.height for frame in (found.days, found.cycle_times, found.ages, found.statuses)] == [0, 0, 0, 0]


@pytest.mark.skipif(not ARCHIVE.exists(), reason=f"the archive of real tickets is not at {ARCHIVE}")
async def test_real_tickets_without_a_history_of_moves(tmp_path, monkeypatch):
    """Who never says when work began has no cycle times; what is done on which day is known all the same."""
    monkeypatch.setenv("TEST_JIRA_TOKEN", "demo-token")
    server = Server(tmp_path)
    server.site.load(rows())
    assert (await server.sync()).error is None
    ended = server.rows("SELECT resolved_at FROM ticket ORDER BY resolved_at DESC")[0][0]
    found = flow(server.warehouse, settings(tmp_path), ended + HOUR)
    assert found.cycle_times.is_empty()
    everything = found.teams.filter(pl.col("team").is_null()).row(0, named=True)
    since = ended + HOUR - timedelta(days=DAYS)
    resolved = server.warehouse.frame("SELECT resolved_at, is_epic, is_subtask FROM ticket").filter(
        (pl.col("resolved_at") > since) & ~pl.col("is_epic") & ~pl.col("is_subtask")
    )
    assert everything["unknown_n"] == resolved.height > 0
    days = found.days.filter(pl.col("team").is_null())
    assert days["done"][-1] == resolved.height
    assert days["to_do"].min() >= 0
    assert days["in_progress"].min() >= 0
