"""The leads' tab: what each team can take on and how its work flows, when epics will be done, who has how much."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collabtui.answers import ANSWERS
from collabtui.faces.tui.charts.weeks import weeks_charts
from collabtui.faces.tui.formats import Line, Part, Row, Tone, Viewer, days, number, percent, state, weeks
from collabtui.faces.tui.table.columns import (
    age_column,
    count_column,
    share_column,
    state_column,
    text_column,
)
from collabtui.faces.tui.table.listing import EMPTY, Column, Description, Listing, Role, about
from collabtui.faces.tui.tabs.bottlenecks import BOTTLENECKS
from collabtui.faces.tui.tabs.epics import EPICS
from collabtui.faces.tui.tabs.flow import charts_by_team, flow_lines
from collabtui.faces.tui.tabs.forecasts import fields
from collabtui.faces.tui.tabs.tickets import TICKETS

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse


def read(warehouse: "Warehouse", settings: "Settings", now: datetime) -> Mapping[str, Sequence[Row]]:
    """Teams, epics and people, each with the `weeks` of its team; teams and tickets with the charts of its flow; and
    bottlenecks. The last of the teams, where there are several, is all of them.
    """
    from collabtui.answers.bottlenecks import bottlenecks
    from collabtui.answers.capacity import capacity
    from collabtui.answers.epics import epics
    from collabtui.answers.flow import flow
    from collabtui.answers.tickets import tickets

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
    flowing = flow(warehouse, settings, now)
    listed = tickets(warehouse, settings, now, flowing=flowing).tickets
    charts, of_flow = charts_by_team(flowing), {row["team"]: row for row in flowing.teams.to_dicts()}
    teams = with_weeks["teams"]
    if len(teams) > 1:
        everything = {**dict.fromkeys(teams[0]), **known.together.row(0, named=True), "weeks": []}
        teams = [*teams, everything]
    return {
        **with_weeks,
        "teams": [
            {
                **row,
                "name": row["team"] or "all teams",
                "flow": of_flow.get(row["team"]),
                "charts": charts.get(row["team"], ()),
            }
            for row in teams
        ],
        "tickets": [{**row, "charts": charts[row["team"]]} for row in listed.to_dicts()],
        "bottlenecks": bottlenecks(warehouse, settings, now).bottlenecks.to_dicts(),
    }


def describe_team(row: Row, _: Any, viewer: Viewer) -> Description:
    """What the team finishes, what comes, and how long the backlog lasts."""
    charts = (*weeks_charts(row, "tickets a week"), *row["charts"])
    if row["team"] is None:
        return Description(row["name"], [_rates(row), _open(row), *flow_lines(row["flow"])], charts=charts)
    lines: list[Line] = [
        state(row["state"]),
        _next_week(row),
        *((fields(("as shown here", row["kept"])),) if row["kept"] else ()),
        _rates(row),
        _open(row),
        fields(
            ("backlog lasts, P50", weeks(row["backlog_weeks_p50"])), ("P85", weeks(row["backlog_weeks_p85"])),
        ),
        *_ahead(row, viewer),
        *flow_lines(row["flow"]),
    ]  # fmt: skip
    return Description(row["name"], lines, charts=charts)


def describe_person(row: Row, _: Any, viewer: Viewer) -> Description:
    """What one person has on the table, and how the team does."""
    lines: list[Line] = [
        fields(
            ("in progress", number(row["wip"])), ("finished in 28 days", number(row["done_28d"])),
            ("oldest", days(row["oldest_days"])), ("team", row["team"]),
        ),
    ]  # fmt: skip
    return Description(row["person"], lines, weeks_charts(row, f"tickets a week of {row['team']}"))


def _rates(row: Row) -> Line:
    """What came and was finished, and the one by the other."""
    came, done = (number(row[name]) for name in ("arrivals_week", "throughput_week"))
    load = f", load {percent(row['load'])}" if row["load"] is not None else ""
    return (Part("tickets a week, mean of 8: ", "muted"), Part(f"{came} came, {done} were finished{load}"))


def _open(row: Row) -> Line:
    return fields(
        ("open", number(row["open_tickets"])), ("in progress", number(row["wip"])),
        ("85 % of them younger than", days(row["wip_age_p85_days"])),
    )  # fmt: skip


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
    passing = [(chance, row[f"passes_{name}_on"]) for chance, name in (("50 %", "p50"), ("15 %", "p85"))]
    known = " · ".join(f"{chance} likely in the week from {viewer.day(on)}" for chance, on in passing if on is not None)
    if not known:
        return opens, (Part(f"no week in sight that asks for more than {best}", "muted"),)
    tone: Tone = "warn" if passing[0][1] else ""
    return opens, (Part(f"more is asked than it finished in {best}: ", "muted"), Part(known, tone))


TEAMS = Listing(
    name="teams",
    title="Teams",
    order="by name",
    key=("team",),
    about=about("team", None, "team"),
    home_of="team",
    label="name",
    is_sum=lambda row: row["team"] is None,
    empty=EMPTY,
    kinds=ANSWERS["capacity"].kinds,
    describe=describe_team,
    opens="tickets",
    scope=("team",),
    columns=(
        state_column(12),
        text_column("name", "Team", 12, grows=True, means="the team"),
        count_column("open_tickets", "Open", 6, 3, means="tickets that are not finished"),
        count_column("wip", "WIP", 5, 1, means="tickets in progress"),
        age_column("wip_age_p85_days", "Age P85", 4, means="85 % in progress are younger than this"),
        count_column("arrivals_week", "Came/w", 6, 5, means="new tickets a week, mean of eight"),
        count_column("throughput_week", "Done/w", 6, 2, means="finished tickets a week, mean of eight"),
        share_column("load", "Load", 6, 1, bad_above=1.1, means="what comes, by what is finished"),
        count_column("next_week_p85", "Next P85", 8, 2, means="next week at least so many, 85 % sure"),
        count_column("next_week_p50", "Next P50", 8, 6, means="next week at least so many, 50 % sure"),
        Column(
            name="backlog_weeks_p85", title="Backlog P85", width=11, right=True, priority=7, unit="weeks",
            cell=lambda row, _: (Part(weeks(row["backlog_weeks_p85"])),),
            means="until all that is open is done, 85 % sure",
        ),
    ),
)  # fmt: skip
PEOPLE = Listing(
    name="people",
    title="People",
    order="most in progress first",
    key=("person", "team"),
    about=about("person", "source", "person_id", "person"),
    home_of="person",
    label="person",
    empty="Nobody has a ticket in progress.",
    kinds=ANSWERS["people"].kinds,
    is_private=True,
    describe=describe_person,
    columns=(
        text_column("person", "Person", 18, grows=True, is_people=True, means="who"),
        text_column("team", "Team", 12, 1, tone="muted", means="in which team"),
        count_column("wip", "WIP", 5, 0, means="tickets in progress"),
        age_column("oldest_days", "Oldest", 0, means="age of the oldest in progress"),
        count_column("done_28d", "Done 28 d", 9, 0, means="tickets finished in 28 days"),
    ),
)
LEADS = Role("leads", "Leads", (TEAMS, EPICS, TICKETS, PEOPLE, BOTTLENECKS), read)
