"""The lines of a table as strips: its header, a row, and why there are no rows."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from collabtui.faces.plain import plain
from collabtui.faces.tui.formats import Row, Tone, Viewer
from collabtui.faces.tui.table.listing import GAP, Column, Order


@dataclass(frozen=True)
class Look:
    """How a table is drawn: its own style, how wide (cells), and the tones of the theme."""

    base: Style = field(default_factory=Style)
    width: int = 0
    tones: Mapping[Tone, Style] = field(default_factory=dict)

    def on(self, color: str, *, bold: bool) -> "Look":
        """The same on another background."""
        return replace(self, base=self.base + Style(bgcolor=color, bold=bold))


def header_line(
    columns: Sequence[Column], widths: Mapping[str, int], order: Order, first: Row, viewer: Viewer, look: Look
) -> Strip:
    """The titles, the one that rows are ordered by with its direction. first: the first row, which some titles are of.

    widths: cells, by column.
    """
    style = look.base + look.tones["muted"]
    segments = []
    for column in columns:
        is_sorted = column.name == order.column
        mark = ("↓" if order.is_reversed else "↑") if is_sorted else ""
        width, title = widths[column.name], column.title
        if column.heading is not None:
            title = column.heading(first, viewer, width)
        cell = [(title + mark, style + Style(bold=True, underline=is_sorted))]
        segments += _fit(cell, width, column.right, style)
        segments.append(Segment(" " * GAP, style))
    return Strip(segments).adjust_cell_length(look.width, look.base)


def row_line(columns: Sequence[Column], widths: Mapping[str, int], row: Row, viewer: Viewer, look: Look) -> Strip:
    """A row's cells."""
    segments: list[Segment] = []
    for column in columns:
        width = widths[column.name]
        line = column.drawn(row, viewer, width) if column.drawn is not None else column.cell(row, viewer)
        cell = [(part.text, look.base + look.tones[part.tone]) for part in line]
        segments += _fit(cell, width, column.right, look.base)
        segments.append(Segment(" " * GAP, look.base))
    return Strip(segments).adjust_cell_length(look.width, look.base)


def notice_line(words: str, tone: Tone, y: int, height: int, look: Look) -> Strip:
    """Line `y` of a table of that height that has words instead of rows: they begin under an empty line."""
    lines = textwrap.wrap(plain(words), max(10, look.width - 2))
    above = min(1, height - 1)
    line = lines[y - above] if 0 <= y - above < len(lines) else ""
    return Strip([Segment(set_cell_size(f" {line}", look.width), look.base + look.tones[tone])], look.width)


def _fit(cell: Sequence[tuple[str, Style]], width: int, right: bool, base: Style) -> list[Segment]:
    """The parts in exactly `width` cells, cut with an ellipsis or filled up."""
    used = sum(cell_len(text) for text, _ in cell)
    fill = Segment(" " * (width - used), base)
    if used <= width:
        segments = [Segment(text, style) for text, style in cell]
        return [fill, *segments] if right else [*segments, fill]
    segments, left = [], width - 1
    for text, style in cell:
        if (cells := cell_len(text)) > left:
            segments.append(Segment(f"{set_cell_size(text, left).rstrip()}…", style))
            break
        segments.append(Segment(text, style))
        left -= cells
    gone = width - sum(segment.cell_length for segment in segments)
    return [*segments, Segment(" " * gone, base)]
