"""What all parts of the simulated Jira share: who asks, how it differs from the tidiest server, and its errors."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collabtui.demo.jira_site import Issue, JiraSite

INVALID_REQUEST = "Invalid request payload. Refer to the REST API documentation and try again."
EMBEDDED_HISTORIES = 40
"""So many entries of a change log Cloud puts into a search answer at most."""


@dataclass
class Behaviour:
    """How this server differs from the tidiest one.

    `account_zone`: the reader's, in which JQL's dates are read; None where the account does not tell (it is then
    Los Angeles' all the same). `fold` says which of two equal clock times JQL means when clocks are put back.
    `most_results`: so many issues a page at most, whatever is asked for. `index_lag`: so late the search index knows
    of changes. `token_life`: how long page tokens hold. `bulk_histories`: so many a page of bulk change logs.
    `most_comments`: so many comments a page at most.
    """

    deployment: Literal["Cloud", "Server"] = "Cloud"
    email: str = "demo@example.com"
    token: str = "demo-token"  # noqa: S105 - of the simulated server
    account_zone: str | None = "Europe/Berlin"
    fold: int = 0
    most_results: int = 5000
    index_lag: timedelta = timedelta()
    repeats_token: bool = False
    token_life: timedelta = timedelta(days=7)
    epoch_changes: bool = False
    embedded_histories: int = EMBEDDED_HISTORIES
    bulk_histories: int = 10_000
    most_comments: int = 100


def error(status: int, *messages: str) -> JSONResponse:
    """An error as Jira writes it."""
    return JSONResponse({"errorMessages": list(messages), "errors": {}}, status)


@dataclass
class Server:
    """A site, its clock and its behaviour."""

    site: JiraSite
    clock: Callable[[], datetime]
    how: Behaviour

    @property
    def is_cloud(self) -> bool:
        """Whether it is Jira Cloud."""
        return self.how.deployment == "Cloud"

    def answer(self, content: Any) -> Response:
        """A JSON answer with the server's time on it."""
        return JSONResponse(content, headers={"Date": format_datetime(self.clock(), usegmt=True)})

    def page(self, request: Request, rows: Sequence[Any], most: int = 50) -> Response:
        """The part of a list that `startAt` and `maxResults` ask for."""
        start = int(request.query_params.get("startAt", 0))
        size = min(int(request.query_params.get("maxResults", most)), most)
        page = rows[start : start + size]
        is_last = start + len(page) >= len(rows)
        return self.answer(
            {"startAt": start, "maxResults": size, "total": len(rows), "isLast": is_last, "values": page}
        )

    def is_known(self, request: Request) -> bool:
        """Whether the login is right: e-mail and token on Cloud, a bearer token or the same as password elsewhere."""
        basic = "Basic " + base64.b64encode(f"{self.how.email}:{self.how.token}".encode()).decode()
        given = request.headers.get("authorization")
        return given == basic or (not self.is_cloud and given == f"Bearer {self.how.token}")

    def seen(self, request: Request) -> list[Issue]:
        """The issues that the caller may see: a stranger sees none, and is not told so."""
        return self.site.visible() if self.is_known(request) else []

    def projects(self, request: Request) -> list[dict[str, Any]]:
        """The projects that the caller may browse."""
        known = self.is_known(request)
        return [p for key, p in self.site.projects.items() if known and key not in self.site.hidden]
