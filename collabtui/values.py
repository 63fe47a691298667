"""What is forecast of periods to come, as capacity and compute show it, and what came of it, as they count their past.

Questions: "throughput" and "arrivals" of a team in a week (its source is "", for it has tickets of many), "slot-hours
day" and "slot-hours week" of a pool.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from collabtui.answers.capacity import capacity
from collabtui.answers.compute import compute, daily_hours
from collabtui.answers.teams import team_tickets
from collabtui.answers.throughput import weekly_counts
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.columns import to_us

QUANTILES = ("p15", "p50", "p85")
TEAMS = {"throughput": ("", "done_at"), "arrivals": ("arrivals_", "created_at")}
"""What the columns of its quantiles begin with, and the time of a ticket that counts."""
POOLS = {"slot-hours day": ("day", 1), "slot-hours week": ("week", 7)}
"""What its columns are called after, and how many days it has."""

WAIT = timedelta(days=1)


@dataclass(frozen=True)
class Value:
    """key: question, source, subject. quantiles: P15, P50 and P85 of what comes from now until then. naive: what was in
    the last whole period.
    """

    key: tuple[str, str, str]
    until_at: datetime
    model: str
    history_n: int
    quantiles: tuple[float, ...]
    naive: float


def ahead(warehouse: Warehouse, settings: Settings, now: datetime, *, without: Set[str]) -> list[Value]:
    """What teams and pools will do; an answer is not asked while its shortest period is among the questions `without`:
    it costs as much as all else that is done after a sync.
    """
    teams = [] if "throughput" in without else _of_teams(warehouse, settings, now)
    pools = [] if "slot-hours day" in without else _of_pools(warehouse, settings, now)
    return [*teams, *pools]


def _of_teams(warehouse: Warehouse, settings: Settings, now: datetime) -> Iterator[Value]:
    """The week to come is the first that is forecast, the last whole one the last before it."""
    known = capacity(warehouse, settings, now)
    history_n = dict(known.teams.select("team", "history_n").iter_rows())
    last = {row["team"]: row for row in known.weeks.filter(~pl.col("is_forecast")).iter_rows(named=True)}
    for row in known.weeks.filter("is_forecast").unique("team", keep="first", maintain_order=True).to_dicts():
        team = row["team"]
        for question, (prefix, _) in TEAMS.items():
            said = tuple(row[prefix + name] for name in QUANTILES)
            if None not in said:
                until = now + timedelta(weeks=1)
                yield Value((question, "", team), until, "team weeks", history_n[team], said, last[team][question])


def _of_pools(warehouse: Warehouse, settings: Settings, now: datetime) -> Iterator[Value]:
    for row in compute(warehouse, settings, now).pools.drop_nulls("next_day_p50").iter_rows(named=True):
        for question, (name, days) in POOLS.items():
            said = tuple(row[f"next_{name}_{level}"] for level in QUANTILES)
            key, until = (question, row["source"], row["pool"]), now + timedelta(days=days)
            yield Value(key, until, "pool weeks", row["history_n"], said, row[f"{name}_hours"])


def outcomes(warehouse: Warehouse, settings: Settings, over: pl.DataFrame, now: datetime) -> dict[int, float]:
    """What came in periods that are over, by forecast_id: of those whose sources all had a sync since that ended well.

    A pool's also waits for the tasks that began in it and still run: how long is not known yet. After a day it is
    counted without them, for some never end.

    over: forecast_id, question, source, subject, until_at. A team without any ticket, or without a source in the
    config, is not known any more: nothing came of it that could be counted.
    """
    well = reads.sync_states(warehouse).filter(pl.col("ok_at") >= pl.col("started_at"))
    began = dict(well.select("source", "started_at").iter_rows())
    tickets = team_tickets(warehouse, settings)
    configured = {source.name for source in settings.sources}
    sources_of = {
        team: configured.intersection(sources)
        for team, sources in tickets.group_by("team").agg(pl.col("source").unique()).iter_rows()
    }
    found: dict[int, float] = {}
    for (question, until), asked in over.group_by("question", "until_at"):
        synced = {source for source, at in began.items() if at >= until}
        busy = _busy(warehouse, question, until) if now < until + WAIT else frozenset()
        told = {
            forecast_id: (source, subject)
            for forecast_id, source, subject in asked.select("forecast_id", "source", "subject").iter_rows()
            if (needed := {source} if source else sources_of.get(subject)) and needed <= synced
            if (source, subject) not in busy
        }
        if told:
            counted = _counted(warehouse, tickets, question, until)
            found |= {forecast_id: counted.get(key, 0.0) for forecast_id, key in told.items()}
    return found


def _busy(warehouse: Warehouse, question: str, until: datetime) -> Set[tuple[str, str]]:
    """Source and name of the pools in which something runs that began in the period."""
    if question in TEAMS:
        return frozenset()
    first, last = to_us(until - timedelta(days=POOLS[question][1])), to_us(until)
    return {(source, name) for source, name, at in reads.running_tasks(warehouse) if first < at <= last}


def _counted(
    warehouse: Warehouse, tickets: pl.DataFrame, question: str, until: datetime
) -> dict[tuple[str, str], float]:
    """The value of the last period before then, by source and subject; those without any are not there."""
    if question in TEAMS:
        weekly = weekly_counts(tickets, until, at=TEAMS[question][1], weeks=1)
        return {("", team): float(weeks[-1]) for team, weeks in weekly.items()}
    _, days = POOLS[question]
    return {pool: float(hours[-days:].sum()) for pool, hours in daily_hours(warehouse, until).items()}
