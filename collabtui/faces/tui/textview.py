"""Shows a `TextFile`: draws only the lines in sight, so that a gigabyte scrolls like a page."""

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from collabtui.faces.plain import plain
from collabtui.faces.tui.folding import folded
from collabtui.faces.tui.formats import Tone
from collabtui.faces.tui.textfile import ERRORS, TextFile
from collabtui.faces.tui.themes import tones

SIDEWAYS = 16
"""So many cells an arrow key goes to the side."""
_ERRORS = tuple(one.decode() for one in ERRORS)


def tone_of_log(line: str) -> Tone:
    """Errors and warnings stand out, what frames a log does not."""
    if any(one in line for one in _ERRORS):
        return "bad"
    if "WARN" in line:
        return "warn"
    return "muted" if line.startswith(("***", "::")) or "::group::" in line or "::endgroup::" in line else ""


class TextView(ScrollView, can_focus=True, inherit_bindings=False):
    """The lines of a text, one of them under the cursor. With `follows` the cursor stays on the last one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False),
        Binding("k,up", "move(-1)", "Up", show=False),
        Binding("space,ctrl+d,pagedown", "page(1)", "Page down", show=False),
        Binding("b,ctrl+u,pageup", "page(-1)", "Page up", show=False),
        Binding("g,home", "go(0)", "First line", show=False),
        Binding("G,end", "go(-1)", "Last line", show=False),
        Binding("right", "aside(1)", "To the right", show=False),
        Binding("left", "aside(-1)", "To the left", show=False),
        Binding("w", "wrap", "Wrap"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another line."""

        line: int

    def __init__(self, *, wraps: bool = False, tone: Callable[[str], Tone] = tone_of_log) -> None:
        """Long lines go over several rows where it `wraps`, else over the edge. `tone`: how a line is drawn."""
        super().__init__()
        self.file = TextFile()
        self.cursor = 0
        self.follows = False
        self.words = ""
        """What is looked for, drawn so that it is seen."""
        self.notice = ""
        """What is said while there are no lines."""
        self.notice_tone: Tone = "muted"
        self._wraps, self._tone = wraps, tone
        self._left = 0
        self._inside = (-1, 0)
        """Of a line that is longer than the page: which, and how many of its rows are above the page."""
        self._seen = (-1, -1)
        self._rows: dict[int, tuple[int, str]] = {}
        self._base, self._cursor_style = Style.null(), Style.null()
        self._tones: Mapping[Tone, Style] = {}
        self._width = 0

    # --- what is shown ---

    def show(self, file: TextFile) -> None:
        """Another text, or another reading of the same, the cursor on the line it was on."""
        old, self.file = self.file, file
        if old is not file:
            old.close()
        self._seen = (-1, -1)
        self.look()

    def look(self) -> None:
        """Show what was appended since."""
        if (known := (len(self.file), self.size.height)) == self._seen:
            return
        self._seen = known
        lines = known[0]
        self.cursor = max(0, lines - 1 if self.follows else min(self.cursor, lines - 1))
        self._fit()
        self._keep_in_sight()
        self.refresh()

    def mark(self, words: str) -> None:
        """Draw these words so that they are seen."""
        self.words = words
        self.refresh()

    def say(self, notice: str, tone: Tone = "muted") -> None:
        """What stands there while there are no lines."""
        self.notice, self.notice_tone = notice, tone
        self.refresh()

    def on_unmount(self) -> None:
        """The file goes with the view."""
        self.file.close()

    def on_resize(self) -> None:
        """As many lines as there is room for."""
        self._fit()
        self._keep_in_sight()

    def _fit(self) -> None:
        """Scrolling ends where the last lines fill the page: of wrapped ones fewer do."""
        lines, height = len(self.file), self.size.height
        below = 0
        if self._wraps and height:
            used = 0
            for index in range(lines - 1, -1, -1):
                used += len(self._wrapped(index))
                if used > height:
                    break
                below += 1
            below = height - max(1, below)
        self.virtual_size = Size(0, lines + below)

    # --- drawing ---

    def render_lines(self, crop: Region) -> list[Strip]:
        """Where each line stands and how things look is found once a painting."""
        variables = self.app.theme_variables
        self._base, self._tones, self._width = self.rich_style, tones(variables), self.scrollable_content_region.width
        self._cursor_style = Style(bgcolor=variables["cursor"])
        self._lay_out()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        base, width = self._base, self._width
        if not len(self.file):
            return self._said(y, base + self._tones[self.notice_tone], width)
        index, text = self._rows.get(y, (-1, ""))
        if index < 0:
            return Strip.blank(width, base)
        style = base + self._tones[self._tone(self.file.line(index) if self._wraps else text)]
        if index == self.cursor:
            style = style + self._cursor_style
        left = 0 if self._wraps else self._left
        strip = Strip(self._marked(text[: left + width], style)).crop(left, left + width)
        return strip.adjust_cell_length(width, style if index == self.cursor else base)

    def _lay_out(self) -> None:
        """Which line, or which row of a wrapped one, each line of the screen has."""
        self._rows, height = {}, self.size.height
        y, index = 0, self.scroll_offset.y
        while y < height and index < len(self.file):
            above = self._inside[1] if index == self._inside[0] and not y else 0
            for row in self._rows_of(index)[above:] if self._wraps else (self.file.line(index),):
                self._rows[y] = index, row
                y += 1
            index += 1

    def _wrapped(self, index: int) -> list[str]:
        """A line in rows, a page of them at most."""
        return self._rows_of(index)[: max(1, self.size.height)]

    def _rows_of(self, index: int) -> list[str]:
        return folded(self.file.line(index), max(1, self.scrollable_content_region.width))

    def _marked(self, text: str, style: Style) -> list[Segment]:
        if not self.words:
            return [Segment(text, style)]
        segments, at, lower, wanted = [], 0, text.lower(), self.words.lower()
        while (found := lower.find(wanted, at)) >= 0 and len(lower) == len(text):
            end = found + len(wanted)
            segments += [Segment(text[at:found], style), Segment(text[found:end], style + Style(reverse=True))]
            at = end
        return [*segments, Segment(text[at:], style)]

    def _said(self, y: int, style: Style, width: int) -> Strip:
        lines = textwrap.wrap(plain(self.notice), max(10, width - 2))
        line = lines[y - 1] if 1 <= y <= len(lines) else ""
        return Strip([Segment(f" {line}", style)]).adjust_cell_length(width, style)

    # --- moving ---

    def _keep_in_sight(self) -> None:
        """Forced: a text that just grew longer than the page has no scrollbar yet."""
        top, page = self.scroll_offset.y, max(1, self.size.height)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self._wraps:
            used, first = 0, self.cursor
            while first >= 0 and (used := used + len(self._wrapped(first))) <= page:
                first -= 1
            if top <= first:
                self.scroll_to(y=min(first + 1, self.cursor), animate=False, force=True)
        elif self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False, force=True)

    def action_go(self, line: int) -> None:
        """Put the cursor on this line; -1 is the last, and there a text that grows is followed."""
        last = len(self.file) - 1
        if last < 0:
            return
        self.follows, self._inside = line < 0, (-1, 0)
        self.cursor = last if line < 0 else min(line, last)
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved(self.cursor))

    def reveal(self, line: int) -> None:
        """Put the cursor on this line, and what comes after it, such as a traceback, in sight, too."""
        self.action_go(line)
        page = self.size.height
        if line - self.scroll_offset.y > page // 3:
            self.scroll_to(y=line - page // 3, animate=False, force=True)
        self._keep_in_sight()

    def action_move(self, by: int) -> None:
        """Put the cursor so many lines below; within a line that is longer than the page, show so many more rows."""
        if not self._read_on(by):
            self.action_go(max(0, self.cursor + by))

    def _read_on(self, by: int) -> bool:
        """Move within the long line under the cursor; whether there was more of it that way."""
        top = self.cursor
        if not self._wraps or top != self.scroll_offset.y or not len(self.file):
            return False
        above = self._inside[1] if self._inside[0] == top else 0
        new = max(0, min(above + by, len(self._rows_of(top)) - self.size.height))
        if new == above:
            return False
        self._inside = top, new
        self.refresh()
        return True

    def action_page(self, pages: int) -> None:
        """Move by a screenful: of wrapped lines, so that none is left out."""
        page = max(1, self.size.height - 1)
        if not self._wraps:
            self.action_move(pages * page)
        elif not len(self.file) or self._read_on(pages * page):
            return
        else:
            top = self.scroll_offset.y
            line = (
                max((index for index, _ in self._rows.values()), default=top) if pages > 0 else self._page_before(top)
            )
            self.action_go(line if line != top else max(0, top + pages))
            self.scroll_to(y=self.cursor, animate=False, force=True)

    def _page_before(self, top: int) -> int:
        """The line that a page begins with which ends before this one."""
        first, used = top, 0
        while first > 0 and (used := used + len(self._wrapped(first - 1))) < self.size.height:
            first -= 1
        return first

    def action_aside(self, by: int) -> None:
        """Show what is further to the side of long lines."""
        self._left = max(0, self._left + by * SIDEWAYS)
        self.refresh()

    def action_wrap(self) -> None:
        """Long lines over several rows, or cut at the edge."""
        self._wraps, self._left = not self._wraps, 0
        self._fit()
        self._keep_in_sight()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor there."""
        place = event.get_content_offset(self)
        if place is not None and (row := self._rows.get(place.y)) is not None:
            self.action_go(row[0])
