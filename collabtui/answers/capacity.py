"""What will each team finish in the next weeks, and does more come in than goes out?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from collabtui.answers.epics import FARTHEST_WEEKS
from collabtui.answers.teams import with_team
from collabtui.answers.throughput import by_week, daily_counts, flows, week_starts
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from forecasting.delivery import Work, delivery, weekly_band

GROWING, OVERLOADED = 1.1, 1.3
LOAD_WEEKS = 8


@dataclass(frozen=True)
class Capacity:
    """teams: team, wip, wip_age_p85_days, open_tickets, arrivals_week and throughput_week (medians of eight weeks),
    next_week_p50, next_week_p85 (so many will be finished with 50 % and 85 % certainty), backlog_weeks_p50,
    backlog_weeks_p85 (until all that is open now is done; null beyond two years), load (arrivals per finished, eight
    weeks), history_n (weeks), state (steady, growing, overloaded, unknown).
    weeks: team, week_on (its first day), arrivals, throughput (null ahead), is_forecast, p15, p50, p85 (null before).
    people: person, team, wip, done_28d, oldest_days (age of the oldest work in progress).
    """

    now: datetime
    teams: pl.DataFrame
    weeks: pl.DataFrame
    people: pl.DataFrame


TEAMS: dict[str, type[pl.DataType]] = {
    "team": pl.String, "wip": pl.Int64, "wip_age_p85_days": pl.Float64, "open_tickets": pl.Int64,
    "arrivals_week": pl.Float64, "throughput_week": pl.Float64, "next_week_p50": pl.Int64,
    "next_week_p85": pl.Int64, "backlog_weeks_p50": pl.Float64, "backlog_weeks_p85": pl.Float64, "load": pl.Float64,
    "history_n": pl.Int64, "state": pl.String,
}  # fmt: skip
WEEKS: dict[str, type[pl.DataType]] = {
    "team": pl.String, "week_on": pl.Date, "arrivals": pl.Int64, "throughput": pl.Int64,
    "is_forecast": pl.Boolean, "p15": pl.Float64, "p50": pl.Float64, "p85": pl.Float64,
}  # fmt: skip


def capacity(
    warehouse: Warehouse, settings: Settings, now: datetime, *, weeks_back: int = 12, weeks_ahead: int = 4
) -> Capacity:
    """Weeks are seven days back from `now`, so that the last one is whole; those to come know holidays and absences.

    Epics and sub-tasks are not counted.
    """
    tickets = with_team(reads.tickets(warehouse), settings).filter(~pl.col("is_epic") & ~pl.col("is_subtask"))
    flow_of = flows(tickets, settings, now)
    arrived = {team: by_week(daily) for team, daily in daily_counts(tickets, now, at="created_at").items()}
    doing = tickets.filter(pl.col("status_category") == "indeterminate").with_columns(
        age_days=(pl.lit(now) - pl.coalesce("started_at", "created_at")).dt.total_seconds() / 86400
    )
    ages = {team: (n, p85) for team, n, p85 in doing.group_by("team").agg(
        pl.len(), pl.col("age_days").quantile(0.85, interpolation="higher").alias("p85")).iter_rows()}  # fmt: skip
    is_open = pl.col("status_category").fill_null("new") != "done"
    open_now = dict(tickets.filter(is_open).group_by("team").len().iter_rows())
    teams, weeks = [], []
    for team in sorted(tickets["team"].unique().to_list()):
        flow, came, still = flow_of.get(team), arrived.get(team, []), open_now.get(team, 0)
        past = flow.weekly if flow else []
        band = weekly_band(flow.futures, weeks_ahead) if flow else []
        lasts = delivery(flow.futures, Work(still)).weeks if flow else (0.0 if not still else None,) * 3
        backlog_p50, backlog_p85, _ = (w if w is not None and w <= FARTHEST_WEEKS else None for w in lasts)
        load = sum(came[-LOAD_WEEKS:]) / sum(past[-LOAD_WEEKS:]) if sum(past[-LOAD_WEEKS:]) else None
        wip, age = ages.get(team, (0, None))
        teams.append((
            team, wip, age, still, _median(came), _median(past), int(band[0][1]) if band else None,
            int(band[0][0]) if band else None, backlog_p50, backlog_p85, load, len(past), _state(load),
        ))  # fmt: skip
        weeks += _weeks(team, came, past, band, now, weeks_back)
    return Capacity(
        now,
        pl.DataFrame(teams, schema=TEAMS, orient="row"),
        pl.DataFrame(weeks, schema=WEEKS, orient="row"),
        _people(warehouse, tickets, doing, now),
    )


def _median(counts: list[int]) -> float | None:
    return float(np.median(counts[-LOAD_WEEKS:])) if counts else None


def _state(load: float | None) -> str:
    if load is None:
        return "unknown"
    return "overloaded" if load >= OVERLOADED else "growing" if load >= GROWING else "steady"


def _weeks(
    team: str, came: list[int], past: list[int], band: list[tuple[float, float, float]], now: datetime, back: int
) -> list[tuple[object, ...]]:
    starts = week_starts(now, back)
    shown = []
    for n, start in enumerate(starts):
        place = n - back
        arrivals = came[place] if len(came) >= -place else 0
        throughput = past[place] if len(past) >= -place else 0
        shown.append((team, start.date(), arrivals, throughput, False, None, None, None))
    ahead = [
        (team, (now + timedelta(weeks=n)).date(), None, None, True, low, middle, high)
        for n, (low, middle, high) in enumerate(band)
    ]
    return [*shown, *ahead]


def _people(warehouse: Warehouse, tickets: pl.DataFrame, doing: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Who works on how much. People who had nothing in 28 days are left out."""
    key = ["source", "assignee_id"]
    finished = (
        tickets.filter(pl.col("done_at") >= now - timedelta(days=28))
        .group_by(key)
        .agg(pl.len().cast(pl.Int64).alias("done_28d"), pl.col("team").mode().first().alias("done_team"))
    )
    working = doing.group_by(key).agg(
        pl.len().cast(pl.Int64).alias("wip"),
        pl.col("age_days").max().alias("oldest_days"),
        pl.col("team").mode().first().alias("wip_team"),
    )
    names = reads.people(warehouse).select("source", pl.col("person_id").alias("assignee_id"), "name")
    return (
        finished.join(working, on=key, how="full", coalesce=True)
        .filter(pl.col("assignee_id").is_not_null())
        .join(names, on=key, how="left")
        .select(
            pl.coalesce("name", "assignee_id").alias("person"),
            pl.coalesce("wip_team", "done_team").alias("team"),
            pl.col("wip").fill_null(0),
            pl.col("done_28d").fill_null(0),
            "oldest_days",
        )
        .sort("team", "wip", "person", descending=[False, True, False])
    )
