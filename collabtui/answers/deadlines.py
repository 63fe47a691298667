"""The config's deadlines, applied to runs: when each is due, whatever started it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import polars as pl

from collabtui.answers.cycles import REGULAR, Cycles, Key
from collabtui.config import Deadline, Settings, zone
from collabtui.warehouse import Warehouse, reads


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
    due_at: datetime,
    start_at: datetime | None,
    default_zone: str,
    *,
    cycle_at: datetime | None = None,
    following_at: datetime | None = None,
) -> datetime | None:
    """The earliest of what these rules say of a run; None where none says anything.

    `due_at` is when the run may start (its data interval's end); a run that its datasets started is due when they
    were there. A time of day is awaited from `cycle_at` on, when the round of the schedule began that the run belongs
    to (by default `due_at`), so that what starts too late is late. It is meant for the last round before it and says
    nothing of a run whose next round begins earlier (at `following_at`, None where that is not known). A rule that
    counts from the start says nothing before the run started, except that it cannot be earlier than if it had started
    when due.
    """
    found = []
    for rule in rules:
        if rule.by is not None:
            moment = time_of_day_after(rule, cycle_at or due_at, default_zone)
            if following_at is None or following_at > moment:
                found.append(moment)
        elif rule.after is not None:
            anchor = due_at if rule.after_interval is not None else start_at or due_at
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


def with_deadlines(
    runs: pl.DataFrame, rules: Mapping[Key, Sequence[Deadline]], cycles: Cycles, default_zone: str
) -> pl.DataFrame:
    """Add `deadline_at` to runs (source, pipeline_id, run_type, due_at, start_at).

    Where an earlier run of a round has landed, its time of day is met: one more, by hand or for new data, is not late.
    """
    regular = pl.when(REGULAR).then("due_at")
    following = regular.shift(1).forward_fill().over("source", "pipeline_id", order_by="due_at", descending=True)
    values: list[datetime | None] = []
    for source, pipeline_id, due_at, start_at, next_at in runs.select(
        "source", "pipeline_id", "due_at", "start_at", following.alias("following")
    ).iter_rows():
        key = (source, pipeline_id)
        mine = rules.get(key)
        if not mine or due_at is None:
            values.append(None)
            continue
        next_at = next_at or cycles.following(key, due_at)
        began_at, next_began_at = cycles.start(key, due_at), cycles.start(key, next_at) if next_at else None
        is_last = (
            next_began_at is None or next_began_at <= began_at
        )  # as far as is known: the next is of this round too
        values.append(
            deadline_at(
                mine,
                due_at,
                start_at,
                default_zone,
                cycle_at=due_at if cycles.has_landed(key, due_at) else began_at,
                following_at=None if is_last else next_began_at,
            )
        )
    return runs.with_columns(deadline_at=pl.Series("deadline_at", values, dtype=pl.Datetime("us", "UTC")))
