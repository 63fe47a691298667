"""When will every open epic be delivered?"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from collabtui.answers.teams import with_team
from collabtui.answers.throughput import weekly_counts
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from forecasting.delivery import Delivery, delivery

SHARE_DAYS = 56
GROWTH_DAYS = 28
SEED = 20
"""The same warehouse at the same time gives the same dates."""
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

    What is assumed: of the tickets that the team will finish, as large a part belongs to the epic as of those that it
    finished in the last eight weeks and has open now; and
    the epic goes on growing as it did in the last four weeks, half as fast every three weeks.
    """
    tickets = with_team(reads.tickets(warehouse), settings)
    heads = tickets.filter(pl.col("is_epic") & (pl.col("status_category") != "done"))
    children = tickets.filter(~pl.col("is_epic") & ~pl.col("is_subtask"))
    weekly = weekly_counts(children, now)
    is_done = pl.col("status_category") == "done"
    counts = (
        _by_epic(children, heads)
        .group_by("epic_ticket")
        .agg(
            is_done.sum().cast(pl.Int64).alias("done"),
            (~is_done).sum().cast(pl.Int64).alias("open"),
            (pl.col("created_at") >= now - timedelta(days=GROWTH_DAYS)).sum().cast(pl.Int64).alias("scope_growth_28d"),
            (pl.col("done_at") >= now - timedelta(days=SHARE_DAYS)).sum().cast(pl.Int64).alias("done_lately"),
        )
    )
    frame = heads.join(counts, left_on=["ticket_id"], right_on=["epic_ticket"], how="left").with_columns(
        pl.col("done", "open", "scope_growth_28d", "done_lately").fill_null(0)
    )
    lately = children.filter(pl.col("done_at") >= now - timedelta(days=SHARE_DAYS))
    team_done = dict(lately.group_by("team").len().iter_rows())
    team_open = dict(children.filter(~is_done.fill_null(value=False)).group_by("team").len().iter_rows())
    rng = np.random.default_rng(SEED)
    rows = []
    for row in frame.iter_rows(named=True):
        team = row["team"]
        past = weekly.get(team, [])
        share = (row["done_lately"] + row["open"]) / max(1, team_done.get(team, 0) + team_open.get(team, 0))
        allowed = _weeks_until(row["due_on"], now)
        found = delivery(
            past,
            row["open"],
            share=share,
            growth_a_week=row["scope_growth_28d"] * 7 / GROWTH_DAYS,
            allowed_weeks=allowed,
            rng=rng,
        )
        rows.append(_row(row, past, found, now))
    shown = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return Epics(now, shown.sort(pl.col("p_late").fill_null(-1.0) * -1, "p85_on", "epic_key", nulls_last=True))


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


def _weeks_until(due_on: date | None, now: datetime) -> float | None:
    """Weeks until the end of that day; negative where it has passed."""
    return None if due_on is None else ((due_on - now.date()).days + 1) / 7


def _row(row: dict[str, object], past: list[int], found: Delivery, now: datetime) -> tuple[object, ...]:
    done, still = row["done"], row["open"]
    weeks = found.weeks if done or still else (None, None, None)  # it has not been broken down yet
    dates = [None if length is None else (now + timedelta(weeks=length)).date() for length in weeks]
    due = row["due_on"]
    known = dates[0] is not None
    state = "no date"
    if not still:
        state = "ready to close" if done else "no tickets"
    elif not known:
        state = "unknown"
    elif isinstance(due, date):
        late = found.p_late or 0.0
        state = "overdue" if due < now.date() else "at risk" if late >= AT_RISK else "on time"
    model = "none" if not known else "few weeks" if len(past) < FEW_WEEKS else "throughput"
    typical = float(np.median(past)) if past else None
    assert isinstance(done, int)  # noqa: S101 - counted above
    assert isinstance(still, int)  # noqa: S101
    return (
        row["source"], row["ticket_id"], row["ticket_key"], row["title"], row["team"], row["status"], done, still,
        done + still, row["scope_growth_28d"], due, *dates, found.p_late if known else None, typical, len(past), model,
        state, row["url"],
    )  # fmt: skip
