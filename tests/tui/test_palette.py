"""The palette finds what one can do, every row by what people call it, and any ticket; and it never waits."""

import asyncio
import threading

import pytest
from textual.widgets import OptionList

from collabtui.faces.tui.palette.lookup import SOON_S, Lookup
from collabtui.faces.tui.screens.related import RelatedScreen
from collabtui.faces.tui.standup.meeting import Meeting
from collabtui.faces.tui.standup.standup import StandupScreen
from collabtui.faces.tui.tabs import leads
from tests.answers.building import DAY, NOW, pipeline, ticket, walked
from tests.tui.driving import office_of, opened, press, screen, screen_lines, settled, table

SIZES = [(80, 24), (160, 45)]
HELD = threading.Event()


@pytest.fixture(params=SIZES, ids=["80x24", "160x45"])
def size(request):
    return request.param


async def typed(pilot, words: str) -> None:
    """Open the palette and type."""
    await pilot.press("colon", *("space" if letter == " " else letter for letter in words))


async def shown(pilot, words: str) -> None:
    """Wait until this stands on the screen or further down in the list."""
    for _ in range(60):
        if words in screen(pilot) or words in "\n".join(found(pilot)):
            return
        await pilot.pause(0.05)
    raise AssertionError(f"{words!r} is not in\n{screen(pilot)}\n{found(pilot)}")


def found(pilot) -> list[str]:
    """What it lists, without what is said beneath."""
    lists = pilot.app.screen.query(OptionList)
    return [str(option.prompt).split("\n")[0] for found in lists for option in found.options]


def held(*asked):
    """The leads' rows, which take long."""
    HELD.wait(20)
    return leads.LEADS.read(*asked)


async def test_what_is_known_comes_at_once_and_tabs_that_are_read_meanwhile_follow(office, size):
    HELD.clear()
    app = opened(office)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        next(pane for pane in app.panes if pane.role.name == "leads")._read = held
        try:
            await pilot.press("colon")
            await shown(pilot, "Filter")
            await pilot.press(*"mart_rev")
            await shown(pilot, "mart_revenue")
            await pilot.press("escape", "colon", *"analytics")
            await pilot.pause(0.5)
            assert "Leads, teams" not in screen(pilot)
        finally:
            HELD.set()
        await shown(pilot, "Leads, teams")


async def test_one_who_chooses_is_not_disturbed_by_what_comes_later(office):
    HELD.clear()
    app = opened(office)
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        leading = next(pane for pane in app.panes if pane.role.name == "leads")
        leading._read = held
        try:
            await typed(pilot, "mart")
            await shown(pilot, "Engineers, pipelines")
            await pilot.press("down", "down")
        finally:
            HELD.set()
        while not leading.is_read:
            await pilot.pause(0.05)
        await pilot.pause(0.4)
        assert pilot.app.screen.query_one(OptionList).highlighted == 2


@pytest.mark.parametrize("name", ["epics", "tickets"])
async def test_a_row_is_found_by_its_title_and_told_by_key_and_title(office, size, name):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        row = table(pilot, name).rows[1]
        key, title = row[table(pilot, name).listing.label], row["title"]
        await typed(pilot, title.upper())
        await shown(pilot, f"{key}  {title}")
        assert f"{key}  {title}" in found(pilot)
        await pilot.press("escape")
        await typed(pilot, key)
        await pilot.pause(1)
        assert found(pilot)[0] == f"{key}  {title}"
        await press(pilot, "enter")
        assert table(pilot, name).has_focus
        assert table(pilot, name).selected == row


