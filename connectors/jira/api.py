"""Jira's REST API, one set of questions for Cloud and Data Center."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from connectors.base import SourceError
from connectors.http import HttpClient, HttpError
from connectors.jira import wire

P = TypeVar("P", bound=wire.Page)

CHANGES_A_REQUEST = 1000
"""Tickets whose change logs may be asked for at once (Cloud)."""
CHANGED_FIELDS = ["status", "issuekey", "project"]
SKIPPED_BOARD = frozenset({400, 403, 404, 422})
"""A kanban board has no sprints, a board may have no columns, or not be ours to see: that board is left out."""


@dataclass(frozen=True)
class SearchPage:
    """Tickets, and whether the query has no more."""

    issues: Sequence[wire.Issue]
    is_last: bool


class Api:
    """Questions to one server whose kind is known. Errors are `SourceError`s."""

    def __init__(self, http: HttpClient, *, is_cloud: bool) -> None:
        self.http = http
        self.is_cloud = is_cloud
        self.path = "/rest/api/3" if is_cloud else "/rest/api/2"

    @staticmethod
    async def server_info(http: HttpClient) -> wire.ServerInfo:
        """What the server is; both kinds answer here."""
        return await http.get("/rest/api/2/serverInfo", wire.ServerInfo)

    async def myself(self) -> wire.User:
        """Who we are. Search also answers strangers, with less: so this is asked first. Raises `HttpError` 401."""
        return await self.http.get(f"{self.path}/myself", wire.User)

    async def fields(self) -> list[wire.Field]:
        """All fields."""
        return await self.http.get(f"{self.path}/field", list[wire.Field])

    async def statuses(self) -> list[wire.Status]:
        """All statuses."""
        return await self.http.get(f"{self.path}/status", list[wire.Status])

    async def projects(self) -> list[wire.Project]:
        """The projects that we may browse."""
        if not self.is_cloud:
            return await self.http.get(f"{self.path}/project", list[wire.Project])
        pages = self._pages(f"{self.path}/project/search", wire.Projects)
        return [project async for page in pages for project in page.values]

    # --- tickets ---

    async def search(
        self, jql: str, fields: Sequence[str], page_size: int, *, changelog: bool = False
    ) -> AsyncGenerator[SearchPage, None]:
        """The tickets that a query finds, a page at a time."""
        body: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": page_size}
        if self.is_cloud:
            pages = self._by_token(body)
        else:
            pages = self._by_start(body | ({"expand": ["changelog"]} if changelog else {}))
        async with aclosing(pages):
            async for page in pages:
                yield page

    async def _by_token(self, body: dict[str, Any]) -> AsyncGenerator[SearchPage, None]:
        """Cloud: until there is no token, or it says that was the last, or nothing came."""
        seen: set[str] = set()
        token: str | None = None
        while True:
            page = await self.http.post(
                f"{self.path}/search/jql", wire.Found, body | ({"nextPageToken": token} if token else {})
            )
            token = page.next_page_token
            is_last = not token or bool(page.is_last) or not page.issues
            yield SearchPage(page.issues, is_last)
            if token is None or is_last:
                return
            if token in seen:
                raise SourceError(f"{self.http.source}: POST {self.path}/search/jql: the same page token came twice")
            seen.add(token)

    async def _by_start(self, body: dict[str, Any]) -> AsyncGenerator[SearchPage, None]:
        """Data Center: by what came, not by what was asked for; the server may give less."""
        start = 0
        while True:
            page = await self.http.post(f"{self.path}/search", wire.Found, {**body, "startAt": start})
            start += len(page.issues)
            is_last = not page.issues or page.total is None or start >= page.total
            yield SearchPage(page.issues, is_last)
            if is_last:
                return

    async def histories(self, issues: Sequence[wire.Issue]) -> dict[str, list[wire.History]]:
        """The whole change logs of these tickets, by ticket id."""
        if self.is_cloud:
            return await self._bulk_histories([issue.id for issue in issues])
        found: dict[str, list[wire.History]] = {}
        for issue in issues:
            changelog = issue.changelog
            if changelog is None or not changelog.is_whole:
                params = {"expand": "changelog", "fields": "id"}
                changelog = (await self.http.get(f"{self.path}/issue/{issue.id}", wire.Issue, params)).changelog
            found[issue.id] = list(changelog.histories) if changelog else []
        return found

    async def _bulk_histories(self, ids: Sequence[str]) -> dict[str, list[wire.History]]:
        found: dict[str, list[wire.History]] = {}
        for start in range(0, len(ids), CHANGES_A_REQUEST):
            body: dict[str, Any] = {
                "issueIdsOrKeys": list(ids[start : start + CHANGES_A_REQUEST]),
                "fieldIds": CHANGED_FIELDS,
                "maxResults": 10_000,
            }
            seen: set[str] = set()
            while True:
                page = await self.http.post(f"{self.path}/changelog/bulkfetch", wire.BulkChanges, body)
                for changes in page.issue_change_logs:  # one ticket may stand on several pages
                    found.setdefault(changes.issue_id, []).extend(changes.change_histories)
                if not page.next_page_token or page.next_page_token in seen:
                    break
                seen.add(page.next_page_token)
                body["nextPageToken"] = page.next_page_token
        return found

    async def count(self, jql: str) -> int | None:
        """About how many tickets a query finds, for progress; None where the server does not tell."""
        try:
            if self.is_cloud:
                return (await self.http.post(f"{self.path}/search/approximate-count", wire.Count, {"jql": jql})).count
            body = {"jql": jql, "maxResults": 0, "fields": ["id"]}
            return (await self.http.post(f"{self.path}/search", wire.Found, body)).total
        except HttpError:
            return None

    # --- boards ---

    async def boards(self) -> list[wire.Board]:
        """All boards; none where Jira Software is not there or not ours to see."""
        try:
            return [board async for page in self._pages("/rest/agile/1.0/board", wire.Boards) for board in page.values]
        except HttpError as e:
            if e.status not in SKIPPED_BOARD:
                raise
            return []

    async def board_configuration(self, board_id: int) -> wire.BoardConfiguration | None:
        """Columns and estimation of a board; None where they cannot be had."""
        try:
            return await self.http.get(f"/rest/agile/1.0/board/{board_id}/configuration", wire.BoardConfiguration)
        except HttpError as e:
            if e.status not in SKIPPED_BOARD:
                raise
            return None

    async def sprints(self, board_id: int) -> list[wire.Sprint]:
        """The sprints of a board; none for a kanban board."""
        pages = self._pages(f"/rest/agile/1.0/board/{board_id}/sprint", wire.Sprints)
        try:
            return [sprint async for page in pages for sprint in page.values]
        except HttpError as e:
            if e.status not in SKIPPED_BOARD:
                raise
            return []

    async def _pages(self, path: str, into: type[P]) -> AsyncGenerator[P, None]:
        start = 0
        while True:
            page = await self.http.get(path, into, {"startAt": start, "maxResults": 50})
            yield page
            rows = len(getattr(page, "values", ()))
            start += rows
            if not rows or page.is_last or (page.is_last is None and start >= (page.total or 0)):
                return


def account_zone(user: wire.User) -> ZoneInfo | None:
    """The zone that JQL reads dates in; None where the account does not say or names one that is unknown here."""
    try:
        return ZoneInfo(user.time_zone) if user.time_zone else None
    except (KeyError, ValueError, OSError):
        return None
