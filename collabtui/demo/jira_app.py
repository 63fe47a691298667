"""Jira Cloud's and Data Center's REST API over a `JiraSite`: their paths, paging, limits and errors."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collabtui.demo.jira_behaviour import Behaviour, Server, error
from collabtui.demo.jira_catalogue import Catalogue
from collabtui.demo.jira_jql import JqlError
from collabtui.demo.jira_site import JiraSite
from collabtui.demo.jira_tickets import Tickets

Handler = Callable[[Request], Any]


def jira_app(site: JiraSite, *, clock: Callable[[], datetime], behaviour: Behaviour | None = None) -> Starlette:
    """The server: an ASGI app. `clock` is its time: the Date of its answers, and what page tokens run out by."""
    server = Server(site, clock, behaviour or Behaviour())
    catalogue, tickets = Catalogue(server), Tickets(server)
    paths: list[tuple[str, str, Handler]] = [
        ("GET", "serverInfo", catalogue.server_info),
        ("GET", "myself", catalogue.myself),
        ("GET", "mypermissions", catalogue.permissions),
        ("GET", "field", catalogue.fields),
        ("GET", "status", catalogue.statuses),
    ]
    if server.is_cloud:
        paths += [
            ("GET", "project/search", catalogue.project_search),
            ("GET", "search/jql", tickets.search_jql),
            ("POST", "search/jql", tickets.search_jql),
            ("POST", "search/approximate-count", tickets.count),
            ("GET", "search", tickets.removed),
            ("POST", "search", tickets.removed),
            ("POST", "changelog/bulkfetch", tickets.bulk_changes),
            ("POST", "issue/bulkfetch", tickets.bulk_fetch),
            ("GET", "issue/{key}/changelog", tickets.issue_changes),
        ]
    else:
        paths += [
            ("GET", "project", catalogue.projects),
            ("GET", "search", tickets.search),
            ("POST", "search", tickets.search),
        ]
    paths += [("GET", "issue/{key}", tickets.issue), ("GET", "issue/{key}/comment", tickets.comments)]
    base = "/rest/api/3/" if server.is_cloud else "/rest/api/2/"
    routes = [Route(base + path, handler, methods=[method]) for method, path, handler in paths]
    if server.is_cloud:
        routes += [
            Route("/rest/api/2/serverInfo", catalogue.server_info),
            Route("/rest/api/2/search", tickets.removed, methods=["GET", "POST"]),
        ]
    routes += [
        Route("/rest/agile/1.0/board", catalogue.boards),
        Route("/rest/agile/1.0/board/{id:int}/configuration", catalogue.configuration),
        Route("/rest/agile/1.0/board/{id:int}/sprint", catalogue.sprints),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _no_endpoint, JqlError: _bad_query})


async def _no_endpoint(request: Request, _: Exception) -> Response:
    detail = f"No endpoint {request.method} {request.url.path}."
    return JSONResponse({"type": "about:blank", "title": "Not Found", "status": 404, "detail": detail}, 404)


async def _bad_query(_: Request, problem: Exception) -> Response:
    return error(400, str(problem))
