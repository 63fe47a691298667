"""Charts: what plotext draws into Rich text, and what the mouse is told of it.

plotext is imported beside the first answers, or with the first chart (0.03 s, its kernel 0.1 s more when cold).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rich.style import Style
from rich.text import Span, Text

from collabtui.faces.tui.formats import Line, Viewer, percent

MIN_WIDTH, MIN_HEIGHT = 28, 6
REACH_COLUMNS, REACH_ROWS = 2, 1
"""How near the mouse must come, in cells."""
HOUR_S, MINUTE_S = 3600.0, 60.0
NICE_S = [s * 1.0 for s in (1, 2, 5, 10, 15, 30)] + [m * MINUTE_S for m in (1, 2, 5, 10, 15, 20, 30)] + [
    h * HOUR_S for h in (1, 2, 3, 6, 12, 24, 48, 96, 168)
]  # fmt: skip
"""Lengths that are easily told from each other on an axis."""


class Chart(Protocol):
    """Data that knows how it is drawn."""

    def draw_on(self, canvas: "Canvas", viewer: Viewer) -> bool:
        """Draw; False where there is nothing to draw."""
        ...


@dataclass(frozen=True)
class Titled:
    """One of several charts that one can turn through: what it is called, and what its signs mean."""

    name: str
    chart: Chart
    legend: Line


@dataclass(frozen=True)
class Spot:
    """What the mouse is told in this cell of a chart; without `row` in the whole column."""

    column: int
    row: int | None
    words: str

    def distance(self, column: int, row: int) -> int | None:
        """How far that cell is from it; None where that is too far to mean it."""
        away = (abs(column - self.column), 0 if self.row is None else abs(row - self.row))
        return sum(away) if away[0] <= REACH_COLUMNS and away[1] <= REACH_ROWS else None


@dataclass(frozen=True)
class Drawing:
    """A chart as text, and what its places mean."""

    text: Text
    spots: Sequence[Spot]

    def at(self, column: int, row: int) -> str:
        """What is nearest to this cell, in words; empty where nothing is near."""
        found = [(away, spot) for spot in self.spots if (away := spot.distance(column, row)) is not None]
        if not found:
            return ""
        nearest = min(away for away, _ in found)
        words = [spot.words for away, spot in found if away == nearest]
        return f"{words[0]} (and {len(words) - 1} more here)" if len(words) > 1 else words[0]


def draw(chart: Chart, width: int, height: int, viewer: Viewer, colors: Mapping[str, str]) -> Drawing | None:
    """The chart in exactly this many cells; None where that is too little to read, or there is nothing to draw."""
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return None
    canvas = Canvas(width, height, colors)
    return canvas.drawing() if chart.draw_on(canvas, viewer) else None


class Canvas:
    """A plotext figure of its own size in the theme's colours."""

    def __init__(self, width: int, height: int, colors: Mapping[str, str]) -> None:
        import plotext

        plotext.terminal.limit(False, False)
        self._plt = plotext
        self._colors = colors
        self.width, self.height = width, height
        self._x, self._y = (0.0, 1.0), (0.0, 1.0)
        self._spots: list[tuple[float, float | None, str]] = []
        self.figure: Any = type(plotext.figure)(parent=plotext.terminal)
        self.figure.plot_size(width, height)
        self.figure.theme("colorless")
        self.figure.canvas("default")
        for axis, side in (("x", "upper"), ("y", "right")):
            self.figure.axes(False, axis=axis, side=side)
        self.figure.axes(True, pixel=self.pixel("line"), axis="x", side="lower")
        self.figure.axes(True, pixel=self.pixel("line"), axis="y", side="left")
        for axis, side in (("x", "lower"), ("y", "left")):
            self.figure.ruler(axis, side).pixel(self.pixel("muted"))

    def pixel(self, color: str) -> Any:
        value = self._colors[color].lstrip("#")
        return self._plt.pixel(foreground=tuple(int(value[i : i + 2], 16) for i in (0, 2, 4)))

    def points(self, xs: Sequence[float], ys: Sequence[float], marker: str, color: str) -> None:
        if xs:
            self.figure.draw(self.figure.signal(list(xs), list(ys), marker=self._marker(marker, color)))

    def line(self, xs: Sequence[float], ys: Sequence[float], marker: str, color: str) -> None:
        if xs:
            signal = self.figure.signal(list(xs), list(ys), marker=self._marker(marker, color))
            self.figure.draw(signal.lines(True))

    def box(self, x: tuple[float, float], y: tuple[float, float], marker: str, color: str) -> None:
        self.figure.draw(self.figure.rectangle(x=x, y=y, marker=self._marker(marker, color), lines=True, fill=True))

    def area(self, xs: Sequence[float], ys: Sequence[float], marker: str, color: str) -> None:
        signal = self.figure.signal(list(xs), list(ys), marker=self._marker(marker, color))
        self.figure.draw(signal.lines(True).fillx(True))

    def spot(self, x: float, y: float | None, words: str) -> None:
        """What the mouse is told there; without `y` anywhere above or below."""
        self._spots.append((x, y, words))

    def words(self, x: float, y: float, words: str, color: str) -> None:
        label = self._plt.colorize(words).fill(self.pixel(color))
        self.figure.draw(self.figure.text(x, y, label, alignment="left"))

    def ticks(self, axis: str, side: str, positions: Sequence[float], labels: Sequence[str]) -> None:
        self.figure.ruler(axis, side).ticks(list(positions), list(labels))

    def share_ticks(self, high: float) -> None:
        """Percentages up to `high`."""
        step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2) if high / s <= 5), 0.25)
        marks = [step * n for n in range(int(high / step) + 1)]
        self.ticks("y", "left", marks, [f"{percent(share) if share else 0} " for share in marks])

    def label_ticks(self, labels: Sequence[str]) -> None:
        """As many of these, at 0, 1, 2, …, as there is room for."""
        places = list(range(0, len(labels), max(1, -(-len(labels) * 8 // self.width))))
        self.ticks("x", "lower", places, [labels[place] for place in places])

    def limits(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        self._x, self._y = x, y
        self.figure.ruler("x", "lower").lim(*x)
        self.figure.ruler("y", "left").lim(*y)

    def drawing(self) -> Drawing:
        drawn = self._text()
        lines = drawn.plain.split("\n")
        bottom = next(row for row in range(len(lines) - 1, -1, -1) if "└" in lines[row])
        left = lines[bottom].index("└") + 1

        def cell(value: float, limits: tuple[float, float], cells: int) -> int:
            return round((value - limits[0]) / (limits[1] - limits[0]) * (cells - 1))

        spots = [
            Spot(
                left + cell(x, self._x, self.width - left),
                None if y is None else bottom - 1 - cell(y, self._y, bottom),
                words,
            )
            for x, y, words in self._spots
        ]
        return Drawing(drawn, spots)

    def _text(self) -> Text:
        drawn = Text.from_ansi(self.figure.build().string(), no_wrap=True)
        # plotext paints the rulers' background white; the theme's shall be seen
        drawn.spans = [
            Span(start, end, Style(color=Style.parse(str(style)).color)) for start, end, style in drawn.spans
        ]
        return drawn

    def _marker(self, symbol: str, color: str) -> Any:
        return self._plt.marker(symbol, pixel=self.pixel(color))
