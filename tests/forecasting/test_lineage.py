"""Lateness that is handed on: chains add up, the latest of several decides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.lineage import Length, Waiting, carried

HOUR = 3600.0
SURE = Length(HOUR, HOUR, HOUR)


def found(landing, waiting):
    return carried(landing, waiting, np.random.default_rng(1))


def median(draws) -> float:
    return float(np.median(draws))


def test_a_chain_adds_up():
    told = found({"a": SURE}, {"b": Waiting(SURE, ["a"]), "c": Waiting(SURE, ["b"])})
    assert median(told["c"].starts_s) == pytest.approx(2 * HOUR)
    assert median(told["c"].lands_s) == pytest.approx(3 * HOUR)


def test_the_latest_of_several_decides():
    late = Length(2 * HOUR, 2 * HOUR, 2 * HOUR)
    told = found({"a": SURE, "late": late}, {"b": Waiting(SURE, ["a", "late"])})
    assert median(told["b"].starts_s) == pytest.approx(2 * HOUR)


def test_two_that_may_be_late_are_later_than_each():
    doubtful = Length(HOUR, 1.5 * HOUR, 2 * HOUR)
    told = found({"a": doubtful, "b": doubtful}, {"c": Waiting(SURE, ["a", "b"])})
    assert median(told["c"].starts_s) > 1.05 * HOUR


def test_draws_have_the_quantiles_they_were_drawn_from():
    drawn = np.concatenate([Length(600, 900, 1200).drawn(np.random.default_rng(n)) for n in range(20)])
    assert np.quantile(drawn, [0.5, 0.85, 0.95]) == pytest.approx([600, 900, 1200], rel=0.05)


def test_what_nobody_knows_is_taken_as_landed_and_rings_are_cut():
    told = found({}, {"a": Waiting(SURE, ["b", "unknown"]), "b": Waiting(SURE, ["a"], earliest_s=60.0)})
    assert all(np.isfinite(one.lands_s).all() for one in told.values())
    assert median(told["b"].starts_s) == 60.0


lengths = st.tuples(*[st.floats(0, 1e6)] * 3).map(lambda three: Length(*sorted(three)))


@given(st.lists(lengths, min_size=1, max_size=4), lengths)
def test_nothing_starts_before_what_it_waits_for(feeders, own):
    landing = dict(enumerate(feeders))
    told = found(landing, {"x": Waiting(own, list(landing))})["x"]
    assert (told.lands_s >= told.starts_s).all()
    assert (told.starts_s >= 0).all()
    assert median(told.starts_s) >= max(length.p50_s for length in feeders) * 0.9
