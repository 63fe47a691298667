"""The stand-up on a shared screen."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from collabtui.config import Source
from collabtui.faces.tui.app import CollabTui
from collabtui.faces.tui.standup.digits import doubled
from collabtui.faces.tui.standup.meeting import ROOM, Meeting, chosen, time_left
from collabtui.faces.tui.standup.parts import Progress
from collabtui.faces.tui.standup.standup import StandupScreen
from collabtui.sync import SyncProgress
from connectors.records import Person
from tests.answers.building import NOW, filled, pipeline, run, settings, ticket
from tests.tui.driving import opened, press, screen, screen_lines, settled, table

TEAMS = ("Analytics", "Ingest", "Machine Learning", "Warehouse")
SIZES = [(80, 24), (160, 45), (240, 67)]


class Wall:
    """A clock on the wall that one sets."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def meeting(office, **how) -> CollabTui:
    """`collabtui standup`, its wall clock standing still."""
    return opened(office, meeting=Meeting(**{"wall": lambda: 0.0, **how}))


def title(pilot) -> str:
    return screen_lines(pilot)[0 if pilot.app.size.height < 34 else 1].strip().split("   ")[0]


# --- going there and back ---


@pytest.mark.parametrize("key", ["d", "5"])
async def test_a_key_opens_it_and_escape_leads_back(office, key):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, key)
        assert title(pilot) == "Changes since Tue 09:15"
        await press(pilot, "escape")
        assert table(pilot, "pipelines").has_focus
        assert "Engineers" in screen(pilot)


