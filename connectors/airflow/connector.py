"""The Airflow connector: the catalogue, the newest runs first, and from then on what was touched since."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated, ClassVar

import httpx
import msgspec

from connectors.airflow import catalogue, history, increment, texts
from connectors.airflow.api import RUNS, TASK_INSTANCES, Api
from connectors.airflow.login import Login
from connectors.airflow.state import State
from connectors.airflow.wire_catalogue import component_health
from connectors.base import Batch, Cursor, Finding, Health, Options, SourceError, TaskTry
from connectors.http import HttpClient, HttpError
from connectors.secrets import Secret

PLANNED_AHEAD = timedelta(days=3660)
"""Runs may be named by a time to come."""


class AirflowOptions(Options, frozen=True, kw_only=True):
    """Where it is and how to log in: `username` and `password`, or a `token` (its command is run again when needed).

    `connections` requests are under way at once at most.
    """

    url: str
    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None
    ca_file: str | None = None
    connections: Annotated[int, msgspec.Meta(ge=1, le=32)] = 8

    def __post_init__(self) -> None:
        by_password = self.username is not None and self.password is not None
        if by_password == (self.token is not None) or (self.username is None) != (self.password is None):
            raise ValueError("an Airflow source takes username and password, or token")


class AirflowConnector:
    """One Airflow, 2 or 3: it says itself which."""

    options_type: ClassVar[type[Options]] = AirflowOptions

    def __init__(self, name: str, options: Options, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        assert isinstance(options, AirflowOptions)  # noqa: S101 - of `options_type`
        self.name = name
        self._login = Login(username=options.username, password=options.password, token=options.token)
        self.http = HttpClient(
            name,
            options.url,
            auth=self._login,
            ca_file=options.ca_file,
            limit=options.connections,
            transport=transport,
        )
        self._login.http = self.http

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def check(self) -> Health:
        """Version, login, rights, and whether the components are well."""
        product = "Airflow"
        try:
            version = await Api.find_version(self.http)
            product = f"Airflow {version}"
            api = self._api(version)
            health = await api.health()
            findings = await self._rights(api)
        except SourceError as e:
            return Health(version=product, findings=[Finding(level="error", text=str(e))])
        findings += [
            Finding(
                level="warning",
                text=f"Airflow says that its {component.component} is {component.status}",
                advice="runs may stand still until it is back; see its log",
            )
            for component in component_health(self.name, health)
            if component.status not in {"healthy", None}
        ]
        return Health(version=product, findings=findings)

    async def _rights(self, api: Api) -> list[Finding]:
        """One finding for every list that a sync reads and this login may not."""
        findings: list[Finding] = []
        for path in ("/dags", RUNS, TASK_INSTANCES, "/pools", "/importErrors"):
            try:
                count = await api.count(path)
            except HttpError as e:
                if e.status not in {401, 403}:
                    raise
                if path == "/dags" and (is_right := await self._login.is_right()) is not True:
                    wrong = "the login is wrong" if is_right is False else "the login is wrong, or may read nothing"
                    advice = f"{wrong}: check the user, and where the config says the secret is"
                    return [Finding(level="error", text=str(e), advice=advice)]
                advice = "its role lacks the right to read this; Airflow's own Viewer role has it"
                findings.append(Finding(level="error", text=str(e), advice=advice))
            else:
                if path == "/dags":
                    findings.append(Finding(level="ok", text=f"{count:,} DAGs at {self.http.base_url}"))
        return findings

    def _api(self, version: str) -> Api:
        major = version.partition(".")[0]
        if not major.isdigit() or int(major) < 2:
            raise SourceError(f"{self.name}: Airflow {version} is not supported; 2 and 3 are")
        self._login.version = min(int(major), 3)
        return Api(self.http, self._login.version)

    async def task_log(self, which: TaskTry) -> AsyncGenerator[bytes, None]:
        """The log of a try as text."""
        api = self._api(await Api.find_version(self.http))
        async with aclosing(texts.task_log(api, which)) as pieces:
            async for piece in pieces:
                yield piece

    async def code(self, pipeline_id: str) -> AsyncGenerator[bytes, None]:
        """The file that a DAG was last read from."""
        api = self._api(await Api.find_version(self.http))
        async with aclosing(texts.code(api, pipeline_id)) as pieces:
            async for piece in pieces:
                yield piece

    async def pull(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """All since the cursor. The first time the history comes in windows, newest first, each with its cursor."""
        state = msgspec.json.decode(cursor, type=State) if cursor else State()
        try:
            async with aclosing(self._pull(state)) as batches:
                async for batch in batches:
                    yield batch
        except HttpError as e:
            if e.status != 404 or not state.product:
                raise
            known, found = state.product, await Api.find_version(self.http)
            if found.partition(".")[0] == known.partition(".")[0]:
                raise
            async with aclosing(self._pull(State())) as batches:  # it was upgraded from 2 to 3
                async for batch in batches:
                    yield batch

    async def _pull(self, state: State) -> AsyncGenerator[Batch, None]:
        state.product = state.product or await Api.find_version(self.http)
        api = self._api(state.product)
        if state.history_from is None:
            state.history_from = api.now
            state.history_until = api.now + PLANNED_AHEAD
        self._login.expects_many = state.history_until is not None
        for part in self._parts(api, state):
            async with aclosing(part):
                async for batch in part:
                    yield batch

    def _parts(self, api: Api, state: State) -> Iterator[AsyncGenerator[Batch, None]]:
        """What a pull does; each part is decided on when those before it are done."""
        is_first = state.history_until is not None
        if not is_first:
            yield increment.load(api, self.name, state)
        if catalogue.is_due(api, state):
            if not is_first:
                yield increment.ask_again(api, self.name, state)
            yield catalogue.load(api, self.name, state)
        if is_first:
            yield history.load(api, self.name, state)
        yield catalogue.load_tasks(api, self.name, state)
        yield catalogue.load_datasets(api, self.name, state)
