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
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, days, number, percent, risk, state, text, weeks
from collabtui.faces.tui.listing import EMPTY, Column, Description, Listing, Role

if TYPE_CHECKING:
    from collabtui.answers.epic import Epic
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

LEGEND: Line = (
    Part("tickets a week: ", "muted"), Part("△ came, P50 ahead", "warn"), Part(" "), Part("● finished", "good"),
    Part(" "), Part("━ P50 ", "busy"), Part("▒ P15–P85 ahead", "muted"),
)  # fmt: skip

FINISH_LEGEND: Line = (
    Part("chance to be done in a week: ", "muted"), Part("█ in time", "good"), Part(" "), Part("▒ too late", "bad"),
)  # fmt: skip


CHARTED = ("arrivals", "throughput", "p15", "p50", "p85", "arrivals_p50")
WHOLE: Mapping[str, str] = {
    "task": "the landing time", "status": "the time of the team's tickets", "team": "what comes is not finished",
    "person": "what comes is not finished", "pool": "waiting and running",
}  # fmt: skip
BASIS: Mapping[str, str] = {
    "task": "From the last 30 runs, simulated with and without the task.",
    "status": "From the last 8 weeks. It grows where more come than leave, by more than chance gives.",
    "team": "From the last 8 weeks, and the backlog at the pace of the last 26.",
    "person": "From the last 26 weeks.",
    "pool": "From the last 14 days, played again in the order in which tasks got ready.",
}


def read(warehouse: "Warehouse", settings: "Settings", now: datetime) -> Mapping[str, Sequence[Row]]:
    """Teams, epics and people, each with the `weeks` of its team; and bottlenecks."""
    from collabtui.answers.bottlenecks import bottlenecks
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
    with_weeks = {
        name: [{**row, "weeks": of_team.get(row["team"], [])} for row in rows] for name, rows in found.items()
    }
    return {**with_weeks, "bottlenecks": bottlenecks(warehouse, settings, now).bottlenecks.to_dicts()}


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
        *_ahead(row, viewer),
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


def _ahead(row: Row, viewer: Viewer) -> Sequence[Line]:
    """What will be open, how old it gets, and when more is asked than was ever done."""
    if row["ahead_open_p50"] is None:
        return ()
    opens: Line = (
        Part(f"in {row['ahead_weeks']} weeks {number(row['ahead_open_p50'])} open", "strong"),
        Part(f" (P50; P15–P85 {number(row['ahead_open_p15'])}–{number(row['ahead_open_p85'])})", "muted"),
        *(
            (Part(f", 85 % in progress younger than {days(row['ahead_age_p85_days'])}", "muted"),)
            if row["ahead_age_p85_days"] is not None
            else ()
        ),
    )
    best = f"its best week ever ({number(row['most_week'])})"
    passing = [(name, row[f"passes_{name.lower()}_on"]) for name in ("P50", "P85")]
    known = " · ".join(f"{name} in the week from {viewer.day(on)}" for name, on in passing if on is not None)
    if not known:
        return opens, (Part(f"no week in sight that asks for more than {best}", "muted"),)
    return opens, (Part(f"more is asked than in {best}: ", "muted"), Part(known, "warn" if passing[0][1] else ""))


def describe_bottleneck(row: Row, _: Any, viewer: Viewer) -> Description:
    """The sentence, and what its figures come from."""
    lines: list[Line] = [
        (*state(row["state"]), Part(f" · {row['kind']} · costs ", "muted"), *text(row["cost"], "strong"), *_part(row)),
        text(row["sentence"]),
        (Part(BASIS[row["kind"]], "muted"),),
    ]
    return Description(f"{row['what']} · {row['where']}", lines)


def _part(row: Row) -> Line:
    return () if row["share"] is None else (Part(f", {percent(row['share'])} of {WHOLE[row['kind']]}", "muted"),)


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
    found = [Week(f"{week['week_on']:%d %b}", **{name: week[name] for name in CHARTED}) for week in row["weeks"]]
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
BOTTLENECKS = Listing(
    name="bottlenecks",
    title="Bottlenecks",
    order="what gets worse first, then the largest part",
    key=("kind", "what", "where"),
    label="what",
    empty="Nothing holds up work, as far as one can see.",
    describe=describe_bottleneck,
    columns=(
        state_column(12),
        text_column("kind", "Kind", 6, 3, tone="muted"),
        text_column("what", "What", 16),
        text_column("where", "Where", 17, 1),
        text_column("cost", "Cost", 17, 0),
        share_column("share", "Part", 5, 4),
        text_column("sentence", "Why", 30, 2, grows=True),
    ),
)
LEADS = Role("leads", "Leads", (TEAMS, EPICS, PEOPLE, BOTTLENECKS), read)
