"""Jira Cloud's and Data Center's REST API over a `JiraSite`: their paths, paging, limits and errors."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collabtui.demo.jira_jql import JqlError, Query
from collabtui.demo.jira_site import POINTS, Issue, JiraSite

SEARCH_BODY = {
    "jql",
    "nextPageToken",
    "maxResults",
    "fields",
    "expand",
    "fieldsByKeys",
    "properties",
    "reconcileIssues",
}
REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
    "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
BAD_TOKEN = "The provided nextPageToken is invalid or has expired."  # noqa: S105 - an error message
EMBEDDED_HISTORIES = 40
"""So many entries of a change log Cloud puts into a search answer at most."""


@dataclass
class Behaviour:
    """How this server differs from the tidiest one."""

    deployment: Literal["Cloud", "Server"] = "Cloud"
    email: str = "demo@example.com"
    token: str = "demo-token"  # noqa: S105 - of the simulated server
    account_zone: str = "Europe/Berlin"
    most_results: int = 5000
    index_lag: timedelta = timedelta()
    repeats_token: bool = False
    epoch_changes: bool = False
    embedded_histories: int = EMBEDDED_HISTORIES
    expired_tokens: set[str] = field(default_factory=set)


def error(status: int, *messages: str) -> JSONResponse:
    """An error as Jira writes it."""
    return JSONResponse({"errorMessages": list(messages), "errors": {}}, status)


def jira_app(site: JiraSite, *, clock: Callable[[], datetime], behaviour: Behaviour | None = None) -> Starlette:
    """The server: an ASGI app."""
    jira = Jira(site, clock, behaviour or Behaviour())
    version = "3" if jira.is_cloud else "2"
    paths: list[tuple[str, str, Callable[[Request], Any]]] = [
        ("GET", "myself", jira.myself),
        ("GET", "field", jira.fields),
        ("GET", "status", jira.statuses),
        ("GET", "issue/{key}", jira.issue),
    ]
    if jira.is_cloud:
        paths += [
            ("GET", "project/search", jira.project_search),
            ("POST", "search/jql", jira.search_jql),
            ("POST", "search/approximate-count", jira.count),
            ("POST", "changelog/bulkfetch", jira.changes),
            ("GET", "search", jira.removed),
            ("POST", "search", jira.removed),
        ]
    else:
        paths += [("GET", "project", jira.projects), ("POST", "search", jira.search)]
    routes = [Route(f"/rest/api/{version}/{path}", handler, methods=[method]) for method, path, handler in paths]
    agile = [("board", jira.boards), ("board/{id:int}/configuration", jira.configuration),
             ("board/{id:int}/sprint", jira.sprints)]  # fmt: skip
    routes += [Route(f"/rest/agile/1.0/{path}", handler) for path, handler in agile]
    routes.append(Route("/rest/api/2/serverInfo", jira.server_info))
    return Starlette(routes=routes, exception_handlers={HTTPException: _not_found, JqlError: _bad_query})


async def _not_found(request: Request, _: Exception) -> Response:
    detail = f"No endpoint {request.method} {request.url.path}."
    return JSONResponse({"type": "about:blank", "title": "Not Found", "status": 404, "detail": detail}, 404)


async def _bad_query(_: Request, problem: Exception) -> Response:
    return error(400, str(problem))


class Jira:
    """The handlers of one server."""

    def __init__(self, site: JiraSite, clock: Callable[[], datetime], how: Behaviour) -> None:
        self.site = site
        self.clock = clock
        self.how = how
        self.is_cloud = how.deployment == "Cloud"

    def _answer(self, content: Any) -> Response:
        return JSONResponse(content, headers={"Date": format_datetime(self.clock(), usegmt=True)})

    def _is_known(self, request: Request) -> bool:
        basic = base64.b64encode(f"{self.how.email}:{self.how.token}".encode()).decode()
        wanted = f"Basic {basic}" if self.is_cloud else f"Bearer {self.how.token}"
        return request.headers.get("authorization") == wanted

    def _seen(self, request: Request) -> Sequence[Issue]:
        """What the caller may see: a stranger sees nothing, and is not told so."""
        return self.site.visible() if self._is_known(request) else []

    # --- who and what ---

    async def server_info(self, _: Request) -> Response:
        """What this is; anybody may ask."""
        version = "1001.0.0-SNAPSHOT" if self.is_cloud else "9.12.5"
        info = {"baseUrl": self.site.url, "version": version, "deploymentType": self.how.deployment,
                "versionNumbers": [1001, 0, 0], "buildNumber": 100_000, "serverTitle": "Jira"}  # fmt: skip
        return self._answer(info)

    async def myself(self, request: Request) -> Response:
        """Who asks; 401 where the login is wrong or missing."""
        if not self._is_known(request):
            return error(401, "Client must be authenticated to access this resource.")
        me = {"accountId": "me", "displayName": "Demo Reader", "emailAddress": self.how.email, "active": True,
              "timeZone": self.how.account_zone, "accountType": "atlassian"}  # fmt: skip
        return self._answer(me if self.is_cloud else {**me, "name": "reader", "key": "reader"})

    async def fields(self, _: Request) -> Response:
        """All fields."""
        return self._answer(self.site.fields)

    async def statuses(self, _: Request) -> Response:
        """All statuses."""
        return self._answer(list(self.site.statuses.values()))

    def _projects(self, request: Request) -> list[dict[str, Any]]:
        known = self._is_known(request)
        return [p for key, p in self.site.projects.items() if known and key not in self.site.hidden]

    async def projects(self, request: Request) -> Response:
        """Data Center: all projects at once."""
        return self._answer(self._projects(request))

    async def project_search(self, request: Request) -> Response:
        """Cloud: projects by page."""
        return self._page(request, self._projects(request))

    def _page(self, request: Request, rows: Sequence[Any]) -> Response:
        start = int(request.query_params.get("startAt", 0))
        size = min(int(request.query_params.get("maxResults", 50)), 50)
        page = rows[start : start + size]
        is_last = start + len(page) >= len(rows)
        body = {"startAt": start, "maxResults": size, "total": len(rows), "isLast": is_last, "values": page}
        return self._answer(body)

    # --- tickets ---

    def _query(self, request: Request, jql: str) -> tuple[Query, list[Issue]]:
        query = Query(jql, ZoneInfo(self.how.account_zone), self.clock())
        return query, query.run(self._seen(request), seen_until=self.clock() - self.how.index_lag)

    def _shown(self, issue: Issue, names: Sequence[str]) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": str(issue.id),
            "key": issue.key,
            "self": f"{self.site.url}/rest/api/3/issue/{issue.id}",
        }
        if "*all" in names:
            shown["fields"] = issue.fields
        elif set(names) - {"id", "key"}:
            shown["fields"] = {name: issue.fields[name] for name in names if name in issue.fields}
        return shown

    async def removed(self, _: Request) -> Response:
        """Cloud's old search."""
        return error(410, REMOVED)

    async def search_jql(self, request: Request) -> Response:
        """Cloud: by token; neither total nor startAt."""
        body = await request.json()
        unknown = set(body) - SEARCH_BODY
        if unknown or not isinstance(body.get("expand", ""), str):
            return error(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        size = body.get("maxResults", 50)
        if not 1 <= size <= 5000:
            return error(400, "The maxResults parameter must be between 1 and 5,000.")
        query, found = self._query(request, body.get("jql", ""))
        if not query.is_bounded:
            return error(400, UNBOUNDED)
        start = 0
        if token := body.get("nextPageToken"):
            try:
                start, jql = json.loads(base64.urlsafe_b64decode(token))
            except ValueError:
                return error(400, BAD_TOKEN)
            if token in self.how.expired_tokens or jql != body.get("jql"):
                return error(400, BAD_TOKEN)
        page = found[start : start + min(size, self.how.most_results)]
        end = start + len(page)
        answer: dict[str, Any] = {"issues": [self._shown(i, body.get("fields", ["id"])) for i in page]}
        if end < len(found):
            place = 0 if self.how.repeats_token else end
            answer["nextPageToken"] = base64.urlsafe_b64encode(json.dumps([place, body.get("jql")]).encode()).decode()
        return self._answer({**answer, "isLast": end >= len(found)})

    async def count(self, request: Request) -> Response:
        """Cloud: about how many."""
        query, found = self._query(request, (await request.json()).get("jql", ""))
        return self._answer({"count": len(found)}) if query.is_bounded else error(400, UNBOUNDED)

    async def search(self, request: Request) -> Response:
        """Data Center: by startAt, with the change log where asked for."""
        body = await request.json()
        _, found = self._query(request, body.get("jql", ""))
        start = body.get("startAt", 0)
        size = min(body.get("maxResults", 50), self.how.most_results, 1000)
        issues = []
        for issue in found[start : start + size]:
            shown = self._shown(issue, body.get("fields", ["*all"]))
            if "changelog" in body.get("expand", []):
                shown["changelog"] = self._changelog(issue, self.how.embedded_histories)
            issues.append(shown)
        return self._answer({"startAt": start, "maxResults": size, "total": len(found), "issues": issues})

    async def issue(self, request: Request) -> Response:
        """One issue, its change log whole."""
        issue = self.site.find(request.path_params["key"])
        if issue is None or not self._is_known(request):
            return error(404, "Issue does not exist or you do not have permission to see it.")
        shown = self._shown(issue, request.query_params.get("fields", "*all").split(","))
        if "changelog" in request.query_params.get("expand", ""):
            shown["changelog"] = self._changelog(issue, len(issue.histories))
        return self._answer(shown)

    def _changelog(self, issue: Issue, most: int) -> dict[str, Any]:
        shown = issue.histories[-most:] if most else []
        return {"startAt": 0, "maxResults": len(shown), "total": len(issue.histories), "histories": shown}

    async def changes(self, request: Request) -> Response:
        """Cloud: the change logs of up to 1,000 issues, sorted by time and id; one issue may stand on several pages."""
        body = await request.json()
        wanted, fields, size = body.get("issueIdsOrKeys", []), body.get("fieldIds"), body.get("maxResults", 1000)
        if not self._is_known(request):
            return error(401, "Client must be authenticated to access this resource.")
        if not 1 <= len(wanted) <= 1000 or not 1 <= size <= 10_000 or (fields is not None and len(fields) > 10):
            return error(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        issues = {issue.id: issue for issue in map(self.site.find, wanted) if issue is not None}
        rows = [
            (history["created"], issue.id, self._history(history, fields))
            for issue in issues.values()
            for history in issue.histories
            if fields is None or any(item["fieldId"] in fields for item in history["items"])
        ]
        rows.sort(key=lambda row: row[:2])
        start = int(body.get("nextPageToken") or 0)
        logs: dict[int, list[Any]] = {}
        for _, issue_id, history in rows[start : start + size]:
            logs.setdefault(issue_id, []).append(history)
        answer: dict[str, Any] = {
            "issueChangeLogs": [{"issueId": str(i), "changeHistories": found} for i, found in logs.items()]
        }
        if start + size < len(rows):
            answer["nextPageToken"] = str(start + size)
        return self._answer(answer)

    def _history(self, history: Mapping[str, Any], fields: Sequence[str] | None) -> dict[str, Any]:
        items = [i for i in history["items"] if fields is None or i["fieldId"] in fields]
        created = history["created"]
        if self.how.epoch_changes:
            created = int(datetime.fromisoformat(created).timestamp())
        return {**history, "items": items, "created": created}

    # --- boards ---

    async def boards(self, request: Request) -> Response:
        """All boards."""
        return self._page(request, self.site.boards)

    def _board(self, request: Request) -> dict[str, Any] | None:
        return next((b for b in self.site.boards if b["id"] == request.path_params["id"]), None)

    async def configuration(self, request: Request) -> Response:
        """Columns and estimation of a board."""
        board = self._board(request)
        if board is None:
            return error(404, "The requested board cannot be viewed because it does not exist.")
        columns = [{"name": s["name"], "statuses": [{"id": s["id"]}]} for s in self.site.statuses.values()]
        points = {"type": "field", "field": {"fieldId": POINTS, "displayName": "Story point estimate"}}
        estimation = {"estimation": points} if board["type"] == "scrum" else {}
        return self._answer({**board, "columnConfig": {"columns": columns}, **estimation})

    async def sprints(self, request: Request) -> Response:
        """The sprints of a board."""
        board = self._board(request)
        if board is None or board["type"] == "kanban":
            return error(400, "The board does not support sprints")
        rows = [s for s in self.site.sprints.values() if s["originBoardId"] == board["id"]]
        return self._page(request, rows)
