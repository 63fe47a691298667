"""Syncs with real Airflow servers: the warehouse holds exactly what the server's own database does."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from collabtui.config import Source
from collabtui.sources import open_connector
from collabtui.sync import SyncResult, sync
from collabtui.texts import read_text
from collabtui.warehouse import Warehouse
from connectors.base import TaskTry
from tests.live.airflow_server import PASSWORD, AirflowServer

pytestmark = pytest.mark.live

RUNS = "SELECT dag_id, run_id, state FROM dag_run"
LATEST = "SELECT dag_id, run_id, task_id, map_index, try_number, state FROM task_instance"
EARLIER = """SELECT h.dag_id, h.run_id, h.task_id, h.map_index, h.try_number, h.state
             FROM task_instance_history h JOIN task_instance t USING (dag_id, run_id, task_id, map_index)
             WHERE h.try_number < t.try_number"""
TASK_RUN = "SELECT pipeline_id, run_id, task_id, map_index, try_number, state FROM task_run WHERE is_latest = "

KILLED = """
import asyncio, json, sys
from pathlib import Path
from collabtui.config import Source
from collabtui.sync import sync
from collabtui.warehouse import Warehouse
source = Source(name="airflow", kind="airflow", options=json.loads(sys.argv[2]))
asyncio.run(sync(Warehouse(Path(sys.argv[1])), [source], progress=lambda p: print(p.done, flush=True)))
"""


class Noting(httpx.AsyncHTTPTransport):
    """The network, and the requests that went out with their answers' codes."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        self.requests.append(f"{request.method} {request.url} {response.status_code}")
        return response


class Synced:
    """A warehouse that is synced from one server."""

    def __init__(self, path: Path, server: AirflowServer) -> None:
        self.server = server
        self.warehouse = Warehouse(path)
        self.source = Source(name="airflow", kind="airflow", options=server.options)
        self.requests: list[str] = []

    def __call__(self) -> SyncResult:
        transport = Noting()
        (result,) = asyncio.run(sync(self.warehouse, [self.source], transports={"airflow": transport}))
        self.requests = transport.requests
        return result

    def rows(self, sql: str) -> list[tuple]:
        return sorted(self.warehouse.frame(sql).rows(), key=str)

    def assert_same(self) -> None:
        there = "is_active" if self.server.version == 2 else "NOT is_stale"
        self.same("SELECT pipeline_id FROM pipeline WHERE gone_at IS NULL", f"SELECT dag_id FROM dag WHERE {there}")
        self.same("SELECT pipeline_id, run_id, state FROM run", RUNS)
        self.same(TASK_RUN + "1", LATEST)
        self.same(TASK_RUN + "0", EARLIER)

    def same(self, ours: str, theirs: str) -> None:
        here, there = set(self.rows(ours)), set(self.server.rows(theirs))
        assert sorted(here - there, key=str)[:5] == [], "in the warehouse only"
        assert sorted(there - here, key=str)[:5] == [], "in Airflow only"
        assert len(here) == len(self.rows(ours))


@pytest.fixture
def synced(tmp_path, airflow) -> Synced:
    return Synced(tmp_path / "w.db", airflow)


def test_the_warehouse_holds_what_the_server_has_and_what_happens_next(synced, airflow):
    assert synced().error is None
    synced.assert_same()
    assert len(synced.rows("SELECT run_id FROM run")) >= 10_000

    airflow.run(["retried", "mapped", "produces"])
    time.sleep(1.1)  # what was touched in the second of the sync may be left to the next
    assert synced().error is None
    synced.assert_same()
    assert synced.rows("SELECT DISTINCT is_mapped FROM task WHERE task_id = 'train'") == [(True,)]
    assert synced.rows("SELECT role FROM dataset_edge ORDER BY 1") == [("produces",), ("schedules",)]

    assert synced().error is None
    assert len(synced.requests) <= 3, f"nothing changed: {synced.requests}"


