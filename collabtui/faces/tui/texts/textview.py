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
from collabtui.faces.tui.formats import Tone
from collabtui.faces.tui.texts.folding import folded
from collabtui.faces.tui.texts.logtimes import LogTimes
from collabtui.faces.tui.texts.textfile import ERRORS, TextFile
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
    """The lines of a text, one of them under the cursor. With `follows` the cursor stays on the last one.

    times: moves the times that lines begin with, which are then seen, found and copied in the viewer's zone.
    wraps: long lines go over several rows, else over the edge. tone: how a line is drawn.
    """

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

    def __init__(
        self, times: LogTimes | None = None, *, wraps: bool = False, tone: Callable[[str], Tone] = tone_of_log
    ) -> None:
        super().__init__()
        self.file = TextFile()
        self._times = times
        self.has_moved_times = False
        """Whether a line that was seen so far has a time that the source wrote otherwise."""
        self.cursor = 0
        self.follows = False
        self.words = ""
        """What is looked for, drawn so that it is seen."""
        self.notice = ""
        """What is said while there are no lines."""
        self.notice_tone: Tone = "muted"
        self._wraps, self._tone = wraps, tone
        self._left = 0
        self._cut = (0, 0)
        """While this line is on top, so many of its rows are above the screen."""
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
                used += self._height_of(index)
                if used > height:
                    break
                below += 1
            below = height - max(1, below)
        self.virtual_size = Size(0, lines + below)

    def line(self, index: int) -> str:
        """A line as it is seen."""
        text = self.file.line(index)
        seen = self._times.seen(text) if self._times is not None else text
        self.has_moved_times |= seen != text
        return seen

    @property
    def looks_for_time(self) -> bool:
        """Whether the words may lie in a time that was moved."""
        return self.has_moved_times and self._times is not None and self._times.may_lie_in(self.words)

    def find(self, file: TextFile, line: int, *, backwards: bool = False) -> int | None:
        """The next line after this one (before it) in which the words are seen. Not for the screen's own thread."""
        if self._times is not None and self.looks_for_time:
            return file.find_seen(self.words, line, self._times.seen, backwards=backwards)
        return file.find(self.words, line, backwards=backwards)

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
        style = base + self._tones[self._tone(self.line(index) if self._wraps else text)]
        if index == self.cursor:
            style = style + self._cursor_style
        left = 0 if self._wraps else self._left
        strip = Strip(self._marked(text[: left + width], style)).crop(left, left + width)
        return strip.adjust_cell_length(width, style if index == self.cursor else base)

    def _lay_out(self) -> None:
        """Which line, or which row of a wrapped one, each line of the screen has."""
        self._rows, height = {}, self.size.height
        y, index = -self._rows_cut, self.scroll_offset.y
        while y < height and index < len(self.file):
            for row in self._rows_of(index):
                self._rows[y] = index, row
                y += 1
            index += 1

    def _rows_of(self, index: int) -> list[str]:
        """A line as it stands there: cut at the edge, or in rows."""
        text = self.line(index)
        return folded(text, max(1, self.scrollable_content_region.width)) if self._wraps else [text]

    def _height_of(self, index: int) -> int:
        return len(self._rows_of(index)) if self._wraps else 1

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

    @property
    def _rows_cut(self) -> int:
        """So many rows of the line on top are above the screen."""
        line, rows = self._cut
        return rows if line == self.scroll_offset.y else 0

    def _row_of(self, line: int) -> int:
        """On which line of the screen this line begins: below 0 above it, from the page's height on beneath it."""
        index, y = self.scroll_offset.y, -self._rows_cut
        if line < index:
            return -1
        while index < line and y < self.size.height:
            y += self._height_of(index)
            index += 1
        return y

    def _place(self, line: int, row: int) -> None:
        """Scroll so that this line begins on that line of the screen, or higher where it would not be whole.

        Forced: a text that just grew longer than the page has no scrollbar yet.
        """
        above = max(0, min(row, self.size.height - self._height_of(line)))
        while line > 0 and above > 0:
            line -= 1
            above -= self._height_of(line)
        self.scroll_to(y=line, animate=False, force=True)
        self._cut = (line, max(0, -above))

    def _keep_in_sight(self) -> None:
        if not len(self.file):
            return
        row, page = self._row_of(self.cursor), max(1, self.size.height)
        if self.cursor == self.scroll_offset.y and self._height_of(self.cursor) > page:
            return  # it is longer than the page, and read row by row
        if row < 0:
            self._place(self.cursor, 0)
        elif row + self._height_of(self.cursor) > page:
            self._place(self.cursor, page)

    def action_go(self, line: int) -> None:
        """Put the cursor on this line; -1 is the last, and there a text that grows is followed."""
        last = len(self.file) - 1
        if last < 0:
            return
        self.follows = line < 0
        self.cursor = last if line < 0 else min(line, last)
        if self.cursor == self.scroll_offset.y:
            self._cut = (self.cursor, 0)
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved(self.cursor))

    def reveal(self, line: int) -> None:
        """Put the cursor on this line, and what comes after it, such as a traceback, in sight, too."""
        self.action_go(line)
        third = self.size.height // 3
        if self._row_of(line) > third:
            self._place(line, third)

    def action_move(self, by: int) -> None:
        """Put the cursor so many lines below; within a line that is longer than the page, show so many more rows."""
        if not self._read_on(by):
            self.action_go(max(0, self.cursor + by))

    def _read_on(self, by: int) -> bool:
        """Move within the long line under the cursor; whether there was more of it that way."""
        top = self.cursor
        if not self._wraps or top != self.scroll_offset.y or not len(self.file):
            return False
        above = self._rows_cut
        new = max(0, min(above + by, self._height_of(top) - self.size.height))
        if new == above:
            return False
        self._cut = top, new
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
            self._place(self.cursor, 0)

    def _page_before(self, top: int) -> int:
        """The line that a page begins with which ends before this one."""
        first, used = top, 0
        while first > 0 and (used := used + self._height_of(first - 1)) < self.size.height:
            first -= 1
        return first

    def action_aside(self, by: int) -> None:
        """Show what is further to the side of long lines."""
        self._left = max(0, self._left + by * SIDEWAYS)
        self.refresh()

    def action_wrap(self) -> None:
        """Long lines over several rows, or cut at the edge; the line under the cursor stays where it is."""
        if not len(self.file):
            self._wraps = not self._wraps
            return
        row = self._row_of(self.cursor)
        is_in_sight = 0 <= row < self.size.height  # the mouse scrolls without the cursor
        kept = (self.cursor, row) if is_in_sight else (self.scroll_offset.y, 0)
        self._wraps, self._left = not self._wraps, 0
        self._fit()
        self._place(*kept)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor there."""
        place = event.get_content_offset(self)
        if place is not None and (row := self._rows.get(place.y)) is not None:
            self.action_go(row[0])
