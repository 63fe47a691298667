"""The Airflow connector: the catalogue, the newest runs first, and from then on what was touched since."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import ClassVar

import httpx
import msgspec

from connectors.airflow import catalogue, history, wire
from connectors.airflow.api import Api
from connectors.airflow.login import Login
from connectors.airflow.state import State
from connectors.base import Batch, Cursor, Finding, Health, Options, SourceError
from connectors.http import HttpClient, HttpError
from connectors.records import Record
from connectors.secrets import Secret

CONNECTIONS = 8
OVERLAP = timedelta(minutes=2)
"""How far before the last sync's start an increment reaches back: rows that were being written then."""
OPEN_RUNS_EVERY = timedelta(minutes=10)
BATCH = 2000
PLANNED_AHEAD = timedelta(days=3660)
"""Runs may be named by a time to come."""


class AirflowOptions(Options, frozen=True, kw_only=True):
    """Where it is and how to log in: `username` and `password`, or a `token` (its command is run again when needed)."""

    url: str
    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None
    ca_file: str | None = None

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
            limit=CONNECTIONS,
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
            count = await api.count("/dags")
        except HttpError as e:
            advice = ""
            if e.status in {401, 403}:
                advice = "the login is wrong, or its role may not read DAGs: the Viewer role is enough"
            return Health(version=product, findings=[Finding(level="error", text=str(e), advice=advice)])
        except SourceError as e:
            return Health(version=product, findings=[Finding(level="error", text=str(e))])
        findings = [Finding(level="ok", text=f"{count:,} DAGs at {self.http.base_url}")]
        findings += [
            Finding(
                level="warning",
                text=f"Airflow says that its {component.component} is {component.status}",
                advice="runs may stand still until it is back; see its log",
            )
            for component in wire.component_health(self.name, health)
            if component.status not in {"healthy", None}
        ]
        return Health(version=product, findings=findings)

    def _api(self, version: str) -> Api:
        major = version.partition(".")[0]
        if not major.isdigit() or int(major) < 2:
            raise SourceError(f"{self.name}: Airflow {version} is not supported; 2 and 3 are")
        self._login.version = min(int(major), 3)
        return Api(self.http, self._login.version)

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
        if state.history_until is not None:
            parts = [catalogue.refresh(api, self.name, state), history.load(api, self.name, state)]
        else:
            parts = [self._increment(api, state), catalogue.refresh(api, self.name, state)]
        for part in [*parts, catalogue.late(api, self.name, state)]:
            async with aclosing(part):
                async for batch in part:
                    yield batch

    async def _increment(self, api: Api, state: State) -> AsyncGenerator[Batch, None]:
        """Runs and task runs that were touched since the last sync began, and open runs that were not heard of."""
        assert state.history_from is not None  # noqa: S101 - set at the first sync
        since = state.history_from - OVERLAP
        began: datetime | None = None
        seen: set[tuple[str, str]] = set()
        records: list[Record] = []
        done = 0
        async with aclosing(api.runs_since(since)) as pages:
            async for page in pages:
                began = began or api.now
                seen |= {(row.dag_id, row.dag_run_id) for row in page.rows}
                state.note(page.rows)
                done += len(page.rows)
                yield Batch(stream="runs", records=[row.record(self.name) for row in page.rows], done=done)
        async with aclosing(api.task_instances_since(since)) as task_pages:
            async for task_page in task_pages:
                records += await history.with_tries(api, self.name, task_page.rows)
                done += len(task_page.rows)
                if len(records) >= BATCH:
                    yield Batch(stream="task runs", records=records, done=done)
                    records = []
        records += await self._ask_again(api, state, seen)
        state.history_from = began
        yield Batch(stream="task runs", records=records, cursor=msgspec.json.encode(state), done=done, total=done)

    async def _ask_again(self, api: Api, state: State, seen: set[tuple[str, str]]) -> Sequence[Record]:
        """Open runs that no answer named: asked for by their time, in one request, every ten minutes at most."""
        unheard = {key: at for key, at in state.open_runs() if key not in seen}
        if not unheard or (state.open_asked_at is not None and api.now - state.open_asked_at < OPEN_RUNS_EVERY):
            return []
        state.open_asked_at = api.now
        rows = await api.runs_of(sorted({dag for dag, _ in unheard}), min(unheard.values()), max(unheard.values()))
        answered = [row for row in rows if (row.dag_id, row.dag_run_id) in unheard]
        state.note(answered)
        state.forget(set(unheard) - {(row.dag_id, row.dag_run_id) for row in answered})
        return [row.record(self.name) for row in answered]
