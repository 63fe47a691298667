"""Metrics, weights, intervals and readiness, by examples that one can count."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting import champion, metrics
from forecasting.backtest import Backtest, origins, steps_ahead
from forecasting.intervals import Calibration, Draws
from forecasting.readiness import Readiness, data_quality, feature_efficiency, validation
from forecasting.shapes import Errors, Shapes


def test_metrics_by_hand():
    truth, path = [10.0, 20.0, math.nan], [12.0, 16.0, 99.0]
    assert metrics.mae(truth, path) == 3
    assert metrics.smape(truth, path) == pytest.approx((200 * 2 / 22 + 200 * 4 / 36) / 2)
    assert metrics.mase(truth, path, [1.0, 3.0, 2.0]) == pytest.approx(3 / 1.5)
    assert metrics.pinball([10.0], [8.0], 0.9) == pytest.approx(1.8)
    assert metrics.pinball([10.0], [12.0], 0.9) == pytest.approx(0.2)
    assert metrics.coverage([1.0, 5.0], [0.0, 0.0], [2.0, 2.0]) == 0.5
    assert metrics.owa(8, 2, 10, 4) == pytest.approx(0.65)
    assert metrics.naive_scale([3.0, 3.0, 3.0]) == 1.0


def test_a_better_candidate_weighs_more_and_a_hopeless_one_nothing():
    errors = {"good": np.full(4, 1.0), "fair": np.full(4, 1.4), "bad": np.full(4, 9.0)}
    by = champion.weights(errors)
    assert by["good"] > by["fair"] > by["bad"] == 0
    assert sum(by.values()) == pytest.approx(1)


def test_a_family_speaks_with_one_voice():
    paths = {"theta, 7": np.array([1.0]), "ets, 7": np.array([3.0]), "theta": np.array([9.0]), "last": np.array([5.0])}
    found = champion.by_family(paths, paths)
    assert {name: float(path[0]) for name, path in found.items()} == {"classical, 7": 2, "classical": 9, "last": 5}


def test_one_lucky_origin_does_not_decide():
    lucky = champion.weights({"lucky": np.array([0.2]), "other": np.array([1.0])})
    sure = champion.weights({"lucky": np.full(8, 0.2), "other": np.full(8, 1.0)})
    assert sure["lucky"] > lucky["lucky"]


@given(st.lists(st.lists(st.floats(0, 1e6), min_size=3, max_size=3), min_size=1, max_size=6))
def test_weights_are_shares_and_blends_stay_between_their_parts(rows):
    by = champion.weights({str(n): np.array(row) for n, row in enumerate(rows)})
    assert sum(by.values()) == pytest.approx(1)
    paths = {str(n): np.array(row) for n, row in enumerate(rows)}
    path = champion.blended(paths, by)
    stack = np.array(rows)
    assert (path >= stack.min(axis=0) - 1e-6).all()
    assert (path <= stack.max(axis=0) + 1e-6).all()


def test_honest_residuals_never_use_the_origin_they_are_scored_on():
    """Each candidate is perfect at one origin only: weighed with it the blend would be near perfect."""
    truth = np.zeros((2, 3))
    tested = Backtest(truth, {"a": np.array([[0.0] * 3, [8.0] * 3]), "b": np.array([[8.0] * 3, [0.0] * 3])})
    assert np.abs(champion.honest_residuals(tested)).min() > 3


def test_honest_residuals_never_use_origins_that_overlap():
    """Origins a quarter of the horizon apart share most of their truth: who was lucky with one was so with all."""
    truth = np.zeros((4, 4))
    lucky, other = np.zeros((4, 4)), np.full((4, 4), 8.0)
    close, far = (Backtest(truth, {"lucky": lucky, "other": other}, apart) for apart in (0.25, 1.0))
    assert np.abs(champion.honest_residuals(close)) == pytest.approx(4.0)  # both weigh the same
    assert np.abs(champion.honest_residuals(far)).max() < 0.1


def test_origins_that_overlap_decide_less():
    errors = {"lucky": np.full(4, 0.8), "other": np.full(4, 1.0)}
    assert champion.weights(errors, apart=0.1)["lucky"] < champion.weights(errors, apart=1.0)["lucky"]


@pytest.mark.parametrize(
    ("points", "season", "steps"),
    [(400, 12, 13), (400, 1, 13), (40, 1, 10), (40, 12, 6), (36, 12, 4), (30, 12, 7), (3, 1, 1)],
)
def test_a_short_history_is_told_fewer_steps_so_that_two_origins_do_not_overlap(points, season, steps):
    """With two seasons of twelve to learn from, 40 points leave room for two origins of six steps; 30 for none."""
    assert steps_ahead(points, 13, season) == steps


@given(st.integers(0, 400), st.integers(1, 60), st.integers(1, 8), st.sampled_from([1, 7, 24, 52]))
def test_origins_leave_something_to_learn_from_and_all_steps_to_tell(points, horizon, wanted, season):
    found = origins(points, horizon, wanted, season)
    assert len(found) <= wanted
    assert found == sorted(set(found))
    assert all(8 <= start <= points - horizon for start in found)


def errors_of(residuals: np.ndarray, step: float, level: float = 1.0) -> Errors:
    """Of a path that stays at the usual level."""
    return Errors(residuals, np.full(residuals.shape, level), step, level)


def test_the_pool_calibrates_what_t_would_get_wrong():
    """Errors with a sharper peak than Student's: the 95 % interval holds for the next ones, of every size."""
    rng = np.random.default_rng(1)
    sizes = rng.uniform(1, 9, 60)
    panel = [errors_of(rng.laplace(0, 1, (4, 10)) * size, size) for size in sizes]
    calibration = Calibration.of(panel)
    inside = [
        (np.abs(rng.laplace(0, 1, 10) * size) <= calibration.quantiles(np.ones(10), e, (0.975,))[0.975] - 1).mean()
        for e, size in zip(panel, sizes, strict=True)
    ]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.035)


