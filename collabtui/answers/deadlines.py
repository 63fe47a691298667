"""The config's deadlines, applied to runs: when each is due, whatever started it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import polars as pl

from collabtui.config import Deadline, Settings, zone
from collabtui.warehouse import Warehouse, reads

Key = tuple[str, str]
"""source and pipeline_id."""
REGULAR = ~pl.col("run_type").is_in(["manual", "backfill"]).fill_null(value=False)


def time_of_day_after(deadline: Deadline, at: datetime, default_zone: str) -> datetime:
    """The first time not before `at` that is the deadline's time of day, on one of its days, in its time zone.

    What is due on Saturday for "weekdays by 07:30" is awaited on Monday at 07:30. Where clocks skip that time of day it
    is as much later, where they repeat it the first of the two is meant.
    """
    where = zone(deadline.timezone or default_zone)
    day = at.astimezone(where).date()
    for _ in range(9):
        moment = datetime.combine(day, deadline.by_time, tzinfo=where).astimezone(UTC)
        if moment >= at and day.weekday() in deadline.weekdays:
            return moment
        day += timedelta(days=1)
    raise AssertionError("a week has a day of each kind")


def deadline_at(
    rules: Sequence[Deadline],
    due_at: datetime | None,
    start_at: datetime | None,
    default_zone: str,
    following_at: datetime | None = None,
) -> datetime | None:
    """The earliest of what these rules say of a run; None where none says anything.

    `due_at` is when the run may start (its data interval's end); a run that its datasets started is due when they
    were there. A time of day is meant for the last run before it, so it says nothing of a run that another one follows
    (at `following_at`, None where that is not known) before that time. A rule that counts from the start says nothing
    before the run started, except that it cannot be earlier than if it had started when due.
    """
    found = []
    for rule in rules:
        if rule.by is not None and due_at is not None:
            moment = time_of_day_after(rule, due_at, default_zone)
            if following_at is None or following_at > moment:
                found.append(moment)
        elif rule.after is not None:
            anchor = due_at if rule.after_interval is not None else start_at or due_at
            if anchor is not None:
                found.append(anchor + rule.after)
    return min(found, default=None)


def rules_of(warehouse: Warehouse, settings: Settings, pipelines: pl.DataFrame) -> Mapping[Key, Sequence[Deadline]]:
    """Which rules hold for which pipeline. A dataset's rule holds for the pipelines that write it.

    pipelines: `source`, `pipeline_id`, `tags`.
    """
    if not settings.deadlines:
        return {}
    written: dict[Key, list[str]] = {}
    for source, pipeline_id, uri, name in reads.produced_datasets(warehouse).iter_rows():
        written.setdefault((source, pipeline_id), []).extend([uri, name or uri])
    rules: dict[Key, list[Deadline]] = {}
    for source, pipeline_id, tags in pipelines.select("source", "pipeline_id", "tags").iter_rows():
        key = (source, pipeline_id)
        for rule in settings.deadlines:
            if rule.source in {None, source} and _holds(rule, pipeline_id, tags or (), written.get(key, ())):
                rules.setdefault(key, []).append(rule)
    return rules


def _holds(rule: Deadline, pipeline_id: str, tags: Sequence[str], datasets: Sequence[str]) -> bool:
    if rule.pipeline is not None:
        return fnmatchcase(pipeline_id, rule.pipeline)
    if rule.tag is not None:
        return rule.tag in tags
    return any(fnmatchcase(name, rule.dataset or "") for name in datasets)


def usual_gaps(runs: pl.DataFrame) -> pl.DataFrame:
    """How far apart the runs of each pipeline usually are, those started by hand left out.

    runs: source, pipeline_id, run_type, due_at. Returns source, pipeline_id, gap (a duration; null for a single run).
    """
    return (
        runs.filter(REGULAR)
        .sort("due_at")
        .group_by("source", "pipeline_id")
        .agg(pl.col("due_at").diff().median().alias("gap"))
    )


def with_deadlines(
    runs: pl.DataFrame, rules: Mapping[Key, Sequence[Deadline]], gaps: pl.DataFrame, default_zone: str
) -> pl.DataFrame:
    """Add `deadline_at` to runs (source, pipeline_id, run_type, due_at, start_at).

    The run after a pipeline's newest is expected after its usual gap (`usual_gaps`).
    """
    regular = pl.when(REGULAR).then("due_at")
    following = regular.shift(1).forward_fill().over("source", "pipeline_id", order_by="due_at", descending=True)
    columns = ("source", "pipeline_id", "due_at", "start_at")
    ordered = (
        runs.select(*columns, following.alias("following"))
        .join(gaps, on=["source", "pipeline_id"], how="left", maintain_order="left")
        .select(*columns, pl.coalesce("following", pl.col("due_at") + pl.col("gap")))
    )
    values = [
        deadline_at(rules.get((source, pipeline_id), ()), due_at, start_at, default_zone, following_at)
        for source, pipeline_id, due_at, start_at, following_at in ordered.iter_rows()
    ]
    return runs.with_columns(deadline_at=pl.Series("deadline_at", values, dtype=pl.Datetime("us", "UTC")))
