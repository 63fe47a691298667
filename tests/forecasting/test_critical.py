"""The critical path of a run, where one can follow it with a finger."""

import pytest

from forecasting.critical import Typical, critical, levels, projected
from forecasting.taskgraph import Graph

DIAMOND = Graph.of([("a", ["b", "c"]), ("b", ["d"]), ("c", ["d"]), ("d", [])])


def test_the_path_goes_through_the_slower_branch_and_its_links_add_up():
    times = {"a": (2.0, 10.0), "b": (11.0, 20.0), "c": (11.0, 40.0), "d": (45.0, 50.0)}
    found = critical(DIAMOND, times)
    assert dict(found.held_s) == {"a": 10.0, "c": 30.0, "d": 10.0}, "the wait before a task is its own"
    assert sum(found.held_s.values()) == 50.0
    assert dict(found.slack_s) == {"a": 0.0, "b": 20.0, "c": 0.0, "d": 0.0}


def test_a_skipped_task_is_looked_through():
    found = critical(DIAMOND, {"a": (0.0, 10.0), "b": (11.0, 20.0), "d": (21.0, 30.0)})
    assert list(found.held_s) == ["a", "b", "d"]
    chain = Graph.of([("a", ["b"]), ("b", ["c"]), ("c", [])])
    found = critical(chain, {"a": (0.0, 10.0), "c": (12.0, 20.0)})
    assert dict(found.held_s) == {"a": 10.0, "c": 10.0}
    assert dict(found.slack_s) == {"a": 0.0, "c": 0.0}


def test_what_started_before_another_had_ended_did_not_wait_for_it():
    found = critical(DIAMOND, {"a": (0.0, 10.0), "b": (10.0, 20.0), "c": (10.0, 99.0), "d": (20.0, 30.0)})
    assert dict(found.held_s) == {"a": 10.0, "c": 89.0}, "the run landed with c, and d did not wait for it"
    assert found.slack_s["b"] == pytest.approx(69.0)
    assert found.slack_s["d"] == pytest.approx(69.0)


def test_nothing_ran_yet():
    found = critical(DIAMOND, {})
    assert not found.held_s
    assert not found.slack_s


def test_what_is_to_come_follows_what_runs_and_never_begins_before_now():
    usual = {name: Typical(wait_s=1.0, length_s=10.0) for name in "bcd"}
    known = projected(DIAMOND, {"a": (0.0, 10.0), "b": (11.0, 60.0)}, usual, now_s=30.0)
    assert known["b"] == (11.0, 60.0), "what is known stays"
    assert known["c"] == (30.0, 40.0), "it should have begun at 11"
    assert known["d"] == (61.0, 71.0)


def test_levels_count_the_longest_way():
    graph = Graph.of([("a", ["b", "c"]), ("b", ["c"]), ("c", [])])
    assert dict(levels(graph)) == {"a": 0, "b": 1, "c": 2}
