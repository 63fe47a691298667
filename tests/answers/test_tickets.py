"""The list of tickets: what is in progress, what is to do, what was finished; and one of them closely."""

from datetime import date

import polars as pl
import pytest

from collabtui.answers.capacity import capacity
from collabtui.answers.flow import flow
from collabtui.answers.ticket import ticket as closely
from collabtui.answers.tickets import tickets
from connectors.records import Person, Sprint, TicketSprint
from tests.answers.building import DAY, HOUR, NOW, STATUSES, filled, link, settings, ticket, walked


def listed(tmp_path, *of: list):
    """The list of these tickets."""
    records = [*STATUSES, *(record for records in of for record in records)]
    return tickets(filled(tmp_path, records), settings(tmp_path), NOW).tickets


def asked(tmp_path, *of: list):
    """What is known closely of ticket 1 among these."""
    records = [*STATUSES, *(record for records in of for record in records)]
    return closely(filled(tmp_path, records), settings(tmp_path), NOW, source="air", ticket_id="1")


def test_in_progress_oldest_first_then_to_do_by_priority_and_age_then_newest_done(tmp_path):
    found = listed(
        tmp_path,
        walked(1, (9, "1"), (2, "2")),
        walked(2, (9, "1"), (5, "2")),
        walked(3, (3, "1"), priority="Low"),
        walked(4, (4, "1"), priority="Highest"),
        walked(5, (8, "1"), priority="Highest"),
        walked(6, (7, "1"), (6, "2"), (5, "4")),
        walked(7, (7, "1"), (6, "2"), (4, "4")),
    )
    assert found.select("ticket_key", "state", "days").rows() == [
        ("P-2", "old", 5.0), ("P-1", "in progress", 2.0), ("P-5", "to do", 8.0), ("P-4", "to do", 4.0),
        ("P-3", "to do", 3.0), ("P-7", "done", 2.0), ("P-6", "done", 1.0),
    ]  # fmt: skip
    assert found.filter(state="to do").select("older_than", "above", "started_at").null_count().row(0) == (3, 3, 3)


@pytest.mark.parametrize(
    "highest_first",
    [
        ["Blocker", "Critical", "Major", "Minor", "Trivial", None],
        ["Highest", "High", "Medium", "Low", "Lowest", None],
        ["P1", "P2", "P3 - later", None],
        ["High", "Whatever this is", "Low"],
    ],
    ids=["server", "cloud", "numbers", "others"],
)
def test_priorities_stand_in_the_order_that_people_mean(tmp_path, highest_first):
    """Also where the lowest has waited longest."""
    found = listed(tmp_path, *(walked(n, (n + 1, "1"), priority=name) for n, name in enumerate(highest_first)))
    assert found["priority"].to_list() == highest_first


def test_open_tickets_are_as_many_as_capacity_counts(warehouse, office):
    found = tickets(warehouse, office.settings, office.now).tickets
    open_n = dict(found.filter(pl.col("state") != "done").group_by("team").len().rows())
    counted = capacity(warehouse, office.settings, office.now).teams.select("team", "open_tickets").rows()
    assert {team: open_n.get(team, 0) for team, _ in counted} == dict(counted)


def test_ages_and_cycle_times_are_those_of_the_flow(warehouse, office):
    found, known = (ask(warehouse, office.settings, office.now) for ask in (tickets, flow))
    both = found.tickets.filter(pl.col("days").is_not_null(), state="done")
    assert both["ticket_id"].to_list() == known.cycle_times["ticket_id"].to_list()
    doing = found.tickets.filter(pl.col("state") != "done", "is_begun")
    assert set(doing["ticket_id"]) == set(known.ages["ticket_id"])


