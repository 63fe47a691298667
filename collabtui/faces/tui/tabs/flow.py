"""The charts of a team's flow, and what is said of it, from the answer `flow`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from collabtui.faces.tui.charts.canvas import Titled
from collabtui.faces.tui.charts.flow_charts import CumulativeFlowChart, Dot, DotsChart, FlowDay, Level
from collabtui.faces.tui.formats import Line, Part, Row, days, number, percent
from collabtui.faces.tui.tabs.forecasts import fields

if TYPE_CHECKING:
    from collabtui.answers.flow import WorkFlow

CUMULATIVE, CYCLE_TIMES, AGES = "cumulative flow", "cycle times", "ages"
ABOVE = {None: 0, "P85": 1, "P95": 2}
OWN: Line = (Part(" (each of its own team)", "muted"),)
SIGNS: Line = (
    Part("● a ticket", "good"), Part(" ◆ above P85", "warn"), Part(" ▲ above P95", "bad"), Part(" ╌ quantiles", "warn"),
    Part(" ↑ beyond the top", "muted"),
)  # fmt: skip


def charts_by_team(flow: "WorkFlow") -> Mapping[str | None, Sequence[Titled]]:
    """Of every team, and of all (None): cumulative flow, cycle times, and ages."""
    of_days, of_finished, of_ages, of_statuses = (
        _by_team(frame.to_dicts(), with_all=frame is flow.cycle_times or frame is flow.ages)
        for frame in (flow.days, flow.cycle_times, flow.ages, flow.statuses)
    )
    found: dict[str | None, Sequence[Titled]] = {}
    for team in flow.teams.to_dicts():
        name = team["team"]
        counted, levels, own = of_days.get(name, []), _levels(team), OWN if name is None else ()
        found[name] = (
            _cumulative(counted),
            _cycle_times(of_finished.get(name, []), levels, team["unknown_n"], [row["on"] for row in counted], own),
            _ages(of_ages.get(name, []), levels, [row["status"] for row in of_statuses.get(name, [])], own),
        )
    return found


def flow_lines(row: Row | None) -> Sequence[Line]:
    """How long a team's tickets take, and how much of that was work."""
    if row is None or not (row["finished_n"] or row["unknown_n"]):
        return ()
    if not row["finished_n"]:
        words = f"cycle times are not known: of {number(row['unknown_n'])} finished tickets no move into work is told"
        return ((Part(words, "warn"),),)
    quantiles = " · ".join(f"{name.upper()} {days(row[f'{name}_days'])}" for name in ("p50", "p85", "p95"))
    basis = f", from {number(row['finished_n'])} finished in 12 weeks"
    first: Line = (Part("cycle time ", "muted"), Part(quantiles, "strong"), Part(basis, "muted"))
    if row["efficiency"] is None:
        return (first,)
    return first, fields(
        ("flow efficiency", percent(row["efficiency"])), ("waiting is", f"{row['waiting']} and back in to do")
    )


def _by_team(rows: Sequence[Row], *, with_all: bool) -> Mapping[str | None, Sequence[Row]]:
    found: dict[str | None, list[Row]] = {}
    for row in rows:
        found.setdefault(row["team"], []).append(row)
    return {**found, None: rows} if with_all else found


def _levels(team: Row) -> Sequence[Level]:
    names = ("p50", "p85", "p95")
    return [Level(name.upper(), team[f"{name}_days"]) for name in names if team[f"{name}_days"] is not None]


def _cumulative(counted: Sequence[Row]) -> Titled:
    chart = CumulativeFlowChart(
        [FlowDay(f"{row['on']:%d %b}", row["to_do"], row["in_progress"], row["done"]) for row in counted]
    )
    last = counted[-1] if counted else {"to_do": 0, "in_progress": 0, "done": 0}
    legend: Line = (
        Part("tickets by day, 12 weeks: ", "muted"), Part(f"░ to do {number(last['to_do'])} "),
        Part(f"▒ in progress {number(last['in_progress'])} ", "busy"),
        Part(f"█ done since {number(last['done'])}", "good"),
    )  # fmt: skip
    return Titled(CUMULATIVE, chart, legend)


def _cycle_times(
    finished: Sequence[Row], levels: Sequence[Level], unknown_n: int, dates: Sequence[date], own: Line
) -> Titled:
    places = {on: place for place, on in enumerate(dates)}
    dots = [
        Dot(row["ticket_key"], places.get(row["done_on"], 0), row["days"], ABOVE[row["above"]], _took(row))
        for row in finished
    ]
    untold = f", {number(unknown_n)} more without a known start" if unknown_n else ""
    legend = (Part(f"days from start to end, by when it ended{untold}: ", "muted"), *SIGNS, *own)
    return Titled(CYCLE_TIMES, DotsChart(dots, levels, [f"{on:%d %b}" for on in dates]), legend)


def _ages(open_: Sequence[Row], levels: Sequence[Level], statuses: Sequence[str], own: Line) -> Titled:
    shown = [*statuses, *sorted({row["status"] for row in open_} - set(statuses))]
    known = [row for row in open_ if row["days"] is not None]
    dots = [
        Dot(row["ticket_key"], shown.index(row["status"]), row["days"], ABOVE[row["above"]], _aged(row))
        for row in known
    ]
    counts = [sum(row["status"] == status for row in open_) for status in shown]
    labels = [f"{status} {count}" for status, count in zip(shown, counts, strict=True)]
    legend = (Part("age in days of what is in progress, lines as of cycle times: ", "muted"), *SIGNS, *own)
    return Titled(AGES, DotsChart(dots, levels, labels, is_spread=True), legend)


def _name(row: Row) -> str:
    return f"{row['ticket_key']} · {days(row['days'])}"


def _took(row: Row) -> str:
    return f"{_name(row)} · finished {row['done_on']:%d %b}"


def _aged(row: Row) -> str:
    older = f" · older than {percent(row['older_than'])} took" if row["older_than"] is not None else ""
    return f"{_name(row)} · {row['status']}{older}"
