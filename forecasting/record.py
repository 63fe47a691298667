"""The record of forecasts whose truth has come: how often they held, how they did against naive, whether they drift.

Forecasts are times (P50, P85, P95, in seconds) or values (P15, P50, P85, in their unit): one row each, a quantile that
was not said is null.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor

import polars as pl

from forecasting import metrics

OF_TIMES, OF_VALUES = (0.50, 0.85, 0.95), (0.15, 0.50, 0.85)
NUMBERS = ("p15", "p50", "p85", "p95", "naive", "outcome", "score")
LAST = 100
"""So many of the newest forecasts make a record."""
FEWEST = 10
SURE = 0.025
"""A share that chance alone makes so rare, at either end, is a finding."""
DRIFT_OF = 10
DRIFT_ABOVE, DRIFT_BELOW = 6, 10
"""Of the newest ten forecasts so many landed after their P85, or before their P50: chance does that to one in a
thousand."""


@dataclass(frozen=True)
class Record:
    """Of the newest `LAST` scored forecasts: how many, how many of them each of P50, P85 and P95 held (P95 None for
    values), how many stayed within P15 to P85 (None for times), the mean pinball loss (over the three quantiles, in the
    forecasts' unit), the mean error of P50 in units of naive's (None without one), and a verdict: holds, too sure, too
    careful, or too few. Of times the verdict is on the P85, of values on P15 to P85. `things`: where several forecasts
    are of one truth how many those are, as in "7 epics".
    """

    count: int
    held: tuple[int, int, int | None]
    within: int | None
    pinball: float | None
    mase: float | None
    verdict: str
    things: str | None = None

    @property
    def words(self) -> str:
        """The P85 held in 84 of the last 100; of values also: P15 to P85 in 70."""
        if not self.count:
            return "none has come true yet"
        held = f"the P85 held in {self.held[1]} of the last {self.count}"
        held += f", of {self.things}" if self.things else ""
        return held if self.within is None else f"{held}, P15 to P85 in {self.within}"


@dataclass(frozen=True)
class Drift:
    """Since when forecasts are off, and how."""

    since_at: datetime
    reason: str


def score(outcome: float, quantiles: Sequence[float], levels: Sequence[float]) -> float:
    """The mean pinball loss of three quantiles, in their unit."""
    return sum(metrics.pinball([outcome], [q], level) for q, level in zip(quantiles, levels, strict=True)) / 3


def record(scored: pl.DataFrame, *, by: str | None = None) -> Record:
    """scored: `NUMBERS`, all of times or all of values, oldest first; `naive` is null without one. by: the column that
    says which truth each row is of, where a truth has several ("epic"): they hold or fail together, so the verdict
    counts each truth once, by the share of its forecasts that held.
    """
    newest = scored.tail(LAST).with_columns(pl.col(NUMBERS).cast(pl.Float64))
    count = newest.height
    if not count:
        return Record(0, (0, 0, 0), None, None, None, "too few")
    outcome, p15, p85 = (newest[name] for name in ("outcome", "p15", "p85"))
    p50_n, p85_n = (int((outcome <= newest[name]).sum()) for name in ("p50", "p85"))
    pairs = newest.drop_nulls("naive")
    ours, naive = (metrics.mae(pairs["outcome"], pairs[name]) for name in ("p50", "naive"))
    mean = newest["score"].mean()
    if p15.is_not_null().all():
        within_n: int | None = int(((p15 <= outcome) & (outcome <= p85)).sum())
        p95_n, inside = None, (p15 < outcome) & (outcome < p85)
        holds, level = (p15 <= outcome) & (outcome <= p85), OF_VALUES[2] - OF_VALUES[0]
    else:
        within_n, p95_n = None, int((outcome <= newest["p95"]).sum())
        holds, inside, level = outcome <= p85, outcome < p85, OF_TIMES[1]
    truths = pl.DataFrame({"holds": holds, "inside": inside}).group_by(
        newest[by].alias("truth") if by is not None else pl.int_range(count).alias("truth")
    )
    shares = truths.agg(pl.col("holds", "inside").mean())
    verdict = _verdict(float(shares["holds"].sum()), float(shares["inside"].sum()), shares.height, level)
    return Record(
        count,
        (p50_n, p85_n, p95_n),
        within_n,
        float(mean) if isinstance(mean, float) else None,
        ours / naive if pairs.height and naive > 0 else None,
        verdict,
        f"{shares.height} {by}{'s' * (shares.height > 1)}" if by is not None and shares.height < count else None,
    )


def _verdict(held: float, surely: float, count: int, level: float) -> str:
    """held: how many, those on the edge with them; surely: without them, for of whole numbers many are the quantile
    itself, which is neither too sure nor too careful. Parts of one speak for neither.
    """
    from scipy.special import bdtr, bdtrc  # scipy.stats takes 0.8 s to import

    if count < FEWEST:
        return "too few"
    if bdtr(ceil(held), count, level) < SURE:
        return "too sure"
    return "too careful" if bdtrc(floor(surely) - 1, count, level) < SURE else "holds"


def drift(scored: pl.DataFrame) -> Drift | None:
    """Whether the newest ten forecasts of times are off more than chance allows. scored: as in `record`, and
    `made_at`.
    """
    newest = scored.tail(DRIFT_OF)
    if newest.height < DRIFT_OF:
        return None
    above = int((newest["outcome"] > newest["p85"]).sum())
    below = int((newest["outcome"] < newest["p50"]).sum())
    if above >= DRIFT_ABOVE:
        return Drift(newest["made_at"][0], f"{above} of {DRIFT_OF} landed after their P85")
    if below >= DRIFT_BELOW:
        return Drift(newest["made_at"][0], f"{below} of {DRIFT_OF} landed before their P50")
    return None
