"""Whether a forecast may be shown as one: data quality, feature engineering efficiency and validation performance.

Data quality DQ = (αC + βA + γV) / (α + β + γ) from completeness, accuracy and validity of the history; feature
engineering efficiency FEE = selected / generated features; validation performance V; readiness = min(DQ, FEE, V).
"""

from dataclasses import dataclass

READY = 0.5
"""From so much readiness on a forecast is shown as such; below it plain history is."""


@dataclass(frozen=True)
class Readiness:
    """The three parts, each 0 to 1, and the smallest of them."""

    data_quality: float
    features: float
    validation: float

    @property
    def value(self) -> float:
        """min(DQ, FEE, V)."""
        return min(self.data_quality, self.features, self.validation)

    @property
    def is_ready(self) -> bool:
        """Whether the forecast is shown as such."""
        return self.value >= READY


def data_quality(
    completeness: float, accuracy: float, validity: float, *, alpha: float = 1.0, beta: float = 1.0, gamma: float = 1.0
) -> float:
    """DQ of shares from 0 to 1, weighed. Raises `ValueError` for shares or weights that are none."""
    shares, by = (completeness, accuracy, validity), (alpha, beta, gamma)
    if not all(0 <= share <= 1 for share in shares) or min(by) < 0 or sum(by) <= 0:
        raise ValueError(f"shares are from 0 to 1, weights not negative and not all 0; got {shares} and {by}")
    return sum(share * weight for share, weight in zip(shares, by, strict=True)) / sum(by)


def feature_efficiency(selected: int, generated: int) -> float:
    """FEE: how many of the generated features (here: candidates of a champion) were worth selecting, 0 to 1."""
    return min(1.0, selected / generated) if generated > 0 else 0.0


def validation(mase: float | None, naive_mase: float | None) -> float:
    """V: 1 where the backtest's error is no more than half of seasonal naive's, 0.5 where they are equal, 0 where it
    is twice as large or there is no backtest.
    """
    if mase is None or naive_mase is None or mase != mase or naive_mase != naive_mase:
        return 0.0
    if naive_mase <= 0:
        return 1.0 if mase <= 0 else 0.0
    ratio = mase / naive_mase
    return 1.0 if ratio <= 0.5 else max(0.0, 1.5 - ratio) if ratio <= 1 else max(0.0, 1 - ratio / 2)
