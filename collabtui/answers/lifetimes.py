"""How long tickets stay in progress, team by team, and which are in progress now."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from collabtui.answers.teams import team_tickets
from collabtui.config import Settings
from collabtui.warehouse import Warehouse
from forecasting.lifetimes import Lifetimes

LATELY_WEEKS = 8
LIFE_WEEKS = 26
"""How long work takes is told from what was finished in so many weeks."""
FEWEST = 10
"""From so many finished tickets on one can tell how long work usually takes."""


def in_progress(tickets: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The tickets in progress, with age_days: since work on them began."""
    return tickets.filter(pl.col("status_category") == "indeterminate").with_columns(
        age_days=(pl.lit(now) - pl.coalesce("started_at", "created_at")).dt.total_seconds() / 86400
    )


def lives(warehouse: Warehouse, settings: Settings, now: datetime) -> dict[str, tuple[np.ndarray, float]]:
    """By team: how many days what was finished in the last half year took, and how many tickets were begun a week.

    Capacity, epics and the stand-up ask it of the same moment: it is made once.
    """
    return warehouse.kept(("lives", repr(settings)), lambda: _lives(team_tickets(warehouse, settings), now), at=now)


def _lives(tickets: pl.DataFrame, now: datetime) -> dict[str, tuple[np.ndarray, float]]:
    since = now - timedelta(weeks=LIFE_WEEKS)
    lately = now - timedelta(weeks=LATELY_WEEKS)
    begun = tickets.filter(pl.col("started_at") <= now).with_columns(
        took_days=(pl.col("done_at") - pl.col("started_at")).dt.total_seconds() / 86400
    )
    counted = begun.group_by("team").agg(
        pl.col("took_days").filter(pl.col("done_at").is_between(since, now) & (pl.col("took_days") >= 0)),
        (pl.col("started_at") > lately).sum() / LATELY_WEEKS,
    )
    return {team: (np.array(took), started) for team, took, started in counted.iter_rows()}


def begun_days(now: datetime) -> pl.Expr:
    """How long ago work began on a ticket that is in progress; null of all others, and where it is not told."""
    is_begun = (pl.col("status_category") == "indeterminate") & (pl.col("started_at") <= now)
    return pl.when(is_begun).then((pl.lit(now) - pl.col("started_at")).dt.total_seconds() / 86400)


def lifetimes(warehouse: Warehouse, settings: Settings, now: datetime) -> dict[str, Lifetimes]:
    """By team, from what was finished in the last half year and what has been begun; teams with few are not there."""
    doing = team_tickets(warehouse, settings).select("team", age_days=begun_days(now)).drop_nulls("age_days")
    ages = dict(doing.group_by("team").agg("age_days").iter_rows())
    return {
        team: Lifetimes.of(took, np.array(ages.get(team, [])))
        for team, (took, _) in lives(warehouse, settings, now).items()
        if took.size >= FEWEST
    }
