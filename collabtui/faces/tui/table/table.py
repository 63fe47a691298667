"""The one table: draws only the rows in sight, keeps selection, order, filter and scroll when the rows change."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from collabtui.faces.nothing import not_connected
from collabtui.faces.plain import plain
from collabtui.faces.tui.filtering.helping import Help, helped
from collabtui.faces.tui.filtering.sifting import Sieve
from collabtui.faces.tui.formats import Row, Tone, Viewer
from collabtui.faces.tui.memory import View
from collabtui.faces.tui.table.arranging import arranged
from collabtui.faces.tui.table.lines import Look, header_line, notice_line, row_line
from collabtui.faces.tui.table.listing import GAP, Choice, Column, Listing, Order, fitting, row_key
from collabtui.faces.tui.themes import tones

HEADER_LINES = 1
NOTICE_LINES = 4
"""Where there are no rows: an empty line and why, which is long on narrow screens."""


class Table(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of one listing under a header line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, id="down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="up"),
        Binding("ctrl+d,pagedown", "page(1)", "Page down", show=False, id="page_down"),
        Binding("ctrl+u,pageup", "page(-1)", "Page up", show=False, id="page_up"),
        Binding("g,home", "go(0)", "First row", show=False, id="first"),
        Binding("G,end", "go(-1)", "Last row", show=False, id="last"),
        Binding("enter", "open", "Open", id="open"),
        Binding("s", "sort", "Sort", id="sort"),
        Binding("S", "reverse", "Reverse the order", show=False, id="reverse"),
    ]

    @dataclass
    class Selected(Message):
        """Another row is selected, or the selected one has new values; None where there is no row."""

        table: "Table"
        row: Row | None

    @dataclass
    class Opened(Message):
        """Enter or a double click on a row."""

        table: "Table"
        row: Row

    is_away = reactive(False, init=False, toggle_class="-away")

    def __init__(self, listing: Listing) -> None:
        super().__init__(id=listing.name)
        self.listing = listing
        self.order = Order()
        self.choice = Choice()
        self.hidden: Sequence[str] = ()
        """Columns by name that are not shown."""
        self._all: Sequence[Row] = ()
        self._sieve: Sieve | None = None
        """Of all rows, since they are there."""
        self._rows: Sequence[Row] = ()
        self._cursor = 0
        self._follows = True
        """Nobody has chosen a row: the first one is selected, whichever it becomes."""
        self._viewer: Viewer | None = None
        self._trouble: str | None = None
        self._widths: Mapping[str, int] = {}
        self._strips: dict[int, Strip] = {}
        """Rows as drawn, but for the one under the cursor."""
        self._looked: tuple[str, Style, int] | None = None
        self._look = Look()

    # --- how it was left ---

    @property
    def view(self) -> View:
        """What a next start takes up again."""
        order, choice = self.order, self.choice
        return View(
            order=order.column, is_reversed=order.is_reversed, words=choice.words, hidden=tuple(self.hidden),
            is_away=self.is_away,
        )  # fmt: skip

    def restore(self, view: View) -> None:
        """Order, filter and columns as they were; columns that are no more are forgotten."""
        names = [column.name for column in self.listing.columns]
        self.order = Order(view.order if view.order in names else None, view.is_reversed)
        self.choice = Choice(view.words)
        self.is_away = view.is_away
        self.hide([name for name in view.hidden if name in names])

    def hide(self, names: Sequence[str]) -> None:
        """Show all columns but these."""
        self.hidden, self._looked = names, None
        self._redraw()

    @property
    def fitting(self) -> Collection[str]:
        """The columns by name that there is room for."""
        return self._widths.keys()

    # --- what is shown ---

    @property
    def rows(self) -> Sequence[Row]:
        """All rows, those that the filter leaves out too."""
        return self._all

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    @property
    def viewer(self) -> Viewer | None:
        """Who the rows were last shown to, and when."""
        return self._viewer

    def show(self, rows: Sequence[Row], viewer: Viewer) -> None:
        """Show these rows, in the answer's order, instead of the last."""
        self._all, self._viewer, self._trouble = rows, viewer, None
        self._sieve = Sieve(rows, [*self.listing.columns, *self.listing.unseen], viewer)
        self._arrange()

    def begin(self) -> None:
        """The next rows are others: they are shown from the first on, in the answer's order."""
        self.order, self.choice, self._follows = Order(), Choice(), True

    def fail(self, trouble: str) -> None:
        """Say why there are no rows; rows that are there stay."""
        self._trouble = trouble
        self._redraw()

    def choose(self, choice: Choice) -> None:
        """Narrow the rows."""
        self.choice = choice
        self._arrange()

    def help(self, words: str) -> Help:
        """What helps one who types these words into the filter."""
        return helped(words, self._sieve) if self._sieve is not None else Help()

    def _arrange(self) -> None:
        """Order and choose anew. The row that somebody chose stays selected, and where it is on the screen."""
        old, offset = None if self._follows else self.selected, self._cursor - self.scroll_offset.y
        self._rows = arranged(self._sieve, self.order, self.choice) if self._sieve is not None else ()
        if old is not None:
            key = row_key(self.listing, old)
            at = next((i for i, row in enumerate(self._rows) if row_key(self.listing, row) == key), None)
            self._cursor = at if at is not None else min(self._cursor, max(0, len(self._rows) - 1))
        else:
            self._cursor = 0
        self.virtual_size = Size(0, len(self._rows) + HEADER_LINES if self._rows else NOTICE_LINES)
        if 0 <= offset < self._page:
            self.scroll_to(y=self._cursor - offset, animate=False)
        self._redraw()
        self.post_message(self.Selected(self, self.selected))

    def _redraw(self) -> None:
        self._strips.clear()
        self.border_title = self._title()
        self.refresh()

    def _title(self) -> Content:
        shown, every = self._counted(self._rows), self._counted(self._all)
        count = f"{every}" if len(self._rows) == len(self._all) else f"{shown} of {every}"
        scope = " ".join(plain(str(value)) for value in list((self.choice.scope or {}).values())[-1:])
        words = plain(self.choice.words)
        parts = [(f"{self.listing.title} ", "bold"), (count if self._viewer else "…", "")]
        if self.listing.note is not None and (note := plain(self.listing.note(self._all))):
            parts.append((f" · {note}", ""))
        if scope:
            parts.append((f" · of {scope}", "bold"))
        if words:
            parts.append((f" · /{words}", "bold"))
        parts.append((f" · {self._order_text()}", "$muted"))
        return Content.assemble(*parts)

    def _counted(self, rows: Sequence[Row]) -> int:
        is_sum = self.listing.is_sum
        return len(rows) if is_sum is None else sum(not is_sum(row) for row in rows)

    def _order_text(self) -> str:
        column = next((c for c in self.listing.columns if c.name == self.order.column), None)
        if column is None:
            return f"{self.listing.order}, reversed" if self.order.is_reversed else self.listing.order
        return f"by {column.title.lower()} {'↓' if self.order.is_reversed else '↑'}"

    # --- drawing ---

    def on_mount(self) -> None:
        """Name the table before it has rows, and have room to say why it has none."""
        self.virtual_size = Size(0, NOTICE_LINES)
        self.border_title = self._title()

    def on_resize(self) -> None:
        """The cursor stays in sight, and the first rows come back with the room for them."""
        if self._cursor < self._page:
            self.scroll_to(y=0, animate=False)
        self._keep_in_sight()

    def render_lines(self, crop: Region) -> list[Strip]:
        """What holds for all lines is looked up once: each costs a tenth of a millisecond."""
        look = (self.app.theme, self.rich_style, self.scrollable_content_region.width)
        if self._looked != look:  # the scrollbar takes room after the resize has been told
            self._looked = look
            self._look = Look(*look[1:], tones(self.app.theme_variables))
            shown = [column for column in self.listing.columns if column.name not in self.hidden]
            self._widths = fitting(shown, self._look.width)
            self._strips.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """The header stays on top; the rows pass beneath it."""
        if not self._rows or self._viewer is None:
            return self._notice(y)
        if y < HEADER_LINES:
            return header_line(self._columns(), self._widths, self.order, self._rows[0], self._viewer, self._look)
        index = y - HEADER_LINES + self.scroll_offset.y
        if index >= len(self._rows):
            return Strip.blank(self._look.width, self._look.base)
        if index == self._cursor:
            color = self.app.theme_variables["cursor" if self.has_focus else "cursor-idle"]
            return self._row(index, self._viewer, self._look.on(color, bold=self.has_focus))
        strip = self._strips.get(index)
        if strip is None:
            strip = self._strips[index] = self._row(index, self._viewer, self._look)
        return strip

    def _row(self, index: int, viewer: Viewer, look: Look) -> Strip:
        return row_line(self._columns(), self._widths, self._rows[index], viewer, look)

    def _notice(self, y: int) -> Strip:
        """Why there are no rows."""
        tone: Tone = "muted"
        if self._trouble is not None:
            words, tone = f"✖ {self._trouble}", "bad"
        elif self._viewer is None:
            words = "◷ reading the warehouse…"
        elif not self._all and (missing := not_connected(self.listing.kinds, self._viewer.kinds)) is not None:
            words = missing
        elif self._viewer.is_syncing and not self._all:
            words = "⟳ the first facts are on their way…"
        elif self._all:
            words = "Nothing matches. Esc clears the filter."
        else:
            words = self.listing.empty
        return notice_line(words, tone, y, self.size.height, self._look)

    def _columns(self) -> list[Column]:
        return [column for column in self.listing.columns if column.name in self._widths]

    # --- moving ---

    @property
    def _page(self) -> int:
        return max(1, self.size.height - HEADER_LINES)

    def _keep_in_sight(self) -> None:
        top = self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + self._page:
            self.scroll_to(y=self._cursor - self._page + 1, animate=False)

    def action_go(self, index: int) -> None:
        """Select the row at this place; -1 is the last."""
        last = len(self._rows) - 1
        index = last if index < 0 else min(index, last)
        self._follows = index <= 0
        if index < 0 or index == self._cursor:
            return
        for changed in (self._cursor, index):
            self.refresh_line(changed + HEADER_LINES)
        self._cursor = index
        self._keep_in_sight()
        self.post_message(self.Selected(self, self.selected))

    def select(self, is_it: Callable[[Row], bool]) -> bool:
        """Go to the first row that is it, and let go of a filter that hides it; whether there is one."""
        for choice in (self.choice, Choice()):
            if choice != self.choice:
                self.choose(choice)
            at = next((place for place, row in enumerate(self._rows) if is_it(row)), None)
            if at is not None:
                self.action_go(at)
                return True
        return False

    def action_move(self, by: int) -> None:
        """Select the row that many below."""
        self.action_go(max(0, self._cursor + by))

    def action_page(self, pages: int) -> None:
        """Move by a screenful."""
        self.action_move(pages * self._page)

    def on_click(self, event: events.Click) -> None:
        """A click on the header sorts, on a row selects, a double click opens."""
        place = event.get_content_offset(self)
        if place is None or not self._rows:
            return
        if place.y < HEADER_LINES:
            self._sort_at(place.x)
            return
        index = place.y - HEADER_LINES + self.scroll_offset.y
        if index == self._cursor and event.chain > 1:
            self.action_open()
        elif index < len(self._rows):
            self.action_go(index)

    # --- actions ---

    def action_open(self) -> None:
        """Enter the selected row."""
        if (row := self.selected) is not None:
            self.post_message(self.Opened(self, row))

    def action_sort(self) -> None:
        """Sort by the next column; after the last one the answer's own order comes back."""
        orders = [Order(), *(Order(column.name, column.most_first) for column in self._columns())]
        place = next((n for n, order in enumerate(orders) if order.column == self.order.column), 0)
        self._sort(orders[(place + 1) % len(orders)])

    def action_reverse(self) -> None:
        """Turn the order around."""
        self._sort(Order(self.order.column, is_reversed=not self.order.is_reversed))

    def _sort_at(self, x: int) -> None:
        left = 0
        for column in self._columns():
            left += self._widths[column.name] + GAP
            if x < left:
                is_same = column.name == self.order.column
                self._sort(Order(column.name, not self.order.is_reversed if is_same else column.most_first))
                return

    def _sort(self, order: Order) -> None:
        self.order = order
        self._arrange()
