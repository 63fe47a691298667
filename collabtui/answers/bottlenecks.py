"""Where do work and data wait? The tasks, statuses, teams, people and pools that hold them up, worst first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from collabtui.answers.capacity import LOAD_WEEKS, backlog, load_state
from collabtui.answers.flights import PAST_RUNS, SEED, graphs_and_pasts
from collabtui.answers.landings import HISTORY_RUNS
from collabtui.answers.pools import pools
from collabtui.answers.teams import with_team
from collabtui.answers.throughput import flows, weekly_counts
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.columns import to_us
from forecasting.bottlenecks import WEEKS, statuses, stays
from forecasting.capacity import weeks_to_clear
from forecasting.taskgraph import savings

Row = Mapping[str, Any]
Found = tuple[str, str, str, str, float | None, str, str]
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
LISTED = 6
"""So many of a kind are in the list; the frames have all."""
NOTICED_S = 60.0
"""A task that costs less landing time is none."""
LONG_WEEKS = 4.0
"""Somebody who needs longer than this for what is on the table has too much of it."""
OFTEN = 0.01
"""A pool that is full for more of the time is listed even where nobody says how long tasks waited."""
CLEAR_WEEKS = 13
"""What a person needs longer for is just said to be longer."""
ORDER = ("overloaded", "growing", "full", "steady")


@dataclass(frozen=True)
class Bottlenecks:
    """bottlenecks: kind (task, status, team, person, pool), what, where, state (see `ORDER`), share (0 to 1: the part
    of the whole that it costs, a task of the landing, a status of its team's lead time, a pool of waiting and running,
    a team or a person of what came and was not finished), cost (words), sentence; what gets worse first, then by share.
    tasks: of each pipeline the costliest, worst first: source, pipeline_id, name, task_id, instant_p50_s,
    instant_p95_s, steady_p50_s, steady_p95_s (seconds that runs would land earlier, see
    `forecasting.taskgraph.savings`), landing_p50_s, share (of it), history_n (runs).
    statuses: see `forecasting.bottlenecks.statuses`, with state (growing, steady).
    work: kind (team, person), name, team, wip, open_tickets, done_week and arrivals_week (means of eight weeks; a
    person's arrivals are not known), load, clear_weeks_p50, clear_weeks_p85 (until what is open is done; null beyond
    two years, for a person beyond a quarter of one), state (overloaded, growing, steady, unknown).
    pools and hours: see `collabtui.answers.pools`.
    """

    now: datetime
    bottlenecks: pl.DataFrame
    tasks: pl.DataFrame
    statuses: pl.DataFrame
    work: pl.DataFrame
    pools: pl.DataFrame
    hours: pl.DataFrame


TASKS: dict[str, type[pl.DataType]] = {
    "source": pl.String, "pipeline_id": pl.String, "name": pl.String, "task_id": pl.String,
    "instant_p50_s": pl.Float64, "instant_p95_s": pl.Float64, "steady_p50_s": pl.Float64, "steady_p95_s": pl.Float64,
    "landing_p50_s": pl.Float64, "share": pl.Float64, "history_n": pl.Int64,
}  # fmt: skip
WORK: dict[str, type[pl.DataType]] = {
    "kind": pl.String, "name": pl.String, "team": pl.String, "wip": pl.Int64, "open_tickets": pl.Int64,
    "done_week": pl.Float64, "arrivals_week": pl.Float64, "load": pl.Float64, "clear_weeks_p50": pl.Float64,
    "clear_weeks_p85": pl.Float64, "state": pl.String,
}  # fmt: skip
FOUND: dict[str, type[pl.DataType]] = {
    "kind": pl.String, "what": pl.String, "where": pl.String, "state": pl.String, "share": pl.Float64,
    "cost": pl.String, "sentence": pl.String,
}  # fmt: skip


def bottlenecks(warehouse: Warehouse, settings: Settings, now: datetime) -> Bottlenecks:
    """From the newest runs of each pipeline, the last 14 days of the pools and the last eight weeks of the tickets."""
    tickets = with_team(reads.worked_tickets(warehouse), settings)
    moves = reads.moves(warehouse, to_us(now - timedelta(weeks=2 * WEEKS)))
    of_status = statuses(stays(tickets, moves), now).with_columns(
        state=pl.when("is_growing").then(pl.lit("growing")).otherwise(pl.lit("steady"))
    )
    of_pool, hours = pools(warehouse, settings.timezone or "UTC", now)
    tasks, work = _tasks(warehouse), _work(warehouse, settings, tickets, now)
    found = [
        *map(_task, tasks.filter(pl.col("instant_p50_s") >= NOTICED_S).head(LISTED).to_dicts()),
        *map(_status, _noticed(of_status).head(LISTED).to_dicts()),
        *map(_worker, work.filter(pl.col("state").is_in(["overloaded", "growing"])).head(LISTED).to_dicts()),
        *map(
            _pool,
            of_pool.filter((pl.col("waited_day") > 0) | (pl.col("waited_day").is_null() & (pl.col("full") > OFTEN)))
            .head(LISTED)
            .to_dicts(),
        ),
    ]
    ranks = {name: n for n, name in enumerate(ORDER)}
    ranked = pl.DataFrame(found, schema=FOUND, orient="row").sort(
        pl.col("state").replace_strict(ranks, return_dtype=pl.Int64), -pl.col("share").fill_null(0.0), "kind", "where"
    )
    return Bottlenecks(now, ranked, tasks, of_status, work, of_pool, hours)


def _tasks(warehouse: Warehouse) -> pl.DataFrame:
    pipelines = reads.pipelines(warehouse).select("source", "pipeline_id", "name")
    names = {(source, pipeline_id): name for source, pipeline_id, name in pipelines.iter_rows()}
    runs = reads.runs_of(warehouse, list(names), HISTORY_RUNS)
    key = ["source", "pipeline_id"]
    landed = runs.filter(pl.col("state") == "success").group_by(key, maintain_order=True).head(PAST_RUNS)
    usual = landed.group_by(key).agg(_seconds(pl.col("end_at") - pl.col("due_at")).median())
    landings = {(source, pipeline_id): seconds for source, pipeline_id, seconds in usual.iter_rows()}
    rows = []
    for found, (graph, past) in graphs_and_pasts(warehouse, list(names), runs).items():
        task_id, instant, *more = savings(graph, past, np.random.default_rng(SEED)).row(0)
        landing = landings[found]
        share = min(1.0, instant / landing) if landing > 0 else None
        rows.append((*found, names[found], task_id, instant, *more, landing, share, past.runs))
    order = ["instant_p50_s", "source", "pipeline_id"]
    return pl.DataFrame(rows, schema=TASKS, orient="row").sort(order, descending=[True, False, False])


def _seconds(span: pl.Expr) -> pl.Expr:
    return span.dt.total_microseconds() / 1e6


def _work(warehouse: Warehouse, settings: Settings, tickets: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Teams, and the people who finished something or have something on the table."""
    people = reads.people(warehouse).select("source", pl.col("person_id").alias("assignee_id"), person="name")
    named = tickets.join(people, on=["source", "assignee_id"], how="left").with_columns(
        person=pl.coalesce("person", "assignee_id")
    )
    parts = [_held(named, settings, kind, by, now) for kind, by in (("team", "team"), ("person", "person"))]
    return pl.concat(parts).sort(
        -pl.col("load").fill_null(0.0), -pl.col("clear_weeks_p50").fill_null(0.0), "kind", "name"
    )


