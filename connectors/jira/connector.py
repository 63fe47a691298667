"""The Jira connector: all tickets once, newest first; later only those touched since."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta, tzinfo
from typing import ClassVar
from zoneinfo import ZoneInfo

import httpx
import msgspec

from connectors.base import Batch, Census, Cursor, Finding, Health, Options, Replace, SourceError
from connectors.http import HttpClient, HttpError
from connectors.jira import catalogue, texts, wire
from connectors.jira.api import Api, account_zone
from connectors.jira.login import Login
from connectors.jira.state import State
from connectors.jira.tickets import TicketReader
from connectors.jira.times import JqlTime
from connectors.jira.windows import project_clause, query, windows
from connectors.records import Ticket, TicketLink, TicketSprint
from connectors.secrets import Secret

CONNECTIONS = 4
PAGE = 100
CENSUS_PAGE = {True: 5000, False: 1000}
"""By is_cloud: what the server gives at once when hardly any fields are asked for."""
OVERLAP = timedelta(minutes=5)
"""Cloud's search index lags behind; so far an increment reaches back before the last pull's start."""
UNKNOWN_ZONE = timedelta(hours=24)
"""Where the account does not tell its zone, JQL's dates may be off by this."""
CATALOGUE_EVERY = timedelta(minutes=10)
CENSUS_EVERY = timedelta(hours=1)


class JiraOptions(Options, frozen=True, kw_only=True):
    """Cloud: `email` and `token`. Data Center: `token`, or `username` and `password`. `projects`: keys to read."""

    url: str
    email: str | None = None
    token: Secret | None = None
    username: str | None = None
    password: Secret | None = None
    projects: Sequence[str] = ()
    ca_file: str | None = None

    def __post_init__(self) -> None:
        by_password = self.username is not None and self.password is not None
        if by_password == (self.token is not None) or (self.email is not None and self.token is None):
            raise ValueError("a Jira source takes email and token (Cloud), token, or username and password")
        for key in self.projects:
            if not key.replace("_", "").isalnum():
                raise ValueError(f"projects: {key!r} is no project key such as DATA")


