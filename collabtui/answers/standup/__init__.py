"""What changed since the last stand-up, what is at risk this week, and a page for each team."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.answers.capacity import capacity
from collabtui.answers.deliveries import deliveries
from collabtui.answers.epics import epics
from collabtui.answers.pipelines import pipelines
from collabtui.answers.standup.changes import failed, landed, slipped
from collabtui.answers.standup.items import CHANGES, RISKS, TEAM, Item, Numbers, shortened
from collabtui.answers.standup.risks import risks
from collabtui.answers.standup.since import last_standup
from collabtui.answers.standup.team import coming, next_week
from collabtui.answers.standup.tickets import Tickets, tickets
from collabtui.answers.standup.words import Words
from collabtui.answers.teams import all_tickets
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, ledger_reads


@dataclass(frozen=True)
class Standup:
    """since_at: what is called a change came after it.

    pages: page (changes, risks, team), team (null but for a team's page), title; in the order in which they are shown.
    numbers: page, team, name, value (null: not known): the few that are told first.
    items: page, team (whose it is; null where nobody says), kind (what belongs together), what (its state in a word),
    text, person (who has it; null where nobody has, or where the config hides names), things (how many the row stands
    for: of many of a kind the last row is "and 12 more"). Most important first.
    """

    now: datetime
    since_at: datetime
    pages: pl.DataFrame
    numbers: pl.DataFrame
    items: pl.DataFrame


PAGES = {"page": pl.String, "team": pl.String, "title": pl.String}
NUMBERS = {"page": pl.String, "team": pl.String, "name": pl.String, "value": pl.Int64}
ITEMS = {
    "page": pl.String, "team": pl.String, "kind": pl.String, "what": pl.String, "text": pl.String, "person": pl.String,
    "things": pl.Int64,
}  # fmt: skip
OF_RUNS = ("failed", "landed late", "deliveries", "pools")
OF_TICKETS = ("done", "in progress", "blocked", "epics", "teams")
"""What is counted of what: without any run or ticket these numbers are not known, rather than none."""


def standup(
    warehouse: Warehouse,
    settings: Settings,
    now: datetime,
    *,
    since: datetime | None = None,
    has_names: bool | None = None,
) -> Standup:
    """By default since the stand-up of the working day before today, and with names as the config says.

    Without any facts there are no pages.
    """
    since_at = since or last_standup(settings, now)
    words = Words.of(settings, now)
    of_pipelines = pipelines(warehouse, settings, now).pipelines
    due, of_epics = deliveries(warehouse, settings, now).deliveries, epics(warehouse, settings, now).epics
    known, of_tickets = capacity(warehouse, settings, now).teams, tickets(warehouse, settings, now, since_at)
    kept = ledger_reads.open_forecasts(warehouse).sort("made_at")
    rows = of_pipelines.to_dicts()
    team_of = {(row["source"], row["pipeline_id"]): row["team"] for row in rows}
    changes = [
        *failed(rows, words),
        *landed(warehouse, rows, due.to_dicts(), since_at, words),
        *slipped(kept, rows, of_epics.to_dicts(), since_at, words),
        *of_tickets.blocked(CHANGES),
        *of_tickets.ageing(),
    ]
    found = risks(warehouse, settings, now, due.to_dicts(), of_epics.to_dicts(), known.to_dicts(), team_of, words)
    numbers = [*_changes(changes, of_tickets, can_slip=bool((kept["made_at"] <= since_at).any())), *found.numbers]
    items = [*changes, *found.items]
    ahead = coming(due.to_dicts(), of_epics.to_dicts(), team_of, words)
    teams = sorted({*known["team"], *(team for team in team_of.values() if team is not None)})
    for name in teams:
        row = next(known.filter(team=name).iter_rows(named=True), None)
        mine = of_tickets.of(name)
        broken = [item._replace(page=TEAM) for item in changes if item.team == name and item.kind == "failed"]
        items += [*broken, *mine.blocked(TEAM), *mine.doing(), *ahead.get(name, []), *mine.done()]
        items += next_week(row)
        numbers += _team(name, row, mine)
    unknown = {
        *(OF_RUNS if not rows else ()),
        *(OF_TICKETS if all_tickets(warehouse, settings).is_empty() else ()),
    }
    numbers = [(page, team, name, None if name in unknown else n) for page, team, name, n in numbers]
    items = shortened(items)
    if not (settings.standup_names if has_names is None else has_names):
        items = [item._replace(person=None) for item in items]
    pages = [(CHANGES, None, f"Changes since {words.at(since_at)}"), (RISKS, None, "Risks this week")]
    pages += [(TEAM, name, name) for name in teams]
    return Standup(
        now,
        since_at,
        pl.DataFrame(pages if rows or teams else [], schema=PAGES, orient="row"),
        pl.DataFrame(numbers, schema=NUMBERS, orient="row"),
        pl.DataFrame(items, schema=ITEMS, orient="row"),
    )


def _changes(items: list[Item], found: Tickets, *, can_slip: bool) -> Numbers:
    """can_slip: forecasts were kept by then; without any it is not known what slipped."""
    kinds = [item.kind for item in items]
    counted: dict[str, int | None] = {
        "done": found.done_n,
        "failed": kinds.count("failed"),
        "landed late": kinds.count("late"),
    }
    counted |= {"slipped": kinds.count("slipped") if can_slip else None, "blocked": found.blocked_n}
    return [(CHANGES, None, name, value) for name, value in counted.items()]


def _team(name: str, row: dict[str, int | None] | None, mine: Tickets) -> Numbers:
    counted = {"done": mine.done_n, "in progress": mine.doing_n, "blocked": mine.blocked_n}
    ahead = {f"next week {level}": row[f"next_week_{level.lower()}"] if row else None for level in ("P85", "P50")}
    return [(TEAM, name, what, value) for what, value in {**counted, **ahead}.items()]
