"""Airflow 2's and 3's REST API over an `AirflowSite`: their paths, paging, limits, logins and errors."""

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collabtui.demo.airflow_rows import Rows
from collabtui.demo.airflow_site import AirflowSite, SiteDag, SiteRun, SiteTaskInstance
from collabtui.demo.airflow_texts import as_text, dag_code, log_lines

USER, PASSWORD = "demo", "demo"
GET_CAP = 100
COUNTED_TO = 50_000
RUN_ORDERS = frozenset({"run_after", "execution_date", "updated_at", "id"})
BODY = frozenset({"order_by", "page_offset", "page_limit", "dag_ids"})
V2_PARAMETERS = frozenset(
    {
        "limit",
        "offset",
        "order_by",
        "updated_at_gte",
        "updated_at_lte",
        "only_active",
        "fields",
        "state",
        "full_content",
        "map_index",
        "token",
    }
)


def airflow_app(
    site: AirflowSite, *, version: int = 3, clock: Callable[[], datetime], counted_to: int = COUNTED_TO
) -> Starlette:
    """The server: an ASGI app. `counted_to`: where version 3 stops to count (`total_entries_limit`)."""
    airflow = Airflow(site, version, clock, counted_to)
    base, other = ("/api/v1", "/api/v2") if version == 2 else ("/api/v2", "/api/v1")
    assets, events = ("datasets", "datasets/events") if version == 2 else ("assets", "assets/events")
    instance = "dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
    paths: list[tuple[str, Callable[[Request], Any]]] = [
        ("dags", airflow.dags),
        ("dags/{dag_id}/tasks", airflow.tasks),
        ("dags/~/dagRuns", airflow.get_runs),
        ("dags/~/dagRuns/~/taskInstances", airflow.get_instances),
        ("dags/{dag_id}/dagRuns/{run_id}", airflow.get_run),
        (f"{instance}/tries", airflow.tries),
        (f"{instance}/{{map_index:int}}/tries", airflow.tries),
        (f"{instance}/logs/{{number:int}}", airflow.log),
        ("dags/{dag_id}", airflow.dag),
        ("dagSources/{name}", airflow.code),
        ("pools", airflow.pools),
        (events, airflow.events),
        (assets, airflow.datasets),
        ("importErrors", airflow.import_errors),
        ("health" if version == 2 else "monitor/health", airflow.health),
        ("version", airflow.version_of),
    ]
    routes = [Route(f"{base}/{path}", handler) for path, handler in paths]
    routes += [
        Route(f"{base}/dags/~/dagRuns/list", airflow.list_runs, methods=["POST"]),
        Route(f"{base}/dags/~/dagRuns/~/taskInstances/list", airflow.list_instances, methods=["POST"]),
        Route(f"{other}/{{rest:path}}", airflow.other_version),
    ]
    if version >= 3:
        routes.append(Route("/auth/token", airflow.token, methods=["POST"]))
    app = Starlette(routes=routes, exception_handlers={HTTPException: airflow.problem})
    app.state.airflow = airflow
    return app


