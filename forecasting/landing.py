"""Landing times: when the next and the running runs of many pipelines will end, from how long theirs took before.

The length that is forecast is the landing delay: from when a run is due (its data interval's end) to its end. The next
one is said by predictors that learn run by run, weighed by how they did so far; how far off that was in the past is the
spread of what comes (see `forecasting.online`). Measured against the panel engine on the same runs it loses less for
most pipelines and a little more for some hourly ones, in a thousandth of the time: what comes is one step away, and
runs have no regular times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from math import isfinite
from statistics import median
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecasting.distribution import FEW, SHORTEST_S, Floats, Lengths
from forecasting.failing import Failing, failing
from forecasting.online import MEDIAN, NAMES, SEASONAL_NAIVE, Slots, predictions
from forecasting.readiness import Readiness, data_quality, feature_efficiency, validation

SHARPNESS, CUT = 5.0, 3.0
"""A candidate's weight falls with its error to this power; one that errs so many times as much as the best has none."""
PRIOR_RUNS = 2.0
"""Errors of so few runs are drawn half-way to the candidates' median: a low one is mostly luck."""
HALF_LIFE_RUNS = 25
"""A run counts half as much as one so many runs later: a change of level is followed."""
WARM_UP = 10
"""Errors of the first runs, of which nothing was known, say little of those to come."""
RATED_RUNS = 5
"""A run's quantiles in hindsight are rated where so many errors were known before it."""
NO_ERROR = 0.01
"""Nobody minds an error of a hundredth."""
LONGEST_LOG = 600.0
DAY_S = 86_400.0
ODD = 5.0
"""A run that was so many usual errors off counts as not accurate."""
TELLING = 1.1
"""A candidate that errs so many times as much as plain history, or more, was not worth generating."""
LEVELS = (("p50_s", 0.50), ("p85_s", 0.85), ("p95_s", 0.95))

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "p50_s": pl.Float64, "p85_s": pl.Float64, "p95_s": pl.Float64, "p_late": pl.Float64, "p_fail": pl.Float64,
    "p_fail_usual": pl.Float64, "failing_stays": pl.Float64, "naive_s": pl.Float64, "history_n": pl.Int64,
    "model": pl.String, "champion": pl.String, "tested_n": pl.Int64, "held_n": pl.Int64, "mase": pl.Float64,
    "data_quality": pl.Float64, "features": pl.Float64, "validation": pl.Float64, "failed_n": pl.Int64,
    "invalid_n": pl.Int64, "odd_n": pl.Int64, "odd_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
Row = dict[str, Any]


def landing(history: pl.DataFrame, upcoming: pl.DataFrame) -> pl.DataFrame:
    """Forecast each row of `upcoming` from the landed runs of its pipeline.

    history: `source`, `pipeline_id`, `due_at`, `landing_s` (seconds; null for a run that failed), of runs that ended,
    in any order.
    upcoming: `source`, `pipeline_id`, `due_at`, `elapsed_s` (seconds since it was due, negative or null before),
    `allowed_s` (from due to its deadline, null without one). NaN and infinities count as null.

    Returns the rows of `upcoming` in their order with `p50_s`, `p85_s`, `p95_s` (seconds from due, at least
    `elapsed_s`, of the runs that land), `p_late` (the chance to fail or to land after the deadline; null without one),
    `p_fail` (the chance to fail), `p_fail_usual` and `failing_stays` (of runs further ahead: `forecasting.failing`),
    `naive_s` (what the last run of the same hour and weekday took), `history_n` (landed runs) and `model`: "blend" of
    candidates where the backtest earned it, plain "history" where it did not, "few runs" below ten, "none" (and null
    quantiles) where nothing ever landed. Then the record behind it: `champion` (the candidate with most weight),
    `tested_n` past runs that it was tried on, `held_n` (how many of them landed before the P85 of their time), `mase`
    (mean error in units of `naive_s`'s) and readiness' three parts. And what was odd: `failed_n` and `invalid_n` (left
    out), `odd_n` (far off, so that they count little) and `odd_at` (the newest of these). No NaN, whatever comes in.
    """
    return told(learn(history, upcoming), upcoming)


