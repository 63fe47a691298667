"""The log of a task, and the code of a pipeline: asked for when wanted, of any size, never kept."""

import asyncio
import time

import msgspec
import pytest

from collabtui.faces.tui.table.table import Table
from collabtui.faces.tui.texts.logscreen import LogScreen
from collabtui.faces.tui.texts.textscreen import TextScreen
from collabtui.faces.tui.texts.textview import TextView
from collabtui.workspace import Workspace
from connectors.records import TaskRun
from tests.answers.building import MINUTE, NOW, run
from tests.answers.test_run_tasks import ran
from tests.tui.driving import opened, screen, screen_lines
from tests.tui.test_run import small

LOG = b"".join(
    [
        b"[2026-03-11T12:00:00Z] {a.py:1} INFO - begins\n",
        *(b"[2026-03-11T12:00:01Z] INFO - row %d\n" % n for n in range(200)),
        b"[2026-03-11T12:00:02Z] ERROR - Task failed with exception\n",
        b"Traceback (most recent call last):\n",
        b"ValueError: [bold]\x1b[31mprice\x1b[0m is DOUBLE " + b"x" * 300 + b"\n",
        b"[2026-03-11T12:00:03Z] INFO - ends\n",
    ]
)


class Server:
    """Gives logs, and remembers what it was asked."""

    def __init__(self, text: bytes = LOG, error: Exception | None = None) -> None:
        self.text, self.error = text, error
        self.asked: list[tuple] = []

    async def log(self, take, *, task_id, map_index, try_number, **_) -> None:
        self.asked.append((task_id, map_index, try_number))
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        take(self.text)

    async def code(self, take, *, source, pipeline_id) -> None:
        take(b"# code of " + pipeline_id.encode())


async def until(pilot, condition) -> None:
    """Wait for something to be shown; unlike `settled` this does not wait for what follows a log."""
    ends = time.monotonic() + 12
    while not condition():
        assert time.monotonic() < ends, screen(pilot)
        await pilot.pause(0.02)


async def until_shown(pilot, text: str) -> None:
    await until(pilot, lambda: text in screen(pilot))


def notices(pilot) -> str:
    return "".join(one.message for one in pilot.app._notifications)


async def into_the_newest_run(pilot) -> None:
    await until(pilot, lambda: pilot.app.query_one("#runs", Table).selected is not None)
    await pilot.press("tab", "enter")
    await until(pilot, lambda: pilot.app.screen.query("#task-runs"))
    await until(pilot, lambda: pilot.app.screen.query_one(Table).selected is not None)


async def into(pilot, task: str) -> None:
    """Through the newest run into the log of one of its tasks."""
    await into_the_newest_run(pilot)
    tasks = pilot.app.screen.query_one(Table)
    names = [row["task_id"] for row in tasks._rows]
    await pilot.press(*["j"] * names.index(task))
    await until(pilot, lambda: tasks.selected["task_id"] == task)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, LogScreen))


def app_of(tmp_path, server, *records):
    return opened(small(tmp_path, *records), read_log=server.log, read_code=server.code)


def view(pilot) -> TextView:
    return pilot.app.screen.query_one(TextView)


@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=["80x24", "200x60"])
async def test_the_log_of_a_task_is_read_and_gone_through(tmp_path, size):
    server = Server()
    async with app_of(tmp_path, server).run_test(size=size) as pilot:
        await into(pilot, "extract")
        await until_shown(pilot, "all of it")
        assert server.asked == [("extract", -1, 1)]
        assert "p › extract · try 1 of 1 ● success" in screen(pilot)
        assert "INFO - begins" in screen(pilot)
        await pilot.press("e")
        await until_shown(pilot, "Task failed with exception")
        await until_shown(pilot, "ValueError: [bold]price is DOUBLE")  # what follows the error is in sight
        await pilot.press("e")
        await until_shown(pilot, "line 203 of 205")
        await pilot.press("slash", *"is double", "enter")
        await until_shown(pilot, "line 204 of 205")
        await pilot.press("slash", *"row 7", "enter")
        await until_shown(pilot, "line 9 of 205")
        await pilot.press("n")
        await until_shown(pilot, "line 72 of 205")
        await pilot.press("N")
        await until_shown(pilot, "line 9 of 205")
        await pilot.press("G")
        await until_shown(pilot, "INFO - ends")
        await pilot.press("g")
        await until_shown(pilot, "line 1 of 205")
        await pilot.press("escape")
        await until_shown(pilot, "Task runs 4")


