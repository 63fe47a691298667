"""How is every pipeline doing, and what will its next run do? Riskiest first."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.answers.landings import AT_RISK, RECORD, landings
from collabtui.answers.missing import causes, missing_data
from collabtui.answers.past import newest_runs
from collabtui.answers.teams import team_of_pipeline
from collabtui.answers.touches import WORK, with_work
from collabtui.answers.upcoming import ENDED
from collabtui.config import Settings
from collabtui.warehouse import Warehouse

RECENT = 14
ORDER = ("late", "failed", "at risk", "running", "queued", "success", "never ran", "paused")
"""Riskiest first; at risk is whatever else is likely to miss its deadline."""


@dataclass(frozen=True)
class Pipelines:
    """pipelines: one row a pipeline: source, pipeline_id, name, state (see `ORDER`), recent (states of the last 14
    ended runs, oldest first), run_id (null: the run is still to come), due_at, start_at, elapsed_s, p50_at, p85_at,
    p95_at, deadline_at, missing_since_at (the first deadline that passed without a run starting; null else),
    held_up_by (the pipeline before it that failed; null else), p_late and p_fail (0 to 1), history_n, model and its
    record (see `Landings`), last_end_at, last_duration_s, typical_duration_s (median), success_rate (0 to 1), owner,
    team, tags, schedule, is_paused, url, and what people do about it: open_tickets (that name it), touched_at,
    touched_by, touched_sha, touched_subject (the last commit to its files; null without one), touched_keys (the tickets
    that it names).
    """

    now: datetime
    pipelines: pl.DataFrame


def pipelines(warehouse: Warehouse, settings: Settings, now: datetime) -> Pipelines:
    """Late means: in flight past its deadline, or not started when its deadline passed. Failed: its last run failed and
    none is in flight.
    """
    found = landings(warehouse, settings, now)
    key = ["source", "pipeline_id"]
    past = warehouse.kept("past of pipelines", lambda: _past(newest_runs(warehouse)))
    frame = found.pipelines.join(found.next, on=key, how="left").join(past, on=key, how="left")
    waiting = missing_data(warehouse, settings, now).filter(~pl.col("has_started"))
    frame = frame.join(waiting.select(*key, missing_since_at="deadline_at"), on=key, how="left")
    held_up = {k: why.pipeline_id for k, why in causes(warehouse).items() if why.is_failed}
    has_waited = pl.col("run_id").is_null() & pl.col("missing_since_at").is_not_null()
    is_late = has_waited | (pl.col("run_id").is_not_null() & (pl.col("deadline_at") < now))
    teams = [team_of_pipeline(settings, o or (), t or ()) for o, t in frame.select("owners", "tags").iter_rows()]
    frame = frame.with_columns(
        owner=pl.col("owners").list.join(", "),
        team=pl.Series("team", teams, dtype=pl.String),
        held_up_by=pl.Series("held_up_by", [held_up.get(k) for k in frame.select(key).iter_rows()], dtype=pl.String),
        state=pl.when(is_late)
        .then(pl.lit("late"))
        .when(pl.col("run_id").is_not_null())
        .then(pl.col("run_state"))
        .when(pl.col("is_paused").fill_null(value=False))
        .then(pl.lit("paused"))
        .otherwise(pl.coalesce("last_state", pl.lit("never ran"))),
    )
    places = {name: n for n, name in enumerate(ORDER)}
    rank = pl.col("state").replace_strict(places, default=len(ORDER), return_dtype=pl.Int64)
    rank = pl.when(pl.col("p_late") >= AT_RISK).then(pl.min_horizontal(rank, places["at risk"])).otherwise(rank)
    frame = frame.sort(rank, pl.col("p_late").fill_null(-1.0) * -1, "p50_at", "name", nulls_last=True)
    return Pipelines(
        now,
        with_work(warehouse, frame).select(
            "source", "pipeline_id", "name", "state", "recent", "run_id", "due_at", "start_at", "elapsed_s", "p50_at",
            "p85_at", "p95_at", "deadline_at", "missing_since_at", "held_up_by", "p_late", "p_fail", "history_n",
            "model", *RECORD, "last_end_at", "last_duration_s", "typical_duration_s", "success_rate", "owner", "team",
            "tags", "schedule", "is_paused", "url", *WORK,
        ),
    )  # fmt: skip


def _past(runs: pl.DataFrame) -> pl.DataFrame:
    """What the ended runs of each pipeline were like."""
    ended = runs.filter(pl.col("state").is_in(ENDED)).with_columns(
        duration_s=(pl.col("end_at") - pl.col("start_at")).dt.total_microseconds() / 1e6
    )
    return ended.group_by("source", "pipeline_id", maintain_order=True).agg(
        pl.col("state").head(RECENT).reverse().alias("recent"),
        pl.col("state").first().alias("last_state"),
        pl.col("end_at").first().alias("last_end_at"),
        pl.col("duration_s").first().alias("last_duration_s"),
        pl.col("duration_s").filter(pl.col("state") == "success").median().alias("typical_duration_s"),
        (pl.col("state").head(RECENT) == "success").mean().alias("success_rate"),
    )