class JiraConnector:
    """One Jira, Cloud or Data Center: it says itself which."""

    options_type: ClassVar[type[Options]] = JiraOptions

    def __init__(self, name: str, options: Options, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        assert isinstance(options, JiraOptions)  # noqa: S101 - of `options_type`
        self.name = name
        self._projects = options.projects
        secret = options.token or options.password
        assert secret is not None  # noqa: S101 - `JiraOptions` saw to it
        self.http = HttpClient(
            name,
            options.url,
            auth=Login(options.email or options.username, secret),
            ca_file=options.ca_file,
            limit=CONNECTIONS,
            transport=transport,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def check(self) -> Health:
        """Kind and version, login, projects, and whether the fields that we need were found."""
        product = "Jira"
        try:
            info = await Api.server_info(self.http)
            product = f"Jira {info.deployment_type} {info.version}"
            api = self._api(info)
            me = await self._myself(api)
            projects = {project.key for project in await api.projects()}
            custom = await catalogue.custom_fields(api, [])
        except SourceError as e:
            return Health(version=product, findings=[Finding(level="error", text=str(e))])
        who = me.display_name or me.id
        findings = [Finding(level="ok", text=f"{len(projects)} projects are visible to {who}")]
        for key in set(self._projects) - projects:
            advice = "correct projects in collabtui.toml, or ask for the right to browse it"
            findings.append(Finding(level="error", text=f"project {key} is not there for {who}", advice=advice))
        if not projects:
            advice = "ask for the right to browse projects"
            findings.append(Finding(level="error", text="no project is visible", advice=advice))
        if not custom.points:
            findings.append(Finding(level="warning", text="no field for story points was found: tickets are counted"))
        return Health(version=product, findings=findings)

    async def _myself(self, api: Api) -> wire.User:
        try:
            return await api.myself()
        except HttpError as e:
            if e.status not in {401, 403}:
                raise
            raise HttpError(f"{e}; check e-mail and token (Cloud) or the token (Data Center)", e.status) from e

    async def ticket_text(self, ticket_id: str, zone: tzinfo | None) -> AsyncGenerator[bytes, None]:
        """What people wrote about a ticket."""
        info = await Api.server_info(self.http)
        async with aclosing(texts.ticket_text(self._api(info), ticket_id, zone)) as pieces:
            async for piece in pieces:
                yield piece

    def _api(self, info: wire.ServerInfo) -> Api:
        return Api(self.http, is_cloud=info.deployment_type == "Cloud")

    async def pull(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Tickets that were touched since the cursor, newest first, with all that belongs to them."""
        state = msgspec.json.decode(cursor, type=State) if cursor else State()
        if state.url != self.http.base_url:  # another server: what is known of the first says nothing of it
            state = State(url=self.http.base_url)
        if not state.deployment:
            state.deployment = (await Api.server_info(self.http)).deployment_type
        api = Api(self.http, is_cloud=state.deployment == "Cloud")
        zone = account_zone(await self._myself(api))
        if not api.is_cloud:
            api.times = JqlTime(zone or ZoneInfo("UTC"), timedelta() if zone else UNKNOWN_ZONE)
        now = self.http.server_time or datetime.now(UTC)
        if state.catalogue_at is None or now - state.catalogue_at >= CATALOGUE_EVERY:
            found = await catalogue.read(api, self.name, state.open_sprints)
            for batch in found.batches:
                yield batch
            state.custom = await catalogue.custom_fields(api, found.estimates)
            state.see(found.visible, self._projects)
            state.open_sprints, state.catalogue_at = list(found.open_sprints), now
        state.begin(now)
        reader = TicketReader(self.name, self.http.base_url, state.custom)
        if state.loading:
            whole = [] if state.since is None and not self._projects else [project_clause(state.loading)]
            async with aclosing(self._tickets(api, reader, state, whole)) as batches:
                async for batch in batches:
                    yield batch
            state.end_loading()
        if state.since is not None:
            touched = [f"updated >= {api.times.since(state.since - OVERLAP)}", *self._clauses()]
            async with aclosing(self._tickets(api, reader, state, touched)) as batches:
                async for batch in batches:
                    yield batch
        state.end()
        censuses: list[Census] = []
        if state.census_at is None or now - state.census_at >= CENSUS_EVERY:
            censuses = await self._censuses(api)
            state.census_at = now
        yield Batch(stream="tickets", census=censuses, cursor=msgspec.json.encode(state))

    def _clauses(self) -> list[str]:
        return [project_clause(self._projects)] if self._projects else []

    async def _tickets(
        self, api: Api, reader: TicketReader, state: State, clauses: Sequence[str]
    ) -> AsyncGenerator[Batch, None]:
        """A batch a window, from where the state is."""
        total = await api.count(query(clauses)) if state.loading else None
        fields = [*wire.FIELDS, *reader.custom.ids]
        async with aclosing(windows(api, clauses, fields, PAGE, until=state.until, changelog=True)) as found:
            async for window in found:
                histories = await api.histories(window.issues)
                state.until = window.until
                state.done += len(window.issues)
                yield Batch(
                    stream="tickets",
                    records=[r for issue in window.issues for r in reader.read(issue, histories.get(issue.id, []))],
                    replaces=[
                        Replace(record_type=kind, where={"source": self.name, "ticket_id": issue.id})
                        for issue in window.issues
                        for kind in (TicketLink, TicketSprint)
                    ],
                    cursor=msgspec.json.encode(state),
                    done=state.done,
                    total=None if total is None else max(total, state.done),
                )
        state.until = None

    async def _censuses(self, api: Api) -> list[Census]:
        """Which tickets each visible project has: others were deleted or moved away, or may no longer be seen.

        A project that is no longer visible is not counted: what it holds may well be there.
        """
        ids: dict[str, set[str]] = {p.key: set() for p in await api.projects()}
        size = CENSUS_PAGE[api.is_cloud]
        async with aclosing(windows(api, self._clauses(), ["created", "project"], size)) as found:
            async for window in found:
                for issue in window.issues:
                    project = msgspec.json.decode(issue.fields, type=wire.Created).project.key
                    ids.setdefault(project, set()).add(issue.id)
        return [
            Census(record_type=Ticket, source=self.name, keys=[(i,) for i in keys], where={"project": project})
            for project, keys in ids.items()
            if not self._projects or project in self._projects
        ]