async def test_long_lines_wrap_or_are_seen_sideways_and_can_be_copied(tmp_path, monkeypatch):
    async with app_of(tmp_path, Server(b"short\n" + b"0123456789" * 30 + b"END\n")).run_test(size=(80, 24)) as pilot:
        await into(pilot, "extract")
        await until_shown(pilot, "all of it")
        assert "END" not in screen(pilot)
        await pilot.press("w")
        await until_shown(pilot, "END")
        await pilot.press("w", *["right"] * 16)
        await until_shown(pilot, "END")
        await pilot.press("j", "y")
        await pilot.pause()
        assert pilot.app.clipboard.endswith("789END")


def row_of(pilot, text: str) -> int:
    """On which line of the screen this stands."""
    return next(y for y, line in enumerate(screen_lines(pilot)) if text in line)


@pytest.mark.parametrize("downs", [0, 30, 60, 99], ids=["at the top", "in the midst", "further", "at the end"])
async def test_wrapping_leaves_the_line_under_the_cursor_where_it_is(tmp_path, downs):
    text = b"".join(b"<%d> %s\n" % (n, b"x" * (n * 37 % 300)) for n in range(100))
    async with app_of(tmp_path, Server(text)).run_test(size=(80, 24)) as pilot:
        await into(pilot, "extract")
        await until_shown(pilot, "all of it")
        await pilot.press(*["j"] * downs, *["k"] * min(5, downs))
        await until_shown(pilot, f"<{view(pilot).cursor}>")
        name = f"<{view(pilot).cursor}>"
        before = row_of(pilot, name)
        for _ in range(2):
            await pilot.press("w")
            await pilot.pause()
            assert row_of(pilot, name) == before


async def test_a_long_line_at_the_bottom_is_whole_when_it_wraps(tmp_path):
    text = b"".join(b"<%d>\n" % n for n in range(40)) + b"<long> " + b"x" * 500 + b" END\n"
    async with app_of(tmp_path, Server(text)).run_test(size=(80, 24)) as pilot:
        await into(pilot, "extract")
        await until_shown(pilot, "all of it")
        await pilot.press("G", "w")
        await until_shown(pilot, "END")
        assert row_of(pilot, "<long>") == 15
        await pilot.press("w")
        await pilot.pause()
        assert row_of(pilot, "<long>") == 22, "there is nothing beneath it that could be shown"


async def test_a_line_whose_rows_are_above_the_screen_is_whole_when_one_goes_there(tmp_path):
    async with app_of(tmp_path, Server(b"<0>" + b"x" * 700 + b"\n<1>\n<2>\n")).run_test(size=(80, 24)) as pilot:
        await into(pilot, "extract")
        await until_shown(pilot, "all of it")
        await pilot.press("j", "w")
        await pilot.pause()
        assert row_of(pilot, "<1>") == 2
        assert "<0>" not in screen(pilot)
        await pilot.press("k")
        await until_shown(pilot, "<0>")
        assert row_of(pilot, "<1>") == 11


async def test_times_are_seen_found_and_copied_in_the_viewers_zone(tmp_path):
    office = small(tmp_path)
    settings = msgspec.structs.replace(office.settings, timezone="Asia/Kolkata")
    app = opened(office, settings=settings, read_log=Server().log)
    async with app.run_test(size=(140, 24)) as pilot:
        await into(pilot, "extract")
        await until_shown(pilot, "times in Asia/Kolkata")
        assert "[2026-03-11T17:30:00+05:30] {a.py:1} INFO - begins" in screen(pilot)
        await pilot.press("slash", *"17:30:02", "enter")
        await until_shown(pilot, "line 202 of 205")
        await pilot.press("y")
        await pilot.pause()
        assert pilot.app.clipboard == "[2026-03-11T17:30:02+05:30] ERROR - Task failed with exception"
        await pilot.press("slash", *"12:00:01", "enter")
        await until(pilot, lambda: "nothing says 12:00:01 (times in Asia/Kolkata)" in notices(pilot))


async def test_where_the_log_is_written_in_the_viewers_zone_nothing_is_told_of_it(tmp_path):
    async with app_of(tmp_path, Server()).run_test(size=(140, 24)) as pilot:
        await into(pilot, "extract")
        await until_shown(pilot, "all of it")
        assert "[2026-03-11T12:00:00Z]" in screen(pilot)
        assert "times in" not in screen(pilot)


