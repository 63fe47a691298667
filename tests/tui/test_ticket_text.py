"""What people wrote about a ticket: asked for when wanted, under the facts that are known without asking."""

import asyncio

import pytest

from collabtui.faces.tui.texts.textscreen import TextScreen
from collabtui.faces.tui.texts.textview import TextView
from collabtui.workspace import Workspace
from connectors.records import Person
from tests.answers.building import DAY, NOW, STATUSES, link, ticket, walked
from tests.tui.driving import office_of, opened, press, screen, screen_lines
from tests.tui.test_log import notices, until, until_shown
from tests.tui.test_tickets import listed, said

WORDS = " ".join(f"word{n}" for n in range(400))
TEXT = f"""Orders are counted [bold]twice\x1b[31m.

- {WORDS} END

── Ada Obi · Tue 10 Mar 2026 14:00 UTC
Since Monday.
""".encode()
SIZES = [(80, 24), (200, 60)]


class Source:
    """Gives the words about tickets, and remembers what it was asked."""

    def __init__(self, text: bytes = TEXT, error: Exception | None = None) -> None:
        self.text, self.error = text, error
        self.asked: list[tuple[str, str]] = []

    async def __call__(self, take, *, source, ticket_id) -> None:
        self.asked.append((source, ticket_id))
        await asyncio.sleep(0)
        take(self.text)
        if self.error is not None:
            raise self.error


def known() -> list:
    """A ticket of an epic with sub-tasks, and another that it waits for."""
    part = {"is_subtask": True, "parent_id": "1"}
    more = {"parent_id": "9", "epic_id": "9", "assignee_id": "ada", "type": "Bug", "priority": "High"}
    return [
        *STATUSES, Person(source="air", person_id="ada", name="Ada Obi"),
        *walked(1, (6, "1"), (4, "2"), title="Orders [red]twice[/]", **more),
        ticket(2, NOW - DAY, title="Find out why", **part), ticket(3, NOW - DAY, NOW, title="Mend it", **part),
        ticket(6, NOW - DAY, title="First this"), link(1, 6),
        ticket(9, NOW - 30 * DAY, is_epic=True, title="All of it"),
    ]  # fmt: skip


def app_of(tmp_path, source):
    return opened(office_of(tmp_path, known()), read_ticket=source)


def view(pilot) -> TextView:
    return pilot.app.screen.query_one(TextView)


async def shown(pilot, *keys: str) -> None:
    await pilot.press(*keys)
    await until(pilot, lambda: isinstance(pilot.app.screen, TextScreen))
    await until_shown(pilot, "Orders are counted")


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x60"])
@pytest.mark.parametrize("key", ["enter", "v"])
async def test_enter_on_a_ticket_shows_its_facts_and_what_was_written(tmp_path, size, key):
    source = Source()
    async with app_of(tmp_path, source).run_test(size=size) as pilot:
        await listed(pilot)
        await shown(pilot, key)
        await until_shown(pilot, "Ada Obi")
        lines = screen_lines(pilot)
        assert lines[0].startswith(" P-1 › Orders [red]twice[/]")
        assert lines[1].strip() == "▶ Doing · with Ada Obi"
        assert lines[2].strip() == "type Bug · priority High · part of P-9 All of it"
        assert "Orders are counted [bold]twice" in screen(pilot)
        assert source.asked == [("air", "1")]
        await pilot.press("slash", *"since mon", "enter")
        await until_shown(pilot, "line 6 of 6")
        await pilot.press("escape")
        await until_shown(pilot, "in progress oldest first")


async def test_a_long_paragraph_is_read_row_by_row_and_page_by_page(tmp_path):
    async with app_of(tmp_path, Source()).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await shown(pilot, "enter")
        seen: set[str] = set()
        for _ in range(12):
            seen |= set(screen(pilot).split())
            if "Monday." in seen:
                break
            await pilot.press("space")
            await pilot.pause()
        assert {*WORDS.split(), "END", "Monday."} <= seen
        for _ in range(12):
            await pilot.press("b")
            await pilot.pause()
        assert "Orders are counted" in screen(pilot)
        await pilot.press(*"jj")
        await until(pilot, lambda: view(pilot).cursor == 2)
        assert "- word0 " in screen(pilot)
        await pilot.press("j")
        await until(pilot, lambda: "word0 " not in screen(pilot))
        await pilot.press("k")
        await until_shown(pilot, "- word0 ")


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x60"])
async def test_v_reads_an_epic_and_what_is_related(tmp_path, size):
    source = Source()
    async with app_of(tmp_path, source).run_test(size=size) as pilot:
        await listed(pilot)
        await press(pilot, "shift+tab", "v")
        await until_shown(pilot, "P-9 › All of it")
        await press(pilot, "escape", "tab", "x")
        await until_shown(pilot, "is blocked by")
        await shown(pilot, "v")
        assert len(source.asked) == 2
        await press(pilot, "escape", "G", "v")
        assert "only tickets and epics have a description" in notices(pilot)


async def test_the_detail_lists_sub_tasks_and_says_the_key(tmp_path):
    async with app_of(tmp_path, Source()).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await press(pilot, "z")
        assert "sub-task P-2 Find out why · Doing" in said(pilot)
        assert "sub-task P-3 Mend it · Done" in said(pilot)
        assert "v: its description and comments" in said(pilot)


async def test_what_stands_in_the_way_is_told_beneath_the_facts(tmp_path):
    source = Source(b"", ValueError("jira: GET /issue/1: 404: it was deleted, or the login may not see it"))
    async with app_of(tmp_path, source).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await pilot.press("enter")
        await until_shown(pilot, "it was deleted")
        await until_shown(pilot, "▶ Doing · with Ada Obi")
        source.text, source.error = TEXT, None
        await pilot.press("ctrl+r")
        await until_shown(pilot, "all of it")


async def test_an_app_that_only_reads_says_so(tmp_path):
    async with opened(office_of(tmp_path, known())).run_test(size=(80, 24)) as pilot:
        await listed(pilot)
        await press(pilot, "enter")
        assert "only reads the warehouse" in notices(pilot)


def test_how_it_looks(tmp_path, snap_compare):
    async def go_there(pilot) -> None:
        await listed(pilot)
        await shown(pilot, "enter")
        await until_shown(pilot, "all of it")

    text = TEXT.replace(WORDS.encode(), b"count the rows of yesterday before and after the load, for each parcel, and")
    assert snap_compare(app_of(tmp_path, Source(text)), terminal_size=(80, 24), run_before=go_there)


async def test_the_simulated_jira_answers(office):
    workspace = Workspace(office.settings, clock=lambda: office.now, transports=office.transports)
    async with opened(office, read_ticket=workspace.ticket_aside).run_test(size=(120, 40)) as pilot:
        await listed(pilot)
        await pilot.press("enter")
        await until_shown(pilot, "all of it")
        await until_shown(pilot, "Steps")
