"""What if a team had one person more or less, or its epics were larger or smaller?"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.answers.epic import variants
from collabtui.answers.epics import day_after, open_epics, weeks_until
from collabtui.answers.throughput import first_day
from collabtui.config import Settings
from collabtui.warehouse import Warehouse
from forecasting.delivery import delivery


@dataclass(frozen=True)
class WhatIf:
    """epics: a row an open epic and a thing that may be otherwise: source, epic_id, epic_key, title, team, due_on, what
    (as it is, one person more, one person less, scope +20 %, scope −20 %, no more added), open (tickets then), p50_on,
    p85_on, p95_on (null: not within two years), p_late (null without due_on). Epics without open tickets or a forecast
    are left out.
    """

    now: datetime
    epics: pl.DataFrame


SCHEMA: dict[str, type[pl.DataType]] = {
    "source": pl.String, "epic_id": pl.String, "epic_key": pl.String, "title": pl.String, "team": pl.String,
    "due_on": pl.Date, "what": pl.String, "open": pl.Int64, "p50_on": pl.Date, "p85_on": pl.Date, "p95_on": pl.Date,
    "p_late": pl.Float64,
}  # fmt: skip


def what_if(warehouse: Warehouse, settings: Settings, now: datetime) -> WhatIf:
    """All from the same futures, so that rows of an epic differ by what is otherwise and not by chance."""
    known, first = open_epics(warehouse, settings, now), first_day(settings, now)
    rows = []
    for row in known.epics.sort("epic_key").iter_rows(named=True):
        work, flow = known.work(row), known.flows.get(row["team"])
        if flow is None or flow.futures.is_idle or not work.remaining:
            continue
        named = (row["source"], row["ticket_id"], row["ticket_key"], row["title"], row["team"], row["due_on"])
        for what, (team, then) in variants(flow, work).items():
            found = delivery(team, then, allowed_weeks=weeks_until(row["due_on"], first))
            rows.append((*named, what, then.remaining, *(day_after(w, first) for w in found.weeks), found.p_late))
    return WhatIf(now, pl.DataFrame(rows, schema=SCHEMA, orient="row"))
