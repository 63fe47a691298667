"""Charts as data, and how plotext draws them into Rich text.

Shapes tell apart what colours tell apart: • on time, ✖ late or failed, ─ the deadline, ▒ where the next lands; of the
weeks an epic may be done in █ are in time and ▒ too late.
plotext is imported when the first chart is drawn (0.03 s, its kernel 0.1 s more when cold).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from rich.style import Style
from rich.text import Span, Text

from collabtui.faces.tui.formats import Line, Viewer, length, number, percent

MIN_WIDTH, MIN_HEIGHT = 28, 7
REACH_COLUMNS, REACH_ROWS = 2, 1
"""How near the mouse must come, in cells."""
HOUR_S, MINUTE_S = 3600.0, 60.0
NICE_S = [s * 1.0 for s in (1, 2, 5, 10, 15, 30)] + [m * MINUTE_S for m in (1, 2, 5, 10, 15, 20, 30)] + [
    h * HOUR_S for h in (1, 2, 3, 6, 12, 24, 48, 96, 168)
]  # fmt: skip


@dataclass(frozen=True)
class Landing:
    """One ended run: how long after `due_at` it landed."""

    due_at: datetime
    delay_s: float
    deadline_s: float | None
    is_bad: bool


@dataclass(frozen=True)
class LandingChart:
    """Landing delays of past runs, oldest first, and of the one that comes: its band as delays, and its deadline."""

    landings: Sequence[Landing]
    p50_s: float | None = None
    p85_s: float | None = None
    p95_s: float | None = None
    deadline_s: float | None = None


@dataclass(frozen=True)
class Week:
    """Tickets that came and were finished in the week from `label` on; for weeks to come the band of those finished
    instead, and how many are likely to come (P50)."""

    label: str
    arrivals: float | None
    throughput: float | None
    p15: float | None = None
    p50: float | None = None
    p85: float | None = None
    arrivals_p50: float | None = None


@dataclass(frozen=True)
class WeeksChart:
    """Arrivals and throughput by week, oldest first, forecast weeks last."""

    weeks: Sequence[Week]


@dataclass(frozen=True)
class FinishWeek:
    """The chance that something is done in the week from `label` on, and whether that is too late."""

    label: str
    p: float
    is_late: bool


@dataclass(frozen=True)
class FinishChart:
    """How likely each week to come is to be the last, next week first."""

    weeks: Sequence[FinishWeek]


class Drawable(Protocol):
    """A chart that knows how it is drawn."""

    def draw_on(self, canvas: "Canvas", viewer: Viewer) -> bool:
        """Draw; False where there is nothing to draw."""
        ...


Chart = LandingChart | WeeksChart | FinishChart | Drawable


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
    match chart:
        case LandingChart():
            is_drawn = _draw_landings(canvas, chart, viewer)
        case WeeksChart():
            is_drawn = _draw_weeks(canvas, chart)
        case FinishChart():
            is_drawn = _draw_finish(canvas, chart)
        case _:
            is_drawn = chart.draw_on(canvas, viewer)
    return canvas.drawing() if is_drawn else None


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


def _draw_landings(canvas: Canvas, chart: LandingChart, viewer: Viewer) -> bool:
    landings = chart.landings
    count = len(landings)
    next_delays = [s for s in (chart.p50_s, chart.p85_s, chart.p95_s) if s is not None]
    if count + len(next_delays) == 0:
        return False
    deadlines = [s for s in (*(run.deadline_s for run in landings), chart.deadline_s) if s is not None]
    delays = [*(run.delay_s for run in landings), *next_delays, *deadlines]
    low, high = min(0.0, *delays), max(MINUTE_S, *delays) * 1.08
    room = max(2.0, count * 0.12)  # the next run's place, right of the past
    canvas.limits((-0.5, count + room), (low, high))
    if chart.p50_s is not None and chart.p95_s is not None:
        canvas.box((count + room * 0.3, count + room * 0.8), (chart.p50_s, chart.p95_s), "▒", "band")
    for index, run in enumerate(landings):
        if run.deadline_s is not None:
            canvas.line((index - 0.5, index + 0.5), (run.deadline_s, run.deadline_s), "╌", "warn")
    if chart.deadline_s is not None:
        canvas.line((count - 0.5, count + room), (chart.deadline_s, chart.deadline_s), "╌", "warn")
    good = [(i, run.delay_s) for i, run in enumerate(landings) if not run.is_bad]
    bad = [(i, run.delay_s) for i, run in enumerate(landings) if run.is_bad]
    canvas.points([x for x, _ in good], [y for _, y in good], "•", "good")
    canvas.points([x for x, _ in bad], [y for _, y in bad], "✖", "bad")
    for index, run in enumerate(landings):
        late = ", late or failed" if run.is_bad else ""
        canvas.spot(index, None, f"due {viewer.at(run.due_at)} · landed after {length(run.delay_s)}{late}")
    if chart.p50_s is not None:
        band = " · ".join(f"P{n} {length(s)}" for n, s in zip((50, 85, 95), next_delays, strict=False))
        canvas.spot(count + room * 0.55, None, f"next, after its due time: {band}")
    step = next((s for s in NICE_S if (high - low) / s <= 5), NICE_S[-1])
    marks = [step * i for i in range(int(low // step), int(high // step) + 1) if step * i >= low]
    canvas.ticks("y", "left", marks, [f"{length(s) if s else '0'} " for s in marks])
    wanted = max(2, canvas.width // 16)
    places = sorted({round(i * (count - 1) / wanted) for i in range(wanted)}) if count else []
    labels = [_when(landings[i].due_at, landings, viewer) for i in places]
    canvas.ticks("x", "lower", [*places, count + room * 0.55], [*labels, "next"])
    return True


def _when(at: datetime, landings: Sequence[Landing], viewer: Viewer) -> str:
    spans_days = landings[-1].due_at - landings[0].due_at > timedelta(days=2)
    return f"{viewer.here(at):%d %b}" if spans_days else f"{viewer.here(at):%H:%M}"


def _draw_weeks(canvas: Canvas, chart: WeeksChart) -> bool:
    weeks = chart.weeks
    counts = [n for week in weeks for n in (week.arrivals, week.arrivals_p50, week.throughput, week.p85)]
    known = [n for n in counts if n is not None]
    if not known:
        return False
    high = max(4.0, *known) * 1.1
    canvas.limits((-0.6, len(weeks) - 0.4), (0.0, high))
    for index, week in enumerate(weeks):
        if week.p15 is not None and week.p85 is not None:
            canvas.box((index - 0.5, index + 0.5), (week.p15, week.p85), "▒", "band")
        if week.p50 is not None:
            canvas.line((index - 0.5, index + 0.5), (week.p50, week.p50), "━", "busy")
        if week.arrivals_p50 is not None:
            canvas.points([index], [week.arrivals_p50], "△", "warn")
        canvas.spot(index, None, _week_words(week))
    for name, marker, color in (("arrivals", "braille", "warn"), ("throughput", "braille", "good")):
        found = [(i, n) for i, week in enumerate(weeks) if (n := getattr(week, name)) is not None]
        canvas.line([x for x, _ in found], [y for _, y in found], marker, color)
        canvas.points([x for x, _ in found], [y for _, y in found], "△" if name == "arrivals" else "●", color)
    step = next((s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500) if high / s <= 5), 1000)
    marks = list(range(0, int(high) + 1, step))
    canvas.ticks("y", "left", marks, [f"{n} " for n in marks])
    canvas.label_ticks([week.label for week in weeks])
    return True


def _week_words(week: Week) -> str:
    if week.throughput is not None or week.arrivals is not None:
        return f"week from {week.label} · came {number(week.arrivals)} · finished {number(week.throughput)}"
    quantiles = " · ".join(f"P{n} {number(v)}" for n, v in ((15, week.p15), (50, week.p50), (85, week.p85)))
    return f"week from {week.label} · will finish {quantiles} · will come {number(week.arrivals_p50)} (P50)"


def _draw_finish(canvas: Canvas, chart: FinishChart) -> bool:
    weeks = chart.weeks
    if not weeks:
        return False
    high = max(0.01, *(week.p for week in weeks)) * 1.1
    canvas.limits((-0.6, len(weeks) - 0.4), (0.0, high))
    for index, week in enumerate(weeks):
        if week.p > 0:
            marker, color = ("▒", "bad") if week.is_late else ("█", "good")
            canvas.box((index - 0.5, index + 0.5), (0.0, week.p), marker, color)
        canvas.spot(index, None, f"week from {week.label} · done in it: {percent(week.p)}")
    canvas.share_ticks(high)
    canvas.label_ticks([week.label for week in weeks])
    return True