@pytest.mark.parametrize(
    ("how", "state"),
    [
        ([ticket(1, NOW - DAY, is_flagged=True)], "blocked"),
        ([ticket(1, NOW - DAY, status="On hold")], "blocked"),
        ([ticket(1, NOW - DAY), link(1, 2), ticket(2, NOW - DAY)], "blocked"),
        ([ticket(1, NOW - DAY), link(1, 2), ticket(2, NOW - 2 * DAY, NOW - DAY)], "in progress"),
        ([ticket(1, NOW - DAY), link(1, 2, label="relates to", type="Relates"), ticket(2, NOW)], "in progress"),
        ([ticket(1, NOW - DAY, status="To Do", status_category="new", is_flagged=True)], "blocked"),
        ([ticket(1, NOW - DAY, status="To Do", status_category="new"), link(1, 2), ticket(2, NOW)], "to do"),
        ([ticket(1, NOW - 2 * DAY, NOW - DAY, is_flagged=True)], "done"),
    ],
    ids=["flag", "status", "link", "link to what is done", "other link", "flag to do", "link to do", "flag done"],
)
def test_a_ticket_is_blocked_as_it_is_for_the_stand_up(tmp_path, how, state):
    found = listed(tmp_path, how)
    assert found.filter(ticket_id="1")["state"].to_list() == [state]


def test_blocked_ones_stand_among_the_work_in_progress(tmp_path):
    found = listed(
        tmp_path, walked(1, (3, "2")), walked(2, (9, "1"), is_flagged=True), walked(3, (1, "2")), walked(4, (30, "1"))
    )
    assert found.select("ticket_key", "state").rows() == [
        ("P-2", "blocked"), ("P-1", "in progress"), ("P-3", "in progress"), ("P-4", "to do")
    ]  # fmt: skip


def test_what_was_finished_without_a_known_start_is_listed_too(tmp_path):
    found = listed(tmp_path, [ticket(1, NOW - 9 * DAY, NOW - DAY)], [ticket(2, NOW - 200 * DAY, NOW - 190 * DAY)])
    assert found.select("ticket_key", "state", "days", "done_on").rows() == [
        ("P-1", "done", None, (NOW - DAY).date())
    ]  # fmt: skip


def test_the_epic_of_a_ticket_is_known_by_id_and_key_however_the_ticket_names_it(tmp_path):
    epic = ticket(9, NOW - 90 * DAY, is_epic=True, title="All of it")
    found = listed(tmp_path, [epic], walked(1, (3, "2"), epic_id="9"), walked(2, (2, "1"), epic_key="P-9"))
    assert found.select("epic_id", "epic_key", "epic").rows() == [("9", "P-9", "All of it")] * 2


def test_the_sprint_that_goes_on_is_told_before_the_next_and_the_last(tmp_path):
    def sprint(number: int, state: str, back: int) -> Sprint:
        start = NOW - back * DAY
        how = {"start_at": start, "end_at": start + 14 * DAY, "board_id": "1"}
        return Sprint(source="air", sprint_id=str(number), name=f"Sprint {number}", state=state, **how)

    sprints = [sprint(1, "closed", 40), sprint(2, "closed", 20), sprint(3, "active", 5), sprint(4, "future", -9)]
    within = {1: (1, 2, 3, 4), 2: (1, 2), 3: (1, 4)}
    was_in = [TicketSprint(source="air", ticket_id=f"{n}", sprint_id=f"{s}") for n, of in within.items() for s in of]
    found = listed(tmp_path, [*sprints, *was_in], *(walked(n, (4 - n, "2")) for n in within), walked(4, (9, "1")))
    assert found["sprint"].to_list() == ["Sprint 3", "Sprint 2", "Sprint 4", None]


def test_nothing_at_all_is_an_empty_list(tmp_path):
    assert listed(tmp_path).is_empty()


# --- one closely ---


def test_a_ticket_tells_what_its_source_says_of_it(tmp_path):
    said = {
        "type": "Story", "priority": "High", "reporter_id": "ada", "due_on": date(2026, 3, 20), "story_points": 5.0,
        "labels": ["dwh", "late"],
    }  # fmt: skip
    found = asked(tmp_path, [Person(source="air", person_id="ada", name="Ada Obi"), ticket(1, NOW - DAY, **said)])
    assert (found.type, found.priority, found.reporter, found.due_on, found.story_points, found.labels) == (
        "Story", "High", "Ada Obi", date(2026, 3, 20), 5.0, ["dwh", "late"]
    )  # fmt: skip
    assert (found.sprint, found.is_flagged, found.links.height) == (None, None, 0)


