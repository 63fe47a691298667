"""When the last ticket of an epic will be done, walked forward: asked every 14 days of each that is open then.

Of the simulated team, whose tickets tell when work on them began; and of real tickets, where what one version or epic
holds in the end stands for an epic, and a ticket's first sprint for the beginning of work on it. Against the same where
what is in progress waits for its share as all else does.
"""

import gzip
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.deliveries import TICKETS
from benchmarks.measure import Measurement
from collabtui.answers.epics import GROWTH_DAYS, SHARE_DAYS
from collabtui.answers.lifetimes import FEWEST, LIFE_WEEKS
from collabtui.warehouse import Warehouse, reads
from forecasting.delivery import Work, delivery
from forecasting.futures import HISTORY_WEEKS, Futures, futures
from forecasting.lifetimes import Begun, Lifetimes
from tests.conftest import open_office

Days = np.ndarray
LEVELS = np.array([0.50, 0.85])
EVERY_DAYS, FIRST_DAYS, FARTHEST_WEEKS = 14, 120, 214
HISTORY = timedelta(days=550)
GRACE_DAYS = 60
"""What is done so much later than its version was released was not what it waited for."""


@dataclass(frozen=True)
class Team:
    """Of each ticket the days on which it was created, begun and done (infinite: not), and what it is part of ("")."""

    created: Days
    begun: Days
    done: Days
    part_of: np.ndarray


