"""How good were the forecasts that were shown? By kind and model, and by what they were about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse, ledger_reads
from forecasting.record import OF_TIMES, record, score

KINDS = {
    "landing ahead": ("landing, before the start", "s"),
    "landing": ("landing, in flight", "s"),
    "delivery": ("delivery of an epic", "s"),
    "throughput": ("throughput of the next week", "tickets"),
    "arrivals": ("arrivals of the next week", "tickets"),
    "slot-hours day": ("slot-hours of the next day", "slot-hours"),
    "slot-hours week": ("slot-hours of the next week", "slot-hours"),
}
"""Of each question what it is called, and its unit."""
NEWEST = 20_000
"""So many of the newest scored forecasts of times are looked at, and of values."""
RECORD: dict[str, type[pl.DataType]] = {
    "last_n": pl.Int64, "held_p50_n": pl.Int64, "held_p85_n": pl.Int64, "held_p95_n": pl.Int64, "within_n": pl.Int64,
    "pinball": pl.Float64, "unit": pl.String, "mase": pl.Float64, "verdict": pl.String, "words": pl.String,
}  # fmt: skip
BY_KIND: dict[str, type[pl.DataType]] = {
    "kind": pl.String, "model": pl.String, "scored_n": pl.Int64, "open_n": pl.Int64, **RECORD,
}  # fmt: skip
BY_SUBJECT: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String, "source": pl.String, "about": pl.String, "scored_n": pl.Int64, **RECORD,
    "drifted_at": pl.Datetime("us", "UTC"), "drift": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """kinds: one row a kind of forecast (model null) and a model of it: kind, model, scored_n (truth has come; of epics
    see `deliveries_past`), open_n (it has not), and of the newest 100 scored: last_n, held_p50_n, held_p85_n,
    held_p95_n (how many came before it, or were not more; P95 null for values), within_n (how many stayed within P15 to
    P85; null for times), pinball (mean pinball loss of the three), unit (of it: s, tickets, slot-hours), mase (mean
    error of P50 by that of the naive; null without one), verdict (holds, too sure, too careful, too few), words ("the
    P85 held in 84 of the last 100").

    subjects: the same by pipeline, epic, team (source null) or pool (about), with drifted_at and drift: when a
    pipeline's newest forecasts were seen to be off more than chance allows, and how; what was before is set aside
    since. Both null where that never was.
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
    retrainings = ledger_reads.retrainings(warehouse)
    drifts = {(source, about): (at, why) for source, about, at, _, why in retrainings.iter_rows()}
    of_epics = deliveries_past(warehouse, now)
    for question, (kind, unit) in KINDS.items():
        mine = scored.filter(pl.col("question").cast(pl.String) == question) if question != "delivery" else of_epics
        waiting = {model: count for (asked, model), count in open_.items() if asked == question}
        if mine.is_empty() and not waiting:
            continue
        kinds.append((kind, None, mine.height, sum(waiting.values()), *_record(mine, unit)))
        for model in sorted({*mine["model"].to_list(), *waiting}):
            by = mine.filter(pl.col("model") == model)
            kinds.append((kind, model, by.height, waiting.get(model, 0), *_record(by, unit)))
        for (source, about), group in mine.group_by("source", "about", maintain_order=True):
            drift = drifts.get((source, about)) if question.startswith("landing") else None
            subjects.append((kind, source, about, group.height, *_record(group, unit), *(drift or (None, None))))
    return Ledger(
        now,
        pl.DataFrame(kinds, schema=BY_KIND, orient="row"),
        pl.DataFrame(subjects, schema=BY_SUBJECT, orient="row").sort("kind", "source", "about"),
    )


def deliveries_past(warehouse: Warehouse, now: datetime) -> pl.DataFrame:
    """The forecasts of epics whose P95 has passed, as `forecasting.record` takes them, with source, about, model and
    epic (which of them are of one).

    Each counts from then on, whatever came: those of epics that were done sooner would else be all that is known at
    first, and what is never done would never count. An epic that is open was missed, by as much as has passed.
    """
    past = ledger_reads.deliveries_past(warehouse, now).with_columns(pl.col("outcome").fill_null(now.timestamp()))
    said = past.filter(pl.col("score").is_null()).select("outcome", "p50", "p85", "p95")
    scores = iter([score(outcome, quantiles, OF_TIMES) for outcome, *quantiles in said.iter_rows()])
    return past.with_columns(
        score=pl.Series("score", [next(scores) if s is None else s for s in past["score"]], dtype=pl.Float64),
        epic=pl.concat_str("source", pl.lit("\n"), "about"),
    )


def _record(scored: pl.DataFrame, unit: str) -> tuple[object, ...]:
    found = record(scored, by="epic" if "epic" in scored.columns else None)
    return (found.count, *found.held, found.within, found.pinball, unit, found.mase, found.verdict, found.words)
