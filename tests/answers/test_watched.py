"""What somebody waits for is told once: when it has landed, failed, or is past its deadline."""

import pytest

from collabtui.answers.watched import watch, watched
from connectors.base import Batch
from tests.answers.building import HOUR, MINUTE, NOW, filled, nightly, pipeline, run, settings

BEFORE = [pipeline("p"), *nightly("p", 2 * HOUR, HOUR, 5)]


def begun(warehouse, run_id=None, deadline_at=None):
    which = {"source": "air", "pipeline_id": "p", "name": "p"}
    known = settings(warehouse.path.parent)
    return watch(warehouse, known, NOW, **which, run_id=run_id, deadline_at=deadline_at)


def news(tmp_path, warehouse, one, now):
    return [(told.outcome, told.at) for told in watched(warehouse, settings(tmp_path), now, watches=[one])]


def came(warehouse, *runs) -> None:
    warehouse.apply("air", Batch(stream="runs", records=list(runs)), NOW)


def test_nothing_is_told_of_what_had_ended_before(tmp_path):
    warehouse = filled(tmp_path, BEFORE)
    assert news(tmp_path, warehouse, begun(warehouse), NOW + HOUR) == []


@pytest.mark.parametrize(
    ("state", "deadline", "outcome"),
    [("success", None, "landed"), ("success", HOUR, "landed"), ("success", 9 * MINUTE, "landed late"),
     ("failed", HOUR, "failed")],
)  # fmt: skip
def test_the_run_in_flight_is_told_when_it_ends(tmp_path, state, deadline, outcome):
    flying = run("p", NOW - HOUR, None)
    warehouse = filled(tmp_path, [*BEFORE, flying])
    one = begun(warehouse, flying.run_id, NOW + deadline if deadline else None)
    assert news(tmp_path, warehouse, one, NOW + MINUTE) == []
    came(warehouse, run("p", NOW - HOUR, HOUR + 10 * MINUTE, state=state))
    assert news(tmp_path, warehouse, one, NOW + 20 * MINUTE) == [(outcome, NOW + 10 * MINUTE)]


def test_a_run_that_ended_just_before_and_is_synced_just_after_is_told(tmp_path):
    warehouse = filled(tmp_path, BEFORE)
    one = begun(warehouse, deadline_at=NOW + MINUTE)
    came(warehouse, run("p", NOW - HOUR, 59 * MINUTE))
    assert news(tmp_path, warehouse, one, NOW + 5 * MINUTE) == [("landed", NOW - MINUTE)]


def test_a_slipped_deadline_is_told_once_and_the_landing_later(tmp_path):
    flying = run("p", NOW - HOUR, None)
    warehouse = filled(tmp_path, [*BEFORE, flying])
    one = begun(warehouse, flying.run_id, NOW + 5 * MINUTE)
    assert news(tmp_path, warehouse, one, NOW + 6 * MINUTE) == [("late", NOW + 5 * MINUTE)]
    late = begun(warehouse, flying.run_id, NOW - MINUTE)
    assert news(tmp_path, warehouse, late, NOW + 6 * MINUTE) == [], "who begins to wait after it knows"
