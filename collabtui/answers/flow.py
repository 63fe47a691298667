"""How does work flow through each team? Where tickets are day by day, how long they took, how old open ones are.

As the Kanban Guide has it: work in progress is started and not finished, cycle time is finished less started, age is
now less started, to the second. Started: the first time in a status of the category "in progress".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from collabtui.answers.teams import named_tickets
from collabtui.config import Settings, zone
from collabtui.warehouse import Warehouse, reads
from forecasting.bottlenecks import stays

DAYS = 84
LEVELS = {"p50_days": 0.5, "p85_days": 0.85, "p95_days": 0.95}
DAY_US = 86_400e6
IN_PROGRESS = "indeterminate"
WAITING = r"(?i)\b(wait\w*|block\w*|hold|pending|ready|queue\w*|paused|parked|impe\w+|stalled)\b"
"""Names of statuses in which nobody works on a ticket."""
AGE_STATES = {"P85": "ageing", "P95": "old"}
TICKET = ["source", "ticket_id"]
SHOWN = [
    *TICKET, "ticket_key", "title", "team", "state", "status", "days", "older_than", "started_at", "done_at", "epic",
    "assignee", "url", "above", "done_on",
]  # fmt: skip


@dataclass(frozen=True)
class WorkFlow:
    """Of the last twelve weeks, without epics and sub-tasks. A null team stands for all of them together.

    days: team, on (a date in the viewer's zone; counted at this time of that day, the last one now), to_do, in_progress
    (tickets then), done (finished since the first of these days; less where tickets were opened again).
    cycle_times: finished tickets whose start is known, newest first; ages: tickets in progress, oldest first; both with
    source, ticket_id, ticket_key, title, team, state (done; in progress, ageing: older than 85 of 100 of the team's
    cycle times, old: than 95), status, days (cycle time, or age), older_than (0 to 1: the part of the team's cycle
    times that were shorter; null without any), above (the higher of P85 and P95 that it is above, null if neither),
    started_at, done_at, done_on (the date in the viewer's zone), epic, assignee, url.
    statuses: team, status, in the order in which tickets usually come to them; those in progress.
    teams: team, wip, finished_n (tickets behind the cycle times), unknown_n (finished, but the start is not known),
    p50_days, p85_days, p95_days (of the cycle times), efficiency (0 to 1, flow efficiency: of the cycle times the part
    in statuses where work is done; null where no status in use says by its name that work waits), waiting (the names of
    those that do, null likewise).
    """

    now: datetime
    days: pl.DataFrame
    cycle_times: pl.DataFrame
    ages: pl.DataFrame
    statuses: pl.DataFrame
    teams: pl.DataFrame


def flow(warehouse: Warehouse, settings: Settings, now: datetime) -> WorkFlow:
    """From the tickets' moves between statuses."""
    since = now - timedelta(days=DAYS)
    tickets = named_tickets(warehouse, settings).drop("started_at")
    known = stays(tickets, reads.moves(warehouse, since)).join(tickets.select(*TICKET, "done_at"), on=TICKET)
    known = known.with_columns(left_at=pl.coalesce("left_at", "done_at"))
    working = known.filter(pl.col("category") == IN_PROGRESS)
    started = working.group_by(TICKET).agg(started_at=pl.col("entered_at").min())
    tickets = tickets.join(started, on=TICKET, how="left").with_columns(days=_age(now))
    finished = tickets.filter(pl.col("done_at").is_between(since, now))
    timed = finished.filter(pl.col("days") >= 0)
    levels = _both(timed).group_by("team").agg(pl.col("days").quantile(q, "higher").alias(p) for p, q in LEVELS.items())
    doing = tickets.filter(pl.col("status_category") == IN_PROGRESS)
    rated = _rated(pl.concat([timed, doing]), levels, settings)
    is_done = pl.col("state") == "done"
    return WorkFlow(
        now,
        _daily(_both(tickets), _both(_with_untold(known, tickets)), now, settings),
        rated.filter(is_done).sort("done_at", descending=True),
        rated.filter(~is_done).sort("started_at", nulls_last=True),
        _statuses(_both(working), started, since),
        _teams(tickets, doing, finished, timed, working, levels),
    )


def _age(now: datetime) -> pl.Expr:
    until = pl.when(pl.col("status_category") == "done").then("done_at").otherwise(pl.lit(now))
    return (until - pl.col("started_at")).dt.total_microseconds() / DAY_US


def _both(frame: pl.DataFrame) -> pl.DataFrame:
    """Each row for its team, and once more for all teams."""
    return pl.concat([frame, frame.with_columns(team=pl.lit(None, dtype=pl.String))])


def _with_untold(known: pl.DataFrame, tickets: pl.DataFrame) -> pl.DataFrame:
    """Done tickets whose moves nobody tells were to do until they were done."""
    untold = tickets.filter(pl.col("done_at").is_not_null()).join(known, on=TICKET, how="anti")
    told = untold.select(*TICKET, "team", "status", category=pl.lit("new"), entered_at="created_at", left_at="done_at")
    return pl.concat([known.drop("done_at"), told])


def _daily(tickets: pl.DataFrame, known: pl.DataFrame, now: datetime, settings: Settings) -> pl.DataFrame:
    here = now.astimezone(zone(settings.timezone or "UTC"))

    def counted(frame: pl.DataFrame, at: str, name: str, by: int) -> pl.DataFrame:
        """What is changed by an event in the count of its day and of all after it."""
        back = ((pl.lit(now) - pl.col(at)).dt.total_microseconds() / DAY_US).floor().clip(upper_bound=DAYS)
        place = (DAYS - back).cast(pl.Int64)
        events = frame.filter(pl.col(at) <= now).select(
            "team", place=place, name=pl.lit(name), by=pl.lit(by, dtype=pl.Int64)
        )
        return events.group_by("team", "place", "name").agg(pl.col("by").sum())

    is_working = pl.col("category").eq_missing(IN_PROGRESS)
    parts = [counted(tickets, "created_at", "came", 1)]
    for name, chosen in (("to_do", known.filter(~is_working)), ("in_progress", known.filter(is_working))):
        parts += [counted(chosen, "entered_at", name, 1), counted(chosen, "left_at", name, -1)]
    events = pl.concat(parts)
    names = ("came", "to_do", "in_progress")
    changes = events.group_by("team", "place").agg(
        pl.col("by").filter(pl.col("name") == name).sum().alias(name) for name in names
    )
    dates = [(here - timedelta(days=DAYS - place)).date() for place in range(DAYS + 1)]
    marks = pl.DataFrame({"on": dates}, schema={"on": pl.Date}).with_row_index("place").cast({"place": pl.Int64})
    grid = tickets.select(pl.col("team").unique().sort(nulls_last=True)).join(marks, how="cross")
    return (
        grid.join(changes, on=["team", "place"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col(name).fill_null(0).cum_sum().over("team") for name in names)
        .with_columns(done=pl.col("came") - pl.col("to_do") - pl.col("in_progress"))
        .select("team", "on", "to_do", "in_progress", done=pl.col("done") - pl.col("done").first().over("team"))
    )


def _rated(tickets: pl.DataFrame, levels: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """With the state, and how the days compare to the team's cycle times."""
    is_done = pl.col("status_category") == "done"
    is_above = pl.when(pl.col("days") > pl.col("p95_days")).then(pl.lit("P95"))
    above = is_above.when(pl.col("days") > pl.col("p85_days")).then(pl.lit("P85"))
    age = pl.col("above").replace_strict(AGE_STATES, default="in progress", return_dtype=pl.String)
    here = pl.col("done_at").dt.convert_time_zone(settings.timezone or "UTC")
    shorter = (is_done.cum_sum().over("team") - is_done.cast(pl.Int64)) / is_done.sum().over("team")
    return (
        tickets.sort("days")
        .with_columns(older_than=pl.when(pl.col("days").is_not_null() & shorter.is_finite()).then(shorter))
        .join(levels, on="team", how="left")
        .with_columns(above=above, done_on=here.dt.date())
        .with_columns(state=pl.when(is_done).then(pl.lit("done")).otherwise(age))
        .select(SHOWN)
    )


def _statuses(working: pl.DataFrame, started: pl.DataFrame, since: datetime) -> pl.DataFrame:
    lately = working.filter(pl.col("left_at").is_null() | (pl.col("left_at") >= since))
    return (
        lately.group_by(*TICKET, "team", "status")
        .agg(pl.col("entered_at").min())  # coming back to it says nothing of the order
        .join(started, on=TICKET)
        .group_by("team", "status")
        .agg(pl.len(), after=(pl.col("entered_at") - pl.col("started_at")).median())
        .sort("team", "after", -pl.col("len").cast(pl.Int64), "status", nulls_last=True)
        .select("team", "status")
    )


def _teams(
    tickets: pl.DataFrame,
    doing: pl.DataFrame,
    finished: pl.DataFrame,
    timed: pl.DataFrame,
    working: pl.DataFrame,
    levels: pl.DataFrame,
) -> pl.DataFrame:
    """What each team's charts are read by."""
    waits = pl.col("status").str.contains(WAITING)
    waiting = _both(working).filter(waits).group_by("team").agg(waiting=pl.col("status").unique().sort().str.join(", "))
    worked = working.filter(~waits).join(timed.select(*TICKET, "done_at"), on=TICKET, suffix="_then")
    spent = pl.min_horizontal("left_at", "done_at") - pl.col("entered_at")
    active = _both(worked).group_by("team").agg(active_us=spent.dt.total_microseconds().clip(lower_bound=0).sum())
    total = _both(timed).group_by("team").agg(finished_n=pl.len().cast(pl.Int64), total=pl.col("days").sum())
    counts = [
        _both(frame).group_by("team").agg(pl.len().cast(pl.Int64).alias(name))
        for name, frame in (("wip", doing), ("ended_n", finished))
    ]
    found = tickets.pipe(_both).select(pl.col("team").unique().sort(nulls_last=True))
    for part in (*counts, total, levels, waiting, active):
        found = found.join(part, on="team", how="left", nulls_equal=True, maintain_order="left")
    share = pl.col("active_us").fill_null(0) / DAY_US / pl.col("total")
    return found.with_columns(pl.col("wip", "finished_n", "ended_n").fill_null(0)).select(
        "team",
        "wip",
        "finished_n",
        (pl.col("ended_n") - pl.col("finished_n")).alias("unknown_n"),
        *LEVELS,
        efficiency=pl.when(pl.col("waiting").is_not_null() & (pl.col("total") > 0)).then(share),
        waiting="waiting",
    )
