"""Which data is missing: its run failed, or never started because of what failed before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.answers.cycles import FED, Key
from collabtui.answers.deadlines import with_deadlines
from collabtui.answers.landings import Landings, landings
from collabtui.answers.past import newest_runs
from collabtui.answers.upcoming import ENDED
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads

LOOKED_AT = 40
"""Of the newest runs so many are looked at: some, started by hand, have no deadline."""


def newest_ended(warehouse: Warehouse, settings: Settings, now: datetime) -> pl.DataFrame:
    """The newest runs of each pipeline that ended, with their deadlines, newest first."""
    return warehouse.kept(("ended", repr(settings)), lambda: _ended(landings(warehouse, settings, now), settings))


def _ended(found: Landings, settings: Settings) -> pl.DataFrame:
    ended = found.runs.filter(pl.col("state").is_in(ENDED))
    newest = ended.group_by("source", "pipeline_id", maintain_order=True).head(LOOKED_AT)
    return with_deadlines(newest, found.rules, found.cycles, settings.timezone or "UTC")


def missing_data(warehouse: Warehouse, settings: Settings, now: datetime) -> pl.DataFrame:
    """One row a pipeline whose data is missing: source, pipeline_id, run_id (null), deadline_at (the first one since it
    was last there), missed_n (how many have passed since), has_started (its newest run failed; else it did not start
    when a round of what leads to it began, and a deadline has passed since), p50_at, p85_at, p95_at, history_n (of the
    run that comes), p_late. Pipelines and deliveries ask it of the same moment: it is made once.
    """
    return warehouse.kept(("missing", repr(settings)), lambda: _missing(warehouse, settings, now), at=now)


def _missing(warehouse: Warehouse, settings: Settings, now: datetime) -> pl.DataFrame:
    key = ["source", "pipeline_id"]
    found, ended = landings(warehouse, settings, now), newest_ended(warehouse, settings, now)
    since = (pl.col("state") == "success").cum_sum().over(key) == 0
    failed = ended.filter(since & pl.col("deadline_at").is_not_null()).with_columns(has_started=pl.lit(value=True))
    waiting = _not_started(found, settings, now).with_columns(has_started=pl.lit(value=False))
    missing = (
        pl.concat([one.select(*key, "deadline_at", "has_started") for one in (failed, waiting)])
        .group_by(key, maintain_order=True)
        .agg(
            pl.col("deadline_at").min(),
            missed_n=(pl.col("deadline_at") < now).sum(),
            has_started=pl.col("has_started").last(),
        )
    )
    paused = found.pipelines.filter(pl.col("is_paused").fill_null(value=False))
    next_ = found.next.select(*key, "p50_at", "p85_at", "p95_at", "history_n")
    return (
        missing.join(paused, on=key, how="anti")
        .join(next_, on=key, how="left", maintain_order="left")
        .with_columns(run_id=pl.lit(None, pl.String), p_late=pl.when(pl.col("missed_n") > 0).then(1.0))
    )


def _not_started(found: Landings, settings: Settings, now: datetime) -> pl.DataFrame:
    """Rounds of schedules that should have led to a run of a pipeline that is still expected, and whose deadline has
    passed: source, pipeline_id, deadline_at.
    """
    newest = found.runs.group_by("source", "pipeline_id", maintain_order=True).agg(pl.col("due_at").max())
    expected = newest.join(found.next, on=["source", "pipeline_id"], how="semi")
    rounds = [
        (source, pipeline_id, FED[0], began_at, None)
        for source, pipeline_id, due_at in expected.drop_nulls("due_at").iter_rows()
        for began_at in found.cycles.rounds_after((source, pipeline_id), due_at)
    ]
    schema = {name: found.runs.schema[name] for name in ("source", "pipeline_id", "run_type", "due_at", "start_at")}
    frame = pl.DataFrame(rounds, schema=schema, orient="row")
    due = with_deadlines(frame, found.rules, found.cycles, settings.timezone or "UTC")
    return due.filter(pl.col("deadline_at") < now)


@dataclass(frozen=True)
class Cause:
    """An upstream pipeline whose newest run failed, or is still on its way."""

    pipeline_id: str
    is_failed: bool


def causes(warehouse: Warehouse) -> Mapping[Key, Cause]:
    """What each pipeline may have to wait for: of those that feed it, one that failed, else one in flight; else what
    holds up one that feeds it.
    """
    return warehouse.kept("causes", lambda: _causes(warehouse))


def _causes(warehouse: Warehouse) -> Mapping[Key, Cause]:
    newest = newest_runs(warehouse).group_by("source", "pipeline_id", maintain_order=True).first()
    states = {(s, p): state for s, p, state in newest.select("source", "pipeline_id", "state").iter_rows()}
    waits: dict[Key, Cause] = {}
    edges = reads.upstream_pipelines(warehouse).rows()
    for source, pipeline_id, feeds in edges:
        state = states.get((source, pipeline_id))
        if state == "failed" or (state in {"running", "queued"} and (source, feeds) not in waits):
            waits[source, feeds] = Cause(pipeline_id, state == "failed")
    is_found = True
    while is_found:
        is_found = False
        for source, pipeline_id, feeds in edges:
            above = waits.get((source, pipeline_id))
            if above is not None and above.is_failed and (source, feeds) not in waits:
                waits[source, feeds], is_found = above, True
    return waits
