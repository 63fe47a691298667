"""Positive series are modelled as logarithms, and as they are where that does much better."""

import numpy as np
import polars as pl
import pytest

from forecasting.metrics import mae
from forecasting.panel import forecast

RNG = np.random.default_rng(5)
WEEKS = np.arange(273)
LINE = np.arange(1, 43) * 10.0
ADDED = 100 + 3 * WEEKS + 90 * np.sin(2 * np.pi * WEEKS / 52) + RNG.normal(0, 5, WEEKS.size)
FALLING = np.maximum(1000 - 8.0 * np.arange(113) + RNG.normal(0, 15, 113), 1)
GROWING = 100 * np.exp(0.01 * WEEKS) * (1 + 0.4 * np.sin(2 * np.pi * WEEKS / 52)) * RNG.lognormal(0, 0.03, WEEKS.size)


def told(series: np.ndarray, horizon: int, season: int) -> tuple[np.ndarray, pl.DataFrame]:
    """The median path after all but the last points, and what is said of the series."""
    known = series[:-horizon]
    frame = pl.DataFrame({"id": ["a"] * known.size, "time": np.arange(known.size), "value": known})
    found = forecast(frame, horizon, seasons=(season,) if season > 1 else (), workers=1)
    return found.quantiles["p50"].to_numpy(), found.series


@pytest.mark.parametrize(
    ("series", "horizon", "season", "steps_off"),
    [(LINE, 12, 1, 1.0), (ADDED, 13, 52, 1.0), (FALLING, 13, 1, 2.0)],
    ids=["a line", "a season that is added", "falling to nothing"],
)
def test_what_grows_by_steps_goes_on_by_steps(series, horizon, season, steps_off):
    path, about = told(series, horizon, season)
    usual_step = np.abs(np.diff(series)).mean()
    assert mae(series[-horizon:], path) < steps_off * usual_step
    assert about["model"][0].startswith("linear ")


def test_what_grows_by_shares_is_left_to_logarithms():
    path, about = told(GROWING, 13, 52)
    assert mae(GROWING[-13:], path) < 0.1 * GROWING[-13:].mean()
    families = [weight["family"] for weight in about["weights"][0]]
    assert not [name for name in families if name.startswith("linear ")]
