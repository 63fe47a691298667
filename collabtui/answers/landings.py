"""The next or running run of each pipeline with its landing forecast: what several answers share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.answers.carried import with_carried
from collabtui.answers.cycles import Cycles, Key
from collabtui.answers.deadlines import rules_of, with_deadlines
from collabtui.answers.flights import with_flights
from collabtui.answers.past import history, newest_runs
from collabtui.answers.upcoming import upcoming
from collabtui.config import Deadline, Settings
from collabtui.warehouse import Warehouse, reads
from forecasting.landing import learn, slots, told

AT_RISK = 0.25
"""From this chance on to be late, something is called at risk."""
RECORD = (
    "naive_at",
    "champion",
    "tested_n",
    "held_n",
    "mase",
    "data_quality",
    "features",
    "validation",
    "failed_n",
    "invalid_n",
    "odd_n",
    "odd_at",
)
INNER = (
    "run_type", "last_due_at", "allowed_s", "p_fail_usual", "failing_stays", "p50_s", "p85_s", "p95_s",
    "naive_s",
)  # fmt: skip


@dataclass(frozen=True)
class Landings:
    """pipelines: as in the warehouse. runs: the newest of each, newest first. rules: which deadlines hold. cycles:
    which round of a schedule a run belongs to.

    next: one row a pipeline that has a run in flight or one to come: source, pipeline_id, run_id (null for one to
    come), run_state, due_at (of one that waits for others: when it is expected to start), start_at, is_scheduled (its
    schedule says when it is due), deadline_at, elapsed_s (since due; null before), p50_at, p85_at, p95_at (of runs that
    land), p_late (the chance to fail or to land after the deadline), p_fail (the chance to fail), history_n, model,
    naive_at (what the last run of that hour and weekday would say), and the record of such forecasts in hindsight with
    what was odd in the history: champion, tested_n, held_n, mase, data_quality, features, validation, failed_n,
    invalid_n, odd_n, odd_at (see `forecasting.landing`).
    """

    pipelines: pl.DataFrame
    runs: pl.DataFrame
    rules: Mapping[Key, Sequence[Deadline]]
    cycles: Cycles
    next: pl.DataFrame


def landings(warehouse: Warehouse, settings: Settings, now: datetime) -> Landings:
    """Forecast the run in flight of each pipeline, or else the next one that its schedule or its past lets expect.

    model: "task graph" where the tasks of a run in flight were simulated, else what `forecasting.landing` says.
    Pipelines, runs, deliveries and the stand-up ask it of the same moment: it is made once.
    """
    return warehouse.kept(("landings", repr(settings)), lambda: _landings(warehouse, settings, now), at=now)


def _landings(warehouse: Warehouse, settings: Settings, now: datetime) -> Landings:
    pipelines, runs, feeds = reads.pipelines(warehouse), newest_runs(warehouse), reads.upstream_pipelines(warehouse)
    rules = warehouse.kept(("rules", repr(settings)), lambda: rules_of(warehouse, settings, reads.pipelines(warehouse)))
    cycles = warehouse.kept("cycles", lambda: Cycles.of(newest_runs(warehouse), reads.upstream_pipelines(warehouse)))
    coming = with_deadlines(upcoming(pipelines, runs, now), rules, cycles, settings.timezone or "UTC")
    elapsed_s = (pl.lit(now) - pl.col("due_at")).dt.total_microseconds() / 1e6
    coming = coming.with_columns(
        elapsed_s=pl.when(elapsed_s > 0).then(elapsed_s),
        allowed_s=(pl.col("deadline_at") - pl.col("due_at")).dt.total_microseconds() / 1e6,
    )
    asked = ("learned", *slots(coming).rows())
    learned = warehouse.kept(asked, lambda: learn(history(warehouse), coming))
    forecast = with_flights(warehouse, told(learned, coming), now)
    landed = runs.filter(pl.col("state") == "success").group_by("source", "pipeline_id").agg(pl.col("due_at").max())
    last = {(source, pipeline_id): at for source, pipeline_id, at in landed.iter_rows() if at is not None}
    forecast = with_carried(forecast, feeds, last, now).with_columns(
        (pl.col("due_at") + pl.duration(microseconds=(pl.col(f"{p}_s") * 1e6).cast(pl.Int64))).alias(f"{p}_at")
        for p in ("p50", "p85", "p95", "naive")
    )
    return Landings(pipelines, runs, rules, cycles, forecast.drop(INNER))
