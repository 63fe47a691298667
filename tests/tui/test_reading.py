"""The process beside the screen: answers and errors come back, it ends with the app, and is begun again when killed."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.table.listing import Progress
from tests.answers.building import NOW, filled, settings

pytestmark = pytest.mark.own_process


EVERYWHERE = """
import asyncio, pickle, sys
from collabtui.faces.tui.app import CollabTui
settings, now = pickle.loads(sys.stdin.buffer.read())

async def main():
    app = CollabTui(settings.warehouse, settings, clock=lambda: now)
    async with app.run_test(size=(160, 45)) as pilot:
        for key in [None, "w", "tab", "enter", "1", "2", "3", "tab", "f", "3", "n", "4", "5"]:
            await pilot.press(*([key] if key else []))
            await pilot.pause()
            while any(not worker.is_finished for worker in app.workers):
                await asyncio.sleep(0.05)
            assert not any(m.severity == "error" for m in app._notifications), [m.message for m in app._notifications]
asyncio.run(main())
print(sorted({name.split(".")[0] for name in sys.modules} & {"polars", "numpy", "sqlite_utils", "httpx"}))
"""


def test_no_library_of_the_answers_comes_into_the_process_of_the_screen(office):
    """Their imports would keep it waiting: half a second, in the middle of a key."""
    told = pickle.dumps((office.settings, office.now))
    done = subprocess.run([sys.executable, "-c", EVERYWHERE], input=told, capture_output=True, check=False)
    assert done.stdout.decode().split("\n")[-2:] == ["[]", ""], done.stderr.decode()[-2000:]


def pid(_warehouse, _settings, _now) -> int:
    return os.getpid()


def wrong(_warehouse, _settings, _now) -> None:
    raise ValueError("so it is told")


def waits(_warehouse, _settings, _now, progress: Progress) -> str:
    progress.tell(1, 2)
    while not progress.is_cancelled():
        time.sleep(0.01)
    return "given up"


def ends(process: int) -> bool:
    """Whether a process is gone (or nothing but its number is left), or will be within some seconds."""
    stat = Path(f"/proc/{process}/stat")
    for _ in range(500):
        with suppress(FileNotFoundError, ProcessLookupError):
            if stat.read_text().rsplit(")", 1)[-1].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return True
    return False


@pytest.fixture
def reader(tmp_path):
    filled(tmp_path, []).close()
    made = Reader(tmp_path / "w.db", settings(tmp_path), lambda: NOW)
    yield made
    made.close()


async def test_answers_and_errors_come_back(reader):
    assert await reader.ask(pid) != os.getpid()
    with pytest.raises(ValueError, match="so it is told"):
        await reader.ask(wrong)


async def test_it_ends_when_the_app_lets_it_go(reader):
    process = await reader.ask(pid)
    reader.close()
    assert ends(process)


async def test_what_was_asked_of_a_killed_one_fails_and_the_next_question_begins_another(reader):
    process = await reader.ask(pid)
    waiting = asyncio.ensure_future(reader.ask_long(waits, lambda done, total: os.kill(process, signal.SIGKILL)))
    with pytest.raises(RuntimeError, match="has ended"):
        await waiting
    assert await reader.ask(pid) != process


async def test_long_work_tells_how_far_it_is_and_other_lanes_do_not_wait_for_it(reader):
    told = []
    waiting = asyncio.ensure_future(reader.ask_long(waits, lambda done, total: told.append((done, total))))
    while not told:
        await asyncio.sleep(0.01)
    assert told == [(1, 2)]
    assert await reader.ask(partial(pid), lane="rows")
    waiting.cancel()
    assert await reader.ask(pid, lane="long")  # the lane is free again: the work was given up