def slots(upcoming: pl.DataFrame) -> pl.DataFrame:
    """All of `upcoming` that `learn` looks at: source, pipeline_id, hour, weekday (0: Monday; null without due_at)."""
    due = pl.col("due_at").dt
    return upcoming.select("source", "pipeline_id", due.hour().alias("hour"), (due.weekday() - 1).alias("weekday"))


def learn(history: pl.DataFrame, upcoming: pl.DataFrame) -> "Learned":
    """What of `landing` needs only the history and the `slots`: nearly all of the work, and the same while they are."""
    pasts = _pasts(history)
    rows = slots(upcoming).to_dicts()
    mine = [pasts.get((row["source"], row["pipeline_id"])) for row in rows]
    known = [(past, row) for past, row in zip(mine, rows, strict=True) if past is not None and past.seconds.size]
    tested = iter(_tested(*zip(*known, strict=True)) if known else ())
    return [(past, next(tested)) if past is not None and past.seconds.size else None for past in mine]


def told(learned: "Learned", upcoming: pl.DataFrame) -> pl.DataFrame:
    """The forecasts of `landing` from what was learned for these rows: only `elapsed_s` and `allowed_s` may differ."""
    nothing: Row = dict.fromkeys(SCHEMA) | {"history_n": 0, "model": "none"}
    times = upcoming.select("elapsed_s", "allowed_s").iter_rows()
    found = [_told(*known, *row) if known is not None else nothing for known, row in zip(learned, times, strict=True)]
    columns = [pl.Series(name, [row[name] for row in found], dtype=dtype) for name, dtype in SCHEMA.items()]
    return upcoming.with_columns(columns)


@dataclass(frozen=True)
class _Past:
    """A pipeline's landed runs, oldest first; how many lengths could not be; and which of all that ended failed."""

    due_at: Sequence[datetime]
    seconds: Floats
    weekdays: Sequence[int]
    hours: Sequence[int]
    invalid: int
    failed: Sequence[bool]

    @cached_property
    def fails(self) -> Failing:
        """How likely runs to come are to fail."""
        gaps_s = [(b - a).total_seconds() for a, b in pairwise(self.due_at)]
        return failing(self.failed, median(gaps_s) if gaps_s else DAY_S)


@dataclass(frozen=True)
class _Tested:
    """What the blend says of the next run (`ahead`, a logarithm), its errors in the past (oldest first), the share of
    their time's distribution below each of the newer ones (`ranks`), its mean error and that of each
    candidate, and their weights.
    """

    ahead: float
    naive: float
    errors: Floats
    ranks: Floats
    error: float
    by_candidate: Floats
    weights: Floats


Learned = Sequence[tuple[_Past, _Tested] | None]
"""Of each row that was asked for: its pipeline's past and what was tried on it; None without any."""


def _pasts(history: pl.DataFrame) -> dict[tuple[str, str], _Past]:
    is_length = pl.col("landing_s").is_finite() & (pl.col("landing_s") >= 0)
    is_failed = pl.col("landing_s").is_null()
    ended = history.filter(pl.col("due_at").is_not_null()).sort("due_at")
    due = pl.col("due_at").filter(is_length).dt
    groups = ended.group_by("source", "pipeline_id", maintain_order=True).agg(
        pl.col("due_at").filter(is_length),
        pl.col("landing_s").filter(is_length),
        (due.weekday() - 1).cast(pl.Int64).alias("weekday"),
        due.hour().cast(pl.Int64).alias("hour"),
        (~(is_length | is_failed)).sum().alias("invalid"),
        is_failed.filter(is_length | is_failed).alias("failed"),
    )
    return {
        (source, pipeline_id): _Past(due_at, np.array(seconds, dtype=np.float64), weekdays, hours, invalid, failed)
        for source, pipeline_id, due_at, seconds, weekdays, hours, invalid, failed in groups.iter_rows()
    }


