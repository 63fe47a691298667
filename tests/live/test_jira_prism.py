"""The Jira connector and the Jira of the tests, held to Atlassian's own API description by a validating proxy.

Prism (`prism proxy --errors`) refuses requests and answers that break the description; it is installed once, by npm,
into .cache/prism.
"""

import asyncio
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn

from collabtui.config import Source
from collabtui.demo.jira_app import jira_app
from collabtui.demo.jira_documents import document, mention, paragraph
from collabtui.demo.jira_site import POINTS, JiraSite, Said, Told
from collabtui.doctor import check_source
from collabtui.sync import sync
from collabtui.texts import TicketWords, read_text
from collabtui.warehouse import Warehouse

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
DESCRIPTION = ROOT.parent / "shared" / "reference" / "jira-openapi.json"
PRISM = "@stoplight/prism-cli@5.16.0"
CACHE = ROOT / ".cache" / "prism"
NOT_DESCRIBED = ("/rest/agile/", "/rest/api/2/serverInfo")
"""Boards and sprints have a description of their own, and so has version 2, whose serverInfo tells the kind."""
START_TIMEOUT_S = 60
OF_COMMENTS = {
    "/rest/api/3/issue/{issueIdOrKey}/comment": {"get": {
        "parameters": [
            {"name": "issueIdOrKey", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "startAt", "in": "query", "schema": {"type": "integer", "format": "int64", "default": 0}},
            {"name": "maxResults", "in": "query", "schema": {"type": "integer", "format": "int32", "default": 100}},
            {"name": "orderBy", "in": "query",
             "schema": {"type": "string", "enum": ["created", "-created", "+created"]}},
            {"name": "expand", "in": "query", "schema": {"type": "string"}},
        ],
        "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {
            "type": "object", "additionalProperties": False, "required": ["comments", "startAt", "total"],
            "properties": {
                **{name: {"type": "integer"} for name in ("startAt", "maxResults", "total")},
                "comments": {"type": "array", "items": {
                    "type": "object", "additionalProperties": False, "properties": {
                        "id": {"type": "string"}, "self": {"type": "string"}, "body": {"type": "object"},
                        "author": {"$ref": "#/components/schemas/UserDetails"},
                        "updateAuthor": {"$ref": "#/components/schemas/UserDetails"},
                        **{name: {"type": "string", "format": "date-time"} for name in ("created", "updated")},
                        "visibility": {"type": "object"}, "jsdPublic": {"type": "boolean"},
                    },
                }},
            },
        }}}}, "404": {"description": "no such ticket"}},
    }},
}  # fmt: skip
"""Atlassian describes comments so, in a part of the description that is not at hand."""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def site() -> JiraSite:
    """Some hundred tickets with all that can happen to them."""
    site = JiraSite()
    for user in ("ada", "bo"):
        site.add_user(user, user.title(), f"{user}@example.com")
    for key in ("DATA", "PLAT"):
        site.add_project(key, f"Team {key.title()}")
    now = datetime.now(UTC).replace(microsecond=0)
    epic = site.create("DATA", "Epic", "Faster loads", at=now - timedelta(days=90), by="ada")
    for n in range(320):
        at = now - timedelta(hours=6 * n + 30)
        project = ("DATA", "PLAT")[n % 2]
        parent = epic if n % 4 == 0 else None
        key = site.create(project, "Story", f"Ticket {n} – ünïcode", at=at, by="ada", parent=parent)
        if n % 3:
            site.assign(key, "bo", at=at + timedelta(hours=1), by="ada")
            site.edit(key, POINTS, float(n % 8), at=at + timedelta(hours=1), by="ada")
            site.transition(key, "In Progress", at=at + timedelta(hours=2), by="bo")
        if n % 3 == 2:
            site.transition(key, "Done", at=at + timedelta(hours=20), by="bo")
        if n % 50 == 0:
            site.link(key, epic, at=at + timedelta(hours=1), by="ada")
    return site


@pytest.fixture(scope="module")
def jira_url(site) -> Iterator[str]:
    """The Jira of the tests on a socket."""
    port = free_port()
    app = jira_app(site, clock=lambda: datetime.now(UTC))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def installed_prism() -> Path:
    """Prism's program, installed where it is missing."""
    program = CACHE / "node_modules" / ".bin" / "prism"
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not on this machine")
        command = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(CACHE), PRISM]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
    return program


