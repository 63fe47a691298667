"""The runs to come: when each is due, from schedules, from what they wait for, or as in the past.

What is due by a schedule is read from its cron text, in the zone of its clock: the one in which the text agrees with
the time that the source names for the next run. What waits for data is due when the last of what it waits for has
landed since its own last run. The rest is expected as it came in the last week.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any, Literal

import polars as pl

from collabtui.answers.carried import is_awaited
from collabtui.answers.cron import Cron
from collabtui.answers.cycles import REGULAR, Key
from collabtui.answers.landings import Landings
from collabtui.answers.upcoming import FEWEST_TO_EXPECT
from collabtui.config import Settings, zone

WEEK = timedelta(days=7)
SHORTEST = timedelta(minutes=1)
"""Pipelines that wait for one another in a ring take at least so long."""
Basis = Literal["in flight", "schedule", "data", "past"]
Name = tuple[Key, int]
"""A run: its pipeline, and its place among its runs to come."""


@dataclass(frozen=True)
class Coming:
    """The run of a pipeline in flight (place 0), or one to come. on: the runs that it waits for. basis: how its time is
    known: it is in flight, its schedule says so, it waits for data that come so, or it is guessed from the past.
    """

    key: Key
    place: int
    due_at: datetime
    basis: Basis
    on: Sequence[Name] = ()

    @property
    def name(self) -> Name:
        """What tells it from all others."""
        return self.key, self.place


def coming(
    found: Landings, feeds: pl.DataFrame, settings: Settings, now: datetime, until: datetime,
    lasts: Mapping[Key, timedelta],
) -> list[Coming]:  # fmt: skip
    """All that are due until then of the pipelines that have a next run (`found.next`, which is the first of each), in
    the order in which they are due.

    feeds: source, pipeline_id, feeds_id. lasts: how long a run usually takes, from when it is due.
    """
    first = {(row["source"], row["pipeline_id"]): row for row in found.next.iter_rows(named=True)}
    feeders = _feeders(feeds, first, found)
    expected = {key: feeders[key] for key in feeders if key in lasts}
    left = _left(expected, found.runs)
    runs = [_first(key, row, left.get(key, set())) for key, row in first.items()]
    past = _past(found.runs)
    zones = _zones(settings)
    pipelines = {(row["source"], row["pipeline_id"]): row for row in found.pipelines.iter_rows(named=True)}
    for key, row in first.items():
        pipeline = pipelines.get(key)
        if key not in expected and pipeline is not None and not pipeline["is_paused"]:
            dues = _dues(pipeline, row, past.get(key, ()), zones, now, until)
            runs += [Coming(key, place, at, basis) for place, (at, basis) in enumerate(dues, 1)]
    ends = {(key, 0): row["p50_at"] for key, row in first.items() if row["p50_at"] is not None}
    return sorted(_with_fed(runs, expected, left, ends, lasts, until), key=lambda run: (run.due_at, run.key))


def _first(key: Key, row: Mapping[str, Any], left: set[Key]) -> Coming:
    basis: Basis = "in flight" if row["run_id"] else "schedule" if row["is_scheduled"] else "data" if left else "past"
    return Coming(key, 0, row["due_at"], basis)


def _feeders(feeds: pl.DataFrame, first: Mapping[Key, object], found: Landings) -> dict[Key, set[Key]]:
    """What each waits for that has no schedule of its own, as far as that is expected to land."""
    scheduled = found.pipelines.filter(pl.col("next_run_at").is_not_null()).select("source", "pipeline_id").rows()
    paused = found.pipelines.filter(pl.col("is_paused").fill_null(value=False)).select("source", "pipeline_id").rows()
    mine: dict[Key, set[Key]] = {}
    for source, pipeline_id, feeds_id in feeds.iter_rows():
        fed, feeder = (source, feeds_id), (source, pipeline_id)
        if fed in first and feeder in first and fed not in {*scheduled, *paused} and feeder not in paused:
            mine.setdefault(fed, set()).add(feeder)
    return mine


def _left(feeders: Mapping[Key, set[Key]], runs: pl.DataFrame) -> dict[Key, set[Key]]:
    """Those that each of the next runs still waits for."""
    landed_due = pl.col("due_at").filter(pl.col("state") == "success").max().alias("landed")
    newest = runs.group_by("source", "pipeline_id").agg(pl.col("due_at").max(), landed_due)
    last = {(source, pipeline_id): times for source, pipeline_id, *times in newest.iter_rows()}
    never = (None, None)
    return {
        fed: {feeder for feeder in mine if is_awaited(last.get(feeder, never)[1], last.get(fed, never)[0])}
        for fed, mine in feeders.items()
    }


def _past(runs: pl.DataFrame) -> dict[Key, Sequence[datetime]]:
    """When the regular runs of each pipeline were due, oldest first."""
    regular = runs.filter(REGULAR & pl.col("due_at").is_not_null()).sort("due_at")
    return {(s, p): times for s, p, times in regular.group_by("source", "pipeline_id").agg("due_at").iter_rows()}


def _zones(settings: Settings) -> Sequence[tzinfo]:
    names = (settings.timezone, *(rule.timezone for rule in settings.deadlines))
    return [UTC, *(zone(name) for name in dict.fromkeys(names) if name)]


def _dues(
    pipeline: Mapping[str, Any], first: Mapping[str, Any], past: Sequence[datetime], zones: Sequence[tzinfo],
    now: datetime, until: datetime,
) -> Iterator[tuple[datetime, Basis]]:  # fmt: skip
    """The later runs of a pipeline that has a schedule, or only a past."""
    next_at, begun = pipeline["next_run_at"], first["due_at"]
    after = max(begun, now)
    if next_at is None:
        yield from ((at, "past") for at in rhythm(past, after, until))
        return
    if first["run_id"] and begun < next_at <= until:
        yield next_at, "schedule"
    after = max(after, next_at)
    cron = Cron.of(pipeline["schedule"])
    where = next((zone for zone in zones if cron.fits(next_at, zone)), None) if cron is not None else None
    if cron is not None and where is not None:
        yield from ((at, "schedule") for at in cron.times(after, until, where))
    else:
        yield from ((at, "past") for at in rhythm(sorted({*past, next_at}), after, until))


def rhythm(past: Sequence[datetime], after: datetime, until: datetime) -> Iterator[datetime]:
    """When runs are expected that were due at these times (oldest first): as a week before, or where less is known or
    they are rarer, as far apart as usual. None from fewer than four.
    """
    if len(past) < FEWEST_TO_EXPECT:
        return
    newest = past[-1]
    gaps = sorted(b - a for a, b in pairwise(past))
    gap = max(gaps[len(gaps) // 2], SHORTEST)
    is_weekly = past[0] <= newest - WEEK and gap <= WEEK / 2
    pattern, step = ([at for at in past if at > newest - WEEK], WEEK) if is_weekly else ([newest], gap)
    skipped = max(0, (after - newest) // step)
    at = [time + step * skipped for time in pattern]
    soonest = after + gap / 2  # what comes a little early or late is not expected twice
    while at[0] <= until:
        yield from (time for time in at if soonest < time <= until)
        at = [time + step for time in at]


def _with_fed(
    runs: list[Coming], feeders: Mapping[Key, set[Key]], left: Mapping[Key, set[Key]],
    ends: Mapping[Name, datetime], lasts: Mapping[Key, timedelta], until: datetime,
) -> list[Coming]:  # fmt: skip
    """With the runs of what waits: the landings one after the other, each of which may start what has waited for it.

    left: what is still waited for by the run that is the first of each.
    """
    waiting: dict[Key, list[Key]] = {}
    for fed, mine in feeders.items():
        for feeder in mine:
            waiting.setdefault(feeder, []).append(fed)
    known = {run.name: run for run in runs}
    landings = [(ends.get(run.name) or run.due_at + lasts[run.key], run.name) for run in runs if run.key in lasts]
    heapify(landings)
    still = {key: set(left[key] or mine) for key, mine in feeders.items()}
    on: dict[Key, dict[Key, Name]] = {key: {} for key in feeders}
    places = dict.fromkeys(feeders, 0)
    waits_first = {key for key in feeders if known[key, 0].basis == "data"}
    while landings:
        at, name = heappop(landings)
        for fed in waiting.get(name[0], ()):
            still[fed].discard(name[0])
            on[fed][name[0]] = name
            if still[fed]:
                continue
            awaited, on[fed], still[fed] = tuple(on[fed].values()), {}, set(feeders[fed])
            if fed in waits_first:
                waits_first.discard(fed)  # this is what the first of its runs waits for
            elif at <= until:
                places[fed] += 1
                basis: Basis = "past" if any(known[one].basis == "past" for one in awaited) else "data"
                run = known[fed, places[fed]] = Coming(fed, places[fed], at, basis, awaited)
                runs.append(run)
                heappush(landings, (at + max(lasts[fed], SHORTEST), run.name))
    return runs
