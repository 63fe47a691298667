"""What has each team on its table: work in progress, what waits to be begun, and what was finished lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from collabtui.answers.blocked import with_blocked
from collabtui.answers.flow import DAY_US, DAYS, IN_PROGRESS, WorkFlow, flow
from collabtui.answers.teams import named_tickets
from collabtui.config import Settings
from collabtui.warehouse import Warehouse
from collabtui.warehouse.ticket_reads import sprints

TICKET = ["source", "ticket_id"]
RANKS = {
    "blocker": 0, "highest": 0, "critical": 1, "urgent": 1, "high": 2, "major": 2, "medium": 3, "normal": 3, "low": 4,
    "minor": 4, "lowest": 5, "trivial": 5,
}  # fmt: skip
"""Jira's own names, the old ones and the new; others that begin with a number (P1, 2 - High) are ranked by it."""
USUAL = 3
UNRANKED = 9
PLANNED = [
    "type", "priority", "priority_rank", "due_on", "sprint", "created_at", "epic_id", "epic_key", "blocked_by",
]  # fmt: skip


@dataclass(frozen=True)
class Tickets:
    """tickets: in progress and blocked ones, oldest first; to do, the highest priority first, then the oldest; done in
    the last twelve weeks, newest first, also those of which nobody knows when work on them began. Without epics and
    sub-tasks. source, ticket_id, ticket_key, title, team, state (blocked: as of `collabtui.answers.blocked`, begun or
    not; to do; else as in `collabtui.answers.flow`: in progress, ageing, old, done), is_begun (its status says that it
    is worked on, or done), status, days (to do: since it was created; else age, or cycle time), older_than, above,
    started_at, done_at, done_on, epic, assignee, url (as there; null where it is not begun), type, priority,
    priority_rank (0 is the highest), due_on, sprint (the one that goes on, else the next, else the last), created_at,
    epic_id, epic_key, blocked_by (keys of open tickets that block it; null where it is done).
    """

    now: datetime
    tickets: pl.DataFrame


def tickets(warehouse: Warehouse, settings: Settings, now: datetime, *, flowing: WorkFlow | None = None) -> Tickets:
    """flowing: what `flow` answers at this time, where that is known already."""
    flowing = flowing or flow(warehouse, settings, now)
    known = warehouse.kept(("planned tickets", repr(settings)), lambda: _planned(warehouse, settings))
    told = pl.concat([flowing.ages, flowing.cycle_times]).join(
        known.select(*TICKET, "is_begun", "is_blocked", *PLANNED), on=TICKET, how="left", maintain_order="left"
    )
    ended = pl.col("done_at").is_between(now - timedelta(days=DAYS), now)
    untimed = (
        known.filter(ended)
        .join(flowing.cycle_times, on=TICKET, how="anti")
        .with_columns(
            state=pl.lit("done"), done_on=pl.col("done_at").dt.convert_time_zone(settings.timezone or "UTC").dt.date()
        )
    )
    waited = (pl.lit(now) - pl.col("created_at")).dt.total_microseconds() / DAY_US
    to_do = known.filter(~pl.col("is_begun")).with_columns(days=waited, state=pl.lit("to do"))
    blocked = pl.when("is_blocked").then(pl.lit("blocked")).otherwise("state")
    every = pl.concat([told, untimed, to_do], how="diagonal_relaxed").with_columns(state=blocked)
    is_done = pl.col("state") == "done"
    is_work = ~is_done & (pl.col("is_begun") | (pl.col("state") == "blocked"))
    work = every.filter(is_work).sort("days", "ticket_key", descending=[True, False], nulls_last=True)
    waits = every.filter(~is_work & ~is_done).sort("priority_rank", "created_at", "ticket_key", nulls_last=True)
    done = every.filter(is_done).sort("done_at", descending=True, maintain_order=True)
    return Tickets(now, pl.concat([work, waits, done]).drop("is_blocked"))


def _planned(warehouse: Warehouse, settings: Settings) -> pl.DataFrame:
    """What was planned for each ticket, and whether it is blocked."""
    is_begun = pl.col("status_category").is_in([IN_PROGRESS, "done"]).fill_null(value=False)
    named = pl.col("priority").str.to_lowercase().str.strip_chars()
    by_name = named.replace_strict(RANKS, default=None, return_dtype=pl.Int64)
    by_number = named.str.extract(r"^p?(\d)\b").cast(pl.Int64)
    rank = pl.when(pl.col("priority").is_null()).then(UNRANKED).otherwise(pl.coalesce(by_name, by_number, USUAL))
    wanted = [
        *TICKET, "ticket_key", "title", "team", "status", "done_at", "epic", "assignee", "url", "is_begun",
        "is_blocked", *PLANNED,
    ]  # fmt: skip
    return (
        with_blocked(warehouse, named_tickets(warehouse, settings))
        .join(sprints(warehouse), on=TICKET, how="left")
        .with_columns(
            is_begun=is_begun,
            priority_rank=rank.cast(pl.Int64),
            blocked_by=pl.when(pl.col("status_category").ne_missing("done")).then("blocked_by"),
        )
        .select(wanted)
    )
