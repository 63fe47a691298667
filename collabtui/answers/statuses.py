"""Which status holds tickets longest, and which of them fill up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from collabtui.answers.teams import with_team
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from forecasting import bottlenecks
from forecasting.bottlenecks import WEEKS, stays


@dataclass(frozen=True)
class Statuses:
    """statuses: see `forecasting.bottlenecks.statuses`, with state (growing, steady)."""

    now: datetime
    statuses: pl.DataFrame


def statuses(
    warehouse: Warehouse, settings: Settings, now: datetime, *, tickets: pl.DataFrame | None = None
) -> Statuses:
    """By team, from the moves of the last eight weeks against the eight before."""
    if tickets is None:
        tickets = with_team(reads.worked_tickets(warehouse), settings)
    moves = reads.moves(warehouse, now - timedelta(weeks=2 * WEEKS))
    state = pl.when("is_growing").then(pl.lit("growing")).otherwise(pl.lit("steady"))
    return Statuses(now, bottlenecks.statuses(stays(tickets, moves), now).with_columns(state=state))
