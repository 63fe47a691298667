"""Runs simulated through their graph of tasks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.taskgraph import Graph, Now, Past, landings, savings

DIAMOND = Graph.of(
    [("publish", None), ("facts", ["publish"]), ("stage", ["facts", "dimensions"]), ("dimensions", ["publish"])]
)
"""stage, then facts and dimensions side by side, then publish."""


def past_of(runs: list[dict[str, float]], wait: float = 10.0, tail: float = 5.0) -> Past:
    """Runs by how long their tasks took; each task waits for ten seconds."""
    rows = []
    for number, took in enumerate(runs):
        ends: dict[str, float] = {}
        for name, before in zip(DIAMOND.names, DIAMOND.upstream, strict=True):
            start = max((ends[DIAMOND.names[b]] for b in before), default=0.0) + wait
            ends[name] = start + took[name]
            rows.append((f"r{number}", name, start, ends[name]))
        rows = [(*row[:4], max(ends.values()) + tail) if len(row) == 4 else row for row in rows]
    return Past.of(DIAMOND, rows)


def usual(rng: np.random.Generator, runs: int = 40) -> list[dict[str, float]]:
    means = {"stage": 300, "facts": 900, "dimensions": 200, "publish": 60}
    return [{name: mean * float(rng.lognormal(0, 0.2)) for name, mean in means.items()} for _ in range(runs)]


def test_the_order_is_that_of_the_graph():
    assert DIAMOND.names[0] == "stage"
    assert DIAMOND.names[-1] == "publish"
    with pytest.raises(ValueError, match="wait for each other"):
        Graph.of([("a", ["b"]), ("b", ["a"])])


def test_runs_that_never_differ_are_foretold_exactly():
    took = {"stage": 300.0, "facts": 900.0, "dimensions": 200.0, "publish": 60.0}
    found = landings(DIAMOND, past_of([took] * 10), np.random.default_rng(1))
    assert found == pytest.approx(np.full(found.size, 10 + 300 + 10 + 900 + 10 + 60 + 5))


def test_what_is_done_is_a_fact_and_what_runs_can_only_take_longer():
    past = past_of(usual(np.random.default_rng(3)))
    rng = np.random.default_rng(1)
    fresh = landings(DIAMOND, past, rng)
    slow_start = Now(2000.0, {"stage": 1500.0, "dimensions": 1700.0}, {"facts": 490.0})
    late = landings(DIAMOND, past, rng, slow_start)
    assert np.median(late) > np.median(fresh) + 900
    long_since = Now(4000.0, {"stage": 300.0, "dimensions": 500.0}, {"facts": 3690.0})
    stuck = landings(DIAMOND, past, rng, long_since)
    assert stuck.min() >= 4000
    nearly = Now(1300.0, {"stage": 310.0, "dimensions": 520.0, "facts": 1220.0}, {"publish": 70.0})
    assert np.quantile(landings(DIAMOND, past, rng, nearly), 0.95) < 1500


def test_the_further_a_run_is_the_surer_its_landing():
    past = past_of(usual(np.random.default_rng(3)))
    rng = np.random.default_rng(1)

    def width(now: Now | None) -> float:
        low, high = np.quantile(landings(DIAMOND, past, rng, now), (0.1, 0.9))
        return float(high - low)

    begun = Now(320.0, {"stage": 310.0}, {"facts": 0.0, "dimensions": 0.0})
    ending = Now(1240.0, {"stage": 310.0, "dimensions": 520.0, "facts": 1230.0}, {})
    assert width(None) > width(begun) > 2 * width(ending)


def test_the_longest_way_costs_most_and_what_runs_beside_it_nothing():
    found = savings(DIAMOND, past_of(usual(np.random.default_rng(3))), np.random.default_rng(1))
    cost = dict(found.select("task_id", "instant_p50_s").iter_rows())
    assert found["task_id"][0] == "facts"
    assert cost["facts"] == pytest.approx(700, abs=120), "then dimensions are the longest way"
    assert cost["dimensions"] == pytest.approx(0, abs=1)
    assert cost["stage"] == pytest.approx(300, abs=60)
    steady = dict(found.select("task_id", "steady_p95_s").iter_rows())
    assert 0 < steady["facts"] < cost["facts"]


@given(
    st.lists(st.fixed_dictionaries({name: st.floats(0, 1e6) for name in DIAMOND.names}), min_size=1, max_size=8),
    st.floats(0, 1e6),
    st.dictionaries(st.sampled_from(DIAMOND.names), st.floats(0, 1e6)),
)
def test_no_landing_lies_in_the_past_or_is_no_number(runs, at_s, running):
    running = {name: min(elapsed, at_s) for name, elapsed in running.items()}
    found = landings(DIAMOND, past_of(runs), np.random.default_rng(1), Now(at_s, {}, running))
    assert np.isfinite(found).all()
    assert (found >= at_s).all()


def test_without_a_past_it_says_so():
    with pytest.raises(ValueError, match="no past run"):
        landings(DIAMOND, past_of([]), np.random.default_rng(1))


def test_of_very_many_tasks_only_the_longest_are_tried():
    names = [f"t{n:03}" for n in range(600)]
    graph = Graph.of([(name, names[n + 1 : n + 2]) for n, name in enumerate(names)])
    history = [(f"r{run}", name, n * 60.0, n * 60.0 + (50.0 if n == 300 else 5.0), 36_000.0)
               for run in range(8) for n, name in enumerate(names)]  # fmt: skip
    found = savings(graph, Past.of(graph, history), np.random.default_rng(1))
    assert found.height == 30
    assert found["task_id"][0] == "t300"
    assert found["instant_p50_s"][0] == pytest.approx(50.0)