async def test_letters_far_apart_are_no_match(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await typed(pilot, "ZL-9007")
        await shown(pilot, "No matches found")
        await pilot.press("escape")
        await typed(pilot, "mrev")
        await shown(pilot, "mart_revenue")


async def test_a_table_that_is_put_away_stays_so(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        person = table(pilot, "people").rows[0]["person"]
        await typed(pilot, person)
        await shown(pilot, "Leads, people")
        await press(pilot, "escape", "p")
        await typed(pilot, person)
        await shown(pilot, person)
        await pilot.pause(0.5)
        assert "Leads, people" not in screen(pilot)


def backlog():
    """One ticket in progress, and two that are in no list."""
    return [
        pipeline("mart_sales"),
        *walked(1, (5, "1"), (3, "2"), title="Faster joins"),
        ticket(2, NOW - 300 * DAY, NOW - 290 * DAY, title="Slow joins in [bold]mart[/]"),
        ticket(3, NOW - 400 * DAY, NOW - 390 * DAY, title="Old joins"),
    ]


async def test_any_ticket_is_found_and_leads_to_what_is_related_to_it(tmp_path, size):
    async with opened(office_of(tmp_path, backlog())).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        await typed(pilot, "joins")
        await shown(pilot, "P-3  Old joins · Done")
        assert found(pilot) == [
            "P-1  Faster joins",
            "P-2  Slow joins in [bold]mart[/] · Done",
            "P-3  Old joins · Done",
        ]
        await pilot.press("escape")
        await typed(pilot, "p-2")
        await shown(pilot, "P-2  Slow joins in [bold]mart[/] · Done")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, RelatedScreen)
        assert screen_lines(pilot)[0].endswith("P-2")
        await press(pilot, "escape")
        await typed(pilot, "faster")
        await shown(pilot, "P-1  Faster joins")
        await press(pilot, "enter")
        assert table(pilot, "tickets").selected["ticket_key"] == "P-1"


async def test_a_ticket_that_became_a_row_meanwhile_is_shown_there(tmp_path):
    HELD.clear()
    app = opened(office_of(tmp_path, backlog()))
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        next(pane for pane in app.panes if pane.role.name == "leads")._read = held
        try:
            await typed(pilot, "joins")
            await shown(pilot, "P-1  Faster joins · Doing")
        finally:
            HELD.set()
        await shown(pilot, "Leads, tickets")
        assert sum("P-1" in name for name in found(pilot)) == 1


# --- looking up ---


async def test_an_answer_that_comes_late_is_told():
    late, told = asyncio.Event(), []

    async def ask(words):
        await late.wait()
        return [{"key": words}]

    lookup = Lookup(ask, lambda: told.append(1))
    assert await lookup.tickets("one") == ()
    late.set()
    await asyncio.sleep(0.01)
    assert told == [1]
    assert await lookup.tickets("one") == [{"key": "one"}]


async def test_what_is_asked_before_is_given_up():
    asked, given_up = [], []

    async def ask(words):
        asked.append(words)
        try:
            await asyncio.sleep(10 * SOON_S)
        except asyncio.CancelledError:
            given_up.append(words)
            raise

    lookup = Lookup(ask, lambda: None)
    for words in ("on", "one", "one"):
        await lookup.tickets(words)
    assert (asked, given_up) == (["on", "one"], ["on"])
    lookup.close()
    await asyncio.sleep(0)
    assert given_up == ["on", "one"]


async def test_what_cannot_be_looked_up_is_none_and_is_logged(caplog):
    async def ask(_):
        raise RuntimeError("the disk is gone")

    assert await Lookup(ask, lambda: None).tickets("one") == ()
    assert "could not be looked up" in caplog.text


async def test_in_a_meeting_it_offers_what_holds_there_and_nothing_that_leads_away(tmp_path):
    for meeting in (None, Meeting(wall=lambda: 0.0)):
        async with opened(office_of(tmp_path, backlog()), meeting=meeting).run_test(size=(100, 50)) as pilot:
            await settled(pilot)
            await press(pilot, *([] if meeting else ["3", "d"]))
            await pilot.press("colon")
            await shown(pilot, "Pause")
            offered = set(found(pilot))
            assert {"Next page", "Names", "Leave", "Next theme", "Keys", "Quit"} <= offered
            led_away = {
                "Engineers",
                "Leads",
                "Stand-up, for a shared screen",
                "Runs to come, hour by hour",
                "Focus Next",
            }
            assert not offered & led_away
            for words in ("joins", "mart"):
                await pilot.press("escape")
                await typed(pilot, words)
                await shown(pilot, "No matches found")
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, StandupScreen)
