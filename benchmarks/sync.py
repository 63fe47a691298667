"""Syncs from real Airflow servers against a bare loop that reads the same rows and throws them away.

The bare loop reads in the fastest way seen: POST lists of some thousand rows on four connections, and beside them the
earlier tries, which Airflow only tells task run by task run, on eight. It decodes nothing but what the next request
needs.
"""

import asyncio
import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec

from benchmarks.measure import SYNC_ONCE, Measurement, peak_mb
from collabtui.config import Source
from collabtui.sync import SyncResult, sync
from collabtui.warehouse import Warehouse
from tests.live.airflow_server import API, PASSWORD, USER, AirflowServer

RUNS, TASK_RUNS = 10_000, 60_000
PAGE, LISTS_AT_ONCE, CONNECTIONS = 2000, 4, 8
PAIRS = 3
REPEATED = 5


class _Row(msgspec.Struct):
    dag_id: str
    dag_run_id: str
    task_id: str = ""
    try_number: int = 0


class _Page(msgspec.Struct):
    dag_runs: list[_Row] = []
    task_instances: list[_Row] = []

    @property
    def rows(self) -> list[_Row]:
        return self.dag_runs or self.task_instances


def run() -> Iterator[Measurement]:
    """First sync, repeated sync, and the memory of ten times as many runs."""
    os.environ["LIVE_AIRFLOW"] = PASSWORD
    for version in (3, 2):
        with AirflowServer(version, runs=RUNS) as server:
            yield from _speed(server)
    small = _peak_mb(AirflowServer(3, runs=RUNS, dags=100, tasks=False, scheduler=False))
    large = _peak_mb(AirflowServer(3, runs=10 * RUNS, dags=100, tasks=False, scheduler=False))
    note = f"{large:.0f} MB / {small:.0f} MB"
    yield Measurement("sync: memory for 100,000 runs / for 10,000", large / small, 1.2, "x", note)


def _speed(server: AirflowServer) -> Iterator[Measurement]:
    name = f"Airflow {server.version}"
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        for n in range(PAIRS):
            theirs.append(asyncio.run(_bare_loop(server)))
            warehouse = Warehouse(Path(folder) / f"{n}.db")
            ours.append(_timed_sync(warehouse, server)[0])
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        note = f"{statistics.median(ours):.1f} s / {statistics.median(theirs):.1f} s, pairs of {PAIRS}"
        yield Measurement(f"sync: {name}, {RUNS:,} runs, {TASK_RUNS:,} task runs / bare loop", ratio, 1.10, "x", note)
        time.sleep(2)
        _timed_sync(warehouse, server)
        repeated = [_timed_sync(warehouse, server) for _ in range(REPEATED)]
        seconds = statistics.median(s for s, _ in repeated)
        yield Measurement(f"sync: {name}, repeated, requests", max(n for _, n in repeated), 3, "requests")
        yield Measurement(f"sync: {name}, repeated, time", seconds, 1.0, "s")


class _Counting(httpx.AsyncHTTPTransport):
    requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return await super().handle_async_request(request)


def _timed_sync(warehouse: Warehouse, server: AirflowServer) -> tuple[float, int]:
    """Seconds and requests of a sync."""
    source = Source(name="airflow", kind="airflow", options=server.options)
    transport = _Counting()
    began = time.perf_counter()
    results: list[SyncResult] = asyncio.run(sync(warehouse, [source], transports={"airflow": transport}))
    seconds = time.perf_counter() - began
    if results[0].error:
        raise RuntimeError(results[0].error)
    return seconds, transport.requests


def _peak_mb(server: AirflowServer) -> float:
    """The most memory that a process held that did nothing but a first sync."""
    with server, tempfile.TemporaryDirectory() as folder:
        return peak_mb(SYNC_ONCE, "airflow", json.dumps(server.options), str(Path(folder) / "w.db"))


async def _bare_loop(server: AirflowServer) -> float:
    """Seconds to read all runs, task runs and earlier tries."""
    limits = httpx.Limits(max_connections=CONNECTIONS)
    began = time.perf_counter()
    async with httpx.AsyncClient(base_url=server.url, timeout=120, limits=limits) as client:
        await _log_in(client, server)
        base, few = API[server.version], asyncio.Semaphore(LISTS_AT_ONCE)

        async def page(path: str, offset: int) -> int:
            body = {"page_limit": PAGE, "page_offset": offset} | ({"order_by": "id"} if server.version == 3 else {})
            async with few:
                answer = await client.post(base + path, json=body)
            rows = msgspec.json.decode(answer.raise_for_status().content, type=_Page).rows
            await asyncio.gather(*(tries(row) for row in rows if row.try_number > 1))
            return len(rows)

        async def tries(row: _Row) -> None:
            path = f"{base}/dags/{row.dag_id}/dagRuns/{quote(row.dag_run_id)}/taskInstances/{row.task_id}/tries"
            (await client.get(path)).raise_for_status()

        lists = {"/dags/~/dagRuns/list": RUNS, "/dags/~/dagRuns/~/taskInstances/list": TASK_RUNS}
        pages = (page(path, offset) for path, count in lists.items() for offset in range(0, count, PAGE))
        if sum(await asyncio.gather(*pages)) < RUNS + TASK_RUNS:
            raise RuntimeError("rows are missing")
    return time.perf_counter() - began


async def _log_in(client: httpx.AsyncClient, server: AirflowServer) -> None:
    if server.version == 3:
        answer = await client.post("/auth/token", json={"username": USER, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return
    form = (await client.get("/login/")).text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    if found is None:
        raise RuntimeError("the login page has no form")
    await client.post("/login/", data={"username": USER, "password": PASSWORD, "csrf_token": found.group(1)})
