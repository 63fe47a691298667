"""The tickets of a stand-up: finished since, in progress, blocked, and older than is usual."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from collabtui.answers.blocked import with_blocked
from collabtui.answers.lifetimes import FEWEST, in_progress, lives
from collabtui.answers.standup.items import CHANGES, TEAM, Item
from collabtui.answers.standup.words import length
from collabtui.answers.teams import team_tickets
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads

USUAL = {"team": pl.String, "usual_s": pl.Float64}
MOVES = timedelta(days=182)


@dataclass(frozen=True)
class Tickets:
    """Frames of tickets (team, text, person, …): `stuck` are blocked (as of `collabtui.answers.blocked`; blocked_s: for
    how long their status says so, null else); `wip` are in progress and not blocked, oldest first, with age_s and
    is_old (older than 85 % of what the team finished in half a year took); `finished` since, the newest first.
    """

    stuck: pl.DataFrame
    wip: pl.DataFrame
    finished: pl.DataFrame

    def of(self, team: str) -> "Tickets":
        """Those of one team."""
        return Tickets(*(frame.filter(team=team) for frame in (self.stuck, self.wip, self.finished)))

    @property
    def done_n(self) -> int:
        """How many were finished."""
        return self.finished.height

    @property
    def blocked_n(self) -> int:
        """How many are blocked."""
        return self.stuck.height

    @property
    def doing_n(self) -> int:
        """How many are in progress, blocked ones included where their status means work."""
        return self.wip.height + int(self.stuck["is_doing"].sum())

    def blocked(self, page: str) -> list[Item]:
        """The blocked ones, longest first."""
        return [
            Item(page, row["team"], "blocked", "blocked", _text(row, row["blocked_s"]), row["person"])
            for row in self.stuck.iter_rows(named=True)
        ]

    def ageing(self) -> list[Item]:
        """Those that are older than usual."""
        old = self.wip.filter("is_old").iter_rows(named=True)
        return [Item(CHANGES, row["team"], "ageing", "ageing", _text(row, row["age_s"]), row["person"]) for row in old]

    def doing(self) -> list[Item]:
        """All in progress that are not blocked, for their team's page."""
        return [
            Item(
                TEAM, row["team"], "doing", "ageing" if row["is_old"] else "in progress", _text(row, row["age_s"]),
                row["person"],
            )
            for row in self.wip.iter_rows(named=True)
        ]  # fmt: skip

    def done(self) -> list[Item]:
        """Those that were finished, for their team's page."""
        return [
            Item(TEAM, row["team"], "done", "done", _text(row, None), row["person"])
            for row in self.finished.iter_rows(named=True)
        ]


def tickets(warehouse: Warehouse, settings: Settings, now: datetime, since: datetime) -> Tickets:
    """Without epics and sub-tasks."""
    people = reads.people(warehouse).select("source", pl.col("person_id").alias("assignee_id"), person="name")
    every = (
        team_tickets(warehouse, settings)
        .join(people, on=["source", "assignee_id"], how="left")
        .with_columns(person=pl.coalesce("person", "assignee_id"))
        .pipe(partial(with_blocked, warehouse))
    )
    is_doing = pl.col("status_category") == "indeterminate"
    stuck = (
        every.filter("is_blocked")
        .join(_moved(warehouse, now), on=["source", "ticket_id", "status"], how="left")
        .with_columns(
            blocked_s=pl.when("says_so").then(_seconds(pl.lit(now) - pl.col("moved_at"))),
            is_doing=is_doing.fill_null(value=False),
        )
        .sort("blocked_s", "team", "ticket_key", descending=[True, False, False], nulls_last=True)
    )
    took = {team: days for team, (days, _) in lives(warehouse, settings, now).items() if days.size >= FEWEST}
    usual = [(team, float(np.quantile(days, 0.85)) * 86400) for team, days in took.items()]
    wip = (
        in_progress(every, now)
        .filter(~pl.col("is_blocked"))
        .join(pl.DataFrame(usual, schema=USUAL, orient="row"), on="team", how="left")
        .with_columns(age_s=pl.col("age_days") * 86400)
        .with_columns(is_old=(pl.col("age_s") > pl.col("usual_s")).fill_null(value=False))
        .sort("age_s", "ticket_key", descending=[True, False])
    )
    finished = every.filter(pl.col("done_at").is_between(since, now)).sort("done_at", "ticket_key", descending=True)
    return Tickets(stuck, wip, finished)


def _moved(warehouse: Warehouse, now: datetime) -> pl.DataFrame:
    """When tickets came into the status that they are in: source, ticket_id, status, moved_at."""
    moves = reads.moves(warehouse, now - MOVES)
    return moves.group_by("source", "ticket_id", maintain_order=True).agg(
        pl.col("to_status").last().cast(pl.String).alias("status"), pl.col("at").last().alias("moved_at")
    )


def _seconds(of: pl.Expr) -> pl.Expr:
    return of.dt.total_microseconds() / 1e6


def _text(row: dict[str, Any], seconds: float | None) -> str:
    """WH-12 Title, before it how long that goes on, and after it what it waits for."""
    since = "" if seconds is None else f"{length(seconds)} · "
    waits = f", blocked by {row['blocked_by']}" if row["blocked_by"] is not None and row["done_at"] is None else ""
    return f"{since}{row['ticket_key']} {row['title'] or ''}".rstrip() + waits
