"""A pool's queue played again: hand-made queues whose waiting one can count, and what holds for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.queueing import DAY_S, Load, slot_more, waits


def seconds(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def ones(count: int) -> np.ndarray:
    return np.ones(count, dtype=np.int64)


def test_of_three_tasks_at_once_in_two_slots_the_third_waits_for_the_first_to_end():
    assert waits(seconds(0, 0, 0), seconds(60, 90, 30), ones(3), 2).tolist() == [0, 0, 60]


def test_a_slot_more_empties_the_queue():
    day = seconds(0, 0, 0, *(DAY_S + s for s in (0, 0, 0)))
    found = slot_more(day, seconds(600, 600, 600, 1200, 1200, 1200), ones(6), 2, days=3)
    assert found.waited.tolist() == [10, 20, 0]
    assert found.saved.tolist() == [10, 20, 0]


def test_a_queue_that_is_too_long_is_only_shortened():
    """Four tasks of ten minutes: 10 + 20 + 30 minutes of waiting in one slot, 0 + 10 + 10 in two."""
    found = slot_more(seconds(0, 0, 0, 0), np.full(4, 600.0), ones(4), 1, days=1)
    assert (found.waited[0], found.saved[0]) == (60, 40)


def test_a_large_task_waits_until_there_is_room_and_none_overtakes_it():
    needs = np.array([2, 3, 1])
    assert waits(seconds(0, 1, 2), seconds(100, 10, 10), needs, 3).tolist() == [0, 99, 108]


def test_a_task_larger_than_the_pool_takes_it_all():
    assert waits(seconds(0, 1), seconds(10, 10), np.array([1, 8]), 2).tolist() == [0, 9]


def test_a_pool_without_slots_is_an_error():
    with pytest.raises(ValueError, match="needs a slot"):
        waits(seconds(0), seconds(1), ones(1), 0)


def test_the_load_of_an_hour_is_what_ran_in_it():
    """Two tasks: one through the first hour, one through half of it and half of the next."""
    load = Load.of(seconds(0, 1800), seconds(3600, 5400), ones(2))
    edges = seconds(0, 3600, 7200, 10800)
    assert load.most == 2
    assert load.mean(edges) == pytest.approx([1.5, 0.5, 0])
    assert load.share_at(2, edges) == pytest.approx([0.5, 0, 0])
    assert load.share_at(1, edges) == pytest.approx([1, 0.5, 0])


def test_a_pool_in_which_nothing_ran_is_empty():
    load = Load.of(seconds(), seconds(), ones(0))
    assert (load.most, load.mean(seconds(0, 1)).tolist()) == (0, [0])
    assert waits(seconds(), seconds(), ones(0), 1).size == 0


TASKS = st.lists(st.tuples(st.floats(0, 3e5), st.floats(0, 2e5), st.integers(1, 5)), max_size=40)


@given(TASKS, st.integers(1, 8))
def test_a_slot_more_never_adds_waiting(tasks, slots):
    ready, took = (np.array([task[n] for task in tasks], dtype=np.float64) for n in (0, 1))
    needs = np.minimum(np.array([task[2] for task in tasks], dtype=np.int64), slots)
    now, then = (waits(ready, took, needs, n) for n in (slots, slots + 1))
    assert np.isfinite(now).all()
    assert (then <= now + 1e-6).all()
    assert (then >= 0).all()
    assert np.isfinite(slot_more(ready, took, needs, slots, 4).saved).all()


@given(TASKS, st.integers(1, 8))
def test_no_more_slots_are_in_use_than_there_are(tasks, slots):
    ready, took = (np.array([task[n] for task in tasks], dtype=np.float64) for n in (0, 1))
    needs = np.minimum(np.array([task[2] for task in tasks], dtype=np.int64), slots)
    began = ready + waits(ready, took, needs, slots)
    apart = took > 1e-3  # ends and beginnings at one moment may differ in the last digit
    assert Load.of(began[apart] + 1e-6, (began + took)[apart] - 1e-6, needs[apart]).most <= slots
