"""The chart of one series: what was, what was mended, what the champion would have said, and what comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.faces.tui.formats import Viewer, number

if TYPE_CHECKING:
    from collabtui.faces.tui.charts.canvas import Canvas

LABEL_CELLS, AXIS_CELLS = 9, 6
"""What a label takes with the room around it, and the values' own axis."""
NEAR = 0.6
"""A label less than so much of that room from "now" gives way to it."""
MONDAY = 1
"""An ordinal that is one."""
LEAST_PAST = 2
"""At least so many times as many steps were as come."""
NICE = (1.0, 2.0, 5.0)
NICE_HOURS = (1, 2, 3, 6, 12, 24, 48, 96, 168, 336)


@dataclass(frozen=True)
class Known:
    """One hour, day or week of the past; `told` is what the champion would have said in its backtest."""

    at: datetime
    value: float | None
    is_mended: bool = False
    told: float | None = None


@dataclass(frozen=True)
class Ahead:
    """One to come, so many steps after the last of the past: P50, and the intervals that hold 80 and 95 of 100."""

    step: int
    at: datetime
    p2_5: float
    p10: float
    p50: float
    p90: float
    p97_5: float


@dataclass(frozen=True)
class SeriesChart:
    """Past and future, oldest first, on one scale of time, and a line where the one ends and the other begins."""

    past: Sequence[Known]
    ahead: Sequence[Ahead]
    every: str

    def draw_on(self, canvas: "Canvas", viewer: Viewer) -> bool:
        """All that comes, and as much of the past as there is room for: a cell a step, or a little less."""
        coming = self.ahead[-1].step if self.ahead else 0
        past = self.past[-max(canvas.width - AXIS_CELLS - coming, LEAST_PAST * coming) :]
        values = [point.value for point in past if point.value is not None]
        if not values:
            return False
        last = len(past) - 1
        highs, lows = [step.p97_5 for step in self.ahead], [step.p2_5 for step in self.ahead]
        low, high = min([*values, *lows]), max([*values, *highs, 1e-9]) * 1.05
        if 0 <= low < high / 2:
            low = 0.0
        canvas.limits((-0.5, last + coming + 0.5), (low, high))
        for step in self.ahead:
            sides = last + step.step - 0.5, last + step.step + 0.49
            canvas.box(sides, (step.p2_5, step.p97_5), "░", "band")
            canvas.box(sides, (step.p10, step.p90), "▒", "band")
        for step in self.ahead:
            canvas.line((last + step.step - 0.5, last + step.step + 0.49), (step.p50, step.p50), "━", "busy")
        shown = [(n, point.value) for n, point in enumerate(past) if point.value is not None]
        canvas.line([n for n, _ in shown], [value for _, value in shown], "braille", "good")
        told = [(n, point.told) for n, point in enumerate(past) if point.told is not None]
        canvas.points([n for n, _ in told], [value for _, value in told], "·", "busy")
        mended = [(n, point.value) for n, point in enumerate(past) if point.is_mended and point.value is not None]
        canvas.points([n for n, _ in mended], [value for _, value in mended], "✱", "warn")
        marks = _marks(low, high)
        canvas.ticks("y", "left", marks, [f"{number(mark)} " for mark in marks])
        between = max(1, -(-LABEL_CELLS * (last + coming + 1) // max(1, canvas.width - AXIS_CELLS)))
        times = [(float(n), point.at) for n, point in enumerate(past)]
        times += [(float(last + step.step), step.at) for step in self.ahead]
        chosen = _hours(times, between, viewer) if self.every == "hour" else _days(times, between, viewer)
        if self.ahead:
            now = last + max(self.ahead[0].step - 1, 0.5)  # in the one that goes on, if any does
            canvas.line((now, now), (low, high), "┊", "muted")
            chosen = sorted([*(tick for tick in chosen if abs(tick[0] - now) >= between * NEAR), (now, "now")])
        places, labels = [place for place, _ in chosen], [label for _, label in chosen]
        canvas.ticks("x", "lower", places, labels)
        return True


def _hours(times: Sequence[tuple[float, datetime]], between: int, viewer: Viewer) -> list[tuple[float, str]]:
    """Round times of the viewer's clock, so many hours apart at least; midnight is told by its day."""
    step = next((hours for hours in NICE_HOURS if hours >= between), NICE_HOURS[-1])
    found = []
    for place, at in times:
        here = viewer.here(at)
        if ((here.toordinal() - MONDAY) * 24 + here.hour) % step == 0:
            found.append((place, f"{here:%H:%M}" if here.hour else f"{here:%d %b}"))
    return found


def _days(times: Sequence[tuple[float, datetime]], between: int, viewer: Viewer) -> list[tuple[float, str]]:
    """Days or weeks, so many steps apart, the last one among them."""
    return [(place, f"{viewer.here(at):%d %b}") for place, at in times[::-1][::between][::-1]]


def _marks(low: float, high: float) -> list[float]:
    """Four or five round values."""
    steps = [nice * 10.0**power for power in range(-3, 9) for nice in NICE]
    step = next((s for s in steps if (high - low) / s <= 5), steps[-1])
    return [step * n for n in range(int(low // step), int(high // step) + 1) if step * n >= low]
