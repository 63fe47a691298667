"""Airflow's REST API, one set of questions for versions 2 and 3."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from connectors.airflow import wire, wire_catalogue
from connectors.airflow.windows import COUNTED_TO, Piece
from connectors.http import HttpClient, HttpError, Params

P = TypeVar("P", bound=wire.Page)
T = TypeVar("T")

GET_PAGE = 100
"""The server's own cap for GET lists (`api.maximum_page_limit`); larger is silently cut."""
MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
RUNS = "/dags/~/dagRuns"
TASK_INSTANCES = "/dags/~/dagRuns/~/taskInstances"


class Api:
    """Questions to one server whose major version is known. Errors are `SourceError`s."""

    def __init__(self, http: HttpClient, version: int) -> None:
        self.http = http
        self.version = version
        self.path = "/api/v1" if version == 2 else "/api/v2"
        self._named_at = "execution_date" if version == 2 else "run_after"

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

    @property
    def now(self) -> datetime:
        """The server's clock, which `updated_at` goes by, at its last answer (in whole seconds)."""
        return self.http.server_time or datetime.now(UTC)

    async def count(self, path: str, params: Params | None = None) -> int:
        """How many rows a list has, as far as the server counts."""
        return (await self.http.get(self.path + path, wire.Count, {**(params or {}), "limit": 0})).total_entries

    # --- the catalogue ---

    async def health(self) -> wire_catalogue.Health:
        """How the components are. The answer is 200 also when they are not well."""
        path = "/health" if self.version == 2 else "/monitor/health"
        return await self.http.get(self.path + path, dict[str, Any])

    async def dags(self, *, with_gone: bool = False) -> list[wire_catalogue.Dag]:
        """All DAGs, and `with_gone` those that are no longer in any file."""
        params = {"only_active" if self.version == 2 else "exclude_stale": str(not with_gone).lower()}
        return [row async for page in self._pages("/dags", wire_catalogue.Dags, params) for row in page.rows]

    async def tasks(self, dag_id: str) -> list[wire_catalogue.TaskRow]:
        """The tasks of a DAG; none where it has disappeared meanwhile."""
        answer = await self._if_there(f"/dags/{quote(dag_id, safe='')}/tasks", wire_catalogue.Tasks)
        return answer.tasks if answer else []

    async def pools(self) -> list[wire_catalogue.PoolRow]:
        """All pools."""
        return [row async for page in self._pages("/pools", wire_catalogue.Pools) for row in page.rows]

    async def import_errors(self) -> list[wire_catalogue.ImportErrorRow]:
        """All import errors."""
        return [row async for page in self._pages("/importErrors", wire_catalogue.ImportErrors) for row in page.rows]

    async def assets(self) -> list[wire_catalogue.AssetRow]:
        """All datasets (2) or assets (3)."""
        if self.version == 2:
            return [row async for page in self._pages("/datasets", wire_catalogue.Datasets) for row in page.rows]
        return [row async for page in self._pages("/assets", wire_catalogue.Assets) for row in page.rows]

    async def events(self, since: datetime | None) -> AsyncGenerator[list[wire_catalogue.EventRow], None]:
        """Dataset events from `since` on, newest first, a page at a time (2 cannot be asked for a time)."""
        params: dict[str, Any] = {"order_by": "-timestamp"}
        if self.version >= 3 and since is not None:
            params["timestamp_gte"] = iso(since)
        pages: AsyncGenerator[wire_catalogue.DatasetEvents | wire_catalogue.AssetEvents, None]
        if self.version == 2:
            pages = self._pages("/datasets/events", wire_catalogue.DatasetEvents, params)
        else:
            pages = self._pages("/assets/events", wire_catalogue.AssetEvents, params)
        async with aclosing(pages):
            async for page in pages:
                rows = [row for row in page.rows if since is None or row.timestamp >= since]
                yield rows
                if len(rows) < len(page.rows):
                    return

    # --- the first load: POST lists, which have no cap, in windows of time ---

    async def newest_runs(self, until: datetime, limit: int) -> wire.DagRuns:
        """The newest `limit` runs whose `named_at` is not after `until`, newest first."""
        body = {"order_by": f"-{self._named_at}", f"{self._named_at}_lte": iso(until), "page_limit": limit}
        return await self.http.post(f"{self.path}{RUNS}/list", wire.DagRuns, body)

    async def task_instances(self, piece: Piece, limit: int) -> wire.TaskInstances:
        """The task instances, `limit` at most, of the runs in a piece of the history."""
        body: dict[str, Any] = {f"{self._named_at}_lte": iso(piece.until), "page_limit": limit}
        if piece.after is not None:
            body[f"{self._named_at}_gte"] = iso(piece.after + MICROSECOND)
        if piece.dag_ids is not None:
            body["dag_ids"] = piece.dag_ids
        if self.version >= 3:
            body["order_by"] = "id"  # the default order is slow
        return await self.http.post(f"{self.path}{TASK_INSTANCES}/list", wire.TaskInstances, body)

    async def tries(self, row: wire.TaskInstance) -> list[wire.TaskInstance]:
        """The earlier tries of a task instance; none where it has disappeared meanwhile."""
        run, task = quote(row.dag_run_id, safe=""), quote(row.task_id, safe="")
        mapped = f"/{row.map_index}" if row.map_index >= 0 else ""
        path = f"/dags/{quote(row.dag_id, safe='')}/dagRuns/{run}/taskInstances/{task}{mapped}/tries"
        answer = await self._if_there(path, wire.Tries)
        return [t for t in answer.task_instances if 0 < t.try_number < row.try_number] if answer else []

    # --- increments: GET lists by when a row was last touched, and open runs ---

    def runs_since(self, since: datetime) -> AsyncGenerator[wire.DagRuns, None]:
        """Runs that were touched since, a page at a time."""
        return self._touched(RUNS, wire.DagRuns, since, {"order_by": "id"})

    def task_instances_since(self, since: datetime) -> AsyncGenerator[wire.TaskInstances, None]:
        """Task instances that were touched since, a page at a time (2 does not let them be ordered)."""
        return self._touched(TASK_INSTANCES, wire.TaskInstances, since, {"order_by": "id"} if self.version >= 3 else {})

    async def open_runs(self, limit: int) -> Sequence[wire.DagRun]:
        """Runs that have not ended, `limit` at most."""
        body = {"states": ["queued", "running"], "page_limit": limit}
        return (await self.http.post(f"{self.path}{RUNS}/list", wire.DagRuns, body)).rows

    async def run(self, dag_id: str, run_id: str) -> wire.DagRun | None:
        """One run; None where it has been deleted."""
        return await self._if_there(f"/dags/{quote(dag_id, safe='')}/dagRuns/{quote(run_id, safe='')}", wire.DagRun)

    # --- paging ---

    async def _if_there(self, path: str, into: type[T]) -> T | None:
        try:
            return await self.http.get(self.path + path, into)
        except HttpError as e:
            if e.status != 404:
                raise
            return None

    async def _touched(self, path: str, into: type[P], since: datetime, params: Params) -> AsyncGenerator[P, None]:
        """Rows that were touched since: all that were until the first answer, and some later ones.

        Where one page does not hold them, the rows touched between `since` and now are read: a row that is touched
        again meanwhile leaves that span (the next increment has it) and moves the rows behind it forward, so the
        pages are read from the last to the first, and what moves is seen twice rather than never.
        """
        asked = {**params, "updated_at_gte": iso(since), "limit": GET_PAGE}
        first = await self.http.get(self.path + path, into, asked)
        size, spans = len(first.rows), [(since, self.now)]
        yield first
        if size >= first.total_entries:
            return
        while spans and size:
            start, end = spans.pop()
            span = {**params, "updated_at_gte": iso(start), "updated_at_lte": iso(end)}
            count = await self.count(path, span)
            if count >= COUNTED_TO and end - start > SECOND:  # there may be more than the server counts
                middle = start + (end - start) / 2
                spans += [(start, middle), (middle, end)]
                continue
            for offset in range((count - 1) // size * size, -1, -size):
                yield await self.http.get(self.path + path, into, {**span, "limit": size, "offset": offset})

    async def _pages(self, path: str, into: type[P], params: Params | None = None) -> AsyncGenerator[P, None]:
        """All pages of a GET list; the server may give less than asked for, and count less than there is."""
        offset = largest = 0
        while True:
            page = await self.http.get(self.path + path, into, {**(params or {}), "limit": GET_PAGE, "offset": offset})
            yield page
            offset += len(page.rows)
            largest = max(largest, len(page.rows))
            is_counted = page.total_entries < COUNTED_TO
            if not page.rows or (offset >= page.total_entries and (is_counted or len(page.rows) < largest)):
                return


def iso(at: datetime) -> str:
    """A time as both versions read it in queries and bodies."""
    return at.astimezone(UTC).isoformat()
