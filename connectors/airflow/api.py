"""Airflow's REST API, one set of questions for versions 2 and 3."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from connectors.airflow import wire
from connectors.http import HttpClient, HttpError, Params

P = TypeVar("P", bound=wire.Page)

GET_PAGE = 100
"""The server's own cap for GET lists (`api.maximum_page_limit`); larger is silently cut."""
LIST_PAGE = 10_000
"""POST …/list has no cap; so many task instances are about 11 MB."""
COUNTED_TO = 50_000
"""Airflow 3 counts no further (`total_entries_limit`)."""
MICROSECOND = timedelta(microseconds=1)


class Api:
    """Questions to one server whose major version is known. Errors are `SourceError`s."""

    def __init__(self, http: HttpClient, version: int) -> None:
        self.http = http
        self.version = version
        self.path = "/api/v1" if version == 2 else "/api/v2"

    @staticmethod
    async def find_version(http: HttpClient) -> str:
        """The server's version, such as "3.3.2"; it needs no login. Raises `SourceError`."""
        try:
            answer = await http.get("/api/v2/version", wire.Version)
        except HttpError as e:
            if e.status != 404:
                raise
            answer = await http.get("/api/v1/version", wire.Version)
        return answer.version

    async def health(self) -> wire.Health:
        """How the components are. The answer is 200 also when they are not well."""
        path = "/health" if self.version == 2 else "/monitor/health"
        return await self.http.get(self.path + path, dict[str, Any])

    # --- the catalogue ---

    async def dags(self) -> list[wire.Dag]:
        """All DAGs that are not stale."""
        return [row async for page in self._pages("/dags", wire.Dags) for row in page.rows]

    async def tasks(self, dag_id: str) -> list[wire.TaskRow]:
        """The tasks of a DAG; none where it has disappeared meanwhile."""
        try:
            return (await self.http.get(f"{self.path}/dags/{quote(dag_id, safe='')}/tasks", wire.Tasks)).tasks
        except HttpError as e:
            if e.status != 404:
                raise
            return []

    async def pools(self) -> list[wire.PoolRow]:
        """All pools."""
        return [row async for page in self._pages("/pools", wire.Pools) for row in page.rows]

    async def import_errors(self) -> list[wire.ImportErrorRow]:
        """All import errors."""
        return [row async for page in self._pages("/importErrors", wire.ImportErrors) for row in page.rows]

    async def assets(self) -> list[wire.AssetRow]:
        """All datasets (2) or assets (3)."""
        if self.version == 2:
            return [row async for page in self._pages("/datasets", wire.Datasets) for row in page.rows]
        return [row async for page in self._pages("/assets", wire.Assets) for row in page.rows]

    async def events(self, since: datetime | None) -> AsyncGenerator[list[wire.EventRow], None]:
        """Dataset events from `since` on, newest first, a page at a time (2 cannot be asked for a time)."""
        params: dict[str, Any] = {"order_by": "-timestamp"}
        if self.version >= 3 and since is not None:
            params["timestamp_gte"] = iso(since)
        pages: AsyncGenerator[wire.DatasetEvents | wire.AssetEvents, None]
        if self.version == 2:
            pages = self._pages("/datasets/events", wire.DatasetEvents, params)
        else:
            pages = self._pages("/assets/events", wire.AssetEvents, params)
        async with aclosing(pages):
            async for page in pages:
                rows = [row for row in page.rows if since is None or row.timestamp >= since]
                yield rows
                if len(rows) < len(page.rows):
                    return

    # --- the first load: POST lists in windows of time ---

    async def newest_runs(self, until: datetime, limit: int) -> wire.DagRuns:
        """The newest `limit` runs whose `named_at` is not after `until`, newest first."""
        clock = "execution_date" if self.version == 2 else "run_after"
        body = {"order_by": f"-{clock}", f"{clock}_lte": iso(until), "page_limit": limit}
        return await self.http.post(f"{self.path}/dags/~/dagRuns/list", wire.DagRuns, body)

    async def task_instances(self, after: datetime | None, until: datetime) -> AsyncGenerator[wire.TaskInstances, None]:
        """The task instances of the runs with `after` < `named_at` <= `until`, a page at a time."""
        clock = "execution_date" if self.version == 2 else "run_after"
        body: dict[str, Any] = {f"{clock}_lte": iso(until), "page_limit": LIST_PAGE}
        if after is not None:
            body[f"{clock}_gte"] = iso(after + MICROSECOND)
        path = f"{self.path}/dags/~/dagRuns/~/taskInstances/list"
        if self.version >= 3:
            body["order_by"] = "id"
        offset = 0
        while True:
            page = await self.http.post(path, wire.TaskInstances, {**body, "page_offset": offset})
            if self.version == 2 and page.total_entries > len(page.rows):
                # version 2 cannot order them, so pages could overlap: all of them at once
                page = await self.http.post(
                    path, wire.TaskInstances, {**body, "page_limit": page.total_entries + GET_PAGE}
                )
                yield page
                return
            yield page
            if len(page.rows) < LIST_PAGE:
                return
            offset += len(page.rows)

    async def tries(self, row: wire.TaskInstance) -> list[wire.TaskInstance]:
        """The earlier tries of a task instance; none where it has disappeared meanwhile."""
        run, task = quote(row.dag_run_id, safe=""), quote(row.task_id, safe="")
        mapped = f"/{row.map_index}" if row.map_index >= 0 else ""
        path = f"{self.path}/dags/{quote(row.dag_id, safe='')}/dagRuns/{run}/taskInstances/{task}{mapped}/tries"
        try:
            page = await self.http.get(path, wire.TaskInstances)
        except HttpError as e:
            if e.status != 404:
                raise
            return []
        return [t for t in page.rows if 0 < t.try_number < row.try_number]

    # --- increments: GET lists by when a row was last touched ---

    async def runs_since(self, updated: datetime) -> AsyncGenerator[wire.DagRuns, None]:
        """Runs that were touched since, a page at a time."""
        params = {"updated_at_gte": iso(updated), "order_by": "updated_at"}
        async for page in self._pages("/dags/~/dagRuns", wire.DagRuns, params):
            yield page

    async def task_instances_since(self, updated: datetime) -> AsyncGenerator[wire.TaskInstances, None]:
        """Task instances that were touched since, a page at a time."""
        params = {"updated_at_gte": iso(updated)} | ({"order_by": "id"} if self.version >= 3 else {})
        async for page in self._pages("/dags/~/dagRuns/~/taskInstances", wire.TaskInstances, params):
            yield page

    async def runs_of(self, dag_ids: Sequence[str], first: datetime, last: datetime) -> list[wire.DagRun]:
        """The runs of these DAGs with `first` <= `named_at` <= `last`."""
        clock = "execution_date" if self.version == 2 else "run_after"
        span = {f"{clock}_gte": iso(first), f"{clock}_lte": iso(last)}
        body = {"dag_ids": list(dag_ids), "page_limit": LIST_PAGE, **span}
        return (await self.http.post(f"{self.path}/dags/~/dagRuns/list", wire.DagRuns, body)).rows

    async def count(self, path: str) -> int:
        """How many rows a list has, as far as the server counts."""
        return (await self.http.get(self.path + path, wire.Count, {"limit": 0})).total_entries

    @property
    def now(self) -> datetime:
        """The server's clock, which `updated_at` goes by, at its last answer (in whole seconds)."""
        return self.http.server_time or datetime.now(UTC)

    async def _pages(self, path: str, into: type[P], params: Params | None = None) -> AsyncGenerator[P, None]:
        """All pages of a GET list; the server may give less than asked for, and count less than there is."""
        offset = largest = 0
        while True:
            page = await self.http.get(self.path + path, into, {**(params or {}), "limit": GET_PAGE, "offset": offset})
            yield page
            offset += len(page.rows)
            largest = max(largest, len(page.rows))
            is_counted = page.total_entries < COUNTED_TO or self.version == 2
            if not page.rows or (offset >= page.total_entries and (is_counted or len(page.rows) < largest)):
                return


def iso(at: datetime) -> str:
    """A time as both versions read it in queries and bodies."""
    return at.astimezone(UTC).isoformat()
