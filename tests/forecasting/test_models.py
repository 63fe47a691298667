"""The models that are ours: each continues what it is made for, and says so where it cannot be fitted."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting import metrics
from forecasting.backtest import origins
from forecasting.candidates import paths
from forecasting.models import lags, naive, pooled, waves
from forecasting.models.seasons import usable

WEEK = np.array([5.0, 5.0, 6.0, 5.0, 8.0, 1.0, 0.5])


def test_what_is_usual_outlives_one_odd_week():
    history = np.tile(WEEK, 9)
    history[-7:] = 100.0
    assert naive.usual(7)(history, 7) == pytest.approx(WEEK)
    assert naive.usual(7)(history[:5], 2) == pytest.approx([history[4]] * 2)  # no season yet: the last value


def test_lags_and_waves_continue_a_season():
    rng = np.random.default_rng(3)
    days = np.arange(140)
    truth = 50 + 0.05 * days + 10 * np.sin(2 * np.pi * days / 7) + rng.normal(0, 0.5, 140)
    for model in (lags.seasonal([7]), waves.seasonal([7])):
        assert metrics.mae(truth[126:], model(truth[:126], 14)) < 1.5


@pytest.mark.parametrize("model", [lags.seasonal([7]), waves.seasonal([7])])
@pytest.mark.parametrize("history", [np.arange(9.0), np.full(60, 3.0)])
def test_too_short_or_never_changing_is_refused(model, history):
    with pytest.raises(ValueError, match=r"short|points"):
        model(history, 3)


def test_a_short_series_follows_the_panel_and_a_long_one_itself():
    """Twenty series swing back at once, the last one keeps on: from few windows it is believed less than from many."""
    rng = np.random.default_rng(8)

    def made(coefficient: float, points: int) -> np.ndarray:
        y = np.zeros(points)
        for n in range(1, points):
            y[n] = coefficient * y[n - 1] + rng.normal()
        return y - 100  # never positive: as it is, not as logarithms

    panel = [made(-0.8, 300) for _ in range(20)]
    own = made(0.9, 3000)
    gaps = []
    for points in (30, 3000):
        path = pooled.paths([*panel, own[-points:]], 1, 8)[-1]
        alone = lags.Moments.of(own, range(1, 9)).coefficients()
        gaps.append(abs(path[0] - lags.path(own[-points:], 1, range(1, 9), alone)[0]))
    assert gaps[1] < gaps[0]


@pytest.mark.parametrize(("points", "season"), [(150, 52), (140, 52), (700, 168), (40, 7)])
def test_origins_leave_the_seasons_to_be_tried(points, season):
    assert usable([season], points) == (season,)
    assert all(usable([season], start) == (season,) for start in origins(points, 10, 6, season))


@hypothesis_settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(arrays(np.float64, st.integers(10, 60), elements=st.floats(1e-3, 1e6)), st.integers(1, 20))
def test_no_candidate_says_what_is_not_a_number(history, horizon):
    for path in paths(history, horizon, usable((7,), history.size)).values():
        assert path.shape == (horizon,)
        assert np.isfinite(path).all()