def test_a_run_is_followed_while_it_runs(synced, airflow):
    assert synced().error is None
    for dag_id in ("mapped", "retried"):
        airflow.call("POST", f"/dags/{dag_id}/dagRuns", {} if airflow.version == 2 else {"logical_date": None})
    seen = set()
    for _ in range(60):
        assert synced().error is None
        states = {state for (state,) in synced.rows("SELECT state FROM run WHERE pipeline_id IN ('mapped', 'retried')")}
        seen |= states
        if not states & {"queued", "running"}:
            break
        time.sleep(1)
    airflow.run([])
    time.sleep(1.1)
    assert synced().error is None
    assert seen & {"queued", "running"}
    synced.assert_same()


def test_what_is_cleared_and_deleted_is_seen(synced, airflow):
    airflow.run(["retried"])
    assert synced().error is None
    ((run_id,),) = airflow.rows("SELECT max(run_id) FROM dag_run WHERE dag_id = 'retried'")
    airflow.call("POST", "/dags/retried/clearTaskInstances", {"dry_run": False, "only_failed": False,
                 "dag_run_id": run_id, "reset_dag_runs": True})  # fmt: skip
    airflow.run([])
    time.sleep(1.1)
    assert synced().error is None
    synced.assert_same()
    assert synced.rows(f"SELECT max(try_number) FROM task_run WHERE run_id = '{run_id}' AND task_id = 'pull'") == [(3,)]


def test_a_killed_sync_goes_on_where_it_was(tmp_path, synced, airflow):
    path = tmp_path / "killed.db"
    command = [sys.executable, "-c", KILLED, str(path), json.dumps(airflow.options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "LIVE_AIRFLOW": PASSWORD}) as process:
        for line in process.stdout:
            if int(line) > 2500 and int(line) < 10_000:
                process.send_signal(signal.SIGKILL)
                break
    killed = Synced(path, airflow)
    before = len(killed.rows("SELECT run_id FROM run"))
    assert 2500 < before < 10_000
    result = killed()
    assert result.error is None
    assert result.records < 71_000 * (1 - before / 12_000), "what was there is not read again"
    killed()
    killed.assert_same()


def test_logs_and_code_are_read_on_demand(synced, airflow):
    airflow.run(["retried"])
    assert synced().error is None
    ((run_id,),) = synced.rows("SELECT max(run_id) FROM run WHERE pipeline_id = 'retried' AND state = 'success'")

    def asked(what: TaskTry | str) -> str:
        pieces: list[bytes] = []
        asyncio.run(read_text([synced.source], None, "airflow", what, pieces.append))
        return b"".join(pieces).decode()

    which = {"pipeline_id": "retried", "run_id": run_id, "task_id": "pull", "map_index": -1}
    first, second = (asked(TaskTry(try_number=n, **which)) for n in (1, 2))
    assert "ERROR - Task failed with exception\nTraceback (most recent call last):" in first
    assert "Traceback" not in second
    assert "DAG(" in asked("retried")


def test_the_check_tells_a_wrong_password(synced, airflow, monkeypatch):
    def checked() -> list[tuple[str, str]]:
        async def check():
            connector = open_connector(synced.source)
            health = await connector.check()
            await connector.aclose()
            return health

        return [(finding.level, finding.text + finding.advice) for finding in asyncio.run(check()).findings]

    assert ("ok", f"44 DAGs at {airflow.url}") in checked()
    monkeypatch.setenv("LIVE_AIRFLOW", "not-the-password")
    ((level, text),) = checked()
    assert level == "error"
    assert "check" in text
    assert "not-the-password" not in text


def test_a_hundred_thousand_runs_are_all_there(tmp_path, large_airflow):
    synced = Synced(tmp_path / "w.db", large_airflow)
    assert synced().error is None
    synced.assert_same()
    assert len(synced.rows("SELECT run_id FROM run")) == 100_000
