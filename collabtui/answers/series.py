"""Which numbers change over time and can be looked at one by one: each a named series of hours, days or weeks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from collabtui.answers.cycles import REGULAR
from collabtui.answers.drift import KEY, drift
from collabtui.answers.teams import with_team
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.columns import to_us
from forecasting.clock import LENGTH, begin, begun
from forecasting.series import ADDED_UP

HISTORY = timedelta(days=730)
POOL_HISTORY = timedelta(days=182)
MOST_RUNS = 1_000
"""Of each pipeline the newest: six weeks of hours, nearly three years of nights."""
HOURLY, DAILY = timedelta(hours=3), timedelta(days=3)
"""Pipelines that run more often than this have a value an hour, or a day; others a week."""
LANDING = "landing ahead"
ABOUT = ["id", "subject_type", "source", "subject"]


@dataclass(frozen=True)
class Measure:
    """One kind of number: what it is, its unit, how the events of an hour, day or week become one value."""

    what: str
    unit: str
    how: str
    events: Callable[[Warehouse, Settings, datetime], pl.DataFrame]
    every: str | None = None
    """None: as often as a pipeline runs."""
    question: str | None = None
    """What the ledger keeps and scores of its subjects, if anything (see `collabtui.answers.ledger`)."""


@dataclass(frozen=True)
class Series:
    """series: series (its name, "duration: etl_orders"), what, subject_type (pipeline, team, pool, repository), source
    (null for a team), subject, every (hour, day or week), unit, points (the whole hours, days or weeks since the first
    one, as many as the lab's history has where that is not cut), first_at, last_at (the first and the newest event),
    last_value (of the newest hour, day or week; of counts and sums the newest whole one, null before there is one),
    state (steady, or new level, spike or silent) and off (what of it, in words). What is off comes first.
    """

    now: datetime
    series: pl.DataFrame


def series(warehouse: Warehouse, settings: Settings, now: datetime) -> Series:
    """Every series of the warehouse, none of them forecast yet: see `collabtui.answers.lab`."""
    parts = [
        _listed(measure, every, events, settings.timezone or "UTC", now)
        for measure in MEASURES
        for every, events in by_step(measure, measured(measure, warehouse, settings, now))
    ]
    found = pl.concat([pl.DataFrame(schema=SERIES), *parts])
    found = found.join(drift(warehouse, settings, now), on=KEY, how="left", nulls_equal=True)
    return Series(
        now,
        found.sort(pl.col("off").is_null(), "what", "subject", "source").with_columns(
            pl.col("state").fill_null("steady")
        ),
    )


def _listed(measure: Measure, every: str, events: pl.DataFrame, zone: str, now: datetime) -> pl.DataFrame:
    """A row of `SERIES` for each series. What is added up is whole up to the hour, day or week that goes on, also where
    nothing happened, and from the second one: the first began before anything was known.
    """
    is_added_up = measure.how in ADDED_UP
    going_on = begin(now, every, zone)
    step = begun(events["time"], every, zone)
    value = pl.len().cast(pl.Float64) if measure.how == "count" else getattr(pl.col("value"), measure.how)()
    steps = events.group_by(*ABOUT, step.alias("step")).agg(
        pl.col("time").min(), last_at=pl.col("time").max(), value=value
    )
    whole = pl.col("step") < going_on
    newest = pl.col("value").last()
    if is_added_up:
        last = begin(going_on - timedelta(microseconds=1), every, zone)
        came = pl.col("value").filter(pl.col("step") == last).sum()
        newest = pl.when(whole.any()).then(came)
        is_cut = pl.col("time").first() > pl.col("step").first()
        count = _apart(pl.col("step").first(), pl.lit(going_on), every) - is_cut.cast(pl.Int64)
    else:
        count = _apart(pl.col("step").first(), pl.col("step").filter(whole).last(), every) + 1
    listed = steps.sort("step").group_by(ABOUT, maintain_order=True).agg(
        points=pl.when(whole.any()).then(count.clip(1)).otherwise(0), first_at=pl.col("time").first(),
        last_at=pl.col("last_at").last(), last_value=newest,
    )  # fmt: skip
    return listed.with_columns(
        series="id", what=pl.lit(measure.what), every=pl.lit(every), unit=pl.lit(measure.unit)
    ).select(list(SERIES))


def _apart(first: pl.Expr, last: pl.Expr, every: str) -> pl.Expr:
    """How many hours, days or weeks from the beginning of one to that of another; clocks may change in between."""
    seconds = (last - first).dt.total_seconds()
    return (seconds / LENGTH[every].total_seconds()).round().cast(pl.Int64)


SERIES: dict[str, pl.DataType | type[pl.DataType]] = {
    "series": pl.String, "what": pl.String, "subject_type": pl.String, "source": pl.String, "subject": pl.String,
    "every": pl.String, "unit": pl.String, "points": pl.Int64, "first_at": pl.Datetime("us", "UTC"),
    "last_at": pl.Datetime("us", "UTC"), "last_value": pl.Float64,
}  # fmt: skip


def measured(measure: Measure, warehouse: Warehouse, settings: Settings, now: datetime) -> pl.DataFrame:
    """The events of all series of one kind: id (the series' name), subject_type, source, subject, time, value.

    The source stands in the name only where two sources have a subject of that name.
    """
    found = measure.events(warehouse, settings, now).filter(pl.col("time") <= now)
    name = pl.concat_str(pl.lit(f"{measure.what}: "), "subject")
    longer = pl.concat_str(name, pl.lit(" ("), "source", pl.lit(")"))
    is_shared = pl.col("source").n_unique().over("subject") > 1
    return found.with_columns(pl.when(is_shared).then(longer).otherwise(name).alias("id"))


def by_step(measure: Measure, events: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The series that have a value an hour, a day, a week: each group of like kind can be forecast as one panel."""
    if measure.every is not None:
        yield measure.every, events
        return
    gap = pl.col("time").sort().diff().median()
    no_gap = pl.when(gap <= timedelta(0)).then(pl.lit("week"))
    every = no_gap.when(gap <= HOURLY).then(pl.lit("hour")).when(gap <= DAILY).then(pl.lit("day"))
    often = events.group_by("id").agg(every=every.otherwise(pl.lit("week")))  # also where there is but one event
    for step in sorted(often["every"].unique()):
        yield step, events.join(often.filter(every=step), on="id", how="semi", maintain_order="left")


def _landed(warehouse: Warehouse, now: datetime, since: str) -> pl.DataFrame:
    """Minutes from `since` to the end of each run that succeeded, at the time it was due; of pipelines that run by
    themselves without those that somebody started.
    """
    pipelines = reads.pipelines(warehouse)
    keys = list(pipelines.select("source", "pipeline_id").iter_rows())
    runs = reads.runs_since(warehouse, keys, now - HISTORY, MOST_RUNS).filter(
        (pl.col("state") == "success") & pl.col("due_at").is_not_null() & pl.col(since).is_not_null()
    )
    by_itself = REGULAR.any().over("source", "pipeline_id")
    runs = runs.filter(REGULAR | ~by_itself)
    took = (pl.col("end_at") - pl.col(since)).dt.total_microseconds() / 6e7
    return runs.select(
        pl.lit("pipeline").alias("subject_type"), "source", pl.col("pipeline_id").alias("subject"),
        pl.col("due_at").alias("time"), took.alias("value"),
    )  # fmt: skip


def _duration(warehouse: Warehouse, _settings: Settings, now: datetime) -> pl.DataFrame:
    return _landed(warehouse, now, "start_at")


def _delay(warehouse: Warehouse, _settings: Settings, now: datetime) -> pl.DataFrame:
    return _landed(warehouse, now, "due_at")


def _tickets(warehouse: Warehouse, settings: Settings, now: datetime, at: str) -> pl.DataFrame:
    tickets = with_team(reads.ticket_times(warehouse, now - HISTORY), settings)
    return tickets.filter(pl.col(at) >= now - HISTORY).select(
        pl.lit("team").alias("subject_type"), pl.lit(None, dtype=pl.String).alias("source"),
        pl.col("team").alias("subject"), pl.col(at).alias("time"), pl.lit(1.0).alias("value"),
    )  # fmt: skip


def _arrived(warehouse: Warehouse, settings: Settings, now: datetime) -> pl.DataFrame:
    return _tickets(warehouse, settings, now, "created_at")


def _finished(warehouse: Warehouse, settings: Settings, now: datetime) -> pl.DataFrame:
    return _tickets(warehouse, settings, now, "done_at")


def _commits(warehouse: Warehouse, _settings: Settings, now: datetime) -> pl.DataFrame:
    return reads.commit_times(warehouse, now - HISTORY).select(
        pl.lit("repository").alias("subject_type"), "source", pl.col("source").alias("subject"),
        pl.col("committed_at").alias("time"), pl.lit(1.0).alias("value"),
    )  # fmt: skip


def _slot_hours(warehouse: Warehouse, settings: Settings, now: datetime) -> pl.DataFrame:
    """By the day of the viewer's clock, the whole ones: what was held in each goes to its noon."""
    today = now.astimezone(ZoneInfo(settings.timezone or "UTC")).replace(hour=0, minute=0, second=0, microsecond=0)
    since = to_us(today - POOL_HISTORY), to_us(today)
    days = warehouse.kept(("slot-hours", *since), lambda: reads.pool_days(warehouse, since[1], since[0]))
    return days.select(
        pl.lit("pool").alias("subject_type"), "source", pl.col("name").alias("subject"),
        (pl.lit(today) - pl.duration(hours=24 * pl.col("back") + 12)).dt.convert_time_zone("UTC").alias("time"),
        pl.col("slot_hours").alias("value"),
    )  # fmt: skip


MEASURES = (
    Measure("landing delay", "min", "median", _delay, question=LANDING),
    Measure("duration", "min", "median", _duration, question=LANDING),
    Measure("tickets arrived", "tickets", "count", _arrived, "week", "arrivals"),
    Measure("tickets finished", "tickets", "count", _finished, "week", "throughput"),
    Measure("commits", "commits", "count", _commits, "week"),
    Measure("slot-hours", "h", "sum", _slot_hours, "day", "slot-hours day"),
)
