"""The chart of a team's weeks, as all of the leads' lists show it."""

from collabtui.faces.tui.charts import Week, WeeksChart
from collabtui.faces.tui.formats import Line, Part, Row

LEGEND: Line = (
    Part("tickets a week: ", "muted"), Part("△ came, P50 ahead", "warn"), Part(" "), Part("● finished", "good"),
    Part(" "), Part("━ P50 ", "busy"), Part("▒ P15–P85 ahead", "muted"),
)  # fmt: skip
CHARTED = ("arrivals", "throughput", "p15", "p50", "p85", "arrivals_p50")


def weeks_chart(row: Row) -> WeeksChart | None:
    """From the `weeks` of the row's team; None without any."""
    found = [Week(f"{week['week_on']:%d %b}", **{name: week[name] for name in CHARTED}) for week in row["weeks"]]
    return WeeksChart(found) if found else None
