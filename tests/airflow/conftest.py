"""An Airflow over ASGI, and a warehouse that is synced from it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from collabtui.config import Source
from collabtui.demo.airflow_app import airflow_app
from collabtui.demo.airflow_site import AirflowSite, SiteDag, SiteRun, SiteTask, Try
from collabtui.demo.faults import Fault, Faults
from collabtui.sync import SyncResult, sync
from collabtui.warehouse import Warehouse

NOW = datetime(2026, 11, 21, 7, 30, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Server:
    """The site, its clock and its troubles, and the warehouse on the other side."""

    def __init__(self, tmp_path, version: int, **how) -> None:
        self.version = version
        self.site = AirflowSite()
        self.now = NOW
        self.faults = Faults()
        self.how = how
        self.warehouse = Warehouse(tmp_path / "w.db")
        self.options: dict[str, Any] = {
            "url": "http://airflow.test", "username": "demo", "password": {"env": "TEST_AIRFLOW"}
        }  # fmt: skip

    def dag(self, dag_id: str = "p", **more) -> SiteDag:
        tasks = [SiteTask("extract", ["load"]), SiteTask("load", [])]
        dag = SiteDag(dag_id, "ann", ["nightly"], more.pop("tasks", tasks), more.pop("schedule", "0 2 * * *"), **more)
        self.site.dags[dag_id] = dag
        return dag

    def run(self, dag: SiteDag, ago: timedelta, *, state: str = "success", tries: int = 1) -> SiteRun:
        """A run that was due so long ago and took ten minutes; its first task so many tries."""
        at = self.now - ago
        run = self.site.add_run(dag, "scheduled", at, at)
        self.site.runs.sort(key=lambda run: run.run_after)
        is_open = state in {"queued", "running"}
        run.state, run.start_at, run.end_at = state, at, None if is_open else at + 10 * MINUTE
        for place, instance in enumerate(run.tasks):
            first = tries if place == 0 else 1
            instance.tries = [Try(n + 1, "failed", at, at, at, at + MINUTE) for n in range(first - 1)]
            end = None if is_open else at + 10 * MINUTE
            instance.tries.append(Try(first, "running" if is_open else state, at, at, at, end))
            self.site.touch(run, end or at, instance)
        self.site.touch(run, run.end_at or at)
        return run

    def end(self, run: SiteRun) -> None:
        """A run in flight succeeds now."""
        for instance in run.tasks:
            instance.now.state, instance.now.end_at = "success", self.now
            self.site.touch(run, self.now, instance)
        run.state, run.end_at = "success", self.now
        self.site.touch(run, self.now)

    def trouble(self, path: str, **what) -> None:
        self.faults.add([Fault(path, **what)])

    def sync(self) -> SyncResult:
        self.faults.requests.clear()
        app = airflow_app(self.site, version=self.version, clock=lambda: self.now, **self.how)
        transport = httpx.ASGITransport(self.faults.wrap(app))
        source = Source(name="air", kind="airflow", options=self.options)
        (result,) = asyncio.run(sync(self.warehouse, [source], transports={"air": transport}, clock=lambda: self.now))
        self.now += timedelta(seconds=2)
        return result

    def rows(self, sql: str) -> list[tuple]:
        return self.warehouse.frame(sql).rows()

    def run_ids(self) -> list[str]:
        return [run_id for (run_id,) in self.rows("SELECT run_id FROM run ORDER BY due_at")]

    def assert_same(self) -> None:
        """The warehouse holds every run and every task run, and nothing else."""
        assert self.run_ids() == [run.run_id for run in sorted(self.site.runs, key=lambda run: run.run_after)]
        there = {
            (run.run_id, i.task.task_id, i.map_index, t.number, t.state)
            for run in self.site.runs
            for i in run.tasks
            for t in i.tries
        }
        here = self.rows("SELECT run_id, task_id, map_index, try_number, state FROM task_run")
        assert len(here) == len(set(here))
        assert set(here) == there


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("TEST_AIRFLOW", "demo")
    monkeypatch.setattr("connectors.http.backoff_s", lambda attempt, rng: 0.0)


@pytest.fixture(params=[2, 3], ids=["airflow2", "airflow3"])
def server(request, tmp_path) -> Server:
    return Server(tmp_path, request.param)


@pytest.fixture
def airflow3(tmp_path) -> Server:
    return Server(tmp_path, 3)
