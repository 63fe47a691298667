"""Cycles: which round of the schedule a run belongs to, also where datasets start it.

A pipeline that its datasets start has no time of its own. It belongs to the round of the slowest schedule that feeds
it, through however many datasets: the mart that waits for the nightly staging is of that night, however late it starts.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

Key = tuple[str, str]
"""source and pipeline_id."""

REGULAR = ~pl.col("run_type").is_in(["manual", "backfill"]).fill_null(value=False)
FED = ("asset_triggered", "dataset_triggered")


@dataclass(frozen=True)
class Cycles:
    """dues: when the known rounds of each schedule began, oldest first. gaps: how far apart a pipeline's runs usually
    are. roots: the pipeline whose schedule leads to one that datasets start. landed: when the runs that succeeded were
    due, oldest first.
    """

    dues: Mapping[Key, Sequence[datetime]]
    gaps: Mapping[Key, timedelta]
    roots: Mapping[Key, Key]
    landed: Mapping[Key, Sequence[datetime]]

    @classmethod
    def of(cls, runs: pl.DataFrame, feeds: pl.DataFrame) -> "Cycles":
        """From runs (source, pipeline_id, run_type, state, due_at) and feeds (source, pipeline_id, feeds_id)."""
        dues: dict[Key, Sequence[datetime]] = {}
        gaps: dict[Key, timedelta] = {}
        fed: set[Key] = set()
        regular = runs.filter(REGULAR & pl.col("due_at").is_not_null()).sort("due_at")
        grouped = regular.group_by("source", "pipeline_id").agg(
            "due_at", pl.col("due_at").diff().median().alias("gap"), pl.col("run_type").last()
        )
        for source, pipeline_id, times, gap, run_type in grouped.iter_rows():
            dues[source, pipeline_id] = times
            if gap:
                gaps[source, pipeline_id] = gap
            if run_type in FED:
                fed.add((source, pipeline_id))
        feeders: dict[Key, list[Key]] = {}
        for source, pipeline_id, feeds_id in feeds.iter_rows():
            feeders.setdefault((source, feeds_id), []).append((source, pipeline_id))
        roots = {}
        for key in fed:
            scheduled = [k for k in _ancestors(key, feeders) if k in gaps and k not in fed]
            if scheduled:
                roots[key] = max(scheduled, key=lambda k: (gaps[k], k))
        succeeded = runs.filter((pl.col("state") == "success") & pl.col("due_at").is_not_null()).sort("due_at")
        by_pipeline = succeeded.group_by("source", "pipeline_id").agg("due_at")
        return cls(dues, gaps, roots, {(source, name): times for source, name, times in by_pipeline.iter_rows()})

    def start(self, key: Key, due_at: datetime) -> datetime:
        """When the round began that a run due then belongs to; its own time where no schedule leads to it."""
        root = self.roots.get(key)
        if root is None:
            return due_at
        times = self.dues[root]
        place = bisect_right(times, due_at)
        if place == 0:
            return due_at
        began, gap = times[place - 1], self.gaps[root]
        return began + gap * ((due_at - began) // gap) if place == len(times) else began

    def rounds_after(self, key: Key, due_at: datetime) -> Sequence[datetime]:
        """When the known rounds began that followed the one of a run that was due then; none without a schedule that
        leads to the pipeline.
        """
        root = self.roots.get(key)
        times = self.dues[root] if root is not None else ()
        return times[bisect_right(times, self.start(key, due_at)) :]

    def has_landed(self, key: Key, due_at: datetime) -> bool:
        """Whether an earlier run of the round that a run due then belongs to has landed: this one is one more."""
        earlier = self.landed.get(key, ())
        place = bisect_left(earlier, due_at)
        return place > 0 and earlier[place - 1] >= self.start(key, due_at)

    def following(self, key: Key, due_at: datetime) -> datetime | None:
        """When a run after this one is usually due; None where there was only one."""
        gap = self.gaps.get(key)
        return due_at + gap if gap else None


def _ancestors(key: Key, feeders: Mapping[Key, Sequence[Key]]) -> set[Key]:
    found: set[Key] = set()
    open_ = [key]
    while open_:
        for feeder in feeders.get(open_.pop(), ()):
            if feeder not in found:
                found.add(feeder)
                open_.append(feeder)
    return found
