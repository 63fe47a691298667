"""Who asks, what there is besides issues, and the boards of the simulated Jira."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from collabtui.demo.jira_behaviour import Server, error
from collabtui.demo.jira_shapes import person
from collabtui.demo.jira_site import POINTS


class Catalogue:
    """The handlers for all that is no issue."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.site = server.site

    async def server_info(self, _: Request) -> Response:
        """What this is; anybody may ask."""
        version, numbers = ("1001.0.0-SNAPSHOT", [1001, 0, 0]) if self.server.is_cloud else ("9.12.5", [9, 12, 5])
        return self.server.answer({
            "baseUrl": self.site.url, "version": version, "deploymentType": self.server.how.deployment,
            "versionNumbers": numbers, "buildNumber": 100_000, "serverTitle": "Jira",
        })  # fmt: skip

    async def myself(self, request: Request) -> Response:
        """Who asks; 401 where the login is wrong or missing."""
        if not self.server.is_known(request):
            return error(401, "Client must be authenticated to access this resource.")
        me: dict[str, Any] = {
            "accountId": "me", "displayName": "Demo Reader", "emailAddress": self.server.how.email, "active": True,
            "accountType": "atlassian",
        }  # fmt: skip
        if self.server.how.account_zone is not None:
            me["timeZone"] = self.server.how.account_zone
        return self.server.answer(me if self.server.is_cloud else person(me))

    async def permissions(self, request: Request) -> Response:
        """What the caller may do."""
        asked = [key for key in request.query_params.get("permissions", "").split(",") if key]
        if not asked:
            return error(400, "The permissions query parameter is required.")
        rows = {
            key: {"id": str(n), "key": key, "name": key.replace("_", " ").title(), "type": "PROJECT",
                  "description": key, "havePermission": key == "BROWSE_PROJECTS" and self.server.is_known(request)}
            for n, key in enumerate(asked)
        }  # fmt: skip
        return self.server.answer({"permissions": rows})

    async def fields(self, _: Request) -> Response:
        """All fields."""
        return self.server.answer(self.site.fields)

    async def statuses(self, _: Request) -> Response:
        """All statuses."""
        return self.server.answer(list(self.site.statuses.values()))

    async def projects(self, request: Request) -> Response:
        """Data Center: all projects at once."""
        return self.server.answer(self.server.projects(request))

    async def project_search(self, request: Request) -> Response:
        """Cloud: projects by page."""
        return self.server.page(request, self.server.projects(request))

    # --- boards ---

    async def boards(self, request: Request) -> Response:
        """All boards, or a project's."""
        if not self.server.is_known(request):
            return error(401, "Client must be authenticated to access this resource.")
        project = request.query_params.get("projectKeyOrId")
        if project is not None and project not in self.site.projects:
            return error(400, f"No project could be found with key or id '{project}'.")
        rows = [b for b in self.site.boards if project in {None, b["location"]["projectKey"]}]
        return self.server.page(request, rows)

    def _board(self, request: Request) -> dict[str, Any] | None:
        return next((b for b in self.site.boards if b["id"] == request.path_params["id"]), None)

    async def configuration(self, request: Request) -> Response:
        """Columns and estimation of a board."""
        board = self._board(request)
        if board is None:
            return error(404, "The requested board cannot be viewed because it does not exist.")
        columns = [{"name": s["name"], "statuses": [{"id": s["id"]}]} for s in self.site.statuses.values()]
        points = {"type": "field", "field": {"fieldId": self.site.estimates.get(board["id"], POINTS)}}
        estimation = {"estimation": points} if board["type"] == "scrum" else {}
        return self.server.answer({**board, "columnConfig": {"columns": columns}, **estimation})

    async def sprints(self, request: Request) -> Response:
        """The sprints of a board."""
        board = self._board(request)
        if board is None:
            return error(404, "The requested board cannot be viewed because it does not exist.")
        if board["type"] == "kanban":
            return error(400, "The board does not support sprints")
        states = request.query_params.get("state", "active,future,closed").split(",")
        rows = [s for s in self.site.sprints.values() if s["originBoardId"] == board["id"] and s["state"] in states]
        return self.server.page(request, rows)
