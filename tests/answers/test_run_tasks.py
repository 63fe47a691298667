"""One run task by task, where one can follow the critical path with a finger."""

from datetime import timedelta

import pytest

from collabtui.answers import ANSWERS
from collabtui.answers.run_tasks import RunTasks, run_tasks, tasks_of
from collabtui.config import ConfigError
from connectors.records import TaskRun
from tests.answers.building import DAY, MINUTE, NOW, filled, pipeline, run, settings, task, task_run

GRAPH = [task("p", "extract", "orders", "users"), task("p", "orders", "mart"), task("p", "users", "mart"),
         task("p", "mart")]  # fmt: skip
SHAPE = {"extract": (0, 10), "orders": (10, 30), "users": (10, 5), "mart": (41, 10)}
"""When each task starts and how long it takes, in minutes: mart waits a minute for orders."""


def ran(of, shape=SHAPE, **more) -> list[TaskRun]:
    return [task_run(of, name, MINUTE * after, MINUTE * took if took else None, **more.get(name, {}))
            for name, (after, took) in shape.items()]  # fmt: skip


def asked(tmp_path, *records, nights: int = 8) -> RunTasks:
    """About the newest run of a pipeline that ran so many nights before like `SHAPE`."""
    past = [run("p", NOW - DAY * (back + 1), 51 * MINUTE) for back in range(nights)]
    known = [pipeline("p"), *GRAPH, *past, *(row for one in past for row in ran(one)), *records]
    warehouse = filled(tmp_path, known)
    try:
        return run_tasks(warehouse, settings(tmp_path), NOW, about="p")
    finally:
        warehouse.close()


def rows(found: RunTasks) -> dict[str, dict]:
    return {row["task_id"]: row for row in found.tasks.iter_rows(named=True)}


def test_an_ended_run_has_its_critical_path_in_the_order_of_the_graph(tmp_path):
    found = asked(tmp_path)
    tasks = rows(found)
    assert next(iter(tasks)) == "extract"
    assert list(tasks)[-1] == "mart"
    assert {name: row["held_s"] for name, row in tasks.items()} == {
        "extract": 600, "orders": 1800, "users": None, "mart": 660,
    }  # fmt: skip
    assert tasks["users"]["slack_s"] == 25 * 60
    assert tasks["orders"]["took_s"] == 30 * 60
    assert tasks["orders"]["p50_s"] == pytest.approx(30 * 60, rel=0.01)
    assert found.history_n == 8
    assert found.until_at - found.from_at == 51 * MINUTE


def test_a_run_in_flight_tells_what_is_to_come(tmp_path):
    flying = run("p", NOW - 15 * MINUTE, None)
    shape = {"extract": (0, 10), "orders": (10, None)}
    waiting = [
        TaskRun(source="air", pipeline_id="p", run_id=flying.run_id, task_id=name, map_index=-1, try_number=0)
        for name in ("users", "mart")
    ]
    found = asked(tmp_path, flying, *ran(flying, shape), *waiting)
    tasks = rows(found)
    assert found.state == "running"
    assert [tasks[name]["state"] for name in ("extract", "orders", "users", "mart")] == [
        "success", "running", "to come", "to come",
    ]  # fmt: skip
    assert tasks["orders"]["took_s"] == 5 * 60, "so far"
    assert tasks["orders"]["expected_end_at"] == pytest.approx(flying.due_at + 40 * MINUTE, abs=timedelta(minutes=1))
    assert tasks["users"]["expected_start_at"] == NOW, "it should run by now"
    assert tasks["mart"]["expected_end_at"] == pytest.approx(flying.due_at + 51 * MINUTE, abs=timedelta(minutes=2))
    assert [name for name, row in tasks.items() if row["held_s"] is not None] == ["extract", "orders", "mart"]
    assert found.until_at == tasks["mart"]["expected_end_at"]


def test_mapped_parts_are_one_row_and_tries_are_counted(tmp_path):
    newest = run("p", NOW - 60 * MINUTE, 51 * MINUTE)
    of = {"source": "air", "pipeline_id": "p", "run_id": newest.run_id, "task_id": "orders"}
    at = newest.due_at
    parts = [
        TaskRun(**of, map_index=n, try_number=1, state="success" if n else "failed", is_latest=bool(n),
                start_at=at + 10 * MINUTE, end_at=at + (20 + n) * MINUTE)
        for n in range(3)
    ]  # fmt: skip
    again = TaskRun(**of, map_index=0, try_number=2, state="failed", start_at=at + 25 * MINUTE, end_at=at + 40 * MINUTE)
    shape = {name: span for name, span in SHAPE.items() if name != "orders"}
    found = asked(tmp_path, newest, *ran(newest, shape), *parts, again)
    orders = rows(found)["orders"]
    assert (orders["state"], orders["try_number"]) == ("failed", 2)
    assert (orders["parts_n"], orders["parts_done_n"], orders["parts_failed_n"]) == (3, 2, 1)
    assert orders["took_s"] == 30 * 60, "from the first try to the last end"
    assert found.tries.filter(task_id="orders").height == 4
    assert (orders["past_n"], orders["failed_n"], orders["retried_n"]) == (8, 0, 0), "this run is not its own past"


def test_without_a_past_or_a_graph_the_run_still_shows(tmp_path):
    lone = run("q", NOW - 30 * MINUTE, 20 * MINUTE)
    warehouse = filled(tmp_path, [pipeline("q"), lone, task_run(lone, "a", MINUTE, 5 * MINUTE)])
    found = run_tasks(warehouse, settings(tmp_path), NOW, about=f"q {lone.run_id}")
    (row,) = found.tasks.iter_rows(named=True)
    assert not found.knows_graph
    assert (row["p50_s"], row["held_s"], row["expected_end_at"]) == (None, None, None)
    with pytest.raises(ConfigError, match="no run 'nothing'"):
        run_tasks(warehouse, settings(tmp_path), NOW, about="nothing")
    assert tasks_of(warehouse, settings(tmp_path), NOW, "air", "q", "gone") is None
    warehouse.close()


def test_the_demos_runs_are_told_whole(warehouse, office):
    question = ANSWERS["run-tasks"]
    for pipeline_id in ("mart_revenue", "mart_customer_360"):
        found = question.ask(warehouse, office.settings, office.now, about=pipeline_id)
        path = found.tasks.filter(found.tasks["held_s"].is_not_null())
        assert path.height
        assert path["held_s"].min() >= 0
        if found.end_at is not None:
            assert path["held_s"].sum() == pytest.approx((found.end_at - found.from_at).total_seconds(), abs=60)
