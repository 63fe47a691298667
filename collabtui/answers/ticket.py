"""One ticket closely: what is said of it, what it hangs on, and through which statuses it went."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse, ticket_reads

PATH: dict[str, pl.DataType] = {
    "status": pl.String(), "is_done": pl.Boolean(), "entered_at": pl.Datetime("us", "UTC"),
    "left_at": pl.Datetime("us", "UTC"), "seconds": pl.Float64(),
}  # fmt: skip


@dataclass(frozen=True)
class Ticket:
    """ticket_key, title, status, status_category, type, priority, reporter, assignee, due_on, story_points, labels,
    is_flagged, created_at, url: as its source says; all null where it is gone. parent_key, parent_title: of the ticket
    or epic that it is part of. sprint: the one that goes on, else the next, else the last one it was in; sprint_state
    (active, future, closed) and when it ends.
    links: those that block it first: label ("blocks"), ticket_key, title, status, status_category (null where the other
    was never read), is_blocker (it is open and blocks this one).
    sub_tasks: its own, open ones first: ticket_key, title, status, status_category.
    path: every stay in a status, from its creation on: status, is_done, entered_at (null: not known), left_at (null: it
    is still in it), seconds (null: not known). moves_n: how many moves between statuses are told.
    """

    now: datetime
    ticket_key: str | None
    title: str | None
    status: str | None
    status_category: str | None
    type: str | None
    priority: str | None
    reporter: str | None
    assignee: str | None
    due_on: date | None
    story_points: float | None
    labels: list[str] | None
    is_flagged: bool | None
    created_at: datetime | None
    url: str | None
    parent_key: str | None
    parent_title: str | None
    sprint: str | None
    sprint_state: str | None
    sprint_end_at: datetime | None
    links: pl.DataFrame
    sub_tasks: pl.DataFrame
    path: pl.DataFrame
    moves_n: int


FACTS = (
    "ticket_key", "title", "status", "status_category", "type", "priority", "reporter", "assignee", "due_on",
    "story_points", "labels", "is_flagged", "created_at", "url", "parent_key", "parent_title",
)  # fmt: skip
SPRINT = ("sprint", "sprint_state", "sprint_end_at")


def ticket(warehouse: Warehouse, _: Settings, now: datetime, *, source: str, ticket_id: str) -> Ticket:
    """The ticket of that id."""
    told = ticket_reads.facts(warehouse, source, ticket_id).to_dicts()
    fact = told[0] if told else {}
    sprint = ticket_reads.sprints(warehouse).filter(source=source, ticket_id=ticket_id).to_dicts()
    moves = ticket_reads.moves_of(warehouse, source, ticket_id)
    moves = moves.filter(pl.col("from_status").ne_missing(pl.col("to_status")))
    return Ticket(
        now,
        **{name: fact.get(name) for name in FACTS},
        **{name: sprint[0][name] if sprint else None for name in SPRINT},
        links=ticket_reads.linked(warehouse, source, ticket_id),
        sub_tasks=ticket_reads.sub_tasks(warehouse, source, ticket_id),
        path=_path(fact, moves, now) if fact else pl.DataFrame(schema=PATH),
        moves_n=moves.height,
    )


def _path(fact: dict[str, object], moves: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Where it was created, then where each move led."""
    rows = moves.to_dicts()
    first = rows[0]["from_status"] if rows else fact["status"]
    is_done = not rows and fact["status_category"] == "done"
    steps = [(first, is_done, fact["created_at"])]
    steps += [(row["to_status"], row["to_category"] == "done", row["at"]) for row in rows]
    left = [*(row["at"] for row in rows), None]
    stays = [(*step, until) for step, until in zip(steps, left, strict=True)]
    known = [name for name in PATH if name != "seconds"]
    frame = pl.DataFrame(stays, schema={name: PATH[name] for name in known}, orient="row")
    took = pl.coalesce("left_at", pl.lit(now)) - pl.col("entered_at")
    return frame.with_columns(seconds=took.dt.total_microseconds() / 1e6)
