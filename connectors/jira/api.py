"""Jira's REST API, one set of questions for Cloud and Data Center."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from connectors.base import SourceError
from connectors.http import HttpClient, HttpError, Params
from connectors.jira import wire, wire_texts
from connectors.jira.times import JqlTime

P = TypeVar("P", bound=wire.Page)
T = TypeVar("T", bound=wire.TokenPage)

CHANGES_A_REQUEST = 1000
"""Tickets whose change logs may be asked for at once (Cloud)."""
COMMENTS_A_PAGE = 100
CHANGED_FIELDS = ["status", "issuekey", "project"]
SKIPPED_BOARD = frozenset({400, 403, 404, 422})
"""A kanban board has no sprints, a board may have no columns, or not be ours to see: that board is left out."""


OVERLAP_ROWS = 10
"""So many rows a page by offset reaches back, to see whether rows before it went meanwhile."""
TRIES = 3


class LostPageError(SourceError):
    """The server's own paging broke: a page token ran out or came twice. To begin anew may help."""


@dataclass(frozen=True)
class SearchPage:
    """Tickets, and whether the query has no more."""

    issues: Sequence[wire.Issue]
    is_last: bool


class Api:
    """Questions to one server whose kind is known. Errors are `SourceError`s.

    `times` writes times for its queries; it is set once the account's zone is known.
    """

    def __init__(self, http: HttpClient, *, is_cloud: bool) -> None:
        self.http = http
        self.is_cloud = is_cloud
        self.path = "/rest/api/3" if is_cloud else "/rest/api/2"
        self.times = JqlTime()

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
        """The tickets that a query finds, a page at a time; `changelog`: with their change logs (Data Center).

        Raises `LostPageError` where the paging breaks.
        """
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
        async with aclosing(self._token_pages(f"{self.path}/search/jql", wire.Found, body)) as pages:
            async for page in pages:
                is_last = not page.next_page_token or bool(page.is_last) or not page.issues
                yield SearchPage(page.issues, is_last)
                if is_last:
                    return

    async def _token_pages(self, path: str, into: type[T], body: dict[str, Any]) -> AsyncGenerator[T, None]:
        """Pages whose token leads to the next. Raises `LostPageError` where a token ran out or comes twice."""
        seen: set[str] = set()
        token: str | None = None
        while True:
            try:
                page = await self.http.post(path, into, body | ({"nextPageToken": token} if token else {}))
            except HttpError as e:
                if token is None or e.status != 400:
                    raise
                raise LostPageError(str(e)) from e
            yield page
            token = page.next_page_token
            if not token:
                return
            if token in seen:
                raise LostPageError(f"{self.http.source}: POST {path}: the same page token came twice")
            seen.add(token)

    async def _by_start(self, body: dict[str, Any]) -> AsyncGenerator[SearchPage, None]:
        """Data Center: by what came, not by what was asked for; the server may give less.

        Each page reaches back over rows that are known. Where none of them is in it, rows before it went, and those
        that moved up into their place were not seen yet: it reaches back further.
        """
        start, back = 0, 0
        known: set[str] = set()
        while True:
            page = await self.http.post(f"{self.path}/search", wire.Found, {**body, "startAt": start})
            if back and start and known.isdisjoint(issue.id for issue in page.issues):
                start = max(0, start - int(body["maxResults"]))
                continue
            is_last = not page.issues or page.total is None or start + len(page.issues) >= page.total
            yield SearchPage([issue for issue in page.issues if issue.id not in known], is_last)
            if is_last:
                return
            known |= {issue.id for issue in page.issues}
            back = min(OVERLAP_ROWS, len(page.issues) // 2)
            start += len(page.issues) - back

    async def histories(self, issues: Sequence[wire.Issue]) -> dict[str, list[wire.History]]:
        """The changes of status and key of these tickets, by ticket id."""
        if self.is_cloud:
            ids = [issue.id for issue in issues]
            found: dict[str, list[wire.History]] = {}
            for start in range(0, len(ids), CHANGES_A_REQUEST):
                found |= await self._bulk_histories(ids[start : start + CHANGES_A_REQUEST])
            moved = [i for i, histories in found.items() if _is_half_told(histories)]
            whole = await asyncio.gather(*map(self._whole_changelog, moved))
            return found | dict(zip(moved, whole, strict=True))
        changelogs = await asyncio.gather(*map(self._embedded_changelog, issues))
        return {issue.id: histories for issue, histories in zip(issues, changelogs, strict=True)}

    async def _embedded_changelog(self, issue: wire.Issue) -> list[wire.History]:
        """Data Center: the one that came with the ticket, unless it was cut short."""
        changelog = issue.changelog
        if changelog is None or not changelog.is_whole:
            params = {"expand": "changelog", "fields": "id"}
            try:
                changelog = (await self.http.get(f"{self.path}/issue/{issue.id}", wire.Issue, params)).changelog
            except HttpError as e:
                if e.status != 404:  # it was deleted meanwhile
                    raise
        return list(changelog.histories) if changelog else []

    async def _whole_changelog(self, issue_id: str) -> list[wire.History]:
        path = f"{self.path}/issue/{issue_id}/changelog"
        try:
            return [history async for page in self._pages(path, wire.Changes) for history in page.values]
        except HttpError as e:
            if e.status != 404:  # it was deleted meanwhile
                raise
            return []

    async def _bulk_histories(self, ids: Sequence[str]) -> dict[str, list[wire.History]]:
        body = {"issueIdsOrKeys": list(ids), "fieldIds": CHANGED_FIELDS, "maxResults": 10_000}
        for attempt in range(TRIES):
            found: dict[str, list[wire.History]] = {}
            try:
                async for page in self._token_pages(f"{self.path}/changelog/bulkfetch", wire.BulkChanges, body):
                    for changes in page.issue_change_logs:  # one ticket may stand on several pages
                        found.setdefault(changes.issue_id, []).extend(changes.change_histories)
            except LostPageError:
                if attempt == TRIES - 1:
                    raise
            else:
                return found
        raise AssertionError("unreachable")

    async def count(self, jql: str) -> int | None:
        """About how many tickets a query finds, for progress; None where the server does not tell."""
        try:
            if self.is_cloud:
                return (await self.http.post(f"{self.path}/search/approximate-count", wire.Count, {"jql": jql})).count
            body = {"jql": jql, "maxResults": 0, "fields": ["id"]}
            return (await self.http.post(f"{self.path}/search", wire.Found, body)).total
        except HttpError:
            return None

    async def comments(self, issue_path: str) -> AsyncGenerator[Sequence[wire_texts.Comment], None]:
        """The comments of the ticket at this path, oldest first, a page at a time.

        They have a list of their own because the one within a ticket is cut short: on Cloud it lacks the oldest.
        """
        known: set[str] = set()
        start = 0
        while True:
            params: Params = {"orderBy": "created", "maxResults": COMMENTS_A_PAGE, "startAt": start}
            page = await self.http.get(f"{issue_path}/comment", wire_texts.Comments, params)
            yield [comment for comment in page.comments if comment.id not in known]
            known |= {comment.id for comment in page.comments}
            start += len(page.comments)  # the server may give less than it was asked for
            if not page.comments or page.total is None or start >= page.total:
                return

    # --- boards ---

    async def boards(self, project: str | None = None) -> list[wire.Board] | None:
        """All boards, or those of a project; None where Jira Software is not there or not ours to see."""
        pages = self._pages("/rest/agile/1.0/board", wire.Boards, {"projectKeyOrId": project} if project else {})
        try:
            return [board async for page in pages for board in page.values]
        except HttpError as e:
            if e.status not in SKIPPED_BOARD:
                raise
            return None

    async def board_configuration(self, board_id: int) -> wire.BoardConfiguration | None:
        """Columns and estimation of a board; None where they cannot be had."""
        try:
            return await self.http.get(f"/rest/agile/1.0/board/{board_id}/configuration", wire.BoardConfiguration)
        except HttpError as e:
            if e.status not in SKIPPED_BOARD:
                raise
            return None

    async def sprints(self, board_id: int) -> list[wire.Sprint] | None:
        """The sprints of a board; None where they cannot be had, or there can be none (kanban)."""
        pages = self._pages(f"/rest/agile/1.0/board/{board_id}/sprint", wire.Sprints)
        try:
            return [sprint async for page in pages for sprint in page.values]
        except HttpError as e:
            if e.status not in SKIPPED_BOARD:
                raise
            return None

    async def _pages(
        self, path: str, into: type[P], params: Mapping[str, str] | None = None
    ) -> AsyncGenerator[P, None]:
        start = 0
        while True:
            page = await self.http.get(path, into, {**(params or {}), "startAt": start, "maxResults": 50})
            yield page
            rows = len(getattr(page, "values", ()))
            start += rows
            if not rows or page.is_last or (page.is_last is None and start >= (page.total or 0)):
                return


def _is_half_told(histories: Sequence[wire.History]) -> bool:
    """Whether a move to another project is told without the keys: the log was narrowed to some fields."""
    names = {item.field.casefold() for history in histories for item in history.items}
    return "project" in names and "key" not in names


def account_zone(user: wire.User) -> ZoneInfo | None:
    """The zone that JQL reads dates in; None where the account does not say or names one that is unknown here."""
    try:
        return ZoneInfo(user.time_zone) if user.time_zone else None
    except (KeyError, ValueError, OSError):
        return None
