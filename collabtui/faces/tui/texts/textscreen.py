"""A text from a source on a screen of its own, such as the code of a pipeline."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Key
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.formats import Viewer, number
from collabtui.faces.tui.frame.keyline import KeyLine
from collabtui.faces.tui.texts.logtimes import LogTimes
from collabtui.faces.tui.texts.textfile import TextFile
from collabtui.faces.tui.texts.textview import TextView

logger = logging.getLogger(__name__)
LOOK_S = 0.1
"""How often what came is shown while a text is on its way."""

Take = Callable[[bytes], None]
Fetch = Callable[[Take], Awaitable[None]]
"""Gives a text piece by piece, from any thread; raises what says why there is none."""


class ReadCode(Protocol):
    """Gives the code of a pipeline."""

    def __call__(self, take: Take, *, source: str, pipeline_id: str) -> Awaitable[None]: ...


class TextScreen(Screen[None]):
    """A text under a line that says what it is. `viewer`: in whose zone the times are shown that lines begin with; None
    leaves them as they are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        Binding("slash", "search", "Search"),
        Binding("n", "next", "Next match", show=False),
        Binding("N", "next(True)", "Previous match", show=False),
        Binding("y", "copy", "Copy the line", show=False),
        Binding("ctrl+r", "again", "Read again", show=False),
    ]

    def __init__(self, name: str, fetch: Fetch, viewer: Viewer | None = None) -> None:
        super().__init__()
        self._what, self._fetch, self._viewer = name, fetch, viewer
        self._state = "asking…"

    def compose(self) -> ComposeResult:
        """What it is, the text, the line to search in, the keys' line."""
        yield Static(id="crumb")
        yield from self._texts()
        yield Input(placeholder="words to look for · Enter searches · Esc leaves", classes="filter", compact=True)
        yield KeyLine()

    def _texts(self) -> Iterator[Widget]:
        yield TextView(LogTimes(self._viewer.here) if self._viewer is not None else None)

    @property
    def view(self) -> TextView:
        """The text."""
        return self.query_one(TextView)

    def on_mount(self) -> None:
        """It is asked for at once."""
        self.view.focus()
        self.set_interval(LOOK_S, self._look)
        self.load()

    def _look(self) -> None:
        self.view.look()
        self._tell()

    def _tell(self) -> None:
        view = self.view
        lines = len(view.file)
        told = [f"line {view.cursor + 1:,} of {lines:,}"] if lines else []
        if zone := self._zone():
            told.append(zone)
        if lines:
            told.append(_bytes(view.file.size))
        if view.follows and self._is_growing():
            told.append("follows")
        parts = Content.assemble(*self._title(), (f"  {' · '.join([*told, plain(self._state)])}", "$muted"))
        self.query_one("#crumb", Static).update(parts)

    def _zone(self) -> str:
        """In whose zone the times are, where that is not the source's."""
        if self._viewer is None or not self.view.has_moved_times:
            return ""
        return f"times in {self._viewer.zone_name}"

    def _title(self) -> Sequence[str | tuple[str, str]]:
        return ((plain(self._what), "bold"),)

    def _is_growing(self) -> bool:
        return False

    # --- reading ---

    @work(exclusive=True, group="text")
    async def load(self) -> None:
        """Read the text; what comes is shown as it comes."""
        file = TextFile()
        self.view.show(file)
        await self._read(file)

    async def _read(self, file: TextFile) -> bool:
        """Fill the file; False, and why is said, where that did not go to the end."""
        self._state = "asking…"
        self.view.say("◷ asking…")
        try:
            await self._fetch(file.append)
        except Exception as e:
            logger.warning("%s could not be read: %s", self._what, e)
            self._state = f"✖ {e or type(e).__name__}"
            self.view.say(f"{self._state} · ctrl+r asks again", "bad")
            return False
        self._state = "all of it"
        self.view.say("It is empty: nothing was written so far.")
        return True

    def action_again(self) -> None:
        """Ask again."""
        self.load()

    # --- searching ---

    def action_search(self) -> None:
        """Type words to look for."""
        line = self.query_one(".filter", Input)
        line.display = True
        self.set_focus(line)

    @on(Input.Submitted)
    def _searched(self, event: Input.Submitted) -> None:
        self._leave_search()
        self.view.mark(event.value)
        self.action_next()

    def on_key(self, event: Key) -> None:
        """Esc in the search line leaves it."""
        if event.key == "escape" and self.query_one(".filter").has_focus:
            event.stop()
            event.prevent_default()
            self._leave_search()

    def _leave_search(self) -> None:
        self.query_one(".filter").display = False
        self.view.focus()

    def action_next(self, backwards: bool = False) -> None:
        """To the next line with the words, beginning again at the other end."""
        view = self.view
        if words := view.words:
            self._jump(words, lambda file, line: view.find(file, line, backwards=backwards), backwards=backwards)
        else:
            self.action_search()

    @work(exclusive=True, group="search")
    async def _jump(self, what: str, find: Callable[[TextFile, int], int | None], *, backwards: bool) -> None:
        """In a thread: the text may be long."""
        view, file = self.view, self.view.file
        line = await asyncio.to_thread(find, file, view.cursor)
        if line is None:
            other_end = len(file) if backwards else -1
            line = await asyncio.to_thread(find, file, min(other_end, len(file) - 1)) if len(file) else None
            if line is None:
                zone = f" ({self._zone()})" if view.looks_for_time else ""  # those of another clock are not seen
                self.notify(f"nothing says {plain(what)}{zone}", severity="warning", markup=False, timeout=3)
                return
            self.notify("went on from the other end", timeout=2)
        view.reveal(line)

    def action_copy(self) -> None:
        """Copy the line under the cursor as it is seen."""
        view = self.view
        if view.cursor < len(view.file):
            self.app.copy_to_clipboard(view.line(view.cursor))
            self.notify("copied the line", timeout=2)

    def action_back(self) -> None:
        """To where one was."""
        self.dismiss()


def _bytes(count: int) -> str:
    for unit, size in (("GB", 2**30), ("MB", 2**20), ("kB", 2**10)):
        if count >= size:
            return f"{number(round(count / size, 1))} {unit}"
    return f"{count} B"
