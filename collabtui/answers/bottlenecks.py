"""Where do work and data wait? The tasks, statuses, teams, people and pools that hold them up, worst first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from collabtui.answers.pools import pools
from collabtui.answers.statuses import statuses
from collabtui.answers.tasks import tasks
from collabtui.answers.teams import with_team
from collabtui.answers.work import CLEAR_WEEKS, work
from collabtui.chances import percent
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads

Row = Mapping[str, Any]
Found = tuple[str, str, str, str, float | None, str, str]
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
LISTED = 6
"""So many of a kind are in the list; the frames have all."""
NOTICED_S = 60.0
"""A task that costs less landing time is none."""
OFTEN = 0.01
"""A pool that is full for more of the time is listed even where nobody says how long tasks waited."""
ORDER = ("overloaded", "growing", "full", "steady")


@dataclass(frozen=True)
class Bottlenecks:
    """bottlenecks: kind (task, status, team, person, pool), what, where, state (see `ORDER`), share (0 to 1: the part
    of the whole that it costs, a task of the landing, a status of its team's lead time, a pool of waiting and running,
    a team or a person of what came and was not finished), cost (words), sentence; what gets worse first, then by share.
    """

    now: datetime
    bottlenecks: pl.DataFrame


FOUND: dict[str, type[pl.DataType]] = {
    "kind": pl.String, "what": pl.String, "where": pl.String, "state": pl.String, "share": pl.Float64,
    "cost": pl.String, "sentence": pl.String,
}  # fmt: skip


def bottlenecks(warehouse: Warehouse, settings: Settings, now: datetime) -> Bottlenecks:
    """From the newest runs of each pipeline, the last 14 days of the pools and the last eight weeks of the tickets."""
    tickets = with_team(reads.worked_tickets(warehouse), settings)
    of_status = statuses(warehouse, settings, now, tickets=tickets).statuses
    of_task = tasks(warehouse, settings, now).tasks
    held = work(warehouse, settings, now, tickets=tickets).work
    waits = (pl.col("waited_day") > 0) | (pl.col("waited_day").is_null() & (pl.col("full") > OFTEN))
    of_pool = pools(warehouse, settings, now).pools.filter(waits)
    found = [
        *map(_task, of_task.filter(pl.col("instant_p50_s") >= NOTICED_S).head(LISTED).to_dicts()),
        *map(_status, _noticed(of_status).head(LISTED).to_dicts()),
        *map(_worker, held.filter(pl.col("state").is_in(["overloaded", "growing"])).head(LISTED).to_dicts()),
        *map(_pool, of_pool.head(LISTED).to_dicts()),
    ]
    ranks = {name: n for n, name in enumerate(ORDER)}
    ranked = pl.DataFrame(found, schema=FOUND, orient="row").sort(
        pl.col("state").replace_strict(ranks, return_dtype=pl.Int64), -pl.col("share").fill_null(0.0), "kind", "where"
    )
    return Bottlenecks(now, ranked)


def _noticed(found: pl.DataFrame) -> pl.DataFrame:
    """The statuses that grow, and of each team the one that holds its tickets longest."""
    longest = pl.struct("team", "status").is_in(
        found.group_by("team", maintain_order=True).first().select(pl.struct("team", "status")).to_series().implode()
    )
    return found.filter((pl.col("is_growing") | longest) & (pl.col("in_it") > 0)).sort(
        "is_growing", descending=True, maintain_order=True
    )


# --- each in a sentence ---


def _task(row: Row) -> Found:
    cost = f"{_minutes(row['instant_p50_s'] / 60)} a run"
    sentence = (
        f"Without {row['task_id']}, {row['name']} would land {_minutes(row['instant_p50_s'] / 60)} earlier at P50 and "
        f"{_minutes(row['instant_p95_s'] / 60)} at P95; were it never slower than usual, "
        f"{_minutes(row['steady_p95_s'] / 60)} at P95."
    )
    return "task", row["task_id"], row["name"], "steady", row["share"], cost, sentence


def _status(row: Row) -> Found:
    stay = f"stay {_days(row['median_days'])} (P50)" if row["median_days"] is not None else "have not left"
    flow = f"{row['came_week']:.1f} come and {row['left_week']:.1f} leave a week"
    sentence = (
        f"Tickets of {row['team']} {stay} in {row['status']}; now in it: {row['in_it']}, "
        f"85 % of them for up to {_days(row['age_p85_days'])}; {flow}, "
        f"{'so it grows' if row['is_growing'] else 'so it does not grow'}."
    )
    return (
        "status",
        row["status"],
        row["team"],
        row["state"],
        row["share"],
        f"{_days(row['median_days'])} a ticket",
        sentence,
    )


def _worker(row: Row) -> Found:
    longest = "two years" if row["kind"] == "team" else f"{CLEAR_WEEKS} weeks"
    clear = f"{row['clear_weeks_p50']:.1f} weeks" if row["clear_weeks_p50"] is not None else f"more than {longest}"
    share = None
    if row["kind"] == "team":
        share = 1 - 1 / row["load"]
        flow = (
            f"{row['arrivals_week']:.1f} tickets a week come to {row['name']} and {row['done_week']:.1f} are finished"
        )
    else:
        flow = f"{row['name']} finishes {row['done_week']:.1f} tickets a week"
    sentence = f"{flow}; what is open ({row['open_tickets']}, {row['wip']} in progress) takes {clear} (P50)."
    return row["kind"], row["name"], row["team"], row["state"], share, f"{clear} of work", sentence


def _pool(row: Row) -> Found:
    when = "is never full"
    if row["busiest_hour"] is not None:
        day = DAYS[row["busiest_weekday"] - 1]
        hour = f"{row['busiest_hour']:02d}:00"
        when = f"is fullest on {day} at {hour} (no slot is free for {percent(row['busiest_full'])} of that hour)"
    if row["waited_p50_min"] is None:
        cost, wait = "not told", "this Airflow does not say when tasks were ready, so not how long they wait for a slot"
    else:
        cost = f"{_minutes(row['waited_p50_min'])} a day"
        wait = f"tasks wait {cost} (P50)"
    if row["slot_more_p50_min"] is not None:
        p50, p95 = _minutes(row["slot_more_p50_min"]), _minutes(row["slot_more_p95_min"])
        wait += f"; a slot more would save {p50} a day at P50, {p95} at P95"
    return "pool", row["pool"], row["source"], row["state"], row["share"], cost, f"{row['pool']} {when}; {wait}."


def _minutes(count: float) -> str:
    if count < 90:
        return f"{count:.0f} min"
    return f"{count / 60:.1f} h"


def _days(count: float | None) -> str:
    if count is None:
        return "unknown"
    return f"{count * 24:.0f} h" if count < 1 else f"{count:.1f} days"