class Airflow:
    """The handlers of one server."""

    def __init__(self, site: AirflowSite, version: int, clock: Callable[[], datetime], counted_to: int) -> None:
        self.site = site
        self.version = version
        self.clock = clock
        self.counted_to = counted_to
        self.rows = Rows(site, version)
        self.valid_token = "token-1"  # noqa: S105 - of the simulated server; another value lets the old one expire

    # --- answers ---

    def _answer(self, content: Any, status: int = 200) -> Response:
        headers = {"Date": format_datetime(self.clock(), usegmt=True)}
        return Response(msgspec.json.encode(content), status, headers, media_type="application/json")

    def _error(self, status: int, detail: str) -> Response:
        if self.version == 2:
            return self._answer({"detail": detail, "status": status, "title": detail, "type": "about:blank"}, status)
        return self._answer({"detail": detail}, status)

    async def problem(self, _: Request, problem: Exception) -> Response:
        """What Starlette or a handler refused, in this version's words."""
        assert isinstance(problem, HTTPException)  # noqa: S101 - registered for these alone
        if self.version >= 3 and problem.status_code == 404 and problem.detail == "Not Found":
            return self._answer({"error": "Not Found"}, 404)
        return self._error(problem.status_code, problem.detail)

    async def other_version(self, _: Request) -> Response:
        """The other version's API is not here."""
        if self.version == 2:
            return self._error(404, "Not Found")
        removed = "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2"
        return self._answer({"error": removed}, 404)

    def _check(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if self.version == 2:
            if given != "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
                raise HTTPException(403, "Forbidden")
            if unknown := set(request.query_params) - V2_PARAMETERS:
                raise HTTPException(400, f"Extra query parameter(s) {', '.join(sorted(unknown))} not in spec")
        elif not given.startswith("Bearer "):
            raise HTTPException(401, "Not authenticated")
        elif given != f"Bearer {self.valid_token}":
            raise HTTPException(403, "Invalid JWT token")

    def _page(self, request: Request, name: str, rows: Sequence[Any], shown: Callable[[Any], Any]) -> Response:
        """A GET list: at most 100 rows, whatever is asked for."""
        self._check(request)
        size = min(int(request.query_params.get("limit", 50 if self.version >= 3 else 100)), GET_CAP)
        start = int(request.query_params.get("offset", 0))
        return self._listed(name, rows[start : start + size], len(rows), shown)

    def _listed(self, name: str, rows: Sequence[Any], total: int, shown: Callable[[Any], Any]) -> Response:
        total = min(total, self.counted_to) if self.version >= 3 else total
        return self._answer({name: [shown(row) for row in rows], "total_entries": total})

    # --- what needs no login ---

    async def version_of(self, _: Request) -> Response:
        """Which Airflow this is."""
        return self._answer({"version": "2.11.2" if self.version == 2 else "3.3.2", "git_version": None})

    async def health(self, _: Request) -> Response:
        """How the components are."""
        beat = self.clock().isoformat()
        parts: dict[str, Any] = {"metadatabase": {"status": "healthy"}}
        for part in ("scheduler", "triggerer", "dag_processor"):
            parts[part] = {"status": "healthy", f"latest_{part}_heartbeat": beat}
        return self._answer(parts)

    async def token(self, request: Request) -> Response:
        """A token for name and password."""
        given = await request.json()
        if (given.get("username"), given.get("password")) != (USER, PASSWORD):
            return self._error(401, "Invalid credentials")
        return self._answer({"access_token": self.valid_token}, 201)

    # --- the catalogue ---

    async def dags(self, request: Request) -> Response:
        """All DAGs."""
        return self._page(request, "dags", list(self.site.dags.values()), self.rows.dag)

    async def tasks(self, request: Request) -> Response:
        """The tasks of a DAG."""
        self._check(request)
        dag = self._known(request.path_params["dag_id"])
        rows = [self.rows.task(task, dag.owner) for task in dag.tasks]
        return self._answer({"tasks": rows, "total_entries": len(rows)})

    async def pools(self, request: Request) -> Response:
        """All pools."""
        return self._page(request, "pools", list(self.site.pools.items()), lambda item: self.rows.pool(*item))

    async def datasets(self, request: Request) -> Response:
        """All datasets."""
        name = "datasets" if self.version == 2 else "assets"
        numbered = list(enumerate(self.site.uris(), 1))
        return self._page(request, name, numbered, lambda item: self.rows.dataset(*item))

    async def events(self, request: Request) -> Response:
        """Dataset events; only 3 can be asked for a time."""
        since = request.query_params.get("timestamp_gte")
        at = datetime.fromisoformat(since) if since else None
        rows = [event for event in self.site.events if at is None or event.at >= at]
        if request.query_params.get("order_by") == "-timestamp":
            rows.reverse()
        return self._page(request, "dataset_events" if self.version == 2 else "asset_events", rows, self.rows.event)

    async def import_errors(self, request: Request) -> Response:
        """Files that could not be loaded."""
        rows = [
            {"import_error_id": n, "timestamp": self.rows.time(at), "filename": file, "stack_trace": text}
            for n, (file, at, text) in enumerate(self.site.import_errors, 1)
        ]
        return self._page(request, "import_errors", rows, lambda row: row)

    # --- runs and task instances ---

    async def get_runs(self, request: Request) -> Response:
        """Runs by when they were last touched."""
        since, until = _touched(request)
        rows = [run for run in self.site.runs if since <= run.updated_at <= until]
        rows.sort(key=lambda run: run.number if request.query_params.get("order_by") == "id" else run.updated_at)
        return self._page(request, "dag_runs", rows, self.rows.run)

    async def get_run(self, request: Request) -> Response:
        """One run."""
        self._check(request)
        if (run := self.site.by_id.get((request.path_params["dag_id"], request.path_params["run_id"]))) is None:
            raise HTTPException(404, "The DagRun was not found")
        return self._answer(self.rows.run(run))

    async def get_instances(self, request: Request) -> Response:
        """Task instances by when they were last touched."""
        if self.version == 2 and "order_by" in request.query_params:
            raise HTTPException(400, "Extra query parameter(s) order_by not in spec")
        since, until = _touched(request)
        runs = [run for run in self.site.runs if run.touched_at >= since]
        rows = [i for run in runs for i in run.tasks if since <= i.updated_at <= until]
        rows.sort(key=lambda i: i.number)
        return self._page(request, "task_instances", rows, self.rows.instance)

    async def list_runs(self, request: Request) -> Response:
        """Runs in a span of time and in some states, as many as asked for."""
        self._check(request)
        body = await request.json()
        states = set(body.pop("states", ()))
        rows = [run for run in self._span(body) if not states or run.state in states]
        order = body.get("order_by", "id")
        if order.lstrip("-") not in RUN_ORDERS:
            raise HTTPException(400, f"Ordering with '{order}' is disallowed or the attribute does not exist")
        if order.startswith("-"):
            rows.reverse()
        start, size = body.get("page_offset", 0), body.get("page_limit", 100)
        return self._listed("dag_runs", rows[start : start + size], len(rows), self.rows.run)

    async def list_instances(self, request: Request) -> Response:
        """Task instances of the runs in a span of time, as many as asked for."""
        self._check(request)
        body = await request.json()
        if self.version == 2 and "order_by" in body:
            raise HTTPException(400, "{'order_by': ['Unknown field.']}")
        rows = [i for run in self._span(body) for i in run.tasks]
        start, size = body.get("page_offset", 0), body.get("page_limit", 100)
        return self._listed("task_instances", rows[start : start + size], len(rows), self.rows.instance)

    def _span(self, body: Mapping[str, Any]) -> Iterator[SiteRun]:
        """The runs between two times, in the order of the time that names them."""
        clock, key = ("execution_date", _execution_date) if self.version == 2 else ("run_after", _run_after)
        runs = sorted(self.site.runs, key=key) if self.version == 2 else self.site.runs
        if unknown := set(body) - BODY - {f"{clock}_gte", f"{clock}_lte"}:
            raise HTTPException(400 if self.version == 2 else 422, f"Unknown field(s) {', '.join(sorted(unknown))}")
        first, last = body.get(f"{clock}_gte"), body.get(f"{clock}_lte")
        start = bisect_left(runs, datetime.fromisoformat(first), key=key) if first else 0
        end = bisect_right(runs, datetime.fromisoformat(last), key=key) if last else len(runs)
        wanted = set(body.get("dag_ids") or ())
        return (run for run in runs[start:end] if not wanted or run.dag.dag_id in wanted)

    async def tries(self, request: Request) -> Response:
        """All tries of a task instance."""
        self._check(request)
        path = request.path_params
        run = self.site.by_id.get((path["dag_id"], path["run_id"]))
        wanted = (path["task_id"], path.get("map_index", -1))
        instance = next((i for i in run.tasks if (i.task.task_id, i.map_index) == wanted), None) if run else None
        if instance is None:
            raise HTTPException(404, "The Task Instance was not found")
        return self._tries(instance)

    async def log(self, request: Request) -> Response:
        """What a try has written by now: text (2), or a JSON object a line (3)."""
        self._check(request)
        path = request.path_params
        run = self.site.by_id.get((path["dag_id"], path["run_id"]))
        wanted = (path["task_id"], int(request.query_params.get("map_index", -1)))
        instance = next((i for i in run.tasks if (i.task.task_id, i.map_index) == wanted), None) if run else None
        found = next((one for one in instance.tries if one.number == path["number"]), None) if instance else None
        if instance is None or found is None:
            raise HTTPException(404, "TaskInstance not found")
        lines = log_lines(instance, found, self.clock())
        if self.version == 2:
            return Response("worker-1\n" + "".join(map(as_text, lines)), media_type="text/plain")
        return Response(
            b"".join(msgspec.json.encode(line) + b"\n" for line in lines), media_type="application/x-ndjson"
        )

    async def dag(self, request: Request) -> Response:
        """One DAG."""
        self._check(request)
        return self._answer(self.rows.dag(self._known(request.path_params["dag_id"])))

    async def code(self, request: Request) -> Response:
        """The file of a DAG; 2 asks by its token."""
        self._check(request)
        return Response(dag_code(self._known(request.path_params["name"])), media_type="text/plain")

    def _known(self, dag_id: str) -> SiteDag:
        if (dag := self.site.dags.get(dag_id)) is None:
            raise HTTPException(404, f"Dag with id {dag_id} was not found")
        return dag

    def _tries(self, instance: SiteTaskInstance) -> Response:
        rows = [self.rows.instance(instance, one) for one in instance.tries]
        return self._answer({"task_instances": rows, "total_entries": len(rows)})


def _run_after(run: SiteRun) -> datetime:
    return run.run_after


def _execution_date(run: SiteRun) -> datetime:
    return run.logical_at or run.run_after


def _touched(request: Request) -> tuple[datetime, datetime]:
    """The span of `updated_at` that is asked for."""
    first, last = (request.query_params.get(f"updated_at_{end}") for end in ("gte", "lte"))
    return (
        datetime.fromisoformat(first) if first else datetime.min.replace(tzinfo=UTC),
        datetime.fromisoformat(last) if last else datetime.max.replace(tzinfo=UTC),
    )
