"""When will every open epic be delivered?"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from collabtui.answers.lifetimes import begun_days, lifetimes
from collabtui.answers.teams import all_tickets, team_tickets
from collabtui.answers.throughput import TYPICAL_WEEKS, Flow, first_day, flows, team_flows, today
from collabtui.config import Settings
from collabtui.warehouse import Warehouse
from forecasting.delivery import Delivery, Work, delivery
from forecasting.lifetimes import Begun, Lifetimes

SHARE_DAYS = 56
GROWTH_DAYS = 28
FARTHEST_WEEKS = 104
AT_RISK = 0.25
FEW_WEEKS = 6


@dataclass(frozen=True)
class Epics:
    """epics: source, epic_id, epic_key, title, team, status, done, open, total (tickets), scope_growth_28d (tickets
    added in 28 days), due_on, p50_on, p85_on, p95_on (null: not within two years), p_late (null without due_on),
    throughput_week (the team's median), history_n (weeks), model ("throughput", "few weeks", "none"), state (on time,
    at risk, overdue, no date, unknown, ready to close, no tickets), url.
    """

    now: datetime
    epics: pl.DataFrame


def epics(warehouse: Warehouse, settings: Settings, now: datetime) -> Epics:
    """Monte Carlo over the throughput of each epic's team.

    What is assumed: what is in progress lasts as long as the team's work of that age still does, where enough of it is
    known; the rest waits. Of the tickets that the team will finish, as large a part belongs to the epic as of those
    that it finished in the last eight weeks and has open now; the epic goes on growing as it did in the last four
    weeks, half as fast every three weeks; and the team works but on holidays and its absences.
    """
    known, first = open_epics(warehouse, settings, now), first_day(settings, now)
    rows = []
    for row in known.epics.iter_rows(named=True):
        flow = known.flows.get(row["team"])
        found = (
            delivery(flow.futures, known.work(row), allowed_weeks=weeks_until(row["due_on"], first))
            if flow
            else Delivery((None, None, None), None)
        )
        rows.append(_row(row, flow, found, first, today(settings, now)))
    shown = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return Epics(now, shown.sort(pl.col("p_late").fill_null(-1.0) * -1, "p85_on", "epic_key", nulls_last=True))


@dataclass(frozen=True)
class OpenEpics:
    """What epics are forecast from: a row an epic (those of the ticket, done, open, scope_growth_28d, share: the part
    of the team's throughput, doing: how many are in progress, begun_days: how old those are of which that is known,
    the oldest first), the flow of each team, and how long its work lasts.
    """

    epics: pl.DataFrame
    flows: dict[str, Flow]
    lifetimes: dict[str, Lifetimes]

    def work(self, row: dict[str, Any]) -> Work:
        """What is left of an epic, a row of `epics`."""
        lasts, ages = self.lifetimes.get(row["team"]), row["begun_days"]
        begun = Begun(tuple(ages), lasts) if lasts and ages else None
        return Work(row["open"], min(1.0, row["share"]), row["scope_growth_28d"] * 7 / GROWTH_DAYS, begun)


def open_epics(
    warehouse: Warehouse, settings: Settings, now: datetime, *, of: tuple[str, str] | None = None
) -> OpenEpics:
    """All open epics, or the one of this source and id."""
    is_open_epic = pl.col("is_epic") & (pl.col("status_category") != "done")
    heads, children = all_tickets(warehouse, settings).filter(is_open_epic), team_tickets(warehouse, settings)
    is_done = pl.col("status_category") == "done"
    is_lately = pl.col("done_at") >= now - timedelta(days=SHARE_DAYS)
    counts = (
        _by_epic(children, heads)
        .group_by("source", "epic_ticket")
        .agg(
            is_done.sum().cast(pl.Int64).alias("done"),
            (~is_done).sum().cast(pl.Int64).alias("open"),
            (pl.col("created_at") >= now - timedelta(days=GROWTH_DAYS)).sum().cast(pl.Int64).alias("scope_growth_28d"),
            is_lately.sum().cast(pl.Int64).alias("done_lately"),
            (pl.col("status_category") == "indeterminate").sum().cast(pl.Int64).alias("doing"),
            begun_days(now).drop_nulls().sort(descending=True).alias("begun_days"),
        )
    )
    teams = children.group_by("team").agg(
        (is_lately.fill_null(value=False) | ~is_done.fill_null(value=False)).sum().alias("team_now")
    )
    if of is not None:
        heads = heads.filter((pl.col("source") == of[0]) & (pl.col("ticket_id") == of[1]))
        flow_of = flows(children, settings, now, teams=heads["team"].to_list())
    else:
        flow_of = team_flows(warehouse, settings, now)
    frame = (
        heads.join(counts, left_on=["source", "ticket_id"], right_on=["source", "epic_ticket"], how="left")
        .join(teams, on="team", how="left")
        .with_columns(pl.col("done", "open", "scope_growth_28d", "done_lately", "doing", "team_now").fill_null(0))
        .with_columns(share=(pl.col("done_lately") + pl.col("open")) / pl.max_horizontal("team_now", 1))
    )
    return OpenEpics(frame, flow_of, lifetimes(warehouse, settings, now))


def weeks_until(due_on: date | None, first: date) -> float | None:
    """Weeks until the end of that day from the `first_day` on; none or fewer where it has passed."""
    return None if due_on is None else ((due_on - first).days + 1) / 7


def day_after(weeks: float | None, first: date) -> date | None:
    """The day on which so many weeks from the `first_day` on end; None where that is beyond two years."""
    return None if weeks is None or weeks > FARTHEST_WEEKS else first + timedelta(days=int(7 * weeks))


SCHEMA: dict[str, type[pl.DataType]] = {
    "source": pl.String, "epic_id": pl.String, "epic_key": pl.String, "title": pl.String, "team": pl.String,
    "status": pl.String, "done": pl.Int64, "open": pl.Int64, "total": pl.Int64, "scope_growth_28d": pl.Int64,
    "due_on": pl.Date, "p50_on": pl.Date, "p85_on": pl.Date, "p95_on": pl.Date, "p_late": pl.Float64,
    "throughput_week": pl.Float64, "history_n": pl.Int64, "model": pl.String, "state": pl.String, "url": pl.String,
}  # fmt: skip


def _by_epic(children: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Children with the id of their epic, which they name by id or (older projects) by key."""
    keys = heads.select("source", pl.col("ticket_key").alias("epic_key"), pl.col("ticket_id").alias("by_key"))
    return children.join(keys, on=["source", "epic_key"], how="left").with_columns(
        epic_ticket=pl.coalesce("epic_id", "by_key")
    )


def _row(row: dict[str, object], flow: Flow | None, found: Delivery, first: date, on: date) -> tuple[object, ...]:
    done, still = row["done"], row["open"]
    weeks = found.weeks if done or still else (None, None, None)  # it has not been broken down yet
    dates = [day_after(length, first) for length in weeks]
    past = flow.weekly if flow else []
    due = row["due_on"]
    known = dates[0] is not None
    state, late = "no date", found.p_late
    if not still:
        state = "ready to close" if done else "no tickets"
    elif not known:
        state = "unknown"
    elif isinstance(due, date):
        late = 1.0 if due < on else found.p_late or 0.0
        state = "overdue" if due < on else "at risk" if late >= AT_RISK else "on time"
    model = "none" if not known else "few weeks" if len(past) < FEW_WEEKS else "throughput"
    typical = float(np.median(past[-TYPICAL_WEEKS:])) if past else None
    assert isinstance(done, int)  # noqa: S101 - counted above
    assert isinstance(still, int)  # noqa: S101
    return (
        row["source"], row["ticket_id"], row["ticket_key"], row["title"], row["team"], row["status"], done, still,
        done + still, row["scope_growth_28d"], due, *dates, late if known else None, typical, len(past), model,
        state, row["url"],
    )  # fmt: skip
