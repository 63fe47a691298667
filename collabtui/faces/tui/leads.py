"""The leads' tab: what each team can take on, when epics will be done, and who has how much on the table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collabtui.faces.tui.charts import Chart, FinishChart, FinishWeek, Week, WeeksChart
from collabtui.faces.tui.columns import (
    age_column,
    count_column,
    day_column,
    risk_column,
    share_column,
    state_column,
    text_column,
)
from collabtui.faces.tui.forecasts import basis, fields
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, days, number, risk, state, text, weeks
from collabtui.faces.tui.listing import EMPTY, Column, Description, Listing, Role

if TYPE_CHECKING:
    from collabtui.answers.epic import Epic
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

LEGEND: Line = (
    Part("tickets a week: ", "muted"), Part("△ came", "warn"), Part(" "), Part("● finished", "good"), Part(" "),
    Part("━ P50 ", "busy"), Part("▒ P15–P85 of the weeks to come", "muted"),
)  # fmt: skip

FINISH_LEGEND: Line = (
    Part("chance to be done in a week: ", "muted"), Part("█ in time", "good"), Part(" "), Part("▒ too late", "bad"),
)  # fmt: skip


def read(warehouse: "Warehouse", settings: "Settings", now: datetime) -> Mapping[str, Sequence[Row]]:
    """Teams, epics and people, each with the `weeks` of its team."""
    from collabtui.answers.capacity import capacity
    from collabtui.answers.epics import epics

    known = capacity(warehouse, settings, now)
    of_team: dict[str, list[Row]] = {}
    for week in known.weeks.to_dicts():
        of_team.setdefault(week["team"], []).append(week)
    found = {
        "teams": known.teams.to_dicts(),
        "epics": epics(warehouse, settings, now).epics.to_dicts(),
        "people": known.people.to_dicts(),
    }
    return {name: [{**row, "weeks": of_team.get(row["team"], [])} for row in rows] for name, rows in found.items()}


def describe_team(row: Row, _: Any, viewer: Viewer) -> Description:
    """What the team finishes, what comes, and how long the backlog lasts."""
    lines: list[Line] = [
        (*state(row["state"]), *_load(row)),
        _next_week(row),
        fields(
            ("open", number(row["open_tickets"])), ("in progress", number(row["wip"])),
            ("85 % of them younger than", days(row["wip_age_p85_days"])),
        ),
        fields(
            ("backlog lasts, P50", weeks(row["backlog_weeks_p50"])), ("P85", weeks(row["backlog_weeks_p85"])),
        ),
        LEGEND,
    ]  # fmt: skip
    return Description(row["team"], lines, _weeks_chart(row))


def closely(warehouse: "Warehouse", settings: "Settings", now: datetime, row: Row) -> "Epic":
    """What the detail of one epic says beyond its row."""
    from collabtui.answers.epic import epic

    return epic(warehouse, settings, now, source=row["source"], epic_id=row["epic_id"])


def describe_epic(row: Row, known: "Epic | None", viewer: Viewer) -> Description:
    """When the epic will be done, what if, and how it grew."""
    lines: list[Line] = [
        (*state(row["state"]), Part(" · "), *text(row["epic_key"]), Part(" · "), *text(row["status"])),
        _epic_forecast(row, viewer),
        _epic_due(row, viewer),
        *_by_due(known, viewer),
        *_what_if(known, viewer),
        fields(
            ("done", number(row["done"])), ("open", number(row["open"])), ("of", number(row["total"])),
            ("added in 28 days", number(row["scope_growth_28d"])),
            ("finished a week", number(row["throughput_week"])),
        ),
        fields(("team", row["team"]), ("model", row["model"])),
        *((FINISH_LEGEND,) if known and known.weeks.height else (LEGEND,)),
    ]  # fmt: skip
    return Description(row["title"] or row["epic_key"], lines, _finish_chart(known) or _weeks_chart(row))


def describe_person(row: Row, _: Any, viewer: Viewer) -> Description:
    """What one person has on the table, and how the team does."""
    lines: list[Line] = [
        fields(
            ("in progress", number(row["wip"])), ("finished in 28 days", number(row["done_28d"])),
            ("oldest", days(row["oldest_days"])), ("team", row["team"]),
        ),
        LEGEND,
    ]  # fmt: skip
    return Description(row["person"], lines, _weeks_chart(row))


def _load(row: Row) -> Line:
    if row["load"] is None:
        return ()
    return (Part(f" · {number(round(row['load'] * 100))} tickets come for each 100 finished", "muted"),)


def _next_week(row: Row) -> Line:
    if row["next_week_p50"] is None:
        return (Part("no forecast: too few weeks so far", "muted"),)
    return (
        Part(f"next week at least {number(row['next_week_p85'])} tickets with 85 %", "strong"),
        Part(f", at least {number(row['next_week_p50'])} with 50 % certainty", "muted"),
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


def _by_due(known: "Epic | None", viewer: Viewer) -> Sequence[Line]:
    if known is None or known.by_due_p85 is None:
        return ()
    counts = ((known.by_due_p50, 50), (known.by_due_p85, 85), (known.by_due_p95, 95))
    words = " · ".join(f"{number(count)} with {level} %" for count, level in counts)
    return ((Part(f"of {number(known.open)} open tickets by {viewer.day(known.due_on)}: ", "muted"), Part(words)),)


def _what_if(known: "Epic | None", viewer: Viewer) -> Sequence[Line]:
    """P85 if something were otherwise; a scope that comes to the same tickets is left out."""
    if known is None or not known.what_if.height:
        return ()
    as_it_is, *others = known.what_if.to_dicts()
    people = [row for row in others if "person" in row["what"]]
    scopes = [row for row in others if row not in people and row["open"] != as_it_is["open"]]
    lines = [fields(*((row["what"], _p85(row, viewer)) for row in rows)) for rows in (people, scopes) if rows]
    return [(Part("P85 with ", "muted"), *line) for line in lines]


def _p85(row: Row, viewer: Viewer) -> str:
    return "not within two years" if row["p85_on"] is None else viewer.day(row["p85_on"])


def _finish_chart(known: "Epic | None") -> Chart | None:
    if known is None or not known.weeks.height:
        return None
    return FinishChart(
        [FinishWeek(f"{week['week_on']:%d %b}", week["p"], week["is_late"]) for week in known.weeks.to_dicts()]
    )


def _weeks_chart(row: Row) -> WeeksChart | None:
    found = [
        Week(f"{week['week_on']:%d %b}", *(week[name] for name in ("arrivals", "throughput", "p15", "p50", "p85")))
        for week in row["weeks"]
    ]
    return WeeksChart(found) if found else None


TEAMS = Listing(
    name="teams",
    title="Teams",
    order="by name",
    key=("team",),
    label="team",
    empty=EMPTY,
    describe=describe_team,
    columns=(
        state_column(12),
        text_column("team", "Team", 12, grows=True),
        count_column("open_tickets", "Open", 6, 3),
        count_column("wip", "WIP", 5, 1),
        age_column("wip_age_p85_days", "Age P85", 4),
        count_column("arrivals_week", "Came/w", 6, 5),
        count_column("throughput_week", "Done/w", 6, 2),
        share_column("load", "Load", 6, 1, bad_above=1.1),
        count_column("next_week_p85", "Next P85", 8, 2),
        count_column("next_week_p50", "Next P50", 8, 6),
        Column(
            name="backlog_weeks_p85", title="Backlog P85", width=11, right=True, priority=7,
            cell=lambda row, _: (Part(weeks(row["backlog_weeks_p85"])),),
        ),
    ),
)  # fmt: skip
EPICS = Listing(
    name="epics",
    title="Epics",
    order="most at risk first",
    key=("source", "epic_id"),
    label="epic_key",
    empty="No open epics.",
    more=closely,
    describe=describe_epic,
    columns=(
        state_column(16),
        text_column("epic_key", "Key", 10, 4),
        text_column("title", "Epic", 18, grows=True),
        Column(
            name="done", title="Done", width=8, right=True, priority=3,
            cell=lambda row, _: (Part(f"{number(row['done'])}/{number(row['total'])}"),),
        ),
        day_column("due_on", "Due", 0),
        day_column("p50_on", "P50", 2),
        day_column("p85_on", "P85", 1),
        day_column("p95_on", "P95", 6),
        risk_column(),
        count_column("scope_growth_28d", "Grew", 5, 7),
        text_column("team", "Team", 10, 5, tone="muted"),
        text_column("status", "Status", 12, 8, tone="muted"),
    ),
)  # fmt: skip
PEOPLE = Listing(
    name="people",
    title="People",
    order="most in progress first",
    key=("person", "team"),
    label="person",
    empty="Nobody has a ticket in progress.",
    describe=describe_person,
    columns=(
        text_column("person", "Person", 18, grows=True),
        text_column("team", "Team", 12, 1, tone="muted"),
        count_column("wip", "WIP", 5, 0),
        age_column("oldest_days", "Oldest", 0),
        count_column("done_28d", "Done 28 d", 9, 0),
    ),
)
LEADS = Role("leads", "Leads", (TEAMS, EPICS, PEOPLE), read)
