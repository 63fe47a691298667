"""What each team has to do, what it gets done, and whether the one keeps up with the other."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse

TEAMS = {
    "team": pl.String, "wip": pl.Int64, "wip_age_p85_days": pl.Float64, "open_tickets": pl.Int64,
    "arrivals_week": pl.Float64, "throughput_week": pl.Float64, "next_week_p50": pl.Int64,
    "next_week_p85": pl.Int64, "backlog_weeks_p50": pl.Float64, "backlog_weeks_p85": pl.Float64,
    "load": pl.Float64, "state": pl.String,
}  # fmt: skip
WEEKS = {
    "team": pl.String, "week_on": pl.Date, "arrivals": pl.Int64, "throughput": pl.Int64, "is_forecast": pl.Boolean,
    "p50": pl.Float64, "p15": pl.Float64, "p85": pl.Float64,
}  # fmt: skip
PEOPLE = {
    "person": pl.String, "team": pl.String, "wip": pl.Int64, "done_28d": pl.Int64, "oldest_days": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Capacity:
    """`teams` (TEAMS), `weeks` past and ahead (WEEKS), `people` with work (PEOPLE)."""

    now: datetime
    teams: pl.DataFrame
    weeks: pl.DataFrame
    people: pl.DataFrame


def capacity(
    warehouse: Warehouse, settings: Settings, now: datetime, *, weeks_back: int = 12, weeks_ahead: int = 4
) -> Capacity:
    return Capacity(now, pl.DataFrame(schema=TEAMS), pl.DataFrame(schema=WEEKS), pl.DataFrame(schema=PEOPLE))
