"""What a page of the stand-up is made of: big numbers, lines, and how far it is."""

from dataclasses import dataclass
from itertools import pairwise

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.digits import BigDigits
from collabtui.faces.tui.formats import STATES, Row

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
