"""A table over a polars frame that draws only the rows on the screen: a hundred thousand rows cost no more than ten."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from collabtui.faces.tui.formats import Cell, Viewer

if TYPE_CHECKING:
    import polars as pl

Row = Mapping[str, Any]
GAP = 2
MEASURED_ROWS = 300


@dataclass(frozen=True)
class Column:
    """A column: its title, how a row's cell looks, the frame's column that it is sorted by, and when it gives way.

    `keep`: 0 is never left out; the highest goes first where the screen is narrow. `width`: at most.
    """

    title: str
    cell: Callable[[Row, Viewer], Cell | str]
    by: str
    keep: int = 0
    width: int = 40
    right: bool = False


class FrameTable(ScrollView, can_focus=True):
    """Rows of a frame, with a cursor, an order and a filter that stay when fresh rows come."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header", "table--cursor", "table--good", "table--warn", "table--bad", "table--busy", "table--dim",
        "table--empty",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "a page down", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "a page up", show=False),
        Binding("home,g", "jump(0)", "first row", show=False),
        Binding("end,G", "jump(-1)", "last row", show=False),
        Binding("s", "sort(1)", "sort by the next column"),
        Binding("S", "reverse", "turn the order", show=False),
        Binding("enter", "open", "open"),
    ]

    class Moved(Message):
        """The cursor is on another row (None: there is none)."""

        def __init__(self, table: "FrameTable", row: Row | None) -> None:
            super().__init__()
            self.table = table
            self.row = row

        @property
        def control(self) -> "FrameTable":
            """The table."""
            return self.table

    class Opened(Moved):
        """A row was chosen."""

    def __init__(self, columns: Sequence[Column], key: Sequence[str], *, empty: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.columns = columns
        self.empty = empty
        self.cursor = 0
        self.filter = ""
        self._key = tuple(key)
        self._frame: pl.DataFrame | None = None
        self._rows: list[dict[str, Any]] = []
        self._viewer: Viewer | None = None
        self._order: tuple[int, bool] | None = None
        self._shown: list[tuple[Column, int]] = []
        self._cells: dict[int, list[Cell]] = {}

    # --- what is shown ---

    def show(self, frame: "pl.DataFrame", viewer: Viewer) -> None:
        """Fresh rows; the cursor stays on its row, wherever that is now."""
        self._frame, self._viewer = frame, viewer
        self._arrange()

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if 0 <= self.cursor < len(self._rows) else None

    @property
    def count(self) -> int:
        """How many rows are shown."""
        return len(self._rows)

    @property
    def order(self) -> str:
        """What the rows are sorted by, for people."""
        if self._order is None:
            return ""
        place, falling = self._order
        return f"{self.columns[place].title} {'▼' if falling else '▲'}"

    def find(self, text: str) -> None:
        """Show only rows in which all these words stand, in any column."""
        self.filter = text
        self._arrange()

    def _arrange(self) -> None:
        if self._frame is None or self._viewer is None:
            return
        kept = self._identity(self.row)
        frame = self._frame
        if self._order is not None:
            place, falling = self._order
            frame = frame.sort(self.columns[place].by, descending=falling, nulls_last=True, maintain_order=True)
        self._rows = frame.rows(named=True)
        self._cells.clear()
        if wanted := self.filter.casefold().split():
            texts = (" ".join(cell.text for cell in self._row_cells(n)).casefold() for n in range(len(self._rows)))
            matching = [all(word in text for word in wanted) for text in texts]
            self._rows = [row for row, matches in zip(self._rows, matching, strict=True) if matches]
            self._cells.clear()
        places = {self._identity(row): n for n, row in enumerate(self._rows)}
        self.cursor = places.get(kept, min(self.cursor, max(0, len(self._rows) - 1))) if kept else 0
        self._measure()
        self.refresh()
        self.post_message(self.Moved(self, self.row))

    def _identity(self, row: Row | None) -> tuple[Any, ...] | None:
        return None if row is None else tuple(row[name] for name in self._key)

    def _row_cells(self, n: int) -> list[Cell]:
        if n not in self._cells:
            assert self._viewer is not None  # noqa: S101 - there are rows
            made = (column.cell(self._rows[n], self._viewer) for column in self.columns)
            self._cells[n] = [c if isinstance(c, Cell) else Cell(c) for c in made]
        return self._cells[n]

    def _measure(self) -> None:
        """Columns as wide as what is in them; where they do not fit, those that give way first are left out."""
        widths = [cell_len(column.title) + 2 for column in self.columns]
        for n in range(min(MEASURED_ROWS, len(self._rows))):
            for place, cell in enumerate(self._row_cells(n)):
                widths[place] = max(widths[place], min(cell_len(cell.text), self.columns[place].width))
        shown = list(zip(self.columns, widths, strict=True))
        room = max(1, self.size.width - 1)
        while len(shown) > 1 and sum(width + GAP for _, width in shown) > room:
            loosest = max(range(len(shown)), key=lambda n: (shown[n][0].keep, n))
            if shown[loosest][0].keep == 0:
                break
            del shown[loosest]
        self._shown = shown
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)

    def on_resize(self, _: events.Resize) -> None:
        """Another width has room for other columns."""
        self._measure()

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        """The header on the first line, and below it the rows that the scroll bar points to."""
        width = self.size.width
        base = self.rich_style
        if y == 0:
            return self._header(width)
        n = y - 1 + self.scroll_offset.y
        if not self._rows:
            text = self.empty if not self.filter else f"nothing matches “{self.filter}”; Esc clears the filter"
            line = text if y == 2 else ""
            style = self.get_component_rich_style("table--empty")
            return Strip([Segment(set_cell_size("  " + line, width), style)])
        if n >= len(self._rows):
            return Strip([Segment(" " * width, base)])
        is_cursor = n == self.cursor
        under = self.get_component_rich_style("table--cursor") if is_cursor else base
        marker = Segment("▌" if is_cursor and self.has_focus else " ", under)
        cells = self._row_cells(n)
        segments = [marker]
        for column, size in self._shown:
            cell = cells[self.columns.index(column)]
            style = under
            if cell.tone:
                tone = self.get_component_rich_style(f"table--{cell.tone}", partial=True)
                style = under + Style(color=tone.color, bold=tone.bold, dim=tone.dim)
            segments.append(Segment(_fitted(cell.text, size, right=column.right) + " " * GAP, style))
        return Strip(segments).adjust_cell_length(width, under)

    def _header(self, width: int) -> Strip:
        style = self.get_component_rich_style("table--header")
        segments = [Segment(" ", style)]
        for column, size in self._shown:
            title = column.title
            if self._order is not None and self.columns[self._order[0]] is column:
                title += "▼" if self._order[1] else "▲"
            segments.append(Segment(_fitted(title, size, right=column.right) + " " * GAP, style))
        return Strip(segments).adjust_cell_length(width, style)

    # --- moving ---

    def _go(self, place: int) -> None:
        place = max(0, min(place, len(self._rows) - 1))
        if place != self.cursor:
            self.cursor = place
            self.post_message(self.Moved(self, self.row))
        self.scroll_to_region(Region(0, place, 1, 2), animate=False, force=True)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        self._go(self.cursor + by * max(1, self.size.height - 2))

    def action_jump(self, place: int) -> None:
        """Move the cursor to the first row (0) or the last (-1)."""
        self._go(place if place >= 0 else len(self._rows) - 1)

    def action_open(self) -> None:
        """Choose the row under the cursor."""
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    def action_sort(self, by: int) -> None:
        """Sort by the next column on the screen; after the last by none, the answer's own order."""
        shown = [self.columns.index(column) for column, _ in self._shown]
        now = shown.index(self._order[0]) if self._order and self._order[0] in shown else -1
        following = now + by
        self._order = (shown[following], False) if following < len(shown) else None
        self._arrange()

    def action_reverse(self) -> None:
        """Turn the order round."""
        if self._order is not None:
            self._order = (self._order[0], not self._order[1])
            self._arrange()

    def on_click(self, event: events.Click) -> None:
        """A click on a title sorts, one on a row goes there, two open it."""
        if event.y == 0:
            x = 1
            for column, size in self._shown:
                if x <= event.x < x + size + GAP:
                    place = self.columns.index(column)
                    falling = self._order == (place, False)
                    self._order = (place, falling)
                    self._arrange()
                    return
                x += size + GAP
            return
        self._go(event.y - 1 + self.scroll_offset.y)
        if event.chain == 2:
            self.action_open()


def _fitted(text: str, width: int, *, right: bool) -> str:
    """Text in exactly so many cells: cut with an ellipsis, or filled up with spaces."""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "…"
    return " " * (width - size) + text if right else text + " " * (width - size)
