"""What the ledger asks the warehouse for: forecasts that are open or scored, and the truth that has come."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from collabtui.warehouse.store import Warehouse

Truth = Mapping[tuple[str, str, str], datetime]
"""question, source and subject -> when it landed or was delivered."""
QUANTILES = "p50_at, p85_at, p95_at"


def open_subjects(warehouse: Warehouse, question: str) -> list[tuple[str, str]]:
    """Source and subject of the forecasts whose truth has not come."""
    sql = "SELECT source, subject FROM forecast WHERE question = ? AND outcome_at IS NULL"
    return [(source, subject) for source, subject in warehouse.rows(sql, [question])]


def made_since(warehouse: Warehouse, question: str, since: datetime) -> set[tuple[str, str]]:
    """Source and subject of the open forecasts that were made since then."""
    from collabtui.warehouse.columns import to_us

    sql = "SELECT source, subject FROM forecast WHERE question = ? AND outcome_at IS NULL AND made_at > ?"
    return {(source, subject) for source, subject in warehouse.rows(sql, [question, to_us(since)])}


def open_forecasts(warehouse: Warehouse) -> pl.DataFrame:
    """Forecasts whose truth has not come: forecast_id, question, source, subject, made_at, p50_at, p85_at, p95_at.

    Those of epics that may be done in two years have no P95 and stay without a score.
    """
    return warehouse.frame(
        f"SELECT forecast_id, question, source, subject, made_at, {QUANTILES} FROM forecast "  # noqa: S608
        "WHERE outcome_at IS NULL AND p85_at IS NOT NULL AND p95_at IS NOT NULL"
    )


def landed_runs(warehouse: Warehouse, asked: pl.DataFrame) -> Truth:
    """Of these forecasts of runs in flight those that landed."""
    return _landed(warehouse, asked, "run_id = ?")


def landed_due(warehouse: Warehouse, asked: pl.DataFrame) -> Truth:
    """Of these forecasts of runs that were to start those that landed."""
    return _landed(warehouse, asked, "due_at = CAST(? AS INTEGER) AND run_type = 'scheduled'")


def _landed(warehouse: Warehouse, asked: pl.DataFrame, which: str) -> Truth:
    from collabtui.warehouse.columns import from_us

    sql = f"SELECT end_at FROM run WHERE source = ? AND pipeline_id = ? AND {which} AND state = 'success'"  # noqa: S608
    found: dict[tuple[str, str, str], datetime] = {}
    for question, source, subject in asked.select("question", "source", "subject").iter_rows():
        for (end_at,) in warehouse.rows(sql, [source, *subject.split("\n", 1)]):
            if end_at is not None:
                found[question, source, subject] = from_us(end_at)
    return found


def scored(warehouse: Warehouse, limit: int) -> pl.DataFrame:
    """The newest forecasts whose truth has come, oldest first; `about` is the pipeline or the epic."""
    return warehouse.frame(
        f"SELECT question, source, made_at, model, {QUANTILES}, naive_at, outcome_at, score, "  # noqa: S608
        "CASE question WHEN 'delivery' THEN subject ELSE substr(subject, 1, instr(subject, char(10)) - 1) END AS about "
        "FROM forecast WHERE outcome_at IS NOT NULL AND score IS NOT NULL ORDER BY outcome_at DESC, forecast_id DESC "
        "LIMIT ?",
        [limit],
    ).reverse()


def landings_since(warehouse: Warehouse, since: datetime) -> pl.DataFrame:
    """The scored forecasts of runs that landed since then, the first made first: source, pipeline_id, made_at, p50_at,
    p85_at, p95_at, deadline_at, outcome_at.
    """
    from collabtui.warehouse.columns import to_us

    return warehouse.frame(
        "SELECT source, substr(subject, 1, instr(subject, char(10)) - 1) AS pipeline_id, made_at, "  # noqa: S608
        f"{QUANTILES}, deadline_at, outcome_at FROM forecast WHERE question IN ('landing', 'landing ahead') "
        "AND outcome_at >= ? ORDER BY made_at, forecast_id",
        [to_us(since)],
    )


def scored_deliveries(warehouse: Warehouse) -> pl.DataFrame:
    """Of all epics the scored forecasts, oldest first."""
    return warehouse.frame(
        f"SELECT made_at, {QUANTILES}, naive_at, outcome_at, score FROM forecast "  # noqa: S608
        "WHERE question = 'delivery' AND outcome_at IS NOT NULL AND score IS NOT NULL ORDER BY outcome_at, forecast_id"
    )


def open_counts(warehouse: Warehouse) -> list[tuple[str, str, int]]:
    """How many forecasts wait for their truth: question, model, count."""
    sql = "SELECT question, model, count(*) FROM forecast WHERE outcome_at IS NULL GROUP BY 1, 2"
    return [(question, model, count) for question, model, count in warehouse.rows(sql)]


def scored_of(
    warehouse: Warehouse, question: str, source: str, pipeline_id: str, *, after: datetime | None = None
) -> pl.DataFrame:
    """The scored forecasts of one pipeline, oldest first: those that were made after a time, if one is given."""
    from collabtui.warehouse.columns import to_us

    return warehouse.frame(
        f"SELECT made_at, {QUANTILES}, naive_at, outcome_at, score FROM forecast "  # noqa: S608
        "WHERE question = ? AND source = ? AND subject > ? AND subject < ? AND outcome_at IS NOT NULL "
        "AND score IS NOT NULL AND made_at > ? ORDER BY outcome_at, forecast_id",
        [question, source, f"{pipeline_id}\n", f"{pipeline_id}\n\U0010ffff", to_us(after) if after else 0],
    )


def retrainings(warehouse: Warehouse) -> pl.DataFrame:
    """Pipelines whose forecasts drifted: source, pipeline_id, at (when that was seen), since_at, reason."""
    return warehouse.frame("SELECT source, subject AS pipeline_id, at, since_at, reason FROM retraining")
