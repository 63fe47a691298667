"""Landing times: when the next and the running runs of many pipelines will end, from how long theirs took before.

The length that is forecast is the landing delay: from when a run is due (its data interval's end) to its end.
"""

from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecasting.distribution import FEW, Floats, Lengths

HALF_LIFE_RUNS = 20
"""A run counts half as much as one so many runs later: a change of level is followed within a few weeks."""
FAILURE_HALF_LIFE_RUNS = 5
PRIOR_FAILURES = 0.02
"""What is known of a pipeline without any runs: of one run, so much of it fails."""
OTHER_WEEKDAY = 0.1
"""How much a run of another weekday counts, where a pipeline has enough of the same and weekdays differ."""
DIFFERENT = 3.0
"""From this ratio on of the variance between weekdays to that within (F) they differ."""
OTHER_HOUR = 0.5
ENOUGH_ALIKE = 6
LEVELS = (("p50_s", 0.50), ("p85_s", 0.85), ("p95_s", 0.95))

SCHEMA = {
    "p50_s": pl.Float64, "p85_s": pl.Float64, "p95_s": pl.Float64, "p_late": pl.Float64, "p_fail": pl.Float64,
    "history_n": pl.Int64, "model": pl.String,
}  # fmt: skip


def landing(history: pl.DataFrame, upcoming: pl.DataFrame) -> pl.DataFrame:
    """Forecast each row of `upcoming` from the landed runs of its pipeline.

    history: `source`, `pipeline_id`, `due_at`, `landing_s` (seconds; null for a run that failed), of runs that ended,
    in any order.
    upcoming: `source`, `pipeline_id`, `due_at`, `elapsed_s` (seconds since it was due, negative or null before),
    `allowed_s` (from due to its deadline, null without one).

    Returns the rows of `upcoming` in their order with `p50_s`, `p85_s`, `p95_s` (seconds from due, at least
    `elapsed_s`, of the runs that land), `p_late` (the chance to fail or to land after the deadline; null without one),
    `p_fail` (the chance to fail),
    `history_n` (landed runs) and `model`: "history" from ten runs on, "few runs" below, "none" (and null quantiles)
    where nothing ever landed. No NaN, whatever comes in.
    """
    is_length = pl.col("landing_s").is_finite() & (pl.col("landing_s") >= 0)
    usable = history.filter((is_length | pl.col("landing_s").is_null()) & pl.col("due_at").is_not_null())
    usable = usable.with_columns(weekday=pl.col("due_at").dt.weekday(), hour=pl.col("due_at").dt.hour().cast(pl.Int64))
    by_pipeline = {
        key: group.sort("due_at") for key, group in usable.group_by(["source", "pipeline_id"], maintain_order=True)
    }
    rows = []
    for row in upcoming.iter_rows(named=True):
        past = by_pipeline.get((row["source"], row["pipeline_id"]))
        rows.append(_forecast(past, row["due_at"], row["elapsed_s"], row["allowed_s"]))
    columns = {name: pl.Series(name, [r[name] for r in rows], dtype=dtype) for name, dtype in SCHEMA.items()}
    return upcoming.with_columns(**columns)


def _forecast(
    past: pl.DataFrame | None, due_at: datetime | None, elapsed_s: float | None, allowed_s: float | None
) -> dict[str, float | int | str | None]:
    landed = past.filter(pl.col("landing_s").is_not_null()) if past is not None else None
    if past is None or landed is None or landed.is_empty():
        return dict.fromkeys(SCHEMA) | {"history_n": 0, "model": "none"}
    lengths = Lengths.of(landed["landing_s"].to_numpy(), _weights(landed, due_at))
    elapsed = max(0.0, elapsed_s or 0.0)
    late, fail = None, _chance_to_fail(past)
    if allowed_s is not None:
        in_time = 1 - lengths.chance_above(max(allowed_s, elapsed)) / lengths.chance_above(elapsed)
        late = 1.0 if allowed_s <= elapsed else 1 - in_time * (1 - fail)
    quantiles = {name: lengths.quantile(level, given_above=elapsed) for name, level in LEVELS}
    model = "history" if landed.height >= FEW else "few runs"
    return {**quantiles, "p_late": late, "p_fail": fail, "history_n": landed.height, "model": model}


def _chance_to_fail(past: pl.DataFrame) -> float:
    """From how the last runs ended; failures come in streaks, so the newest count most. Never 0 or 1."""
    age = np.arange(past.height - 1, -1, -1, dtype=np.float64)
    weights = np.power(0.5, age / FAILURE_HALF_LIFE_RUNS)
    failed = float((weights * past["landing_s"].is_null().to_numpy()).sum())
    return (failed + PRIOR_FAILURES) / (float(weights.sum()) + 1)


def _weights(past: pl.DataFrame, due_at: datetime | None) -> Floats:
    """Later runs count more; so do those of the same weekday and time of day, where there are enough of them."""
    age = np.arange(past.height - 1, -1, -1, dtype=np.float64)
    weights: Floats = np.power(0.5, age / HALF_LIFE_RUNS)
    if due_at is None:
        return weights
    due = due_at.astimezone(UTC)
    weekdays = past["weekday"].to_numpy()
    same_day = weekdays == due.isoweekday()
    if ENOUGH_ALIKE <= same_day.sum() < past.height and _differ(weekdays, past["landing_s"].to_numpy()):
        weights = np.where(same_day, weights, weights * OTHER_WEEKDAY)
    distance = np.abs(past["hour"].to_numpy() - due.hour)
    same_hour = np.minimum(distance, 24 - distance) <= 2
    if ENOUGH_ALIKE <= same_hour.sum() < past.height:
        weights = np.where(same_hour, weights, weights * OTHER_HOUR)
    return weights


def _differ(weekdays: NDArray[np.int8], seconds: Floats) -> bool:
    """Whether lengths (their logarithms) differ more between weekdays than within: one-way analysis of variance."""
    logs = np.log(np.maximum(seconds, 1.0))
    groups = [logs[weekdays == day] for day in np.unique(weekdays)]
    within = sum(float(np.square(group - group.mean()).sum()) for group in groups)
    between = sum(group.size * float(np.square(group.mean() - logs.mean())) for group in groups)
    freedom = logs.size - len(groups)
    return freedom > 0 and between / (len(groups) - 1) > DIFFERENT * within / freedom
