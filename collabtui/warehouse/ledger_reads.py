"""What the ledger asks the warehouse for: forecasts that are open or scored, and the truth that has come."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from collabtui.warehouse.store import Warehouse

Truth = Mapping[tuple[str, str, str], datetime]
"""question, source and subject -> when it landed or was delivered."""
QUANTILES = "p50_at, p85_at, p95_at"
OF_TIMES = (
    "made_at, NULL AS p15, p50_at / 1e6 AS p50, p85_at / 1e6 AS p85, p95_at / 1e6 AS p95, naive_at / 1e6 AS naive, "
    "outcome_at / 1e6 AS outcome, score"
)
OF_VALUES = "made_at, p15, p50, p85, NULL AS p95, naive, outcome, score"
"""As `forecasting.record` takes them: times in seconds since 1970, values in their unit."""


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
    """The newest forecasts whose truth has come, so many of landings and of values, of each question oldest first;
    `about` is the pipeline, the team (then without a source) or the pool.
    """
    return warehouse.frame(
        "SELECT * FROM (SELECT question, source, substr(subject, 1, instr(subject, char(10)) - 1) AS about, "  # noqa: S608
        f"model, {OF_TIMES} FROM forecast WHERE question <> 'delivery' AND outcome_at IS NOT NULL "
        "AND score IS NOT NULL ORDER BY outcome_at DESC, forecast_id DESC "
        "LIMIT ?) UNION ALL "
        f"SELECT * FROM (SELECT question, nullif(source, ''), subject, model, {OF_VALUES} "
        "FROM value_forecast WHERE outcome IS NOT NULL ORDER BY until_at DESC, forecast_id DESC LIMIT ?)",
        [limit, limit],
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


def deliveries_past(warehouse: Warehouse, now: datetime) -> pl.DataFrame:
    """The forecasts of epics whose P95 has passed, in the order in which it did, with source, about (the epic) and
    model. Outcome and score are null where the epic is still open; one that its source no longer has is left out.
    """
    from collabtui.warehouse.columns import to_us

    return warehouse.frame(
        f"SELECT forecast.source, subject AS about, model, {OF_TIMES} FROM forecast "  # noqa: S608
        "LEFT JOIN ticket ON ticket.source = forecast.source AND ticket_id = subject "
        "WHERE question = 'delivery' AND p50_at IS NOT NULL AND p95_at <= ? "
        "AND (score IS NOT NULL OR (ticket_id IS NOT NULL AND gone_at IS NULL)) ORDER BY p95_at, forecast_id",
        [to_us(now)],
    )


def open_counts(warehouse: Warehouse) -> list[tuple[str, str, int]]:
    """How many forecasts wait for their truth: question, model, count."""
    sql = (
        "SELECT question, model, count(*) FROM forecast WHERE outcome_at IS NULL GROUP BY 1, 2 UNION ALL "
        "SELECT question, model, count(*) FROM value_forecast WHERE outcome IS NULL GROUP BY 1, 2"
    )
    return [(question, model, count) for question, model, count in warehouse.rows(sql)]


def scored_values(warehouse: Warehouse, question: str) -> pl.DataFrame:
    """Of all subjects the scored forecasts of values, with their source (null for a team) and subject, oldest first."""
    return warehouse.frame(
        f"SELECT nullif(source, '') AS source, subject, {OF_VALUES} FROM value_forecast "  # noqa: S608
        "WHERE question = ? AND outcome IS NOT NULL ORDER BY until_at, forecast_id",
        [question],
    )


def open_values(warehouse: Warehouse) -> pl.DataFrame:
    """Forecasts of values whose truth has not come: forecast_id, question, source, subject, until_at, p15, p50, p85."""
    return warehouse.frame(
        "SELECT forecast_id, question, source, subject, until_at, p15, p50, p85 FROM value_forecast "
        "WHERE outcome IS NULL"
    )


def scored_of(
    warehouse: Warehouse, question: str, source: str, pipeline_id: str, *, after: datetime | None = None
) -> pl.DataFrame:
    """The scored forecasts of one pipeline, oldest first: those that were made after a time, if one is given."""
    from collabtui.warehouse.columns import to_us

    return warehouse.frame(
        f"SELECT {OF_TIMES} FROM forecast "  # noqa: S608
        "WHERE question = ? AND source = ? AND subject > ? AND subject < ? AND outcome_at IS NOT NULL "
        "AND score IS NOT NULL AND made_at > ? ORDER BY outcome_at, forecast_id",
        [question, source, f"{pipeline_id}\n", f"{pipeline_id}\n\U0010ffff", to_us(after) if after else 0],
    )


def retrainings(warehouse: Warehouse) -> pl.DataFrame:
    """Pipelines whose forecasts drifted: source, pipeline_id, at (when that was seen), since_at, reason."""
    return warehouse.frame("SELECT source, subject AS pipeline_id, at, since_at, reason FROM retraining")