def _tested(pasts: Sequence[_Past], rows: Sequence[Row]) -> list[_Tested]:
    """Run all candidates through all pasts at once."""
    length = max(past.seconds.size for past in pasts)
    values = np.full((len(pasts), length), np.nan)
    weekdays, hours = np.zeros((len(pasts), length + 1), dtype=np.int64), np.zeros((len(pasts), length + 1), np.int64)
    for n, (past, row) in enumerate(zip(pasts, rows, strict=True)):
        start = length - past.seconds.size
        values[n, start:] = np.log(np.maximum(past.seconds, SHORTEST_S))
        at = (row["weekday"], row["hour"]) if row["hour"] is not None else (past.weekdays[-1], past.hours[-1])
        weekdays[n, start:], hours[n, start:] = [*past.weekdays, at[0]], [*past.hours, at[1]]
        weekdays[n, :start], hours[n, :start] = at
    said = predictions(values, Slots(weekdays, hours))
    off = np.abs(values - said[:, :, :-1])
    weights = _weights(off)
    blend = np.einsum("csn,csn->sn", weights, np.nan_to_num(said))
    errors = values - blend[:, :-1]
    discounts = np.power(0.5, np.arange(length - 1, -1, -1) / HALF_LIFE_RUNS)
    last = weights[:, :, -1]
    return [
        _of_one(said[:, n, -1], errors[n], off[:, n], discounts, last[:, n], length - past.seconds.size)
        for n, past in enumerate(pasts)
    ]


