"""The leads' list of tickets, and one of them closely."""

from datetime import date

import pytest

from connectors.records import Sprint, TicketSprint
from tests.answers.building import DAY, NOW, STATUSES, link, ticket, walked
from tests.tui.driving import office_of, opened, press, screen, screen_lines, settled, table

SIZES = [(80, 24), (160, 45)]
TITLE = "Orders of the returned parcels are counted twice"


@pytest.fixture(params=SIZES, ids=["80x24", "160x45"])
def size(request):
    return request.param


def waiting() -> list:
    """A blocked ticket, one in progress, two to do and one done; two are of an epic."""
    sprint = Sprint(source="air", sprint_id="7", name="Sprint 7", state="active", end_at=NOW + 9 * DAY)
    stuck = walked(
        1, (6, "1"), (4, "2"), (1, "3"), title=TITLE, type="Bug", priority="High", is_flagged=True, labels=["dwh"],
        due_on=date(2026, 3, 2), story_points=5.0, epic_id="9",
    )  # fmt: skip
    return [
        *STATUSES, *stuck, *walked(2, (9, "1"), (2, "2")), *walked(3, (3, "1"), epic_key="P-9", priority="Low"),
        *walked(4, (1, "1"), priority="High"), *walked(5, (9, "1"), (8, "2"), (7, "4")),
        ticket(9, NOW - 30 * DAY, is_epic=True, title="All of it"), ticket(6, NOW - DAY, title="First this"),
        link(1, 6), link(1, 5, type="Relates", label="relates to"), sprint,
        TicketSprint(source="air", ticket_id="1", sprint_id="7"),
    ]  # fmt: skip


async def listed(pilot) -> None:
    """Go to the list of tickets."""
    await settled(pilot)
    await press(pilot, "3", "tab", "tab")


def said(pilot) -> str:
    """The screen as one line, for words that may be wrapped."""
    return " ".join(screen(pilot).replace("│", " ").split())


async def test_what_is_to_do_stands_between_work_in_progress_and_what_is_done(tmp_path, size):
    async with opened(office_of(tmp_path, waiting())).run_test(size=size) as pilot:
        await listed(pilot)
        assert "in progress oldest first, then to do, then newest done" in said(pilot)
        lines = [line[:20].split() for line in screen_lines(pilot) if " P-" in line[:12]]
        shown = [(sign, key) for sign, key, *_ in lines if key != "P-9"]
        assert shown == [("⊘", "P-1"), ("▲", "P-2"), ("▶", "P-6"), ("○", "P-4"), ("○", "P-3"), ("●", "P-5")]


async def test_a_long_title_has_room(tmp_path, size):
    async with opened(office_of(tmp_path, waiting())).run_test(size=size) as pilot:
        await listed(pilot)
        (line,) = [line for line in screen_lines(pilot) if line.startswith(" ⊘  P-1")]
        assert TITLE[:35] in line
        assert "Waiting for QA"[:11] in line


async def test_a_ticket_to_do_says_how_long_it_waits(tmp_path, size):
    async with opened(office_of(tmp_path, waiting())).run_test(size=size) as pilot:
        await listed(pilot)
        await press(pilot, *"jjjj", "z")
        assert "○ to do · P-3 · To Do" in said(pilot)
        assert "waits 3 d since it was created" in said(pilot)
        assert "took less" not in said(pilot)
        assert "no move is told: in To Do since it was created" in said(pilot)


async def test_the_detail_says_what_holds_it_up_where_it_has_been_and_what_it_is(tmp_path, size):
    async with opened(office_of(tmp_path, waiting())).run_test(size=size) as pilot:
        await listed(pilot)
        await press(pilot, "z")
        for words in (
            "⊘ blocked · P-1 · Waiting for QA",
            "⊘ flagged",
            "⊘ is blocked by P-6 First this · Doing",
            "To Do 2 d › Doing 3 d › Waiting for QA 1 d (now)",
            "type Bug · priority High · due 02 Mar, which has passed · story points 5",
            "sprint Sprint 7, ends 20 Mar · labels dwh",
            "epic All of it",
            "relates to P-5 Ticket 5 · Done",
        ):
            assert words in said(pilot)


async def test_nothing_holds_up_what_is_done(tmp_path):
    done = ticket(1, NOW - 9 * DAY, NOW - DAY, is_flagged=True)
    async with opened(office_of(tmp_path, [done, link(1, 2), ticket(2, NOW - DAY)])).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await press(pilot, "G", "z")
        assert "● done · P-1 · Done" in said(pilot)
        assert "no move is told: where it was before is not known" in said(pilot)
        assert "is blocked by P-2 Ticket 2 · Doing" in said(pilot)
        assert "⊘" not in screen(pilot)


async def test_a_ticket_that_came_and_went_many_times_tells_its_last_stays(tmp_path):
    path = [(40 - n, "21"[n % 2]) for n in range(30)]
    async with opened(office_of(tmp_path, [*STATUSES, *walked(1, *path)])).run_test(size=(160, 45)) as pilot:
        await listed(pilot)
        await press(pilot, "z")
        assert "18 before › Doing 1 d › To Do 1 d" in said(pilot)
        assert "To Do 11 d (now)" in said(pilot)


async def test_many_links_are_counted(tmp_path):
    others = [record for n in range(2, 12) for record in (ticket(n, NOW - DAY), link(1, n))]
    async with opened(office_of(tmp_path, [ticket(1, NOW - 9 * DAY), *others])).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await press(pilot, "z")
        assert screen(pilot).count("is blocked by P-") == 6
        assert "and 4 more" in screen(pilot)


async def test_columns_for_planning_are_there_to_be_chosen(tmp_path):
    async with opened(office_of(tmp_path, waiting())).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        assert "Priority" not in screen(pilot)
        tickets = table(pilot, "tickets")
        keep = {"state", "ticket_key", "days", "priority_rank", "due_on", "type", "sprint"}
        tickets.hide([column.name for column in tickets.listing.columns if column.name not in keep])
        await settled(pilot)
        (line,) = [line for line in screen_lines(pilot) if line.startswith(" ⊘  P-1")]
        assert line.split() == ["⊘", "P-1", "4", "d", "High", "02", "Mar", "Bug", "Sprint", "7"]
        while tickets.order.column != "priority_rank":
            await press(pilot, "s")
        assert [row["priority"] for row in tickets._rows] == ["High", "High", "Low", None, None, None]


async def test_enter_on_an_epic_leads_to_its_tickets_and_escape_back(tmp_path, size):
    async with opened(office_of(tmp_path, waiting())).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "enter")
        tickets = table(pilot, "tickets")
        assert tickets.has_focus
        assert "of P-9" in screen(pilot)
        assert [row["ticket_key"] for row in tickets._rows] == ["P-1", "P-3"]
        await press(pilot, "escape")
        assert table(pilot, "epics").has_focus
        assert len(tickets._rows) == len(tickets._all)
        await press(pilot, "z")
        assert "All of it" in screen_lines(pilot)[1]


async def test_escape_leads_back_to_the_table_that_one_came_from_last(tmp_path):
    async with opened(office_of(tmp_path, waiting())).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "enter", "shift+tab", "shift+tab", "enter", "escape")
        assert table(pilot, "teams").has_focus
        assert table(pilot, "tickets").choice.scope is None
