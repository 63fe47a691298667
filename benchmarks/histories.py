"""Histories of runs with known level shifts and incidents, as the seeder of the test Airflows makes them."""

import importlib.util
import json
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

SEEDER = Path(__file__).parents[2] / "shared" / "servers" / "airflow_seed.py"
TABLES = """
CREATE TABLE log_template (id INTEGER);
CREATE TABLE dag_run (dag_id, run_id, state, run_type, run_after, start_date, end_date);
CREATE TABLE task_instance (dag_id);
CREATE TABLE task_instance_history (dag_id, run_id);
CREATE INDEX earlier ON task_instance_history (dag_id, run_id);
"""
"""What the seeder fills, with only the columns that are read here: it leaves out those that a table has not."""


@dataclass(frozen=True)
class History:
    """runs: id, n (its number in its pipeline), due_at, start_at, end_at, state, has_second_try (some task of it has).

    truth: by id what the seeder says.
    """

    runs: pl.DataFrame
    truth: dict[str, dict[str, Any]]


def history(until: datetime, *, runs: int, dags: int) -> History:
    """About `runs` runs of `dags` pipelines; another time gives another history."""
    spec = importlib.util.spec_from_file_location("airflow_seed", SEEDER)
    assert spec is not None
    assert spec.loader is not None
    seeder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(seeder)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with closing(sqlite3.connect(home / "airflow.db")) as db:
            db.executescript(TABLES)
        fleet = seeder.write_fleet(home / "fleet.json", dags)
        seeder.seed(home, 2, fleet, runs, until, max_logs=0)
        with closing(sqlite3.connect(home / "airflow.db")) as db:
            rows = db.execute(
                "SELECT dag_id, run_after, start_date, end_date, state, EXISTS (SELECT 1 FROM task_instance_history t "
                "WHERE t.dag_id = r.dag_id AND t.run_id = r.run_id) FROM dag_run r ORDER BY rowid"
            ).fetchall()
        names = ("id", "due_at", "start_at", "end_at", "state")
        schema = {**dict.fromkeys(names, pl.String), "has_second_try": pl.Int64}
        frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("has_second_try") == 1)
        truth = json.loads((home / "history_truth.json").read_text())
    times = pl.col("due_at", "start_at", "end_at").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_zone="UTC")
    frame = frame.with_columns(times, n=pl.int_range(pl.len()).over("id"))
    return History(frame, truth)
