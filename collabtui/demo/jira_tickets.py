"""Search, issues and change logs of the simulated Jira."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from collabtui.demo.jira_behaviour import INVALID_REQUEST, Server, error
from collabtui.demo.jira_documents import wiki
from collabtui.demo.jira_jql import Query
from collabtui.demo.jira_shapes import fields as datacenter_fields
from collabtui.demo.jira_site import Issue, Said, stamp

SEARCH_BODY = {
    "jql": str, "nextPageToken": str, "maxResults": int, "fields": list, "expand": str, "fieldsByKeys": bool,
    "properties": list, "reconcileIssues": list,
}  # fmt: skip
REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
    "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
BAD_TOKEN = "The provided nextPageToken is invalid or has expired."  # noqa: S105 - an error message
UNKNOWN_ISSUE = "Issue does not exist or you do not have permission to see it."
UNTOLD_ZONE = "America/Los_Angeles"


class Tickets:
    """The handlers for issues."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.site = server.site
        self.how = server.how

    # --- search ---

    def _find(self, request: Request, jql: str) -> tuple[Query, list[Issue]]:
        now = self.server.clock()
        query = Query(
            jql,
            zone=ZoneInfo(self.how.account_zone or UNTOLD_ZONE),
            now=now,
            projects={p["key"] for p in self.server.projects(request)},
            seen_until=now - self.how.index_lag,
            fold=self.how.fold,
        )
        return query, query.run(self.server.seen(request))

    async def removed(self, _: Request) -> Response:
        """Cloud's old search."""
        return error(410, REMOVED)

    async def search_jql(self, request: Request) -> Response:
        """Cloud: by token; neither total nor startAt."""
        body = await request.json() if request.method == "POST" else _from_query(request)
        if any(not isinstance(value, SEARCH_BODY.get(name, ())) for name, value in body.items()):
            return error(400, INVALID_REQUEST)
        size = body.get("maxResults", 50)
        if not 1 <= size <= 5000:
            return error(400, "The maxResults parameter must be between 1 and 5,000.")
        query, found = self._find(request, body.get("jql", ""))
        if not query.is_bounded:
            return error(400, UNBOUNDED)
        start = 0
        if "nextPageToken" in body:
            place = self._place(body)
            if place is None:
                return error(400, BAD_TOKEN)
            start = place
        end = min(start + min(size, self.how.most_results), len(found))
        answer: dict[str, Any] = {"issues": [self._search_row(i, body) for i in found[start:end]]}
        if end < len(found):
            answer["nextPageToken"] = self._token(0 if self.how.repeats_token else end, body["jql"])
        return self.server.answer({**answer, "isLast": end >= len(found)})

    def _search_row(self, issue: Issue, body: Mapping[str, Any]) -> dict[str, Any]:
        shown = self._shown(issue, body.get("fields", ["id"]))
        if "changelog" in body.get("expand", ""):
            shown["changelog"] = self._changelog(issue, self.how.embedded_histories)
        return shown

    def _token(self, place: int, jql: str) -> str:
        content = json.dumps([place, jql, self.server.clock().timestamp()])
        return base64.urlsafe_b64encode(content.encode()).decode()

    def _place(self, body: Mapping[str, Any]) -> int | None:
        """Where a page token goes on; None where it is not ours, of another query, or too old."""
        try:
            place, jql, made = json.loads(base64.urlsafe_b64decode(body["nextPageToken"]))
        except ValueError:
            return None
        is_old = self.server.clock().timestamp() - made > self.how.token_life.total_seconds()
        return None if is_old or jql != body.get("jql") else int(place)

    async def count(self, request: Request) -> Response:
        """Cloud: about how many."""
        query, found = self._find(request, (await request.json()).get("jql", ""))
        return self.server.answer({"count": len(found)}) if query.is_bounded else error(400, UNBOUNDED)

    async def search(self, request: Request) -> Response:
        """Data Center: by startAt, with the change log where asked for."""
        body = await request.json() if request.method == "POST" else _from_query(request)
        _, found = self._find(request, body.get("jql", ""))
        start = body.get("startAt", 0)
        size = min(body.get("maxResults", 50), self.how.most_results, 1000)
        shown = {"fields": ["*all"], **body}
        issues = [self._search_row(issue, shown) for issue in found[start : start + size]]
        return self.server.answer({"startAt": start, "maxResults": size, "total": len(found), "issues": issues})

    # --- issues ---

    def _shown(self, issue: Issue, names: Sequence[str]) -> dict[str, Any]:
        version = 3 if self.server.is_cloud else 2
        url = f"{self.site.url}/rest/api/{version}/issue/{issue.id}"
        shown: dict[str, Any] = {"id": str(issue.id), "key": issue.key, "self": url}
        is_all = "*all" in names or "*navigable" in names
        chosen = {n: v for n, v in issue.fields.items() if is_all or n in names}
        if is_all or set(names) - {"id", "key"}:
            shown["fields"] = chosen if self.server.is_cloud else datacenter_fields(chosen)
        return shown

    async def issue(self, request: Request) -> Response:
        """One issue; Data Center shows its change log whole."""
        issue = self.site.find(request.path_params["key"])
        if issue is None or not self.server.is_known(request):
            return error(404, UNKNOWN_ISSUE)
        names = request.query_params.get("fields", "*all").split(",")
        shown = self._shown(issue, names)
        if "description" in names:
            shown["fields"]["description"] = self._body(self.site.told(issue).description)
        if "changelog" in request.query_params.get("expand", ""):
            most = self.how.embedded_histories if self.server.is_cloud else len(issue.histories)
            shown["changelog"] = self._changelog(issue, most)
        return self.server.answer(shown)

    async def bulk_fetch(self, request: Request) -> Response:
        """Cloud: up to 100 issues by id or key, also by keys they had before they were moved."""
        body = await request.json()
        wanted = body.get("issueIdsOrKeys", [])
        if not 1 <= len(wanted) <= 100:
            return error(400, INVALID_REQUEST)
        issues = {i.id: i for i in map(self.site.find, wanted) if i and self.server.is_known(request)}
        rows = [self._shown(issue, body.get("fields", ["*navigable"])) for issue in issues.values()]
        return self.server.answer({"issues": rows, "issueErrors": []})

    # --- what people wrote ---

    async def comments(self, request: Request) -> Response:
        """The comments of an issue by page, the oldest first unless asked for otherwise."""
        issue = self.site.find(request.path_params["key"])
        if issue is None or not self.server.is_known(request):
            return error(404, UNKNOWN_ISSUE)
        rows = [self._comment(issue, n, said) for n, said in enumerate(self.site.told(issue).comments)]
        if request.query_params.get("orderBy") == "-created":
            rows.reverse()
        start = int(request.query_params.get("startAt", 0))
        size = min(int(request.query_params.get("maxResults", 100)), self.how.most_comments)
        page = rows[start : start + size]
        return self.server.answer({"startAt": start, "maxResults": size, "total": len(rows), "comments": page})

    def _comment(self, issue: Issue, number: int, said: Said) -> dict[str, Any]:
        url = f"{self.site.url}/rest/api/{3 if self.server.is_cloud else 2}/issue/{issue.id}/comment/{number}"
        at = stamp(said.at)
        shown = {"id": str(number), "self": url, "body": self._body(said.body), "created": at, "updated": at}
        who = {"author": self.site.users[said.by]} if said.by else {}
        shown = {**shown, **who, **said.more}
        return shown if self.server.is_cloud else datacenter_fields(shown)

    def _body(self, body: Any) -> Any:
        """Data Center has wiki text."""
        return wiki(body) if isinstance(body, dict) and not self.server.is_cloud else body

    # --- change logs ---

    def _changelog(self, issue: Issue, most: int) -> dict[str, Any]:
        """The latest entries: on Cloud the newest first."""
        shown = [self._history(h, None) for h in issue.histories[-most:]] if most else []
        if self.server.is_cloud:
            shown.reverse()
        return {"startAt": 0, "maxResults": len(shown), "total": len(issue.histories), "histories": shown}

    async def issue_changes(self, request: Request) -> Response:
        """Cloud: an issue's change log by page, oldest first."""
        issue = self.site.find(request.path_params["key"])
        if issue is None or not self.server.is_known(request):
            return error(404, UNKNOWN_ISSUE)
        return self.server.page(request, [self._history(h, None) for h in issue.histories], most=100)

    async def bulk_changes(self, request: Request) -> Response:
        """Cloud: the change logs of up to 1,000 issues by time and id; one issue may stand on several pages."""
        body = await request.json()
        wanted, fields, size = body.get("issueIdsOrKeys", []), body.get("fieldIds"), body.get("maxResults", 1000)
        if not self.server.is_known(request):
            return error(401, "Client must be authenticated to access this resource.")
        if not 1 <= len(wanted) <= 1000 or not 1 <= size <= 10_000 or (fields is not None and len(fields) > 10):
            return error(400, INVALID_REQUEST)
        issues = {issue.id: issue for issue in map(self.site.find, wanted) if issue is not None}
        rows = [
            (history["created"], issue.id, shown)
            for issue in issues.values()
            for history in issue.histories
            if (shown := self._history(history, fields))["items"]
        ]
        rows.sort(key=lambda row: row[:2])
        start = int(body.get("nextPageToken") or 0)
        end = start + min(size, self.how.bulk_histories)
        logs: dict[int, list[Any]] = {}
        for _, issue_id, history in rows[start:end]:
            logs.setdefault(issue_id, []).append(history)
        shown_logs = [{"issueId": str(i), "changeHistories": found} for i, found in logs.items()]
        more = {"nextPageToken": str(end)} if end < len(rows) else {}
        return self.server.answer({"issueChangeLogs": shown_logs, **more})

    def _history(self, history: Mapping[str, Any], fields: Sequence[str] | None) -> dict[str, Any]:
        items = [i for i in history["items"] if fields is None or i.get("fieldId") in fields]
        created = history["created"]
        if self.how.epoch_changes and fields is not None:
            created = int(datetime.fromisoformat(created).timestamp())
        shown = {**history, "items": items, "created": created}
        if self.server.is_cloud:  # its description knows no nulls here
            return {**shown, "items": [{n: v for n, v in i.items() if v is not None} for i in items]}
        return {**datacenter_fields(shown), "items": [{n: v for n, v in i.items() if n != "fieldId"} for i in items]}


def _from_query(request: Request) -> dict[str, Any]:
    """The body that a GET's query stands for."""
    numbers, lists = {"startAt", "maxResults"}, {"fields", "properties"}
    return {
        name: int(value) if name in numbers else value.split(",") if name in lists else value
        for name, value in request.query_params.items()
    }
