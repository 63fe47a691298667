"""The chart of a pipeline's landings.

Shapes tell apart what colours tell apart: • on time, ✖ late or failed, ╌ the deadline, ▒ where the next lands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from collabtui.faces.tui.charts.canvas import MINUTE_S, NICE_S, Canvas
from collabtui.faces.tui.formats import Viewer, length

LABEL_CELLS = 12


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

    def draw_on(self, canvas: Canvas, viewer: Viewer) -> bool:
        """The past from left to right, the next one at the right."""
        landings = self.landings
        count = len(landings)
        next_delays = [s for s in (self.p50_s, self.p85_s, self.p95_s) if s is not None]
        if count + len(next_delays) == 0:
            return False
        deadlines = [s for s in (*(run.deadline_s for run in landings), self.deadline_s) if s is not None]
        delays = [*(run.delay_s for run in landings), *next_delays, *deadlines]
        low, high = min(0.0, *delays), max(MINUTE_S, *delays) * 1.08
        room = max(2.0, count * 0.12)  # the next run's place, right of the past
        canvas.limits((-0.5, count + room), (low, high))
        if self.p50_s is not None and self.p95_s is not None:
            canvas.box((count + room * 0.3, count + room * 0.8), (self.p50_s, self.p95_s), "▒", "band")
        for index, run in enumerate(landings):
            if run.deadline_s is not None:
                canvas.line((index - 0.5, index + 0.5), (run.deadline_s, run.deadline_s), "╌", "warn")
        if self.deadline_s is not None:
            canvas.line((count - 0.5, count + room), (self.deadline_s, self.deadline_s), "╌", "warn")
        good = [(i, run.delay_s) for i, run in enumerate(landings) if not run.is_bad]
        bad = [(i, run.delay_s) for i, run in enumerate(landings) if run.is_bad]
        canvas.points([x for x, _ in good], [y for _, y in good], "•", "good")
        canvas.points([x for x, _ in bad], [y for _, y in bad], "✖", "bad")
        for index, run in enumerate(landings):
            late = ", late or failed" if run.is_bad else ""
            canvas.spot(index, None, f"due {viewer.at(run.due_at)} · landed after {length(run.delay_s)}{late}")
        if self.p50_s is not None:
            band = " · ".join(f"P{n} {length(s)}" for n, s in zip((50, 85, 95), next_delays, strict=False))
            canvas.spot(count + room * 0.55, None, f"next, after its due time: {band}")
        step = next((s for s in NICE_S if (high - low) / s <= 5), NICE_S[-1])
        marks = [step * i for i in range(int(low // step), int(high // step) + 1) if step * i >= low]
        canvas.ticks("y", "left", marks, [f"{length(s) if s else '0'} " for s in marks])
        places = _marked(landings, canvas.width, viewer)
        labels = [_when(landings[i].due_at, landings, viewer) for i in places]
        canvas.ticks("x", "lower", [*places, count + room * 0.55], [*labels, "next"])
        return True


def _marked(landings: Sequence[Landing], width: int, viewer: Viewer) -> Sequence[int]:
    """Which of them are named beneath, about one in a dozen cells: of several a day the first, so that no day is named
    twice.
    """
    days = [viewer.here(run.due_at).date() for run in landings]
    firsts = [i for i, day in enumerate(days) if not i or day != days[i - 1]]
    among = firsts if _spans_days(landings) else range(len(landings))
    wanted = max(2, width // LABEL_CELLS)
    marked = among[:: max(1, ceil(len(among) / wanted))]
    is_crowded = len(marked) > 1 and (marked[1] - marked[0]) * width < LABEL_CELLS * len(landings)
    return marked[1:] if is_crowded and len(firsts) < len(landings) else marked  # of the first day little is left


def _spans_days(landings: Sequence[Landing]) -> bool:
    return bool(landings) and landings[-1].due_at - landings[0].due_at > timedelta(days=2)


def _when(at: datetime, landings: Sequence[Landing], viewer: Viewer) -> str:
    return f"{viewer.here(at):%d %b}" if _spans_days(landings) else f"{viewer.here(at):%H:%M}"
