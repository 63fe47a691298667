"""When is the data there? Everything that is due today and in the next days, soonest first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import polars as pl

from collabtui.answers.cycles import Key
from collabtui.answers.deadlines import with_deadlines
from collabtui.answers.landings import AT_RISK, Landings, landings
from collabtui.answers.upcoming import ENDED
from collabtui.config import Settings, zone
from collabtui.warehouse import Warehouse, reads

RATED_RUNS = 30
LOOKED_AT = 40
"""Of the newest runs so many are looked at: some, started by hand, have no deadline."""


@dataclass(frozen=True)
class Deliveries:
    """deliveries: name, kind (dataset or pipeline), source, pipeline_id, run_id, deadline_at, p50_at, p85_at, p95_at,
    p_late, p_fail (of that the chance to fail), landed_at, state (landed, landed late, on time, at risk, late, failed,
    unknown), slack_s (deadline minus P85), history_n, on_time_rate (0 to 1, of the last 30 runs with a deadline),
    reason (why it is not simply on time, null else), updated_at and age_s (when its data was last updated as its own
    events say, and how long ago; of several datasets the one that waited longest; null where nothing is told), url.

    has_deadlines: False where the config has none; every pipeline's next landing is shown then. begin_at, end_at: the
    hours of today, in the viewer's zone, in which something of this is due, landed or will, and now; last_at: the end
    of the last of the days that were asked for.
    """

    now: datetime
    has_deadlines: bool
    begin_at: datetime
    end_at: datetime
    last_at: datetime
    deliveries: pl.DataFrame


def deliveries(warehouse: Warehouse, settings: Settings, now: datetime, *, days: int = 7) -> Deliveries:
    """From the last midnight of the viewer's zone on: what landed, what is in flight, what is to come.

    What failed stays until its data is there: with the first deadline since it last was, failed before that and late
    after, and the forecast of the next run.
    """
    found = landings(warehouse, settings, now)
    here = zone(settings.timezone or "UTC")
    today = now.astimezone(here).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    key = ["source", "pipeline_id"]
    ended = warehouse.kept(("ended", repr(settings)), lambda: _ended(landings(warehouse, settings, now), settings))
    landed = (
        ended.filter((pl.col("end_at") >= today) & (pl.col("state") == "success"))
        .group_by(key, maintain_order=True)
        .first()
        .select(*key, "run_id", "deadline_at", pl.col("end_at").alias("landed_at"))
    )
    last_failed = (
        ended.group_by(key, maintain_order=True)
        .first()
        .filter(pl.col("state") == "failed")
        .select(*key, pl.lit(value=True).alias("has_failed"))
    )
    coming = found.next.filter(pl.col("deadline_at").is_null() | (pl.col("deadline_at") < now + timedelta(days=days)))
    coming = coming.drop("run_state", "due_at", "start_at", "elapsed_s")
    missing = _missing(found, ended, now)
    rows = pl.concat([landed, missing, coming], how="diagonal")
    if settings.deadlines:
        rows = rows.filter(pl.col("deadline_at").is_not_null())
    rate = (
        ended.filter(pl.col("deadline_at").is_not_null())
        .group_by(key, maintain_order=True)
        .agg(
            ((pl.col("end_at") <= pl.col("deadline_at")) & (pl.col("state") == "success"))
            .head(RATED_RUNS)
            .mean()
            .alias("on_time_rate")
        )
    )
    held_up = _held_up(warehouse, found)
    blocked = [k for k, why in held_up.items() if why.is_failed]
    is_blocked = pl.DataFrame(blocked, schema={"source": pl.String, "pipeline_id": pl.String}, orient="row")
    rows = (
        rows.join(rate, on=key, how="left")
        .join(is_blocked.with_columns(is_blocked=pl.lit(value=True)), on=key, how="left")
        .join(last_failed.join(missing, on=key, how="anti"), on=key, how="left")
        .join(found.pipelines.select(*key, "url", pl.col("name").alias("pipeline_name")), on=key, how="left")
        .join(_names(warehouse), on=key, how="left")
        .join(reads.dataset_updates(warehouse), on=key, how="left")
        .with_columns(
            name=pl.coalesce("dataset_name", "pipeline_name"),
            kind=pl.when(pl.col("dataset_name").is_not_null()).then(pl.lit("dataset")).otherwise(pl.lit("pipeline")),
            state=_state(now),
            age_s=(pl.lit(now) - pl.col("updated_at")).dt.total_microseconds() / 1e6,
            slack_s=(pl.col("deadline_at") - pl.col("p85_at")).dt.total_microseconds() / 1e6,
        )
    )
    rows = rows.with_columns(reason=pl.Series("reason", _reasons(rows, held_up), dtype=pl.String))
    rows = rows.sort(pl.col("landed_at").is_not_null(), "deadline_at", "p50_at", "name", nulls_last=True)
    return Deliveries(
        now,
        bool(settings.deadlines),
        *_busy_hours(rows, today, now, here),
        today + timedelta(days=days),
        rows.select(
            "name", "kind", *key, "run_id", "deadline_at", "p50_at", "p85_at", "p95_at", "p_late", "p_fail",
            "landed_at", "state",
            "slack_s", "history_n", "on_time_rate", "reason", "updated_at", "age_s", "url",
        ),
    )  # fmt: skip


def _ended(found: Landings, settings: Settings) -> pl.DataFrame:
    """The newest runs of each pipeline that ended, with their deadlines."""
    ended = found.runs.filter(pl.col("state").is_in(ENDED))
    newest = ended.group_by("source", "pipeline_id", maintain_order=True).head(LOOKED_AT)
    return with_deadlines(newest, found.rules, found.cycles, settings.timezone or "UTC")


def _missing(found: Landings, ended: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Of pipelines whose newest runs failed: the first deadline since their data was last there, missed_n (how many
    have passed since), and when the next run lands.
    """
    key = ["source", "pipeline_id"]
    since = (pl.col("state") == "success").cum_sum().over(key) == 0
    failed = (
        ended.filter(since & pl.col("deadline_at").is_not_null())
        .group_by(key, maintain_order=True)
        .agg(pl.col("deadline_at").min(), missed_n=(pl.col("deadline_at") < now).sum())
    )
    paused = found.pipelines.filter(pl.col("is_paused").fill_null(value=False))
    next_ = found.next.select(*key, "p50_at", "p85_at", "p95_at", "history_n")
    return (
        failed.join(paused, on=key, how="anti")
        .join(next_, on=key, how="left")
        .with_columns(run_id=pl.lit(None, pl.String), p_late=pl.when(pl.col("missed_n") > 0).then(1.0))
    )


