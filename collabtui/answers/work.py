"""What teams and people have open against what they finish."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from collabtui.answers.capacity import LOAD_WEEKS, backlog, load_state
from collabtui.answers.flights import SEED
from collabtui.answers.teams import with_team
from collabtui.answers.throughput import flows, weekly_counts
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from forecasting.capacity import weeks_to_clear

LONG_WEEKS = 4.0
"""Somebody who needs longer than this for what is on the table has too much of it."""
CLEAR_WEEKS = 13
"""What a person needs longer for is just said to be longer."""


@dataclass(frozen=True)
class Held:
    """work: kind (team, person), name, team, wip, open_tickets, done_week and arrivals_week (means of eight weeks; a
    person's arrivals are not known), load, clear_weeks_p50, clear_weeks_p85 (until what is open is done; null beyond
    two years, for a person beyond a quarter of one), state (overloaded, growing, steady, unknown).
    """

    now: datetime
    work: pl.DataFrame


WORK: dict[str, type[pl.DataType]] = {
    "kind": pl.String, "name": pl.String, "team": pl.String, "wip": pl.Int64, "open_tickets": pl.Int64,
    "done_week": pl.Float64, "arrivals_week": pl.Float64, "load": pl.Float64, "clear_weeks_p50": pl.Float64,
    "clear_weeks_p85": pl.Float64, "state": pl.String,
}  # fmt: skip


def work(warehouse: Warehouse, settings: Settings, now: datetime, *, tickets: pl.DataFrame | None = None) -> Held:
    """Teams, and the people who finished something or have something on the table."""
    if tickets is None:
        tickets = with_team(reads.worked_tickets(warehouse), settings)
    people = reads.people(warehouse).select("source", pl.col("person_id").alias("assignee_id"), person="name")
    named = tickets.join(people, on=["source", "assignee_id"], how="left").with_columns(
        person=pl.coalesce("person", "assignee_id")
    )
    parts = [_held(named, settings, kind, by, now) for kind, by in (("team", "team"), ("person", "person"))]
    order = (-pl.col("load").fill_null(0.0), -pl.col("clear_weeks_p50").fill_null(0.0))
    return Held(now, pl.concat(parts).sort(*order, "kind", "name"))


def _held(tickets: pl.DataFrame, settings: Settings, kind: str, by: str, now: datetime) -> pl.DataFrame:
    mine = tickets.filter(pl.col(by).is_not_null())
    is_open = pl.col("status_category").fill_null("new") != "done"
    done = weekly_counts(mine.select("done_at", team=by), now)
    came = weekly_counts(mine.select("created_at", team=by), now, at="created_at") if kind == "team" else {}
    held = mine.group_by(by).agg(
        pl.col("team").sort_by("created_at").last().alias("home"),
        (pl.col("status_category") == "indeterminate").sum().alias("wip"),
        is_open.sum().alias("open"),
    )
    lately = {name: sum(past[-LOAD_WEEKS:]) for name, past in done.items()}
    busy = [row for row in held.sort(by).iter_rows() if row[3] or lately.get(row[0])]
    if kind == "team":
        flow_of = flows(mine, settings, now)
        clear = [backlog(flow_of.get(name), still) for name, _, _, still in busy]
    else:
        past = np.zeros((max(map(len, done.values()), default=0), len(busy)))
        for n, (name, *_) in enumerate(busy):
            past[past.shape[0] - len(done.get(name, [])) :, n] = done.get(name, [])
        clear = weeks_to_clear(past, [row[3] for row in busy], CLEAR_WEEKS, np.random.default_rng(SEED))
    rows = []
    for (name, home, wip, still), weeks in zip(busy, clear, strict=True):
        finished, arrived = lately.get(name, 0), sum(came[name][-LOAD_WEEKS:]) if name in came else None
        load = arrived / finished if arrived is not None and finished else None
        state = load_state(load) if kind == "team" else _state_of_person(weeks[0], wip)
        a_week = None if arrived is None else arrived / LOAD_WEEKS
        rows.append((kind, name, home, wip, still, finished / LOAD_WEEKS, a_week, load, *weeks, state))
    return pl.DataFrame(rows, schema=WORK, orient="row")


def _state_of_person(clear_weeks: float | None, wip: int) -> str:
    if clear_weeks is None:
        return "overloaded" if wip else "unknown"
    return "overloaded" if clear_weeks >= LONG_WEEKS else "steady"
