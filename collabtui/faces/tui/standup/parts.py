"""What a page of the stand-up is made of: big numbers, lines, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.css.scalar import Scalar
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.formats import STATES, Row
from collabtui.faces.tui.standup.digits import BigDigits
from collabtui.faces.tui.standup.meeting import ROOM

STATE_OF = {
    "deliveries": "at risk", "epics": "at risk", "teams": "overloaded", "pools": "full", "anomalies": "off",
}  # fmt: skip
"""Whose sign a number has that is not called as a state."""


class Number(Vertical):
    """A number in big digits, and beneath it what it counts."""

    def compose(self) -> ComposeResult:
        """Digits above a word."""
        yield BigDigits()
        yield Static()

    def show(self, name: str, value: int | None) -> None:
        """Say this number; None is not known."""
        sign, tone = STATES.get(STATE_OF.get(name, name), ("", "strong"))
        digits = self.query_one(BigDigits)
        digits.update("-" if value is None else str(value))
        digits.set_classes(f"-{tone}" if value else "-muted")
        self.query_one(Static).update(Content(f"{sign} {name}".strip()))


class ItemLine(Horizontal):
    """A state as sign and word, what it is about, and who has it."""

    def compose(self) -> ComposeResult:
        """Three columns."""
        yield Static(classes="what")
        yield Static(classes="text")
        yield Static(classes="person")

    def show(self, row: Row | None, *, has_person: bool = False) -> None:
        """Say this row, or nothing."""
        self.display = row is not None
        if row is None:
            return
        sign, tone = STATES.get(row["what"], ("○", "muted"))
        what, text, person = self.query(Static)
        what.update(Content.styled(f"{sign} {row['what']}", f"bold ${tone}"))
        text.update(Content(plain(row["text"])))
        person.display = has_person and row["person"] is not None
        person.update(Content(plain(row["person"] or "")))

    def height_in(self, width: int) -> int:
        """How many lines it takes there with all of its text, and the room beneath."""
        what, text, person = self.query(Static)
        who = min(cast("Content", person.content).cell_length + 2, _cells(person.styles.max_width))
        beside = _cells(what.styles.width) + (who if person.display else 0)
        return cast("Content", text.content).get_height({}, max(1, width - beside)) + self.styles.margin.bottom


def _cells(scalar: Scalar | None) -> int:
    return (scalar.cells if scalar else None) or 0


class Items(Vertical):
    """The lines of a page and how many more there are. Where all of it has room, what is long goes on beneath."""

    def __init__(self) -> None:
        super().__init__(id="items")
        self._rows: Sequence[Row] = ()

    def compose(self) -> ComposeResult:
        """As many lines as a page can have, then words."""
        for _ in range(ROOM):
            yield ItemLine()
        yield Static(id="more")

    def show(self, rows: Sequence[Row], more: str, *, has_person: bool = False) -> None:
        """Say these rows, then these words."""
        self._rows = rows
        for line, row in zip_longest(self.query(ItemLine), rows):
            line.show(row, has_person=has_person)
        self.query_one("#more", Static).update(Content(more))
        self._fit()

    def on_resize(self) -> None:
        """There may be more room now."""
        self._fit()

    def _fit(self) -> None:
        lines = list(self.query(ItemLine))[: len(self._rows)]
        wanted = sum(line.height_in(self.size.width) for line in lines)
        self.set_class(wanted < self.size.height, "-wrapped")  # one line is left for what more there is


class Progress(Static):
    """All pages as one line, the one that is shown thick; a click goes there."""

    @dataclass
    class Clicked(Message):
        """The page at this place was clicked."""

        place: int

    def __init__(self) -> None:
        super().__init__()
        self._count, self._place = 0, 0

    def show(self, count: int, place: int) -> None:
        """So many pages, and which of them it is."""
        self._count, self._place = count, place
        self._draw()

    def on_resize(self) -> None:
        """As wide as the screen."""
        self._draw()

    def _draw(self) -> None:
        edges = [n * self.content_size.width // max(1, self._count) for n in range(self._count + 1)]
        widths = [max(0, end - start - 1) for start, end in pairwise(edges)]
        here = self._place
        parts = [
            ("━" * width + " ", "$primary") if n == here else ("─" * width + " ", "$line")
            for n, width in enumerate(widths)
        ]
        self.update(Content.assemble(*parts), layout=False)

    def on_click(self, event: Click) -> None:
        """Go there."""
        width, offset = self.content_size.width, event.get_content_offset(self)
        if self._count and offset is not None:
            self.post_message(self.Clicked(offset.x * self._count // width))
