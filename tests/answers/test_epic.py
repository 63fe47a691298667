"""One epic closely, and what if."""

from datetime import date, timedelta

import msgspec
import polars as pl
import pytest

from collabtui.answers.epic import Epic, epic
from collabtui.answers.epics import epics
from collabtui.answers.what_if import what_if
from collabtui.warehouse import Warehouse
from connectors.records import Ticket, Transition
from tests.answers.building import DAY, NOW, STATUSES, filled, settings, ticket, walked

EPIC = 1_000_000


def team_of_four(**head) -> list[Ticket]:
    """Ten tickets a week by four people for twenty weeks, all of one epic, and thirty still open."""
    gap = timedelta(hours=16.8)
    done = [
        ticket(n, NOW - 150 * DAY, NOW - gap * n - DAY / 9, epic_id=str(EPIC), assignee_id=f"p{n % 4}")
        for n in range(200)
    ]
    waiting = [ticket(5000 + n, NOW - 100 * DAY, epic_id=str(EPIC)) for n in range(30)]
    return [ticket(EPIC, NOW - 200 * DAY, is_epic=True, **head), *done, *waiting]


def one_left(since_days: float, *, added: int = 0, **head) -> list:
    """An epic of 27 done tickets and one that is in progress since then; ten tickets a week in all. One in five
    takes four days, the others take one. So many of the done ones were added in the last four weeks."""
    begun = [walked(5000, (100, "1"), (since_days, "2"), epic_id=str(EPIC))]
    for n in range(200):
        took, part_of = 4 if n % 5 == 4 else 1, str(EPIC) if n % 7 == 0 and n < 27 * 7 else None
        back = 0.2 + 0.7 * n
        created = 20 if part_of and n < 7 * added else 200
        begun.append(walked(n, (max(created, back + took), "1"), (back + took, "2"), (back, "4"), epic_id=part_of))
    return [*STATUSES, ticket(EPIC, NOW - 200 * DAY, is_epic=True, **head), *(record for of in begun for record in of)]


def closely(warehouse: Warehouse, folder, number: int = EPIC) -> Epic:
    return epic(warehouse, settings(folder), NOW, source="air", epic_id=str(number))


def test_what_if_is_in_the_order_of_what_is_asked(tmp_path):
    """Four people and thirty tickets in three weeks: a person less is a week more, someone new barely helps yet."""
    found = closely(filled(tmp_path, team_of_four()), tmp_path)
    assert found.active == 4
    helper = [ticket(9000 + n, NOW - 30 * DAY, NOW - 2 * DAY, project="Q", assignee_id="q") for n in range(5)]
    helper.append(ticket(8000, NOW - 30 * DAY, NOW - 2 * DAY, assignee_id="q"))
    (tmp_path / "helped").mkdir()
    assert closely(filled(tmp_path / "helped", team_of_four() + helper), tmp_path / "helped").active == 4
    days = dict(found.what_if.select("what", "days").iter_rows())
    assert days["as it is"] == 0
    assert -7 < days["one person more"] <= 0
    assert days["one person less"] > 5
    assert days["scope −20 %"] < 0 < days["scope +20 %"]
    assert dict(found.what_if.select("what", "open").iter_rows())["scope +20 %"] == 36


def test_the_detail_says_what_the_list_says(tmp_path):
    warehouse = filled(tmp_path, team_of_four(due_on=date(2026, 4, 20)))
    in_list = epics(warehouse, settings(tmp_path), NOW).epics.row(0, named=True)
    as_it_is = closely(warehouse, tmp_path).what_if.row(0, named=True)
    named = what_if(warehouse, settings(tmp_path), NOW).epics.filter(pl.col("what") == "as it is").row(0, named=True)
    for name in ("p50_on", "p85_on", "p95_on", "p_late"):
        assert as_it_is[name] == in_list[name] == named[name]


def test_the_chances_of_the_weeks_add_up_and_those_after_the_due_date_are_late(tmp_path):
    weeks = closely(filled(tmp_path, team_of_four(due_on=date(2026, 4, 1))), tmp_path).weeks
    assert weeks["week_on"].to_list()[:2] == [NOW.date(), NOW.date() + 7 * DAY]
    assert weeks["p"].sum() == pytest.approx(1, abs=0.02)
    assert weeks["p_done"].is_sorted()
    assert weeks.filter("is_late")["week_on"].min() == date(2026, 4, 8)