async def test_a_click_on_its_tab_opens_it(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await pilot.click("#tab-standup")
        await settled(pilot)
        assert "Changes since" in screen(pilot)
        await press(pilot, "1", "a")
        assert "Changes since" in screen(pilot), "tabs are not changed behind it"


async def test_its_own_command_ends_with_it(office):
    async with meeting(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Changes since" in screen(pilot)
        await pilot.press("q")
        await pilot.pause()
        assert not pilot.app.is_running


async def test_the_keys_are_told(office):
    async with meeting(office).run_test(size=(100, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark")
        for what in ("Next page", "Page before", "Pause", "Names", "Turn 5 s later", "Leave"):
            assert what in screen(pilot)
        await press(pilot, "escape")
        assert "Changes since" in screen(pilot)


# --- pages ---


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45", "240x67"])
async def test_what_changed_then_the_risks_then_each_team(office, size):
    async with meeting(office).run_test(size=size) as pilot:
        await settled(pilot)
        assert "✖ failed" in screen(pilot)
        assert "ingest_payments 06:14, not repaired" in screen(pilot)
        assert "◷ left" in screen(pilot)
        seen = []
        for _ in range(6):
            seen.append(title(pilot))
            await press(pilot, "space")
        assert seen == ["Changes since Tue 09:15", "Risks this week", *TEAMS]
        assert title(pilot) == seen[0], "after the last comes the first"


async def test_arrows_and_letters_go_forth_and_back(office):
    async with meeting(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        for forth, back in (("right", "left"), ("l", "h"), ("j", "k"), ("down", "up"), ("G", "g")):
            await press(pilot, forth)
            assert "Changes since" not in screen(pilot)
            await press(pilot, back)
            assert "Changes since" in screen(pilot)


async def test_a_click_on_the_line_of_pages_goes_there(office):
    async with meeting(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.click(Progress, offset=(70, 0))
        await settled(pilot)
        assert title(pilot) == "Warehouse"
        await pilot.click(Progress, offset=(3, 0))
        await settled(pilot)
        assert "Changes since" in screen(pilot)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45", "240x67"])
async def test_a_page_has_seven_lines_at_most_and_counts_the_rest(tmp_path, size):
    stuck = [ticket(n, NOW - timedelta(days=3), is_flagged=True, title=f"Stuck {n}") for n in range(20)]
    filled(tmp_path, stuck).close()
    known = settings(tmp_path)
    app = CollabTui(known.warehouse, known, clock=lambda: NOW, meeting=Meeting(wall=lambda: 0.0))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        assert screen(pilot).count("Stuck") == 7
        assert "and 13 more" in screen(pilot)
        assert "1 of 3" in screen(pilot), "what is beneath the lines is seen, too"
        assert "esc" in screen_lines(pilot)[-1]


@pytest.mark.parametrize(("count", "is_whole"), [(2, True), (7, False)], ids=["room", "no room"])
async def test_a_long_line_goes_on_beneath_where_all_lines_have_room(tmp_path, count, is_whole):
    words = "Orders of the last month are counted twice when a shipment is split in the warehouse of Hamburg"
    filled(tmp_path, [ticket(n, NOW - timedelta(days=3), is_flagged=True, title=words) for n in range(count)]).close()
    known = settings(tmp_path)
    app = CollabTui(known.warehouse, known, clock=lambda: NOW, meeting=Meeting(wall=lambda: 0.0))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert screen(pilot).count("Hamburg") == (count if is_whole else 0)
        assert screen(pilot).count("…") == (0 if is_whole else count)
        assert "1 of 3" in screen(pilot)


def test_something_of_every_kind_is_read():
    rows = [{"kind": kind, "what": kind, "things": 1} for kind in ["failed"] * 6 + ["blocked"] * 2 + ["done"] * 4]
    rows.append({"kind": "done", "what": "done", "things": 5})
    shown, left = chosen(rows)
    assert [row["kind"] for row in shown] == ["failed"] * 3 + ["blocked"] * 2 + ["done"] * 2
    assert left == 10
    assert chosen(rows[:ROOM]) == (rows[:ROOM], 0)


# --- time ---


async def test_pages_turn_by_themselves_unless_paused(office):
    wall = Wall()
    async with meeting(office, wall=wall, every_s=30).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "next in 30 s, every 30 s" in screen(pilot)
        wall.s += 29
        await pilot.pause(1.1)
        assert "Changes since" in screen(pilot)
        wall.s += 1
        await pilot.pause(1.1)
        assert title(pilot) == "Risks this week"
        await press(pilot, "p")
        wall.s += 300
        await pilot.pause(1.1)
        assert title(pilot) == "Risks this week"
        assert "‖ paused" in screen(pilot)
        await press(pilot, "p")
        assert "next in 30 s" in screen(pilot)


async def test_plus_and_minus_change_how_often(office):
    async with meeting(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "plus", "plus", "minus")
        assert "every 35 s" in screen(pilot)
        await press(pilot, *["minus"] * 20)
        assert "every 5 s" in screen(pilot)


async def test_a_meeting_that_takes_too_long_says_so_in_words(office):
    wall = Wall()
    async with meeting(office, wall=wall, minutes=2).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        wall.s += 3 * 60
        await pilot.pause(1.1)
        assert "▲ over time" in screen(pilot)


@pytest.mark.parametrize(
    ("seconds", "digits", "word"),
    [(900.0, "15:00", "◷ left"), (899.2, "15:00", "◷ left"), (59.0, "0:59", "◷ left"), (0.0, "0:00", "◷ left"),
     (-125.0, "+2:05", "▲ over time"), (5400.0, "90:00", "◷ left")],
)  # fmt: skip
def test_what_is_left(seconds, digits, word):
    assert time_left(seconds)[:2] == (digits, word)


# --- names ---


async def test_n_hides_and_shows_names(office):
    async with meeting(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Elif Kaya" in screen(pilot)
        await press(pilot, "n")
        assert "Elif Kaya" not in screen(pilot)
        assert "names hidden" in screen(pilot)
        await press(pilot, "n")
        assert "Elif Kaya" in screen(pilot)


async def test_names_are_hidden_from_the_start_where_that_is_wanted(office):
    without = msgspec.structs.replace(office.settings, standup_names=False)
    for app in (meeting(office, has_names=False), opened(office, settings=without)):
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            if not isinstance(app.screen, StandupScreen):
                await press(pilot, "d")
            assert "Elif Kaya" not in screen(pilot)
            await press(pilot, "n")
            assert "Elif Kaya" in screen(pilot)


# --- what is not as it should be ---


async def test_an_empty_warehouse_says_what_to_do(tmp_path):
    filled(tmp_path, []).close()
    known = settings(tmp_path)
    app = CollabTui(known.warehouse, known, clock=lambda: NOW, meeting=Meeting())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Nothing to tell yet: ○ air was never read, r syncs now" in screen(pilot)
        await press(pilot, "space", "left", "n", "p", "G")
        assert "Nothing to tell yet" in screen(pilot)


def two_sources(folder):
    """An Airflow whose facts are there, and a Jira that was never read."""
    warehouse = filled(folder, [pipeline("mart")])
    warehouse.sync_finished("air", NOW, None)
    known = settings(folder)
    tracker = Source(name="tracker", kind="jira", options={})
    return warehouse, msgspec.structs.replace(known, sources=[*known.sources, tracker])


async def test_while_a_source_is_read_for_the_first_time_that_is_told(tmp_path):
    warehouse, known = two_sources(tmp_path)
    done = asyncio.Event()

    async def sync(progress):
        warehouse.sync_started("tracker", "jira", NOW)
        progress(SyncProgress("tracker", "tickets", 300, 4000, "running"))
        await done.wait()
        warehouse.sync_finished("tracker", NOW, "tracker: 401 Unauthorized")
        progress(SyncProgress("tracker", "", 0, 0, "failed"))

    app = CollabTui(known.warehouse, known, clock=lambda: NOW, sync=sync, meeting=Meeting(wall=lambda: 0.0))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(2.5)
        assert "Changes since" in screen(pilot)
        assert "Nothing to tell yet: ⟳ tracker is being read for the first time" in screen(pilot)
        assert "⟳ tracker tickets 300 of 4,000" in screen(pilot)
        assert "● nothing to tell" not in screen(pilot)
        done.set()
        await pilot.pause(2.5)
        assert "Nothing to tell yet: ✖ tracker could not be read, i says why" in screen(pilot)
        assert "✖ tracker failed: 401 Unauthorized" in screen(pilot)
        warehouse.sync_finished("tracker", NOW, None)
        app._refresh()
        await pilot.pause(2)
        assert "● nothing to tell" in screen(pilot)


async def test_without_a_source_that_it_is_about_that_is_told(tmp_path):
    filled(tmp_path, []).close()
    repository = Source(name="repo", kind="git", options={})
    known = msgspec.structs.replace(settings(tmp_path), sources=[repository])
    app = CollabTui(known.warehouse, known, clock=lambda: NOW, meeting=Meeting())
    async with app.run_test(size=(100, 24)) as pilot:
        await settled(pilot)
        assert "This comes from Airflow or Jira, and none of these is configured." in screen(pilot)


async def test_a_warehouse_that_cannot_be_read_is_told(tmp_path):
    known = settings(tmp_path)
    known.warehouse.write_text("no database " * 100)
    app = CollabTui(known.warehouse, known, clock=lambda: NOW, meeting=Meeting())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "could not be read" in screen(pilot)


async def test_stale_sources_are_told(office):
    hasty = msgspec.structs.replace(office.settings, stale_after_s=-1.0)
    async with opened(office, settings=hasty, meeting=Meeting()).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "▲ airflow stale" in screen(pilot)


async def test_nothing_to_tell_is_told(tmp_path):
    warehouse = filled(tmp_path, [pipeline("fine"), run("fine", NOW - timedelta(hours=2), timedelta(hours=1))])
    warehouse.sync_finished("air", NOW, None)
    known = settings(tmp_path)
    app = CollabTui(known.warehouse, known, clock=lambda: NOW, meeting=Meeting())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "● nothing to tell" in screen(pilot)


async def test_hostile_text_comes_out_plain(tmp_path):
    hostile = "[red]\x1b[2J\u202e" + "x" * 10_000
    eve = Person(source="air", person_id="eve", name="[b]Eve\x1b]0;x\x07")
    more = {"title": hostile, "is_flagged": True, "assignee_id": "eve", "project": "[i]P\x1b[1m"}
    blocked = msgspec.structs.replace(ticket(1, NOW, title=hostile, is_flagged=True), **more)
    filled(tmp_path, [eve, blocked]).close()
    known = settings(tmp_path)
    app = CollabTui(known.warehouse, known, clock=lambda: NOW, meeting=Meeting())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "P-1 [red]␛[2Jxx" in screen(pilot)
        assert "[b]Eve␛]0;x" in screen(pilot)
        await press(pilot, "G")
        assert title(pilot) == "[i]P␛[1m"
        assert "\x1b" not in screen(pilot)


async def test_a_refresh_keeps_the_page(office):
    async with meeting(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "space", "space")
        await pilot.app.screen.reload()
        await settled(pilot)
        assert title(pilot) == "Analytics"


# --- looks ---


def test_digits_are_drawn_twice_as_large_without_a_gap():
    assert doubled(["╺┓ ", " ┃ ", "╺┻╸"])[:5] == [
        "╺━┓   ",
        "  ┃   ",
        "  ┃   ",
        "  ┃   ",
        "╺━┻━╸ ",
    ]


@pytest.mark.parametrize("keys", ["", "space space space n t"], ids=["changes", "team-light-nameless"])
def test_how_it_looks(office, snap_compare, keys):
    async def go_there(pilot) -> None:
        await settled(pilot)
        await press(pilot, *keys.split())

    assert snap_compare(meeting(office), terminal_size=(200, 60), run_before=go_there)


async def test_what_changes_behind_it_draws_nothing(office, monkeypatch):
    """Textual would draw all of the screen anew for each word of the sync's progress."""
    drawn = []
    async with meeting(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.pause(0.2)
        monkeypatch.setattr(pilot.app, "_display", lambda screen, what: drawn.append(type(what).__name__))
        for n in range(5):
            pilot.app.freshness.progress(SyncProgress("airflow", "runs", n, None, "running"))
            await pilot.pause(0.05)
        assert "LayoutUpdate" not in drawn
