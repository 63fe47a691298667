"""When is the data there? Everything that is due today and in the next days, soonest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import polars as pl

from collabtui.answers.cycles import Key
from collabtui.answers.landings import AT_RISK, landings
from collabtui.answers.missing import Cause, causes, missing_data, newest_ended
from collabtui.chances import percent
from collabtui.config import Settings, zone
from collabtui.warehouse import Warehouse, reads

RATED_RUNS = 30


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
    ended = newest_ended(warehouse, settings, now)
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
    missing = missing_data(warehouse, settings, now)
    coming = coming.join(missing, on=[*key, "run_id", "deadline_at"], how="anti", nulls_equal=True)
    coming = coming.drop("run_state", "due_at", "start_at", "elapsed_s")
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
    held_up = causes(warehouse)
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
        .when((pl.coalesce("p_late", "p_fail") >= AT_RISK) | (pl.col("is_blocked") & pl.col("run_id").is_null()))
        .then(pl.lit("at risk"))
        .otherwise(pl.lit("on time"))
    )


def _reasons(rows: pl.DataFrame, held_up: Mapping[Key, Cause]) -> list[str | None]:
    """A short sentence for what is late, at risk, failed or unknown: the one thing that holds it up."""
    return [_reason(row, held_up.get((row["source"], row["pipeline_id"]))) for row in rows.iter_rows(named=True)]


def _reason(row: Mapping[str, Any], cause: Cause | None) -> str | None:
    if row["state"] in {"landed", "landed late", "on time"}:
        return None
    missed = f", {row['missed_n']} deadlines are missed" if (row["missed_n"] or 0) > 1 else ""
    if cause is not None and cause.is_failed:
        return f"{cause.pipeline_id} upstream failed{missed}"
    if row["has_started"] is False:
        return f"it has not started{missed}"
    if row["state"] == "failed" or row["missed_n"]:
        return f"its last run failed{missed}"
    if not row["history_n"]:
        return f"waits for {cause.pipeline_id}" if cause is not None else "it has never landed"
    if row["p_fail"] is not None and row["p_fail"] >= (row["p_late"] or 0.0) / 2:
        return "it may fail, as it did lately"
    if cause is not None:
        return f"waits for {cause.pipeline_id}"
    if row["on_time_rate"] is not None and row["on_time_rate"] <= 1 - AT_RISK:
        return f"it missed {percent(1 - row['on_time_rate'])} of its last deadlines"
    return "this run is later than most" if row["run_id"] is not None else "it is expected later than most were"
