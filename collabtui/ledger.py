"""Forecasts are facts: those that were shown are kept, and their outcome is filled in when it is known."""

from datetime import date, datetime, timedelta

import polars as pl

from collabtui.answers.epics import epics
from collabtui.answers.landings import landings
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.columns import to_us

DELIVERY_EVERY = timedelta(days=1)

KEEP = (
    "INSERT OR IGNORE INTO forecast (question, source, subject, made_at, model, history_n, p50_at, p85_at, p95_at, "
    "deadline_at, p_late) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def record(warehouse: Warehouse, settings: Settings, now: datetime) -> int:
    """Keep what is forecast now: each run once, when it is first seen in flight; each epic once a day. How many."""
    kept = {(source, subject) for _, source, subject, _ in reads.open_forecasts(warehouse, "landing").iter_rows()}
    rows: list[tuple[str | int | float | None, ...]] = []
    for row in landings(warehouse, settings, now).next.iter_rows(named=True):
        subject = f"{row['pipeline_id']}\n{row['run_id']}"
        if row["run_id"] is None or row["p50_at"] is None or (row["source"], subject) in kept:
            continue
        times = [_us(row[name]) for name in ("p50_at", "p85_at", "p95_at", "deadline_at")]
        rows.append(
            ("landing", row["source"], subject, to_us(now), row["model"], row["history_n"], *times, row["p_late"])
        )
    lately = {
        (source, subject)
        for _, source, subject, made_at in reads.open_forecasts(warehouse, "delivery").iter_rows()
        if now - made_at < DELIVERY_EVERY
    }
    for row in epics(warehouse, settings, now).epics.iter_rows(named=True):
        if row["p50_on"] is None or (row["source"], row["epic_id"]) in lately:
            continue
        days = [_day_us(row[name], now) for name in ("p50_on", "p85_on", "p95_on", "due_on")]
        model, history_n = row["model"], row["history_n"]
        rows.append(("delivery", row["source"], row["epic_id"], to_us(now), model, history_n, *days, row["p_late"]))
    warehouse.write(KEEP, rows)
    return len(rows)


def settle(warehouse: Warehouse, now: datetime) -> int:
    """Fill in when forecast runs landed and forecast epics were done. How many are settled."""
    landed = reads.open_forecasts(warehouse, "landing")
    keys = [(source, *subject.split("\n", 1)) for _, source, subject, _ in landed.iter_rows()]
    ends = {
        (source, f"{pipeline_id}\n{run_id}"): end_at
        for source, pipeline_id, run_id, end_at in reads.ended_runs(warehouse, keys).iter_rows()
    }
    delivered = reads.open_forecasts(warehouse, "delivery")
    done = {}
    if delivered.height:
        tickets = reads.tickets(warehouse).filter(pl.col("is_epic") & pl.col("done_at").is_not_null())
        done = {(source, i): at for source, i, at in tickets.select("source", "ticket_id", "done_at").iter_rows()}
    outcomes = [
        (to_us(found), number)
        for frame, known in ((landed, ends), (delivered, done))
        for number, source, subject, _ in frame.iter_rows()
        if (found := known.get((source, subject))) is not None and found <= now
    ]
    warehouse.write("UPDATE forecast SET outcome_at = ? WHERE forecast_id = ?", outcomes)
    return len(outcomes)


def _us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)


def _day_us(day: object, now: datetime) -> int | None:
    """A day as the time of its end."""
    if not isinstance(day, date):
        return None
    return to_us(datetime(day.year, day.month, day.day, tzinfo=now.tzinfo) + timedelta(days=1))
