"""Pipelines that wait for others: their lateness carries over to when these start, and so to when they land."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from collabtui.answers.cycles import Key
from forecasting.distribution import Floats
from forecasting.lineage import Carried, Length, Waiting, carried

SEED = 20
LEVELS = {"p50_s": 0.50, "p85_s": 0.85, "p95_s": 0.95}


def with_carried(
    forecast: pl.DataFrame, feeds: pl.DataFrame, landed: Mapping[Key, datetime], now: datetime
) -> pl.DataFrame:
    """The forecast (`forecasting.landing`, with `is_scheduled` and `last_due_at`) of what waits, from when it starts.

    feeds: source, pipeline_id, feeds_id. landed: when the newest run of each pipeline that landed was due; those whose
    was due since the last run of what they feed are not waited for any more. Its deadline stays that of the round it
    belongs to.
    """
    rows = {(row["source"], row["pipeline_id"]): row for row in forecast.iter_rows(named=True)}
    found = _found(rows, feeds, landed, now)
    if not found:
        return forecast
    return pl.DataFrame(
        [_moved(row, found[key], now) if key in found else row for key, row in rows.items()], schema=forecast.schema
    )


def _found(
    rows: Mapping[Key, dict[str, Any]], feeds: pl.DataFrame, landed: Mapping[Key, datetime], now: datetime
) -> Mapping[Key, Carried]:
    known = {key: row for key, row in rows.items() if row["p50_s"] is not None}
    waits: dict[Key, list[Key]] = {}
    for source, pipeline_id, feeds_id in feeds.sort(feeds.columns).iter_rows():
        fed, feeder = known.get((source, feeds_id)), (source, pipeline_id)
        if fed is None or fed["is_scheduled"] or feeder not in known:
            continue
        if is_awaited(landed.get(feeder), fed["last_due_at"]):
            waits.setdefault((source, feeds_id), []).append(feeder)
    if not waits:
        return {}
    landing = {
        key: _length(row, (row["due_at"] - now).total_seconds()) for key, row in known.items() if key not in waits
    }
    waiting = {key: Waiting(_length(known[key], 0.0), on) for key, on in waits.items()}
    return carried(landing, waiting, np.random.default_rng(SEED))


def _length(row: Mapping[str, Any], begins_s: float) -> Length:
    return Length(*(max(begins_s + row[name], 0.0) for name in LEVELS))


def _moved(row: dict[str, Any], found: Carried, now: datetime) -> dict[str, Any]:
    """Due at its median start; the doubt about that is in the quantiles, which count from there."""
    start_s = float(np.median(found.starts_s))
    quantiles = {name: float(np.quantile(found.lands_s, level)) - start_s for name, level in LEVELS.items()}
    late = chance_late(found.lands_s, row["deadline_at"], row["p_fail"], now)
    return {**row, **quantiles, "due_at": now + timedelta(seconds=start_s), "elapsed_s": None, "p_late": late}


def chance_late(lands_s: Floats, deadline_at: datetime | None, p_fail: float | None, now: datetime) -> float | None:
    """The chance to land after the deadline or to fail, from draws of the landing (seconds from `now`); None without a
    deadline.
    """
    if deadline_at is None:
        return None
    in_time = float((lands_s <= (deadline_at - now).total_seconds()).sum()) + 0.5
    chance = in_time / (lands_s.size + 1) * (1 - (p_fail or 0.0))  # never quite sure
    return 1.0 if deadline_at <= now else 1 - chance


def is_awaited(landed_due_at: datetime | None, last_due_at: datetime | None) -> bool:
    """Whether what waits is still to get what this pipeline makes, whose newest landed run was due then: none was due
    since the last run of what waits was.

    Not when it landed: what a run makes is there, and starts what waits for it, before the run has ended.
    """
    return landed_due_at is None or last_due_at is None or landed_due_at <= last_due_at