async def test_what_stands_in_the_way_is_told_and_can_be_asked_again(tmp_path):
    server = Server(error=OSError("air: 403 Forbidden; its role needs the right to read task logs"))
    async with app_of(tmp_path, server).run_test(size=(80, 24)) as pilot:
        await into(pilot, "extract")
        await until_shown(pilot, "its role needs")
        assert "ctrl+r" in screen(pilot)
        server.error = None
        await pilot.press("ctrl+r")
        await until_shown(pilot, "INFO - begins")


async def test_tries_are_switched_and_the_one_that_failed_comes_first(tmp_path):
    newest = run("p", NOW - 60 * MINUTE, 51 * MINUTE)
    tries = [
        TaskRun(source="air", pipeline_id="p", run_id=newest.run_id, task_id="users", map_index=part, try_number=n,
                state="failed" if part == 1 else "success", is_latest=n == 2, start_at=newest.due_at + n * MINUTE,
                end_at=newest.due_at + (n + 1) * MINUTE)
        for part in (0, 1) for n in (1, 2)
    ]  # fmt: skip
    server = Server()
    async with app_of(tmp_path, server, newest, *tries).run_test(size=(100, 30)) as pilot:
        await into(pilot, "users")
        await until_shown(pilot, "users[1] · try 2 of 2 ([ ] turn) ✖ failed")
        await pilot.press("left_square_bracket")
        await until_shown(pilot, "users[1] · try 1 of 2")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "there is no other try that way" in notices(pilot))
        await pilot.press("left_curly_bracket")
        await until_shown(pilot, "users[0] · try 2 of 2")
        await until(pilot, lambda: server.asked == [("users", 1, 2), ("users", 1, 1), ("users", 0, 2)])


async def test_a_running_tasks_log_is_followed_until_one_goes_up(tmp_path, monkeypatch):
    monkeypatch.setattr("collabtui.faces.tui.texts.logscreen.FOLLOW_S", 0.05)
    monkeypatch.setattr("collabtui.faces.tui.texts.logscreen.FOLLOW_SHARE", 0.0)
    flying = run("p", NOW - 15 * MINUTE, None)
    server = Server(b"first\n")
    async with app_of(tmp_path, server, flying, *ran(flying, {"extract": (0, None)})).run_test(size=(80, 24)) as pilot:
        await into(pilot, "extract")
        await until_shown(pilot, "follows")
        server.text += b"".join(b"line %d\n" % n for n in range(50))
        await until_shown(pilot, "line 49")
        await pilot.press("g")
        await until_shown(pilot, "first")
        server.text += b"the very last\n"
        await until_shown(pilot, "of 52")
        assert "the very last" not in screen(pilot)
        assert view(pilot).cursor == 0
        await pilot.press("f")
        await until_shown(pilot, "the very last")


async def test_a_task_that_has_not_begun_has_no_log_and_an_app_that_only_reads_none_either(tmp_path):
    async with opened(small(tmp_path)).run_test(size=(80, 24)) as pilot:
        await into_the_newest_run(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "only reads the warehouse" in notices(pilot))


async def test_u_shows_the_code_of_the_pipeline(tmp_path):
    async with app_of(tmp_path, Server()).run_test(size=(80, 24)) as pilot:
        await into_the_newest_run(pilot)
        await pilot.press("u")
        await until_shown(pilot, "# code of p")
        assert isinstance(pilot.app.screen, TextScreen)
        await pilot.press("escape")
        await until_shown(pilot, "Task runs")


def test_how_a_log_looks_at_its_error(office, snap_compare):
    workspace = Workspace(office.settings, clock=lambda: office.now, transports=office.transports)

    async def go_there(pilot) -> None:
        await until(pilot, lambda: pilot.app.query_one("#runs", Table).selected is not None)
        runs = pilot.app.query_one("#runs", Table)
        place = next(n for n, row in enumerate(runs._rows) if row["state"] == "failed")
        await pilot.press("tab", *["j"] * place, "enter")
        await until(pilot, lambda: pilot.app.screen.query("#task-runs"))
        await until(pilot, lambda: pilot.app.screen.query_one(Table).selected is not None)
        await pilot.press("G", "enter")
        await until_shown(pilot, "line 1 of")
        await pilot.press("e")
        await until_shown(pilot, "Traceback")

    app = opened(office, read_log=workspace.log_aside)
    assert snap_compare(app, terminal_size=(100, 30), run_before=go_there)
