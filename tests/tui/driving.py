"""Using the app the way people do: keys in, text out."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from textual.worker import WorkerCancelled

from collabtui.faces.tui.app import CollabTui
from collabtui.faces.tui.table.table import Table
from connectors.records import Record
from tests.answers.building import NOW, filled, settings
from tests.conftest import Office


def opened(office: Office, **how) -> CollabTui:
    """The app on the office's warehouse, its clock standing still."""
    known = how.pop("settings", office.settings)
    now = office.now
    return CollabTui(known.warehouse, known, clock=lambda: now, **how)


class _AtNow(Office):
    now = NOW


def office_of(tmp_path: Path, records: Iterable[Record]) -> Office:
    """A team of which these facts are known; it is `NOW`."""
    filled(tmp_path, records).close()
    return _AtNow(None, settings(tmp_path), {})


async def settled(pilot) -> None:
    """Wait until what was asked for is shown."""
    await pilot.pause()
    while any(not worker.is_finished for worker in pilot.app.workers):
        with suppress(WorkerCancelled):  # another row was chosen, another word typed
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def press(pilot, *keys: str) -> None:
    """Press keys one after the other, and wait."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def screen_lines(pilot) -> list[str]:
    """What stands on the screen, line by line."""
    width, height = pilot.app.size
    compositor = pilot.app.screen._compositor
    strips = compositor.render_strips(pilot.app.size)
    return ["".join(segment.text for segment in strip)[:width].rstrip() for strip in strips[:height]]


def screen(pilot) -> str:
    return "\n".join(screen_lines(pilot))


def table(pilot, name: str) -> Table:
    return pilot.app.query_one(f"#{name}", Table)
