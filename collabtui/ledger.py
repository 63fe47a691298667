"""Forecasts are facts: those that were shown are kept, scored when the truth comes, and begun anew where they drift.

A subject is `pipeline_id\nrun_id` of a run in flight ("landing"), `pipeline_id\nmicroseconds` of one that is still to
start when it is due ("landing ahead"), or an epic's id ("delivery"). Those of values are of `collabtui.values`.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import polars as pl

from collabtui import values
from collabtui.answers.epics import epics
from collabtui.answers.landings import landings
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, ledger_reads, reads
from collabtui.warehouse.columns import to_us
from forecasting.record import OF_TIMES, OF_VALUES, drift, score

DELIVERY_EVERY = timedelta(days=1)
KEEP = (
    "INSERT OR IGNORE INTO forecast (question, source, subject, made_at, model, history_n, p50_at, p85_at, p95_at, "
    "deadline_at, p_late, naive_at, readiness) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SCORE = "UPDATE forecast SET outcome_at = ?, score = ? WHERE forecast_id = ?"
KEEP_VALUE = (
    "INSERT OR IGNORE INTO value_forecast (question, source, subject, model, history_n, made_at, from_at, until_at, "
    "p15, p50, p85, naive) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SCORE_VALUE = "UPDATE value_forecast SET outcome = ?, score = ? WHERE forecast_id = ?"
RETRAIN = (
    "INSERT OR REPLACE INTO retraining (question, source, subject, at, since_at, reason) VALUES (?, ?, ?, ?, ?, ?)"
)
Kept = tuple[str | int | float | None, ...]


def record(warehouse: Warehouse, settings: Settings, now: datetime) -> int:
    """Keep what is forecast now. How many.

    Each run once before it starts and once when it is first seen in flight; each epic once a day; each team and pool
    once a period, after the last one was scored.
    """
    times = [*_runs(warehouse, settings, now), *_epics(warehouse, settings, now)]
    of_values = _values(warehouse, settings, now)
    warehouse.write(KEEP, times)
    warehouse.write(KEEP_VALUE, of_values)
    return len(times) + len(of_values)


def _runs(warehouse: Warehouse, settings: Settings, now: datetime) -> list[Kept]:
    kept = {
        (question, source, subject)
        for question in ("landing", "landing ahead")
        for source, subject in ledger_reads.open_subjects(warehouse, question)
    }
    rows: list[Kept] = []
    for row in landings(warehouse, settings, now).next.iter_rows(named=True):
        if row["run_id"] is not None:
            question, subject = "landing", f"{row['pipeline_id']}\n{row['run_id']}"
        else:
            question, subject = "landing ahead", f"{row['pipeline_id']}\n{to_us(row['due_at'])}"
        is_sure_of_start = row["run_id"] is not None or row["is_scheduled"]
        if row["p50_at"] is None or not is_sure_of_start or (question, row["source"], subject) in kept:
            continue
        times = [_us(row[name]) for name in ("p50_at", "p85_at", "p95_at", "deadline_at")]
        ready = min(row["data_quality"], row["features"], row["validation"])
        made = (question, row["source"], subject, to_us(now), row["model"], row["history_n"])
        rows.append((*made, *times, row["p_late"], _us(row["naive_at"]), ready))
    return rows


def _epics(warehouse: Warehouse, settings: Settings, now: datetime) -> list[Kept]:
    lately = ledger_reads.made_since(warehouse, "delivery", now - DELIVERY_EVERY)
    rows: list[Kept] = []
    for row in epics(warehouse, settings, now).epics.iter_rows(named=True):
        if row["p50_on"] is None or (row["source"], row["epic_id"]) in lately:
            continue
        days = [_day_us(row[name], now) for name in ("p50_on", "p85_on", "p95_on", "due_on")]
        made = ("delivery", row["source"], row["epic_id"], to_us(now), row["model"], row["history_n"])
        rows.append((*made, *days, row["p_late"], None, None))
    return rows


def _values(warehouse: Warehouse, settings: Settings, now: datetime) -> list[Kept]:
    """Not again while one of the same is open."""
    open_ = ledger_reads.open_values(warehouse)
    running = set(open_.filter(pl.col("until_at") > now)["question"])
    kept = set(open_.select("question", "source", "subject").iter_rows())
    said = values.ahead(warehouse, settings, now, without=running)
    return [
        (
            *value.key,
            value.model,
            value.history_n,
            *map(to_us, (now, now, value.until_at)),
            *value.quantiles,
            value.naive,
        )
        for value in said
        if value.key not in kept
    ]


def settle(warehouse: Warehouse, settings: Settings, now: datetime) -> int:
    """Score the forecasts whose truth has come since; mark what drifts. How many were scored."""
    return _settle_times(warehouse, now) + _settle_values(warehouse, settings, now)


def _settle_times(warehouse: Warehouse, now: datetime) -> int:
    """Of what has landed or was delivered."""
    open_ = ledger_reads.open_forecasts(warehouse)
    if open_.is_empty():
        return 0
    landed = {question: open_.filter(pl.col("question") == question) for question in ("landing", "landing ahead")}
    known = {
        **ledger_reads.landed_runs(warehouse, landed["landing"]),
        **ledger_reads.landed_due(warehouse, landed["landing ahead"]),
    }
    if (open_["question"] == "delivery").any():
        tickets = reads.tickets(warehouse).filter(pl.col("is_epic") & pl.col("done_at").is_not_null())
        for source, ticket_id, at in tickets.select("source", "ticket_id", "done_at").iter_rows():
            known["delivery", source, ticket_id] = at
    scored: list[Sequence[int | float]] = []
    touched: set[tuple[str, str, str]] = set()
    for row in open_.iter_rows(named=True):
        outcome = known.get((row["question"], row["source"], row["subject"]))
        if outcome is None or outcome > now:
            continue
        off_s = [(row[name] - outcome).total_seconds() for name in ("p50_at", "p85_at", "p95_at")]
        scored.append((to_us(outcome), score(0.0, off_s, OF_TIMES), row["forecast_id"]))
        if row["question"] == "landing ahead":
            touched.add((row["question"], row["source"], row["subject"].split("\n", 1)[0]))
    warehouse.write(SCORE, scored)
    _retrain(warehouse, touched, now)
    return len(scored)


def _settle_values(warehouse: Warehouse, settings: Settings, now: datetime) -> int:
    """Of the periods that are over, once all sources that may tell of them were synced since."""
    over = ledger_reads.open_values(warehouse).filter(pl.col("until_at") <= now)
    if over.is_empty():
        return 0
    known = values.outcomes(warehouse, settings, over, now)
    scored = [
        (known[forecast_id], score(known[forecast_id], said, OF_VALUES), forecast_id)
        for forecast_id, *said in over.select("forecast_id", "p15", "p50", "p85").iter_rows()
        if forecast_id in known
    ]
    warehouse.write(SCORE_VALUE, scored)
    return len(scored)


def _retrain(warehouse: Warehouse, touched: set[tuple[str, str, str]], now: datetime) -> None:
    """Where the newest forecasts were off more often than chance allows, what was before them is set aside."""
    marked = {
        (source, pipeline_id): at for source, pipeline_id, at, *_ in ledger_reads.retrainings(warehouse).iter_rows()
    }
    rows: list[Kept] = []
    for question, source, pipeline_id in sorted(touched):
        after = marked.get((source, pipeline_id))  # ten more, before it may happen again
        scored = ledger_reads.scored_of(warehouse, question, source, pipeline_id, after=after)
        if (found := drift(scored)) is not None:
            rows.append((question, source, pipeline_id, to_us(now), to_us(found.since_at), found.reason))
    warehouse.write(RETRAIN, rows)


def _us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)


def _day_us(day: object, now: datetime) -> int | None:
    """A day as the time of its end."""
    if not isinstance(day, date):
        return None
    return to_us(datetime(day.year, day.month, day.day, tzinfo=now.tzinfo) + timedelta(days=1))
