"""Garbage is looked for while nobody presses a key."""

import gc
import weakref

import pytest

from collabtui.faces.tui.asking import collector
from collabtui.faces.tui.asking.collector import ANEW_S, AT_LATEST_S, EVERY_S, RESTED_S, Collector


class Ring:
    """Holds itself: only the collector finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(collector.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def begun(clock):
    before = gc.get_threshold()
    one = Collector()
    one.begin()
    yield one
    one.end()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_it_waits_until_hands_rest(begun, clock):
    ring = weakref.ref(Ring())
    clock[0] += EVERY_S
    begun.used()
    begun.look()
    assert ring() is not None, "a key was just pressed"
    clock[0] += RESTED_S
    begun.look()
    assert ring() is None


def test_hands_that_never_rest_are_kept_waiting_at_last(begun, clock):
    ring = weakref.ref(Ring())
    for _ in range(int(AT_LATEST_S)):
        assert ring() is not None
        clock[0] += 1
        begun.used()
        begun.look()
    assert ring() is None


def test_what_was_alive_for_long_is_looked_through_again(begun, clock):
    ring = Ring()
    clock[0] += EVERY_S
    begun.look()
    gone = weakref.ref(ring)
    del ring
    clock[0] += EVERY_S
    begun.look()
    assert gone() is not None, "it was left out"
    clock[0] += ANEW_S
    begun.look()
    assert gone() is None
