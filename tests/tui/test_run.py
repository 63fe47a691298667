"""One run on a screen of its own: bars on its time, and what is known of each task."""

import re

import msgspec
import pytest

from collabtui.faces.tui.screens.run import RunScreen
from collabtui.faces.tui.table.table import Table
from connectors.records import TaskRun
from tests.answers.building import DAY, MINUTE, NOW, pipeline, run, task, task_run
from tests.answers.test_run_tasks import GRAPH, SHAPE, ran
from tests.conftest import Office
from tests.tui.driving import office_of, opened, press, screen, screen_lines, settled, table

SIZES = [(80, 24), (200, 60)]
NIGHTS = [run("p", NOW - DAY * (back + 1), 51 * MINUTE) for back in range(8)]
PAST = [pipeline("p"), *GRAPH, *NIGHTS, *(row for night in NIGHTS for row in ran(night))]


@pytest.fixture(params=SIZES, ids=["80x24", "200x60"])
def size(request):
    return request.param


def small(tmp_path, *records) -> Office:
    """A team with one pipeline."""
    return office_of(tmp_path, [*PAST, *records])


async def into_the_newest_run(pilot) -> None:
    await settled(pilot)
    await press(pilot, "tab", "enter")
    assert isinstance(pilot.app.screen, RunScreen)


def line_of(pilot, name: str) -> str:
    return next(line for line in screen_lines(pilot)[2:] if f" {name} " in line)


async def test_enter_on_a_run_opens_its_tasks_and_escape_leads_back(tmp_path, size):
    async with opened(small(tmp_path)).run_test(size=size) as pilot:
        await into_the_newest_run(pilot)
        text = screen(pilot)
        assert "● success" in text
        for name in SHAPE:
            assert "━" in line_of(pilot, name)
        assert "»" in line_of(pilot, "orders")
        assert "»" not in line_of(pilot, "users")
        assert len(re.search("━+", line_of(pilot, "orders"))[0]) > 2.5 * len(re.search("━+", line_of(pilot, "mart"))[0])
        assert "12:00" in screen_lines(pilot)[2], "the axis names the beginning"
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, RunScreen)
        assert table(pilot, "runs").has_focus


async def test_the_detail_says_what_the_landing_waited_for(tmp_path, size):
    async with opened(small(tmp_path)).run_test(size=size) as pilot:
        await into_the_newest_run(pilot)
        await press(pilot, "j", "z")
        text = screen(pilot)
        assert "» on the critical path: the landing waited 30m for it" in text
        assert "usually takes P50 30m" in text
        assert "failed in 0 of the last 7 other runs" in text
        await press(pilot, "j")
        assert "could take 25m longer" in screen(pilot)


async def test_a_run_in_flight_shows_what_is_to_come(tmp_path, size):
    flying = run("p", NOW - 15 * MINUTE, None)
    waiting = [
        TaskRun(source="air", pipeline_id="p", run_id=flying.run_id, task_id=name, map_index=-1, try_number=0)
        for name in ("users", "mart")
    ]
    now = ran(flying, {"extract": (0, 10), "orders": (10, None)})
    async with opened(small(tmp_path, flying, *now, *waiting)).run_test(size=size) as pilot:
        await into_the_newest_run(pilot)
        chosen = table(pilot, "runs").selected
        assert f"lands P50 {pilot.app._viewer().at(chosen['p50_at'])}" in screen(pilot), "as the list says"
        assert "━┄" in line_of(pilot, "orders"), "what is left of it"
        assert "○ to come" in line_of(pilot, "mart")
        assert "┄" in line_of(pilot, "mart")
        assert "━" not in line_of(pilot, "mart")
        assert "│" in line_of(pilot, "extract"), "where now is"
        await press(pilot, "G", "z")
        assert "expected 12:2" in screen(pilot)


async def test_earlier_tries_and_mapped_parts_are_told_apart(tmp_path):
    newest = run("p", NOW - 60 * MINUTE, 51 * MINUTE)
    at = newest.due_at
    of = {"source": "air", "pipeline_id": "p", "run_id": newest.run_id}
    tries = [
        TaskRun(**of, task_id="orders", map_index=-1, try_number=n + 1, max_tries=2, is_latest=n == 1,
                state=state, start_at=at + (10 + 20 * n) * MINUTE, end_at=at + (20 + 20 * n) * MINUTE)
        for n, state in enumerate(("failed", "success"))
    ]  # fmt: skip
    parts = [
        TaskRun(**of, task_id="users", map_index=n, try_number=1, state="success" if n else "failed",
                start_at=at + 10 * MINUTE, end_at=at + 15 * MINUTE)
        for n in range(3)
    ]  # fmt: skip
    others = ran(newest, {"extract": (0, 10), "mart": (41, 10)})
    async with opened(small(tmp_path, newest, *tries, *parts, *others)).run_test(size=(120, 50)) as pilot:
        await into_the_newest_run(pilot)
        assert re.search("─+✖·+━+", line_of(pilot, "orders"))
        assert " 2/3 " in line_of(pilot, "orders")
        assert "✖ failed" in line_of(pilot, "users")
        await press(pilot, "e")
        assert pilot.app.screen.query_one(Table).selected["task_id"] == "users"
        await press(pilot, "g", "j")
        assert re.search("try 1 ✖ failed 11:10 to 11:20", screen(pilot))
        await press(pilot, "j")
        assert "parts 3: 2 done, 1 failed" in screen(pilot)


async def test_a_failed_run_opens_at_the_task_that_failed(tmp_path):
    newest = run("p", NOW - 60 * MINUTE, 40 * MINUTE, state="failed")
    done = ran(newest, {"extract": (0, 10), "users": (10, 5)})
    failed = msgspec.structs.replace(task_run(newest, "orders", 10 * MINUTE, 30 * MINUTE), state="failed")
    async with opened(small(tmp_path, newest, *done, failed)).run_test(size=(80, 24)) as pilot:
        await into_the_newest_run(pilot)
        tasks = pilot.app.screen.query_one(Table)
        assert tasks.selected["task_id"] == "orders"
        await press(pilot, "g")
        await pilot.app.screen._reload()
        assert tasks.selected["task_id"] == "extract", "a refresh leaves the selection alone"


async def test_hostile_names_come_out_plain(tmp_path):
    name = "[bold]x[/] \x1b[31mred\u202e" + "y" * 300
    odd = [task("q", name), pipeline("q"), only := run("q", NOW - 60 * MINUTE, 30 * MINUTE)]
    office = small(tmp_path, *odd, task_run(only, name, MINUTE, 5 * MINUTE))
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await into_the_newest_run(pilot)
        assert "[bold]x[/] ␛" in screen(pilot)
        await press(pilot, "z")
        assert "too few ended runs" in screen(pilot)


async def test_a_number_leads_to_its_tab_from_within_a_run(tmp_path):
    async with opened(small(tmp_path)).run_test(size=(80, 24)) as pilot:
        await into_the_newest_run(pilot)
        await press(pilot, "3")
        assert pilot.app.query_one("ContentSwitcher").current == "leads"
        assert not isinstance(pilot.app.screen, RunScreen)
