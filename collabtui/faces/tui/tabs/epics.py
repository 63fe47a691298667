"""The leads' list of epics: when each will be done, and what if."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.answers import ANSWERS
from collabtui.faces.tui.asking.answering import plainly
from collabtui.faces.tui.charts.canvas import Titled
from collabtui.faces.tui.charts.finish_chart import FinishChart, FinishWeek
from collabtui.faces.tui.charts.weeks import weeks_charts
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, number, risk, state, text
from collabtui.faces.tui.table.columns import count_column, day_column, risk_column, state_column, text_column
from collabtui.faces.tui.table.listing import Column, Description, Listing, about
from collabtui.faces.tui.tabs.forecasts import basis, fields

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

FINISH_LEGEND: Line = (
    Part("█ in time", "good"), Part(" "), Part("▒ too late", "bad"),
)  # fmt: skip


def closely(warehouse: "Warehouse", settings: "Settings", now: datetime, row: Row) -> Row:
    """What the detail of one epic says beyond its row."""
    from collabtui.answers.epic import epic

    return plainly(epic(warehouse, settings, now, source=row["source"], epic_id=row["epic_id"]))


def describe_epic(row: Row, known: Row | None, viewer: Viewer) -> Description:
    """When the epic will be done, what if, and how it grew."""
    lines: list[Line] = [
        (*state(row["state"]), Part(" · "), *text(row["epic_key"]), Part(" · "), *text(row["status"])),
        _epic_forecast(row, viewer),
        _epic_due(row, viewer),
        *_no_more(known, row, viewer),
        *_by_due(known, viewer),
        *_what_if(known, viewer),
        fields(
            ("done", number(row["done"])), ("open", number(row["open"])),
            ("in progress", number(known["doing"]) if known else None),
            ("added in 28 days", number(row["scope_growth_28d"])),
            ("the team's median week", number(row["throughput_week"])),
        ),
        fields(
            ("team", row["team"]), ("model", row["model"]), ("as shown here", known["kept"] if known else None)
        ),
    ]  # fmt: skip
    return Description(
        row["title"] or row["epic_key"],
        lines,
        _finish_charts(known) or weeks_charts(row, f"tickets a week of {row['team']}"),
    )


def _epic_forecast(row: Row, viewer: Viewer) -> Line:
    if row["p50_on"] is None:
        return (Part("no forecast: nothing of it was finished lately", "muted"),)
    quantiles = " · ".join(f"{name.upper()} {viewer.day(row[f'{name}_on'])}" for name in ("p50", "p85", "p95"))
    return (Part(quantiles, "strong"), Part(", "), *basis(row["history_n"], "weeks"))


def _epic_due(row: Row, viewer: Viewer) -> Line:
    if row["due_on"] is None:
        return (Part("no due date", "muted"),)
    return (Part(f"due {viewer.day(row['due_on'])}: ", "strong"), *risk(row["p_late"]), Part(" to miss it"))


def _by_due(known: Row | None, viewer: Viewer) -> Sequence[Line]:
    if known is None or known["by_due_p85"] is None:
        return ()
    counts = ((known["by_due_p50"], 50), (known["by_due_p85"], 85), (known["by_due_p95"], 95))
    words = " · ".join(f"{number(count)} with {level} %" for count, level in counts)
    head = f"of the {number(known['open'])} open now by {viewer.day(known['due_on'])}: "
    return ((Part(head, "muted"), Part(words)),)


def _no_more(known: Row | None, row: Row, viewer: Viewer) -> Sequence[Line]:
    """How much of that is due to what is being added; nothing where nothing is."""
    then = next((row for row in known["what_if"] if row["what"] == "no more added"), None) if known else None
    if then is None:
        return ()
    late = (Part(", "), *risk(then["p_late"]), Part(" to miss it")) if row["due_on"] is not None else ()
    return ((Part("without what is being added: ", "muted"), Part(f"P85 {_p85(then, viewer)}"), *late),)


def _what_if(known: Row | None, viewer: Viewer) -> Sequence[Line]:
    """P85 if something were otherwise; a scope that comes to the same tickets is left out."""
    if known is None or not known["what_if"]:
        return ()
    as_it_is, *others = known["what_if"]
    people = [row for row in others if "person" in row["what"]]
    scopes = [row for row in others if "scope" in row["what"] and row["open"] != as_it_is["open"]]
    lines = [fields(*((row["what"], _p85(row, viewer)) for row in rows)) for rows in (people, scopes) if rows]
    return [(Part("P85 with ", "muted"), *line) for line in lines] + [(Part("f: sliders for more of that", "muted"),)]


def _p85(row: Row, viewer: Viewer) -> str:
    return "not within two years" if row["p85_on"] is None else viewer.day(row["p85_on"])


def _finish_charts(known: Row | None) -> Sequence[Titled]:
    if known is None or not known["weeks"]:
        return ()
    weeks = [FinishWeek(f"{week['week_on']:%d %b}", week["p"], week["is_late"]) for week in known["weeks"]]
    return (Titled("chance to be done in a week", FinishChart(weeks), FINISH_LEGEND),)


EPICS = Listing(
    name="epics",
    title="Epics",
    order="most at risk first",
    key=("source", "epic_id"),
    about=about("epic", "source", "epic_id", "epic_key"),
    home_of="epic",
    label="epic_key",
    called=("epic_key", "title"),
    empty="No open epics.",
    kinds=ANSWERS["epics"].kinds,
    more=closely,
    describe=describe_epic,
    is_plannable=True,
    is_readable=True,
    opens="tickets",
    scope=("source", "epic_id", "epic_key"),
    columns=(
        state_column(16),
        text_column("epic_key", "Key", 10, 4, means="its key in Jira"),
        text_column("title", "Epic", 18, grows=True, means="what it is about"),
        Column(
            name="done", title="Done", width=8, right=True, priority=3,
            cell=lambda row, _: (Part(f"{number(row['done'])}/{number(row['total'])}"),),
            means="tickets finished, of how many",
        ),
        day_column("due_on", "Due", 0, means="by when it is due"),
        day_column("p50_on", "P50", 2, means="done by then in half of the cases"),
        day_column("p85_on", "P85", 1, means="done by then in 85 of 100 cases"),
        day_column("p95_on", "P95", 6, means="done by then in 95 of 100 cases"),
        risk_column(),
        count_column("scope_growth_28d", "Grew", 5, 7, means="tickets that were added in 28 days"),
        text_column("team", "Team", 10, 5, tone="muted", means="whose it is"),
        text_column("status", "Status", 12, 8, tone="muted", means="its status in Jira"),
    ),
)  # fmt: skip
