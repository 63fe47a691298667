"""How fresh is what we show?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads


@dataclass(frozen=True)
class Sources:
    """sources: source, kind, state (fresh, stale, syncing, failed, never), ok_at (its last good sync), age_s (since
    then), error (what ended the last one, null where it went well). In the order of the config.
    """

    now: datetime
    sources: pl.DataFrame


def sources(warehouse: Warehouse, settings: Settings, now: datetime) -> Sources:
    """Every configured source, synced or not."""
    states = {row["source"]: row for row in reads.sync_states(warehouse).iter_rows(named=True)}
    patience = timedelta(seconds=settings.stale_after_s)
    rows = []
    for source in settings.sources:
        known = states.get(source.name, {})
        ok_at = known.get("ok_at")
        age_s = max(0.0, (now - ok_at).total_seconds()) if ok_at else None
        rows.append((source.name, source.kind, _state(known, now, patience), ok_at, age_s, known.get("error")))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "source": pl.String, "kind": pl.String, "state": pl.String, "ok_at": pl.Datetime("us", "UTC"),
        "age_s": pl.Float64, "error": pl.String,
    }  # fmt: skip
    return Sources(now, pl.DataFrame(rows, schema=schema, orient="row"))


def _state(known: dict[str, datetime | None], now: datetime, patience: timedelta) -> str:
    started, finished, ok_at = known.get("started_at"), known.get("finished_at"), known.get("ok_at")
    seen = max((t for t in (started, known.get("seen_at")) if t is not None), default=None)
    if started and (finished is None or started > finished) and seen and now - seen <= patience:
        return "syncing"
    if known.get("error"):
        return "failed"
    if ok_at is None:
        return "never"
    return "fresh" if now - ok_at <= patience else "stale"