def test_what_is_forecast_agrees_with_the_due_date(tmp_path):
    """P85 on the due date or before is a chance to be late of at most 15 %, whatever the hour."""
    warehouse = filled(tmp_path, team_of_four(due_on=date(2026, 4, 7)))
    for hour in range(0, 24, 3):
        row = epics(warehouse, settings(tmp_path), NOW.replace(hour=hour)).epics.row(0, named=True)
        assert (row["p85_on"] <= row["due_on"]) == (row["p_late"] < 0.153)


def days_until(on: date) -> int:
    return (on - NOW.date()).days


@pytest.mark.parametrize(("since_days", "p50", "p85"), [(0.1, 1, 4), (1.5, 3, 3)])
def test_the_last_ticket_lasts_as_long_as_work_of_its_age(tmp_path, since_days, p50, p85):
    """It does not wait for its share of ten tickets a week; what is older than a day is of those that take four."""
    found = closely(filled(tmp_path, one_left(since_days)), tmp_path)
    assert (found.open, found.doing) == (1, 1)
    as_it_is = found.what_if.row(0, named=True)
    assert days_until(as_it_is["p50_on"]) == pytest.approx(p50, abs=1)
    assert days_until(as_it_is["p85_on"]) == pytest.approx(p85, abs=1)
    assert "no more added" not in found.what_if["what"]


def test_where_much_is_added_it_says_what_would_be_without(tmp_path):
    """One ticket is left, yet two a week were added lately: that is what takes weeks."""
    found = closely(filled(tmp_path, one_left(0.1, added=8, due_on=NOW.date() + 14 * DAY)), tmp_path)
    rows = {row["what"]: row for row in found.what_if.iter_rows(named=True)}
    assert days_until(rows["as it is"]["p85_on"]) > 21
    assert days_until(rows["no more added"]["p85_on"]) <= 5
    assert rows["no more added"]["p_late"] < 0.05 < rows["as it is"]["p_late"]
    assert found.by_due_p95 == 1, "that one will be done"


def test_where_little_is_known_of_how_long_work_takes_it_waits_for_its_share(tmp_path):
    """Without the moves of tickets nobody knows when work on them began."""
    untold = [record for record in one_left(0.1) if not isinstance(record, Transition)]
    as_it_is = closely(filled(tmp_path, untold), tmp_path).what_if.row(0, named=True)
    assert days_until(as_it_is["p85_on"]) > 7


def test_how_many_by_the_due_date(tmp_path):
    """In two weeks about twenty of the thirty."""
    found = closely(filled(tmp_path, team_of_four(due_on=NOW.date() + 13 * DAY)), tmp_path)
    assert found.by_due_p95 <= found.by_due_p85 < found.by_due_p50
    assert found.by_due_p50 == pytest.approx(20, abs=2)
    passed = closely(filled(tmp_path, team_of_four(due_on=NOW.date() - 2 * DAY)), tmp_path)
    assert passed.by_due_p50 is None


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([], "no such open epic"),
        ([ticket(EPIC, NOW - DAY, is_epic=True)], "nothing of it is open"),
        (
            [ticket(EPIC, NOW - DAY, is_epic=True), ticket(2, NOW - DAY, epic_id=str(EPIC))],
            "its team has not finished anything in two years",
        ),
    ],
)
def test_without_a_forecast_it_says_why(tmp_path, records, reason):
    found = closely(filled(tmp_path, records), tmp_path)
    assert found.reason == reason
    assert (found.what_if.height, found.weeks.height, found.by_due_p50) == (0, 0, None)


def test_without_people_nobody_is_added_or_taken_away(tmp_path):
    records = [r if r.is_epic else ticket(int(r.ticket_id), r.created_at, r.resolved_at, epic_id=str(EPIC))
               for r in team_of_four()]  # fmt: skip
    found = closely(filled(tmp_path, records), tmp_path)
    assert found.what_if["what"].to_list() == ["as it is", "scope +20 %", "scope −20 %"]


def test_an_epic_is_overdue_from_the_midnight_of_those_who_look(tmp_path):
    """At half past eleven in London it is the next day in Berlin."""
    late = NOW.replace(hour=23, minute=30)
    warehouse = filled(tmp_path, team_of_four(due_on=NOW.date()))
    for zone, state in (("Europe/London", "at risk"), ("Europe/Berlin", "overdue")):
        there = msgspec.structs.replace(settings(tmp_path), timezone=zone)
        (row,) = epics(warehouse, there, late).epics.to_dicts()
        assert (row["state"], row["p_late"] == 1.0) == (state, state == "overdue")