def _held(tickets: pl.DataFrame, settings: Settings, kind: str, by: str, now: datetime) -> pl.DataFrame:
    mine = tickets.filter(pl.col(by).is_not_null())
    is_open = pl.col("status_category").fill_null("new") != "done"
    done = weekly_counts(mine.select("done_at", team=by), now)
    came = weekly_counts(mine.select("created_at", team=by), now, at="created_at") if kind == "team" else {}
    held = mine.group_by(by).agg(
        pl.col("team").sort_by("created_at").last().alias("home"),
        (pl.col("status_category") == "indeterminate").sum().alias("wip"),
        is_open.sum().alias("open"),
    )
    lately = {name: sum(past[-LOAD_WEEKS:]) for name, past in done.items()}
    busy = [row for row in held.sort(by).iter_rows() if row[3] or lately.get(row[0])]
    if kind == "team":
        flow_of = flows(mine, settings, now)
        clear = [backlog(flow_of.get(name), still) for name, _, _, still in busy]
    else:
        past = np.zeros((max(map(len, done.values()), default=0), len(busy)))
        for n, (name, *_) in enumerate(busy):
            past[past.shape[0] - len(done.get(name, [])) :, n] = done.get(name, [])
        clear = weeks_to_clear(past, [row[3] for row in busy], CLEAR_WEEKS, np.random.default_rng(SEED))
    rows = []
    for (name, home, wip, still), weeks in zip(busy, clear, strict=True):
        finished, arrived = lately.get(name, 0), sum(came[name][-LOAD_WEEKS:]) if name in came else None
        load = arrived / finished if arrived is not None and finished else None
        state = load_state(load) if kind == "team" else _state_of_person(weeks[0], wip)
        a_week = None if arrived is None else arrived / LOAD_WEEKS
        rows.append((kind, name, home, wip, still, finished / LOAD_WEEKS, a_week, load, *weeks, state))
    return pl.DataFrame(rows, schema=WORK, orient="row")


def _state_of_person(clear_weeks: float | None, wip: int) -> str:
    if clear_weeks is None:
        return "overloaded" if wip else "unknown"
    return "overloaded" if clear_weeks >= LONG_WEEKS else "steady"


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
        when = f"is fullest on {day} at {hour} (no slot is free for {_percent(row['busiest_full'])} of that hour)"
    if row["waited_p50_min"] is None:
        cost, wait = "not told", "this Airflow does not say when tasks were ready, so not how long they wait for a slot"
    else:
        cost = f"{_minutes(row['waited_p50_min'])} a day"
        wait = f"tasks wait {cost} (P50)"
    if row["slot_more_p50_min"] is not None:
        p50, p95 = _minutes(row["slot_more_p50_min"]), _minutes(row["slot_more_p95_min"])
        wait += f"; a slot more would save {p50} a day at P50, {p95} at P95"
    return "pool", row["pool"], row["source"], row["state"], row["share"], cost, f"{row['pool']} {when}; {wait}."


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _minutes(count: float) -> str:
    if count < 90:
        return f"{count:.0f} min"
    return f"{count / 60:.1f} h"


def _days(count: float | None) -> str:
    if count is None:
        return "unknown"
    return f"{count * 24:.0f} h" if count < 1 else f"{count:.1f} days"
