"""What will each team finish in the next weeks, and does more come in than goes out?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from collabtui.answers.epics import FARTHEST_WEEKS
from collabtui.answers.lifetimes import in_progress, lives
from collabtui.answers.teams import team_tickets
from collabtui.answers.throughput import Flow, team_flows, week_starts, weekly_counts
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, ledger_reads, reads
from forecasting.capacity import ages_ahead, outlook
from forecasting.delivery import Work, delivery, weekly_band
from forecasting.lifetimes import Lifetimes
from forecasting.record import record

GROWING, OVERLOADED = 1.1, 1.3
LOAD_WEEKS = 8
WEEKS_AHEAD = 8
Row = tuple[object, ...]


@dataclass(frozen=True)
class Capacity:
    """teams: team, wip, wip_age_p85_days, open_tickets, arrivals_week and throughput_week (means of eight weeks),
    next_week_p50, next_week_p85 (so many will be finished with 50 % and 85 % certainty), backlog_weeks_p50,
    backlog_weeks_p85 (until all that is open now is done; null beyond two years), load (arrivals per finished, eight
    weeks), history_n (weeks), state (steady, growing, overloaded, unknown); ahead_weeks, ahead_open_p15,
    ahead_open_p50, ahead_open_p85 (tickets open then), ahead_age_p85_days (85 % of the work in progress will be
    younger), most_week (finished in its best week ever), passes_p50_on, passes_p85_on (the first day of the first week
    to come in which more is asked than that, see `forecasting.capacity.Outlook`; null where none is in sight), kept
    (how the forecasts of its throughput did that were shown, in words; null before one came true).
    together: one row, what of that can be said of all teams as of one: wip, open_tickets, arrivals_week,
    throughput_week, wip_age_p85_days, load.
    weeks: team, week_on (its first day), arrivals, throughput, open (at its end; null ahead), is_forecast, and null
    before: p15, p50, p85 (of throughput), arrivals_p15, arrivals_p50, arrivals_p85, open_p15, open_p50, open_p85,
    age_p15_days, age_p50_days, age_p85_days (the age that 85 % of the work in progress is below, with its own
    quantiles; null also where nothing is in progress).
    people: person, team, wip, done_28d, oldest_days (age of the oldest work in progress), source, person_id.
    """

    now: datetime
    teams: pl.DataFrame
    together: pl.DataFrame
    weeks: pl.DataFrame
    people: pl.DataFrame


TEAMS: dict[str, type[pl.DataType]] = {
    "team": pl.String, "wip": pl.Int64, "wip_age_p85_days": pl.Float64, "open_tickets": pl.Int64,
    "arrivals_week": pl.Float64, "throughput_week": pl.Float64, "next_week_p50": pl.Int64,
    "next_week_p85": pl.Int64, "backlog_weeks_p50": pl.Float64, "backlog_weeks_p85": pl.Float64, "load": pl.Float64,
    "history_n": pl.Int64, "state": pl.String, "ahead_weeks": pl.Int64, "ahead_open_p15": pl.Float64,
    "ahead_open_p50": pl.Float64, "ahead_open_p85": pl.Float64, "ahead_age_p85_days": pl.Float64, "most_week": pl.Int64,
    "passes_p50_on": pl.Date, "passes_p85_on": pl.Date, "kept": pl.String,
}  # fmt: skip
BANDS = (
    "p15", "p50", "p85", "arrivals_p15", "arrivals_p50", "arrivals_p85", "open_p15", "open_p50", "open_p85",
    "age_p15_days", "age_p50_days", "age_p85_days",
)  # fmt: skip
WEEKS: dict[str, type[pl.DataType]] = {
    "team": pl.String, "week_on": pl.Date, "arrivals": pl.Int64, "throughput": pl.Int64, "open": pl.Int64,
    "is_forecast": pl.Boolean, **dict.fromkeys(BANDS, pl.Float64),
}  # fmt: skip


def capacity(
    warehouse: Warehouse, settings: Settings, now: datetime, *, weeks_back: int = 12, weeks_ahead: int = WEEKS_AHEAD
) -> Capacity:
    """Weeks are seven days back from `now`, so that the last one is whole; those to come know holidays and absences.

    Epics and sub-tasks are not counted.
    """
    tickets = team_tickets(warehouse, settings)
    flow_of = team_flows(warehouse, settings, now)
    arrived = weekly_counts(tickets, now, at="created_at")
    doing = in_progress(tickets, now)
    ages = dict(doing.group_by("team").agg("age_days").iter_rows())
    known, kept = lives(warehouse, settings, now), _kept(warehouse)
    is_open = pl.col("status_category").fill_null("new") != "done"
    open_now = dict(tickets.filter(is_open).group_by("team").len().iter_rows())
    teams: list[Row] = []
    weeks: list[Row] = []
    for team in sorted(tickets["team"].unique().to_list()):
        flow, came = flow_of.get(team), arrived.get(team, [])
        past, most = (flow.weekly, flow.most_week) if flow else ([], 0)
        still, old = open_now.get(team, 0), np.array(ages.get(team, []))
        band = weekly_band(flow.futures, weeks_ahead) if flow else []
        lately = min(LOAD_WEEKS, max(len(came), len(past)))
        came_week, done_week = _mean(came, lately), _mean(past, lately)
        load = came_week / done_week if came_week is not None and done_week else None
        took, started_week = known.get(team, (np.zeros(0), 0.0))
        older = ages_ahead(old, Lifetimes.of(took, old), started_week, weeks_ahead)
        look = outlook(flow.futures, came, still, most, weeks_ahead) if flow and came else None
        passes = [
            None if n is None else (now + timedelta(weeks=n)).date() for n in (look.passes if look else (None,) * 2)
        ]
        teams.append((
            team, old.size, float(np.quantile(old, 0.85, method="higher")) if old.size else None, still,
            came_week, done_week, int(band[0][1]) if band else None, int(band[0][0]) if band else None,
            *backlog(flow, still), load, len(past), load_state(load), weeks_ahead,
            *(look.open[-1].tolist() if look else NOTHING), (older[-1] or NOTHING)[1], most, *passes, kept.get(team),
        ))  # fmt: skip
        weeks += _past_weeks(team, came, past, still, now, weeks_back)
        for n in range(weeks_ahead):
            weeks.append((
                team, (now + timedelta(weeks=n)).date(), None, None, None, True, *(band[n] if band else NOTHING),
                *(look.arrivals[n].tolist() if look else NOTHING), *(look.open[n].tolist() if look else NOTHING),
                *(older[n] or NOTHING),
            ))  # fmt: skip
    of_teams = pl.DataFrame(teams, schema=TEAMS, orient="row")
    return Capacity(
        now,
        of_teams,
        _together(of_teams, doing),
        pl.DataFrame(weeks, schema=WEEKS, orient="row"),
        _people(warehouse, tickets, doing, now),
    )


NOTHING = (None, None, None)


def _kept(warehouse: Warehouse) -> dict[str, str]:
    scored = ledger_reads.scored_values(warehouse, "throughput")
    return {team: record(mine).words for (team,), mine in scored.group_by("subject", maintain_order=True)}


def backlog(flow: Flow | None, still: int) -> tuple[float | None, float | None]:
    """When so many open tickets will be done: P50 and P85 in weeks; None where that is not within two years."""
    if flow is None:
        return (None, None) if still else (0.0, 0.0)
    lasts = delivery(flow.futures, Work(still)).weeks
    p50, p85, _ = (weeks if weeks is not None and weeks <= FARTHEST_WEEKS else None for weeks in lasts)
    return p50, p85


def _mean(counts: list[int], weeks: int) -> float | None:
    return sum(counts[-weeks:]) / weeks if weeks else None


def _together(teams: pl.DataFrame, doing: pl.DataFrame) -> pl.DataFrame:
    """What can be said of all teams as of one."""
    sums = teams.select(pl.col("wip", "open_tickets", "arrivals_week", "throughput_week").sum())
    return sums.with_columns(
        wip_age_p85_days=doing.select(pl.col("age_days").quantile(0.85, "higher")).to_series(),
        load=pl.when(pl.col("throughput_week") > 0).then(pl.col("arrivals_week") / pl.col("throughput_week")),
    )


def load_state(load: float | None) -> str:
    """Steady, growing or overloaded, from what comes for each ticket that is finished; unknown without any."""
    if load is None:
        return "unknown"
    return "overloaded" if load >= OVERLOADED else "growing" if load >= GROWING else "steady"


def _past_weeks(team: str, came: list[int], past: list[int], still: int, now: datetime, back: int) -> list[Row]:
    shown: list[Row] = []
    open_then = still
    for n, start in enumerate(reversed(week_starts(now, back)), start=1):
        arrivals = came[-n] if len(came) >= n else 0
        throughput = past[-n] if len(past) >= n else 0
        shown.append((team, start.date(), arrivals, throughput, max(0, open_then), False, *NOTHING * 4))
        open_then += throughput - arrivals
    return shown[::-1]


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
            "source",
            pl.col("assignee_id").alias("person_id"),
        )
        .sort("team", "wip", "person", descending=[False, True, False])
    )
