"""The chart of when an epic will be done: █ in time, ▒ too late."""

from collections.abc import Sequence
from dataclasses import dataclass

from collabtui.faces.tui.charts.canvas import Canvas
from collabtui.faces.tui.formats import Viewer, percent


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

    def draw_on(self, canvas: Canvas, _: Viewer) -> bool:
        """A bar a week."""
        weeks = self.weeks
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
