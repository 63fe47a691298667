"""The chart of one series: what was, what was mended, what the champion would have said, and what comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.faces.tui.formats import Viewer, number

if TYPE_CHECKING:
    from collabtui.faces.tui.canvas import Canvas

LABEL_CELLS = 14
NICE = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Known:
    """One hour, day or week of the past; `told` is what the champion would have said in its backtest."""

    at: datetime
    value: float | None
    is_mended: bool = False
    told: float | None = None


@dataclass(frozen=True)
class Ahead:
    """One to come: P50, and the intervals that hold 80 and 95 of 100."""

    at: datetime
    p2_5: float
    p10: float
    p50: float
    p90: float
    p97_5: float


@dataclass(frozen=True)
class SeriesChart:
    """Past and future, oldest first, one step apart."""

    past: Sequence[Known]
    ahead: Sequence[Ahead]
    every: str

    def draw_on(self, canvas: "Canvas", viewer: Viewer) -> bool:
        """As much of the past as there is room for, then all that comes."""
        past = self.past[-canvas.width :]  # on two thirds of the width: three points in two cells
        values = [point.value for point in past if point.value is not None]
        if not values:
            return False
        stretch = max(1.0, len(past) / (2 * max(1, len(self.ahead))))  # what comes has a third of the width
        start = len(past)
        highs, lows = [step.p97_5 for step in self.ahead], [step.p2_5 for step in self.ahead]
        low, high = min([*values, *lows]), max([*values, *highs, 1e-9]) * 1.05
        if 0 <= low < high / 2:
            low = 0.0
        canvas.limits((-0.5, start + stretch * len(self.ahead) + 0.5), (low, high))
        for n, step in enumerate(self.ahead):
            left, right = start + stretch * n, start + stretch * (n + 1) - 0.01
            canvas.box((left, right), (step.p2_5, step.p97_5), "░", "band")
            canvas.box((left, right), (step.p10, step.p90), "▒", "band")
        middles = [start + stretch * (n + 0.5) for n in range(len(self.ahead))]
        for middle, step in zip(middles, self.ahead, strict=True):
            canvas.line((middle - stretch / 2, middle + stretch / 2), (step.p50, step.p50), "━", "busy")
        shown = [(n, point.value) for n, point in enumerate(past) if point.value is not None]
        canvas.line([n for n, _ in shown], [value for _, value in shown], "braille", "good")
        told = [(n, point.told) for n, point in enumerate(past) if point.told is not None]
        canvas.points([n for n, _ in told], [value for _, value in told], "·", "busy")
        mended = [(n, point.value) for n, point in enumerate(past) if point.is_mended and point.value is not None]
        canvas.points([n for n, _ in mended], [value for _, value in mended], "✱", "warn")
        marks = _marks(low, high)
        canvas.ticks("y", "left", marks, [f"{number(mark)} " for mark in marks])
        count = max(2, canvas.width // LABEL_CELLS)
        places = sorted({round(n * (start - 1) / count) for n in range(count)})
        labels = [_when(past[n].at, self, viewer) for n in places]
        last = [] if not self.ahead else [(middles[-1], _when(self.ahead[-1].at, self, viewer))]
        canvas.ticks("x", "lower", [*places, *(x for x, _ in last)], [*labels, *(words for _, words in last)])
        return True


def _when(at: datetime, chart: SeriesChart, viewer: Viewer) -> str:
    return f"{viewer.here(at):%d %b %H h}" if chart.every == "hour" else f"{viewer.here(at):%d %b}"


def _marks(low: float, high: float) -> list[float]:
    """Four or five round values."""
    steps = [nice * 10.0**power for power in range(-3, 9) for nice in NICE]
    step = next((s for s in steps if (high - low) / s <= 5), steps[-1])
    return [step * n for n in range(int(low // step), int(high // step) + 1) if step * n >= low]
