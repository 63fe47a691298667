"""The chart of a team's weeks, as all of the leads' lists show it."""

from collections.abc import Sequence
from dataclasses import dataclass

from collabtui.faces.tui.charts.canvas import Canvas, Titled
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, number

LEGEND: Line = (
    Part("△ came, P50 ahead", "warn"), Part(" "), Part("● finished", "good"),
    Part(" "), Part("━ P50 ", "busy"), Part("▒ P15–P85 ahead", "muted"),
)  # fmt: skip
CHARTED = ("arrivals", "throughput", "p15", "p50", "p85", "arrivals_p50")


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

    def draw_on(self, canvas: Canvas, _: Viewer) -> bool:
        """What came and was finished as lines, what comes as bands."""
        weeks = self.weeks
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


def weeks_charts(row: Row, name: str) -> Sequence[Titled]:
    """From the `weeks` of the row's team; none without any."""
    found = [Week(f"{week['week_on']:%d %b}", **{name: week[name] for name in CHARTED}) for week in row["weeks"]]
    return (Titled(name, WeeksChart(found), LEGEND),) if found else ()