def run() -> Iterator[Measurement]:
    """How often P50 and P85 held, and the pinball loss of both against that without work in progress."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _measured("simulated", list(_simulated(Path(folder))))
    if TICKETS.exists():
        yield from _measured("versions", list(_real(_version, least=5)))
        yield from _measured("real epics", list(_real(_epic, least=2)))


def _measured(name: str, teams: Sequence[Team]) -> Iterator[Measurement]:
    took, ours, waits = _asked(teams, grows=True)
    held, held_waits = ((took[:, None] <= said).mean(axis=0) for said in (ours, waits))
    for level, share, instead in zip(100 * LEVELS, 100 * held, 100 * held_waits, strict=True):
        note = f"held in {share:.0f} % of {took.size}; where all waits in {instead:.0f} %"
        yield Measurement(f"epics: {name}, P{level:.0f}, points off", abs(share - level), 15.0, "points", note)
    yield Measurement(
        f"epics: {name}, pinball loss / where all waits", _loss(took, ours) / _loss(took, waits), 1.0, "x"
    )
    took, ours, waits = _asked(teams, grows=False)
    ratio = _loss(took, ours) / _loss(took, waits)
    yield Measurement(f"epics: {name}, the same of what is open when asked", ratio, 1.0, "x")


def _asked(teams: Sequence[Team], *, grows: bool) -> tuple[Days, Days, Days]:
    took, ours, waits = zip(*(row for team in teams for row in _walk(team, grows=grows)), strict=True)
    return np.array(took), np.array(ours), np.array(waits)


def _loss(took: Days, said: np.ndarray) -> float:
    off = took[:, None] - said
    return float(np.maximum(LEVELS * off, (LEVELS - 1) * off).mean())


def _walk(team: Team, *, grows: bool) -> Iterator[tuple[float, Days, Days]]:
    """Weeks until the last ticket is done, and P50 and P85 with and without work in progress; grows: also those that
    are added later.
    """
    for at in np.arange(team.created.min() + FIRST_DAYS, team.created.max(), EVERY_DAYS):
        known, is_done = team.created <= at, team.done <= at
        is_open, is_lately = known & ~is_done, is_done & (team.done > at - SHARE_DAYS)
        flow, lasts = _futures(team.done[is_done], at), _lifetimes(team, at)
        if flow.is_idle:
            continue
        for name in np.unique(team.part_of[is_open & (team.part_of != "")]):
            mine = team.part_of == name
            still = mine & is_open
            end = team.done[mine if grows else still].max()
            share = (still | mine & is_lately).sum() / max(1, (is_open | is_lately).sum())
            growth = grows * (mine & known & (team.created > at - GROWTH_DAYS)).sum() * 7 / GROWTH_DAYS
            ages = tuple(sorted(at - team.begun[still & (team.begun <= at)], reverse=True))
            waits = Work(int(still.sum()), float(share), float(growth))
            ours = replace(waits, begun=Begun(ages, lasts)) if lasts and ages else waits
            if np.isfinite(end):
                yield (end - at) / 7, _said(flow, ours), _said(flow, waits)


def _said(flow: Futures, work: Work) -> Days:
    return np.array([FARTHEST_WEEKS if weeks is None else weeks for weeks in delivery(flow, work).weeks[:2]])


def _futures(done: Days, at: float) -> Futures:
    back = (at - done).astype(int)
    weeks = min(HISTORY_WEEKS, int(back.max(initial=0)) // 7 + 1)
    return futures(np.bincount(back[back < 7 * weeks], minlength=7 * weeks)[::-1].tolist())


def _lifetimes(team: Team, at: float) -> Lifetimes | None:
    ended = (team.done <= at) & (team.done > at - 7 * LIFE_WEEKS) & (team.begun <= team.done)
    goes_on = (team.begun <= at) & (team.done > at)
    known = Lifetimes.of(team.done[ended] - team.begun[ended], at - team.begun[goes_on])
    return known if ended.sum() >= FEWEST else None


# --- the tickets ---

Ticket = tuple[str, float, float, float, str]
"""Project, created, begun, done, part of."""


def _teams(tickets: Iterable[Ticket]) -> Iterator[Team]:
    for _, mine in groupby(sorted(tickets), key=lambda ticket: ticket[0]):
        _, created, begun, done, part_of = zip(*mine, strict=True)
        yield Team(np.array(created), np.array(begun), np.array(done), np.array(part_of))


def _simulated(folder: Path) -> Iterator[Team]:
    warehouse = Warehouse(open_office(folder, history=HISTORY).settings.warehouse)
    tickets = reads.tickets(warehouse)
    warehouse.close()
    closed = set(tickets.filter(pl.col("is_epic") & (pl.col("status_category") == "done"))["ticket_id"])
    names = ("project", "created_at", "started_at", "done_at", "epic_id")
    rows = tickets.filter(~pl.col("is_epic") & ~pl.col("is_subtask")).select(names).iter_rows()
    return _teams((p, *map(_day, times), epic if epic in closed else "") for p, *times, epic in rows)


def _real(part_of: Any, *, least: int) -> Iterator[Team]:
    with gzip.open(TICKETS, "rt") as lines:
        found = [json.loads(line)["fields"] for line in lines]
    rows: list[Ticket] = []
    for fields in found:
        created, done = (_day(fields[name] and datetime.fromisoformat(fields[name])) for name in
                         ("created", "resolutiondate"))  # fmt: skip
        sprints = [_day(datetime.fromisoformat(s["startDate"])) for s in fields["sprints"] if s.get("startDate")]
        begun = max(created, min(sprints, default=np.inf))
        rows.append(
            (fields["project"]["key"], created, begun if begun <= done else np.inf, done, part_of(fields, done))
        )
    names, counts = np.unique([f"{row[0]} {row[4]}" for row in rows], return_counts=True)
    large = set(names[counts >= least])
    return _teams((*row[:4], row[4] if f"{row[0]} {row[4]}" in large else "") for row in rows)


def _version(fields: dict[str, Any], done: float) -> str:
    for version in fields["fixVersions"]:
        released = version.get("releaseDate")
        is_its = not released or done <= _day(datetime.fromisoformat(released)) + GRACE_DAYS
        if "Sprint" not in version["name"] and is_its:
            return str(version["name"])
    return ""


def _epic(fields: dict[str, Any], _: float) -> str:
    head = fields["epic"] or fields["parent"]
    return str(head["key"]) if head else ""


def _day(at: datetime | None) -> float:
    return at.timestamp() / 86400 if at else np.inf