def _busy_hours(rows: pl.DataFrame, today: datetime, now: datetime, here: tzinfo) -> tuple[datetime, datetime]:
    times = pl.concat([rows[name] for name in ("landed_at", "deadline_at", "p50_at", "p95_at")]).drop_nulls()
    todays = [now, *times.filter((times >= today) & (times < today + timedelta(days=1)))]
    first, last = (at.astimezone(here).replace(minute=0, second=0, microsecond=0) for at in (min(todays), max(todays)))
    return max(today, first), last + timedelta(hours=1)


def _names(warehouse: Warehouse) -> pl.DataFrame:
    """The dataset that a pipeline delivers: source, pipeline_id, dataset_name (several are joined by commas)."""
    return (
        reads.produced_datasets(warehouse)
        .group_by("source", "pipeline_id")
        .agg(pl.coalesce("dataset_name", "uri").sort().str.join(", ").alias("dataset_name"))
    )


def _state(now: datetime) -> pl.Expr:
    in_time = pl.col("landed_at") <= pl.col("deadline_at")
    return (
        pl.when(pl.col("landed_at").is_not_null() & (in_time | pl.col("deadline_at").is_null()))
        .then(pl.lit("landed"))
        .when(pl.col("landed_at").is_not_null())
        .then(pl.lit("landed late"))
        .when(pl.col("deadline_at") < now)
        .then(pl.lit("late"))
        .when((pl.col("has_failed") | (pl.col("missed_n") == 0)).fill_null(value=False) & pl.col("run_id").is_null())
        .then(pl.lit("failed"))
        .when(pl.col("p50_at").is_null())
        .then(pl.lit("unknown"))
        .when((pl.col("p_late") >= AT_RISK) | (pl.col("is_blocked") & pl.col("run_id").is_null()))
        .then(pl.lit("at risk"))
        .otherwise(pl.lit("on time"))
    )


@dataclass(frozen=True)
class _Cause:
    """An upstream pipeline whose newest run failed, or is still on its way."""

    pipeline_id: str
    is_failed: bool


def _held_up(warehouse: Warehouse, found: Landings) -> dict[Key, _Cause]:
    """What each pipeline may have to wait for: of those that feed it, one that failed, else one in flight; else what
    holds up one that feeds it.
    """
    newest = found.runs.group_by("source", "pipeline_id", maintain_order=True).first()
    states = {(s, p): state for s, p, state in newest.select("source", "pipeline_id", "state").iter_rows()}
    causes: dict[Key, _Cause] = {}
    edges = reads.upstream_pipelines(warehouse).rows()
    for source, pipeline_id, feeds in edges:
        state = states.get((source, pipeline_id))
        if state == "failed" or (state in {"running", "queued"} and (source, feeds) not in causes):
            causes[source, feeds] = _Cause(pipeline_id, state == "failed")
    is_found = True
    while is_found:
        is_found = False
        for source, pipeline_id, feeds in edges:
            above = causes.get((source, pipeline_id))
            if above is not None and above.is_failed and (source, feeds) not in causes:
                causes[source, feeds], is_found = above, True
    return causes


def _reasons(rows: pl.DataFrame, held_up: dict[Key, _Cause]) -> list[str | None]:
    """A short sentence for what is late, at risk, failed or unknown: the one thing that holds it up."""
    return [
        _reason(row["state"], held_up.get((row["source"], row["pipeline_id"])), row["history_n"], row["missed_n"])
        for row in rows.iter_rows(named=True)
    ]


def _reason(state: str, cause: _Cause | None, history_n: int | None, missed_n: int | None) -> str | None:
    if state in {"landed", "landed late", "on time"}:
        return None
    if cause is not None and cause.is_failed:
        return f"{cause.pipeline_id} upstream failed"
    if state == "failed" or missed_n:
        return f"its last run failed, {missed_n} deadlines are missed" if (missed_n or 0) > 1 else "its last run failed"
    if cause is not None:
        return f"waits for {cause.pipeline_id}"
    if state == "unknown":
        return "it has never landed"
    return f"takes longer than the deadline allows in many of its last {history_n} runs" if history_n else None