@pytest.fixture(scope="module")
def proxy_url(jira_url, tmp_path_factory) -> Iterator[str]:
    """The same behind the proxy."""
    if not DESCRIPTION.exists():
        pytest.skip(f"Atlassian's API description is not at {DESCRIPTION}")
    port = free_port()
    folder = tmp_path_factory.mktemp("prism")
    log, description = folder / "prism.log", folder / "jira.json"
    whole = json.loads(DESCRIPTION.read_text())
    described = OF_COMMENTS["/rest/api/3/issue/{issueIdOrKey}/comment"]["get"]
    described["security"] = whole["paths"]["/rest/api/3/issue/{issueIdOrKey}"]["get"]["security"]
    whole["paths"] |= OF_COMMENTS
    description.write_text(json.dumps(whole))
    proxy = [str(installed_prism()), "proxy", "--errors"]
    command = [*proxy, "-h", "127.0.0.1", "-p", str(port), str(description), jira_url]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + START_TIMEOUT_S
        while True:
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            try:
                httpx.get(f"{url}/rest/api/3/serverInfo", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield url
        process.terminate()


class Watching(httpx.AsyncHTTPTransport):
    """The network, and what the proxy found wrong. What is not described goes past it."""

    def __init__(self, past_it: str) -> None:
        super().__init__()
        self.past_it = httpx.URL(past_it)
        self.paths: list[str] = []
        self.violations: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.paths.append(f"{request.method} {path}")
        is_described = not path.startswith(NOT_DESCRIBED)
        if not is_described:
            request.url = request.url.copy_with(port=self.past_it.port)
        response = await super().handle_async_request(request)
        if is_described:
            body = await response.aread()
            found = response.headers.get("sl-violations")
            if found or response.status_code >= 400:
                self.violations.append(f"{request.method} {path}: {found or body.decode()[:2000]}")
        return response


@pytest.fixture
def source(proxy_url, monkeypatch) -> Source:
    monkeypatch.setenv("TEST_JIRA_TOKEN", "demo-token")
    options = {"url": proxy_url, "email": "demo@example.com", "token": {"env": "TEST_JIRA_TOKEN"}}
    return Source(name="jira", kind="jira", options=options)


def test_neither_the_connector_nor_the_app_breaks_the_description(tmp_path, source, site, jira_url):
    warehouse = Warehouse(tmp_path / "w.db")
    watching = Watching(jira_url)

    def pull():
        (result,) = asyncio.run(sync(warehouse, [source], transports={"jira": watching}))
        assert watching.violations == []
        assert result.error is None

    pull()
    keys = {key for (key,) in warehouse.frame("SELECT ticket_key FROM ticket").iter_rows()}
    assert keys == {issue.key for issue in site.issues.values()}
    assert warehouse.frame("SELECT count(*) AS n FROM transition")["n"][0] > 300
    for asked in ("GET /rest/api/3/myself", "POST /rest/api/3/search/jql", "POST /rest/api/3/changelog/bulkfetch"):
        assert asked in watching.paths
    moved = site.move(next(iter(keys - {"PLAT-1"})), "PLAT", at=datetime.now(UTC), by="ada")
    watching.paths.clear()
    pull()
    assert (moved,) in warehouse.frame("SELECT ticket_key FROM ticket").rows()


def test_reading_a_ticket_breaks_it_neither(source, site, jira_url):
    watching = Watching(jira_url)
    body = document(paragraph("ask ", mention("bo", "Bo")))
    said = [Said(datetime.now(UTC), "ada" if n % 2 else "", body) for n in range(120)]
    site.told = lambda _: Told(body, said)
    pieces: list[bytes] = []
    ticket = TicketWords(next(str(number) for number in site.issues))
    asyncio.run(read_text([source], {"jira": watching}, "jira", ticket, pieces.append))
    assert watching.violations == []
    assert b"".join(pieces).count(b"ask @Bo") == 121
    paths = [path.rpartition("/")[2] for path in watching.paths]
    assert paths == ["serverInfo", ticket.ticket_id, "comment", "comment"]


def test_the_check_breaks_it_neither(source, jira_url):
    watching = Watching(jira_url)
    diagnosis = asyncio.run(check_source(source, {"jira": watching}))
    assert watching.violations == []
    assert diagnosis.ok, diagnosis


def test_the_proxy_does_refuse(proxy_url):
    """Else the tests above would prove nothing."""
    login = ("demo@example.com", "demo-token")
    body = {"jql": "project = DATA", "startAt": 100}
    answer = httpx.post(f"{proxy_url}/rest/api/3/search/jql", json=body, auth=login)
    assert answer.status_code == 422, json.dumps(answer.json())[:500]
