"""The record of forecasts whose truth has come: how often they held, how they did against naive, whether they drift."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from forecasting import metrics

LEVELS = (0.50, 0.85, 0.95)
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
    """Of the newest `LAST` scored forecasts: how many, how many of them each quantile held, the mean pinball loss
    (seconds, over the three quantiles), the mean error of P50 in units of naive's (None without one), and a verdict:
    holds, too sure, too careful, or too few.
    """

    count: int
    held: tuple[int, int, int]
    pinball_s: float | None
    mase: float | None
    verdict: str

    @property
    def words(self) -> str:
        """The P85 held in 84 of the last 100."""
        return f"the P85 held in {self.held[1]} of the last {self.count}" if self.count else "none has come true yet"


@dataclass(frozen=True)
class Drift:
    """Since when forecasts are off, and how."""

    since_at: datetime
    reason: str


def record(scored: pl.DataFrame) -> Record:
    """scored: `p50_at`, `p85_at`, `p95_at`, `naive_at` (null without one), `outcome_at`, `score`, oldest first."""
    newest = scored.tail(LAST)
    if newest.is_empty():
        return Record(0, (0, 0, 0), None, None, "too few")
    p50, p85, p95 = (int((newest["outcome_at"] <= newest[f"p{level}_at"]).sum()) for level in (50, 85, 95))
    pairs = newest.filter(pl.col("naive_at").is_not_null())
    ours, naive = (
        metrics.mae(np.zeros(pairs.height), (pairs[name] - pairs["outcome_at"]).dt.total_microseconds() / 1e6)
        for name in ("p50_at", "naive_at")
    )
    score = newest["score"].mean()
    return Record(
        newest.height,
        (p50, p85, p95),
        float(score) if isinstance(score, float) else None,
        ours / naive if pairs.height and naive > 0 else None,
        _verdict(p85, newest.height),
    )


def _verdict(held: int, count: int) -> str:
    from scipy.special import bdtr, bdtrc  # scipy.stats takes 0.8 s to import

    if count < FEWEST:
        return "too few"
    if bdtr(held, count, 0.85) < SURE:
        return "too sure"
    return "too careful" if bdtrc(held - 1, count, 0.85) < SURE else "holds"


def drift(scored: pl.DataFrame) -> Drift | None:
    """Whether the newest ten forecasts are off more than chance allows. scored: as in `record`, and `made_at`."""
    newest = scored.tail(DRIFT_OF)
    if newest.height < DRIFT_OF:
        return None
    above = int((newest["outcome_at"] > newest["p85_at"]).sum())
    below = int((newest["outcome_at"] < newest["p50_at"]).sum())
    if above >= DRIFT_ABOVE:
        return Drift(newest["made_at"][0], f"{above} of {DRIFT_OF} landed after their P85")
    if below >= DRIFT_BELOW:
        return Drift(newest["made_at"][0], f"{below} of {DRIFT_OF} landed before their P50")
    return None