def test_links_tell_which_tickets_are_still_in_the_way(tmp_path):
    found = asked(
        tmp_path,
        [ticket(1, NOW - DAY), link(1, 2), link(1, 3), link(1, 4, type="Relates", label="relates to"), link(1, 99)],
        [ticket(2, NOW - DAY, NOW), ticket(3, NOW - DAY, title="First this"), ticket(4, NOW - DAY)],
    )
    assert found.links.select("is_blocker", "label", "ticket_key", "title", "status").rows() == [
        (True, "is blocked by", "P-3", "First this", "Doing"),
        (False, "is blocked by", "P-99", None, None),
        (False, "is blocked by", "P-2", "Ticket 2", "Done"),
        (False, "relates to", "P-4", "Ticket 4", "Doing"),
    ]


def test_where_a_ticket_has_been_is_told_move_by_move(tmp_path):
    found = asked(tmp_path, walked(1, (6, "1"), (4, "2"), (1, "3")))
    assert found.moves_n == 2
    assert [(row["status"], row["seconds"] / 86400) for row in found.path.to_dicts()] == [
        ("To Do", 2.0), ("Doing", 3.0), ("Waiting for QA", 1.0)
    ]  # fmt: skip
    assert found.path["left_at"].is_null().to_list() == [False, False, True]


def test_a_ticket_without_moves_is_where_it_was_created_as_far_as_one_knows(tmp_path):
    found = asked(tmp_path, [ticket(1, NOW - 5 * HOUR)])
    assert found.moves_n == 0
    assert found.path.select("status", "is_done", "seconds").rows() == [("Doing", False, 5 * 3600)]


def test_a_ticket_names_its_sub_tasks_the_open_ones_first_and_a_sub_task_its_ticket(tmp_path):
    def part(number: int, back: int, done_at=None, **more):
        known = {"is_subtask": True, "parent_id": "1", **more}
        return ticket(number, NOW - back * DAY, done_at, **known)

    epic = ticket(8, NOW - 30 * DAY, is_epic=True, title="All of it")
    parts = [part(2, 3, NOW - DAY), part(3, 1), part(4, 2), part(5, 2, parent_id="9"), part(6, 2, is_subtask=False)]
    records = [epic, ticket(1, NOW - 5 * DAY, parent_id="8", epic_id="8"), *parts]
    found = asked(tmp_path, records)
    assert found.sub_tasks.select("ticket_key", "title", "status").rows() == [
        ("P-4", "Ticket 4", "Doing"), ("P-3", "Ticket 3", "Doing"), ("P-2", "Ticket 2", "Done")
    ]  # fmt: skip
    assert (found.parent_key, found.parent_title) == ("P-8", "All of it")
    of_part = closely(filled(tmp_path, records), settings(tmp_path), NOW, source="air", ticket_id="3")
    assert (of_part.parent_key, of_part.parent_title, of_part.sub_tasks.height) == ("P-1", "Ticket 1", 0)


def test_a_ticket_says_who_has_it_by_name_and_by_id_where_no_name_is_known(tmp_path):
    said = {"assignee_id": "ada", "reporter_id": "bo"}
    found = asked(tmp_path, [Person(source="air", person_id="ada", name="Ada Obi"), ticket(1, NOW - DAY, **said)])
    assert (found.assignee, found.reporter) == ("Ada Obi", "bo")
    assert (found.ticket_key, found.title, found.status) == ("P-1", "Ticket 1", "Doing")


def test_a_ticket_that_is_gone_tells_nothing(tmp_path):
    found = closely(filled(tmp_path, []), settings(tmp_path), NOW, source="air", ticket_id="1")
    assert (found.type, found.labels, found.path.height, found.moves_n) == (None, None, 0, 0)
