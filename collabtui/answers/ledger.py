"""How good were the forecasts that were shown? By kind and model, and by what they were about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse, ledger_reads
from forecasting.record import record

KINDS = {
    "landing ahead": "landing, before the start",
    "landing": "landing, in flight",
    "delivery": "delivery of an epic",
}
NEWEST = 20_000
"""So many of the newest scored forecasts are looked at."""
RECORD = {
    "last_n": pl.Int64, "held_p50_n": pl.Int64, "held_p85_n": pl.Int64, "held_p95_n": pl.Int64, "pinball_s": pl.Float64,
    "mase": pl.Float64, "verdict": pl.String, "words": pl.String,
}  # fmt: skip
BY_KIND = {"kind": pl.String, "model": pl.String, "scored_n": pl.Int64, "open_n": pl.Int64, **RECORD}
BY_SUBJECT = {"kind": pl.String, "source": pl.String, "about": pl.String, "scored_n": pl.Int64, **RECORD}


@dataclass(frozen=True)
class Ledger:
    """kinds: one row a kind of forecast (model null) and a model of it: kind, model, scored_n (truth has come), open_n
    (it has not), and of the newest 100 scored: last_n, held_p50_n, held_p85_n, held_p95_n (how many landed before it),
    pinball_s (mean pinball loss of the three, seconds), mase (mean error of P50 by that of the naive; null without
    one), verdict (holds, too sure, too careful, too few), words ("the P85 held in 84 of the last 100").

    subjects: the same by pipeline or epic (about), with drifted_at and drift: when its newest forecasts were seen to be
    off more than chance allows, and how; what was before is set aside since. Both null where that never was.
    """

    now: datetime
    kinds: pl.DataFrame
    subjects: pl.DataFrame


def ledger(warehouse: Warehouse, _settings: Settings, now: datetime) -> Ledger:
    """Everything that was kept and scored until now; empty frames before the first truth has come."""
    scored = ledger_reads.scored(warehouse, NEWEST)
    open_ = {(kind, model): count for kind, model, count in ledger_reads.open_counts(warehouse)}
    kinds: list[Sequence[object]] = []
    subjects: list[Sequence[object]] = []
    for question, kind in KINDS.items():
        mine = scored.filter(pl.col("question").cast(pl.String) == question)
        waiting = {model: count for (asked, model), count in open_.items() if asked == question}
        if mine.is_empty() and not waiting:
            continue
        kinds.append((kind, None, mine.height, sum(waiting.values()), *_record(mine)))
        for model in sorted({*mine["model"].to_list(), *waiting}):
            by = mine.filter(pl.col("model") == model)
            kinds.append((kind, model, by.height, waiting.get(model, 0), *_record(by)))
        for (source, about), group in mine.group_by("source", "about", maintain_order=True):
            subjects.append((kind, source, about, group.height, *_record(group)))
    found = pl.DataFrame(subjects, schema=BY_SUBJECT, orient="row")
    drifts = ledger_reads.retrainings(warehouse).select(
        pl.col("source").cast(pl.String),
        pl.col("pipeline_id").cast(pl.String).alias("about"),
        pl.col("at").alias("drifted_at"),
        pl.col("reason").cast(pl.String).alias("drift"),
    )
    found = found.join(drifts, on=["source", "about"], how="left").sort("kind", "source", "about")
    return Ledger(now, pl.DataFrame(kinds, schema=BY_KIND, orient="row"), found)


def _record(scored: pl.DataFrame) -> tuple[object, ...]:
    found = record(scored)
    return (found.count, *found.held, found.pinball_s, found.mase, found.verdict, found.words)
