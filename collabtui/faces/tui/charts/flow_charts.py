"""The charts of flow: cumulative flow, cycle times, and ages of work in progress.

Shapes tell apart what colours tell apart: █ done ▒ in progress ░ to do; ● ordinary, ◆ above the P85 and ▲ above the P95
of cycle times, ◉ the ticket that is looked at, ↑ beyond the top.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from collabtui.faces.plain import plain
from collabtui.faces.tui.charts.canvas import Canvas
from collabtui.faces.tui.formats import Viewer, days, number

STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
LABEL_CELLS = 11
"""What "P85 14.2 d" takes."""
FAR = 2.0
"""Days beyond so many P95s, and what is to do beyond so many times the rest, are cut off: else all else is a line."""
SIGNS = (("●", "good"), ("◆", "warn"), ("▲", "bad"))
GOLDEN = 0.618
"""Multiples of it, taken modulo one, never lie close to each other."""


@dataclass(frozen=True)
class FlowDay:
    """How many tickets were where on the day called `label`; `done` since the first of the days."""

    label: str
    to_do: int
    in_progress: int
    done: int


@dataclass(frozen=True)
class CumulativeFlowChart:
    """Days, oldest first."""

    days: Sequence[FlowDay]

    def draw_on(self, canvas: Canvas, _: Viewer) -> bool:
        """Areas on top of each other; where far more is to do than all else, the top is cut off."""
        if len(self.days) < 2 or not any(day.to_do + day.in_progress + day.done for day in self.days):
            return False
        places = range(len(self.days))
        lower = [float(day.in_progress + day.done) for day in self.days]
        tops = [day.to_do + below for day, below in zip(self.days, lower, strict=True)]
        high = max(4.0, min(max(tops), (1 + FAR) * max(*lower, 1.0)))
        canvas.limits((0, len(self.days) - 1), (0.0, high))
        canvas.area(places, [min(top, high) for top in tops], "░", "muted")
        canvas.area(places, lower, "▒", "busy")
        canvas.area(places, [float(day.done) for day in self.days], "█", "good")
        _count_ticks(canvas, high, "")
        _spread_ticks(canvas, [day.label for day in self.days])
        for place, day in enumerate(self.days):
            counts = f"to do {number(day.to_do)} · in progress {number(day.in_progress)} · done {number(day.done)}"
            canvas.spot(place, None, f"{day.label} · {counts}")
        return True


@dataclass(frozen=True)
class Dot:
    """One ticket: `x` is a place on the axis, `level` 0, 1 above the P85, 2 above the P95 of cycle times."""

    key: str
    x: float
    days: float
    level: int
    words: str


@dataclass(frozen=True)
class Level:
    """A quantile of cycle times."""

    name: str
    days: float


@dataclass(frozen=True)
class DotsChart:
    """Tickets by days against something: `labels` name the places 0, 1, 2 … of the axis, with `room` before and after.

    `is_spread`: tickets of one place stand beside each other. `marked` is the key of the ticket that is looked at.
    """

    dots: Sequence[Dot]
    levels: Sequence[Level]
    labels: Sequence[str]
    is_spread: bool = False
    marked: str = ""

    def draw_on(self, canvas: Canvas, _: Viewer) -> bool:
        """Dots over the lines of the quantiles, whose names stand at the right."""
        if not self.dots:
            return False
        most = max(dot.days for dot in self.dots)
        lines = [level.days for level in self.levels]
        high = max(1.0, max(lines, default=0.0) * 1.15, min(most * 1.05, FAR * max(lines, default=most)))
        room = 0.5 if self.is_spread else 0.0
        left, right = -room, max(1.0, len(self.labels) - 1 + room)
        end = right + (right - left) * LABEL_CELLS / max(10, canvas.width - LABEL_CELLS - 8)
        canvas.limits((left, end), (0.0, high))
        a_line = high / max(1, canvas.height - 3)
        self._draw_levels(canvas, left, right, a_line)
        placed = [(dot, self._x(dot, place)) for place, dot in enumerate(self.dots)]
        for level, (sign, color) in enumerate(SIGNS):
            chosen = {  # hundreds of tickets share cells, and each point costs
                (x, round(dot.days / a_line)) for dot, x in placed if dot.level == level and dot.days <= high
            }
            canvas.points([x for x, _ in chosen], [row * a_line for _, row in chosen], sign, color)
        beyond = [x for dot, x in placed if dot.days > high]
        canvas.points(beyond, [high] * len(beyond), "↑", "bad")
        marked = [(x, min(dot.days, high)) for dot, x in placed if dot.key == self.marked]
        canvas.points([x for x, _ in marked], [y for _, y in marked], "◉", "strong")
        for dot, x in placed:
            canvas.spot(x, min(dot.days, high), dot.words)
        _count_ticks(canvas, high, " d")
        if self.is_spread:
            width = max(4, canvas.width // max(1, len(self.labels)) - 2)
            canvas.ticks("x", "lower", range(len(self.labels)), [_in_cells(label, width) for label in self.labels])
        else:
            _spread_ticks(canvas, self.labels)
        return True

    def _x(self, dot: Dot, place: int) -> float:
        return dot.x + 0.7 * (place * GOLDEN % 1 - 0.5) if self.is_spread else dot.x

    def _draw_levels(self, canvas: Canvas, left: float, right: float, a_line: float) -> None:
        lowest = 0.0
        for level in self.levels:
            canvas.line((left, right), (level.days, level.days), "╌", "warn")
        for level in self.levels:
            at = max(level.days, lowest)
            canvas.words(right + (right - left) * 0.01, at, f" {level.name} {days(level.days)}", "warn")
            lowest = at + a_line  # a name never covers the one beneath it


def _count_ticks(canvas: Canvas, high: float, unit: str) -> None:
    step = next((step for step in STEPS if high / step <= 6), STEPS[-1])
    marks = [step * n for n in range(int(high / step) + 1)]
    canvas.ticks("y", "left", marks, [f"{number(mark)}{unit} " for mark in marks])


def _spread_ticks(canvas: Canvas, labels: Sequence[str]) -> None:
    every = max(1, -(-len(labels) * 9 // max(1, canvas.width - LABEL_CELLS)))
    places = range(0, len(labels), every)
    canvas.ticks("x", "lower", places, [labels[place] for place in places])


def _in_cells(text: str, width: int) -> str:
    """Text from outside in at most so many cells, every character of it one cell wide as plotext has it."""
    narrow = "".join(_one_cell(plain(text[:100])))
    return narrow if len(narrow) <= width else f"{narrow[: width - 1]}…"


def _one_cell(text: str) -> Iterable[str]:
    return (character if cell_len(character) == 1 else "·" for character in text)
