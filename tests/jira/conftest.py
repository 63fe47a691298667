"""A Jira over ASGI, and a warehouse that is synced from it."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from collabtui.config import Source
from collabtui.demo.faults import Faults
from collabtui.demo.jira_app import jira_app
from collabtui.demo.jira_behaviour import Behaviour
from collabtui.demo.jira_site import JiraSite
from collabtui.sync import SyncResult, sync
from collabtui.warehouse import Warehouse

NOW = datetime(2026, 11, 21, 7, 30, 30, tzinfo=UTC)


class Server:
    """The site, its clock and its troubles, and the warehouse on the other side."""

    def __init__(self, tmp_path, **behaviour) -> None:
        self.site = JiraSite()
        self.site.add_user("ada", "Ada Obi", "ada@example.com")
        self.site.add_user("bo", "Bo Ek", "bo@example.com")
        for key in ("DATA", "PLAT"):
            self.site.add_project(key, f"Team {key.title()}")
        self.now = NOW
        self.faults = Faults()
        self.how = Behaviour(**behaviour)
        self.warehouse = Warehouse(tmp_path / "w.db")
        self.options: dict = {"url": "https://jira.demo", "token": {"env": "TEST_JIRA_TOKEN"}}
        if self.how.deployment == "Cloud":
            self.options["email"] = self.how.email

    @property
    def source(self) -> Source:
        return Source(name="jira", kind="jira", options=self.options)

    @property
    def transport(self) -> httpx.ASGITransport:
        app = jira_app(self.site, clock=lambda: self.now, behaviour=self.how)
        return httpx.ASGITransport(self.faults.wrap(app))

    async def sync(self) -> SyncResult:
        self.faults.requests.clear()
        (result,) = await sync(
            self.warehouse, [self.source], transports={"jira": self.transport}, clock=lambda: self.now
        )
        return result

    def rows(self, sql: str) -> list[tuple]:
        return self.warehouse.frame(sql).rows()

    def keys(self) -> list[str]:
        return [k for (k,) in self.rows("SELECT ticket_key FROM ticket WHERE gone_at IS NULL ORDER BY ticket_id")]

    def ticket(
        self, summary: str = "a ticket", *, project: str = "DATA", kind: str = "Story", ago_min: float = 60, **more
    ):
        return self.site.create(project, kind, summary, at=self.now - timedelta(minutes=ago_min), by="ada", **more)


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("TEST_JIRA_TOKEN", "demo-token")
    monkeypatch.setattr("connectors.http.backoff_s", lambda attempt, rng: 0.0)


@pytest.fixture
def cloud(tmp_path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def datacenter(tmp_path) -> Server:
    return Server(tmp_path, deployment="Server")


@pytest.fixture(params=["Cloud", "Server"])
def server(tmp_path, request) -> Server:
    return Server(tmp_path, deployment=request.param)