def _of_one(ahead: Floats, errors: Floats, off: Floats, discounts: Floats, weights: Floats, start: int) -> _Tested:
    """ahead: by candidate. errors: the blend's. off: candidates × runs. start: where the series begins."""
    first = start + max(1, min(WARM_UP, (errors.size - start) // 3))
    known, w = errors[first:], discounts[first:]
    said, naive = float(weights @ ahead), float(ahead[NAMES.index(SEASONAL_NAIVE)])
    if not known.size:
        return _Tested(said, naive, known, known, 0.0, np.zeros(len(NAMES)), weights)
    # of each newer error the weighted share of those before it that are smaller: its place in its time's distribution
    older = np.tril(np.ones((known.size, known.size)), -1) * w
    smaller = (known[None, :] < known[:, None]) + 0.5 * (known[None, :] == known[:, None])
    rank = (older * smaller).sum(axis=1)[RATED_RUNS:] / older.sum(axis=1)[RATED_RUNS:]
    by_candidate = off[:, first:] @ w / w.sum()
    return _Tested(said, naive, known, rank, float(w @ np.abs(known) / w.sum()), by_candidate, weights)


def _weights(off: Floats) -> Floats:
    """Each candidate's weight before each run, from its errors until then alone: candidates × series × runs + 1."""
    candidates, count, length = off.shape
    keep = 0.5 ** (1 / HALF_LIFE_RUNS)
    total, seen = np.zeros((candidates, count, length + 1)), np.zeros((count, length + 1))
    is_known = np.asarray(~np.isnan(off).any(axis=0))
    sizes = np.nan_to_num(off)
    for t in range(length):
        total[:, :, t + 1] = np.where(is_known[:, t], keep * total[:, :, t] + sizes[:, :, t], total[:, :, t])
        seen[:, t + 1] = np.where(is_known[:, t], keep * seen[:, t] + 1, seen[:, t])
    mean = total / np.maximum(seen, 1e-9)
    shrunk = (mean * seen + np.median(mean, axis=0) * PRIOR_RUNS) / (seen + PRIOR_RUNS)
    least = np.maximum(shrunk.min(axis=0), 1e-12)
    raw = np.where(shrunk <= CUT * least, np.power(least / np.maximum(shrunk, 1e-12), SHARPNESS), 0.0)
    return np.asarray(raw / raw.sum(axis=0))


def _told(past: _Past, tested: _Tested, elapsed_s: float | None, allowed_s: float | None) -> Row:
    ready = _readiness(past, tested)
    model = "few runs" if past.seconds.size < FEW else "blend" if ready.is_ready else "history"
    if model == "blend":
        logs = np.clip(tested.ahead + tested.errors, -LONGEST_LOG, LONGEST_LOG)
        lengths = Lengths.of(np.exp(logs), _recency(logs.size))
    else:
        lengths = Lengths.of(past.seconds, _recency(past.seconds.size))
    elapsed = max(0.0, _known(elapsed_s) or 0.0)
    late, fails, allowed = None, past.fails, _known(allowed_s)
    if allowed is not None:
        in_time = 1 - lengths.chance_above(allowed, given_above=elapsed)
        late = 1.0 if allowed <= elapsed else 1 - in_time * (1 - fails.upcoming)
    return {
        **{name: lengths.quantile(level, given_above=elapsed) for name, level in LEVELS},
        "p_late": late, "p_fail": fails.upcoming, "p_fail_usual": fails.usual, "failing_stays": fails.stays,
        "naive_s": float(np.exp(min(tested.naive, LONGEST_LOG))),
        "history_n": past.seconds.size, "model": model, **_record(tested), **_oddities(past, tested),
        "data_quality": ready.data_quality, "features": ready.features, "validation": ready.validation,
    }  # fmt: skip


def _known(seconds: float | None) -> float | None:
    return seconds if seconds is not None and isfinite(seconds) else None


def _record(tested: _Tested) -> Row:
    """How the blend did on past runs, each with what was known before it."""
    if not tested.ranks.size:
        return {"champion": None, "tested_n": 0, "held_n": None, "mase": None}
    naive = float(tested.by_candidate[NAMES.index(SEASONAL_NAIVE)])
    return {
        "champion": NAMES[int(tested.weights.argmax())],
        "tested_n": int(tested.ranks.size),
        "held_n": int((tested.ranks <= 0.85).sum()),
        "mase": tested.error / naive if naive > 0 else None,
    }


def _readiness(past: _Past, tested: _Tested) -> Readiness:
    """Against plain history, which is what is shown otherwise.

    Complete: landed. Accurate: not odd. Valid: a length that can be. The features are the candidates; selected are
    those that tell at least about as much as plain history.
    """
    landed, failed = past.seconds.size, sum(past.failed)
    if not tested.errors.size:
        return Readiness(data_quality(landed / (landed + failed), 1.0, landed / (landed + past.invalid)), 0.0, 0.0)
    odd = float(_is_odd(tested).mean())
    plain = float(tested.by_candidate[NAMES.index(MEDIAN)]) + NO_ERROR
    return Readiness(
        data_quality(landed / (landed + failed), 1 - odd, landed / (landed + past.invalid)),
        feature_efficiency(int((tested.by_candidate <= TELLING * plain).sum()), len(NAMES)),
        validation(tested.error + NO_ERROR, plain),
    )


def _is_odd(tested: _Tested) -> NDArray[np.bool_]:
    """Which of the newer runs, those that errors are known of, were far off."""
    size = np.abs(tested.errors)
    return size > ODD * max(float(np.median(size)) if size.size else 0.0, NO_ERROR)


def _oddities(past: _Past, tested: _Tested) -> Row:
    odd = np.flatnonzero(_is_odd(tested))
    newest = past.due_at[past.seconds.size - tested.errors.size + int(odd[-1])] if odd.size else None
    return {"failed_n": sum(past.failed), "invalid_n": past.invalid, "odd_n": int(odd.size), "odd_at": newest}


def _recency(count: int) -> Floats:
    return np.asarray(np.power(0.5, np.arange(count - 1, -1, -1) / HALF_LIFE_RUNS))