def test_the_quiet_and_the_wild_each_have_their_interval():
    """Half of the series have wild origins among calm ones: it tells only for those that are like them."""
    rng = np.random.default_rng(5)
    panel = []
    for n in range(80):
        size, level = (rng.choice([0.2, 4.0], (8, 1)), 1.0) if n % 2 else (1.0, 100.0)
        panel.append(errors_of(size * rng.normal(0, 1, (8, 12)), 1.0, level))
    calibration = Calibration.of(panel)
    same = rng.normal(0, 1, (8, 12))
    wild, calm = (
        calibration.quantiles(np.full(12, level), errors_of(same, 1.0, level), (0.975,))[0.975].mean() - level
        for level in (1.0, 100.0)
    )
    assert wild > 1.3 * calm


def test_a_few_draws_prove_little():
    """The same errors from fewer draws: wider, for the next one may be unlike those that were seen."""
    errors = np.sort(np.random.default_rng(6).uniform(-2, 2, 120))
    few, many = (Draws(errors, np.ones(120), count).quantile(0.975) for count in (4, 400))
    assert few > many + 0.1


def test_a_walk_widens_with_the_step_and_noise_does_not_in_one_panel():
    rng = np.random.default_rng(2)
    walks = [errors_of(np.cumsum(rng.normal(0, 1, (8, 16)), axis=1), 1.0) for _ in range(20)]
    noises = [errors_of(rng.normal(0, 1, (8, 16)), 1.0) for _ in range(20)]
    calibration = Calibration.of(walks + noises)
    uppers = [[calibration.quantiles(np.ones(16), e, (0.9,))[0.9] - 1 for e in kind] for kind in (walks, noises)]
    walk, noise = (np.mean(upper, axis=0) for upper in uppers)
    assert walk[-1] > 2 * walk[0]
    assert noise[-1] < 1.4 * noise[0]


def test_where_the_path_is_high_errors_may_be_larger():
    """Busy hours err by a tenth and so do quiet ones: the interval at 1000 is about ten times the one at 100."""
    rng = np.random.default_rng(3)
    told = np.tile([100.0, 1000.0], (8, 6))
    panel = [Errors(told * rng.normal(0, 0.1, told.shape), told, 900.0, 550.0) for _ in range(12)]
    path = told[0]
    upper = Calibration.of(panel).quantiles(path, panel[0], (0.9,))[0.9] - path
    assert 6 < upper[1] / upper[0] < 11
    assert Shapes.of(panel).of_series(panel[0]).power > 0.8


def test_what_the_panel_knows_of_a_family_counts_where_a_series_shows_little():
    errors = {"last": np.array([1.0]), "seasonal": np.array([1.0])}
    among = champion.usual([{"last": np.array([1.0]), "seasonal": np.array([0.5])}] * 30)
    assert champion.weights(errors)["seasonal"] == pytest.approx(0.5)
    assert champion.weights(errors, among)["seasonal"] > 0.9


def test_readiness_is_its_weakest_part():
    assert data_quality(1.0, 0.5, 0.9, alpha=2, beta=1, gamma=1) == pytest.approx(0.85)
    assert feature_efficiency(3, 12) == 0.25
    assert feature_efficiency(0, 0) == 0
    assert [validation(m, 1.0) for m in (0.5, 1.0, 2.0, 3.0)] == [1.0, 0.5, 0.0, 0.0]
    assert validation(None, None) == 0
    ready = Readiness(0.9, 0.6, 0.55)
    assert ready.value == 0.55
    assert ready.is_ready
    with pytest.raises(ValueError, match="shares are from 0 to 1"):
        data_quality(1.2, 0, 0)
