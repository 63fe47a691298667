"""History for a SQLite Airflow database, written as rows: what takes months to run is there in seconds.

The DAGs are real (airflow/dags/live_dags.py), so only runs, task instances and earlier tries are written here.
"""

import random
import sqlite3
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

TASKS = ("extract", "validate", "transform", "enrich", "load", "publish")
EMPTY_PICKLE = b"\x80\x05}\x94."


def seed(database: Path, version: int, *, runs: int, dags: int, tasks: bool = True) -> None:
    """About `runs` hourly runs of the fleet, the same hours for all its DAGs, six task runs each unless not `tasks`.

    One task run in fifty has an earlier try; every 500th run is still queued; some runs of Airflow 3 have no
    logical date. Rows that are there already are kept.
    """
    rng = random.Random(runs)
    with sqlite3.connect(database, timeout=60) as db:
        db.execute("PRAGMA synchronous = OFF")
        versions = dict(db.execute("SELECT dag_id, id FROM dag_version").fetchall()) if version == 3 else {}
        into = {name: Inserts(db, name) for name in ("dag_run", "task_instance", "task_instance_history")}
        # the last whole hour but one: no run is touched in the minutes that a sync looks back on
        last = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        for number in range(runs):
            dag_id = f"fleet_{number % dags:03}"
            due = last - timedelta(hours=number // dags)
            for name, row in _run(rng, version, dag_id, due, versions.get(dag_id), number, tasks):
                into[name].add(row)
        for inserts in into.values():
            inserts.flush()
        db.execute("ANALYZE")


def _run(
    rng: random.Random, version: int, dag_id: str, due: datetime, dag_version: str | None, number: int, tasks: bool
) -> Iterator[tuple[str, dict[str, object]]]:
    is_open = number % 500 == 499
    start = due + timedelta(seconds=rng.uniform(0.5, 6))
    logical = due - timedelta(hours=1) if version == 2 else due
    run_id = f"scheduled__{logical.isoformat()}"
    has_no_date = version == 3 and number % 97 == 0
    at, rows = start, []
    state = "success"
    for name in TASKS if tasks else ():
        row, earlier, at, state = _task(rng, version, at, state, is_open)
        common = {
            "dag_id": dag_id, "run_id": run_id, "task_id": name, "task_display_name": name, "map_index": -1,
            "hostname": "worker-1", "unixname": "airflow", "pool": "default_pool", "pool_slots": 1,
            "queue": "default", "priority_weight": 1, "operator": "_PythonDecoratedOperator",
            "custom_operator_name": "@task", "max_tries": 1, "executor_config": EMPTY_PICKLE,
            "dag_version_id": dag_version, "span_status": "not_started",
        }  # fmt: skip
        rows.append(("task_instance", {**common, **row}))
        if earlier:
            rows.append(("task_instance_history", {**common, **earlier}))
    end = None if is_open else text(at)
    run_state = "queued" if is_open else "success" if state == "success" else "failed"
    yield "dag_run", {
        "dag_id": dag_id, "run_id": run_id, "run_type": "scheduled", "clear_number": 0,
        "state": run_state, "queued_at": text(due), "start_date": None if is_open else text(start),
        "end_date": end, "execution_date": text(logical), "logical_date": None if has_no_date else text(logical),
        "run_after": text(due), "data_interval_start": text(logical),
        "data_interval_end": text(logical if version == 3 else due), "external_trigger": 0,
        "conf": EMPTY_PICKLE if version == 2 else "{}", "triggered_by": "TIMETABLE",
        "last_scheduling_decision": end, "log_template_id": 1, "created_at": text(due),
        "updated_at": text(due) if is_open else end, "span_status": "not_started",
        "created_dag_version_id": dag_version,
    }  # fmt: skip
    yield from rows


def _task(
    rng: random.Random, version: int, ready: datetime, before: str, is_open: bool
) -> tuple[dict[str, object], dict[str, object] | None, datetime, str]:
    """A task instance's own columns, those of its earlier try, when it ended, and its state."""
    row_id = uuid.UUID(int=rng.getrandbits(128)).hex
    if is_open or before != "success":
        state = None if is_open else "upstream_failed"
        own: dict[str, object] = {"state": state, "try_number": 0, "updated_at": text(ready), "id": row_id}
        return own, None, ready, "upstream_failed"
    begin = ready + timedelta(seconds=rng.uniform(0.2, 4))
    end = begin + timedelta(seconds=rng.uniform(1, 90))
    draw = rng.random()
    state = "failed" if draw > 0.995 else "success"
    own = {
        "state": state, "try_number": 1, "queued_dttm": text(ready), "scheduled_dttm": text(ready),
        "start_date": text(begin), "end_date": text(end), "duration": (end - begin).total_seconds(),
        "updated_at": text(end), "pid": 4321, "id": row_id,
    }  # fmt: skip
    if draw > 0.02:
        return own, None, end, state
    earlier = {**own, "state": "failed", "task_instance_id": uuid.UUID(int=rng.getrandbits(128)).hex}
    if version == 2:
        del earlier["id"]
    return {**own, "try_number": 2}, earlier, end, state


class Inserts:
    """Rows for one table, by the columns that it knows."""

    def __init__(self, db: sqlite3.Connection, table: str) -> None:
        self.db, self.table = db, table
        self.columns = {row[1] for row in db.execute(f"PRAGMA table_info({table})")} - (
            {"id"} if table == "task_instance_history" else set()
        )
        self.rows: list[dict[str, object]] = []

    def add(self, row: dict[str, object]) -> None:
        self.rows.append({name: value for name, value in row.items() if name in self.columns})
        if len(self.rows) >= 20_000:
            self.flush()

    def flush(self) -> None:
        shapes: dict[tuple[str, ...], list[dict[str, object]]] = {}
        for row in self.rows:
            shapes.setdefault(tuple(row), []).append(row)
        for names, rows in shapes.items():
            values = ", ".join(f":{name}" for name in names)
            self.db.executemany(f"INSERT OR IGNORE INTO {self.table} ({', '.join(names)}) VALUES ({values})", rows)
        self.rows = []


def text(at: datetime) -> str:
    """A time as Airflow stores it in SQLite."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
