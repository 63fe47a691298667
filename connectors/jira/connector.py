"""The Jira connector: tickets in windows of their creation time, newest first; later only those touched since.

Windows by creation time instead of pages: a ticket's creation never changes, so tickets that are made, changed or
deleted during the pull shift nothing, and a pull that was stopped goes on at the time it had reached.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import httpx
import msgspec

from connectors.base import Batch, Census, Cursor, Finding, Health, Options, Replace, SourceError
from connectors.http import HttpClient, HttpError
from connectors.jira import catalogue, wire
from connectors.jira.api import Api, account_zone
from connectors.jira.tickets import CustomFields, TicketReader
from connectors.jira.times import in_jql, next_minute, parse_time
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
LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


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


class Login(httpx.Auth):
    """Basic auth with e-mail and token or name and password, or a bearer token; read once, when first needed."""

    def __init__(self, options: JiraOptions) -> None:
        self._options = options
        self._header = ""

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The request with the login on it."""
        secret = self._options.token or self._options.password
        if not self._header and secret is not None:
            user = self._options.email or self._options.username
            value = await secret.read()
            if user is None:
                self._header = f"Bearer {value}"
            else:
                basic = next(httpx.BasicAuth(user, value).auth_flow(httpx.Request("GET", request.url)))
                self._header = basic.headers["Authorization"]
        request.headers["Authorization"] = self._header
        yield request


class State(msgspec.Struct, omit_defaults=True):
    """The cursor.

    `since`: the server's time when the last complete pull began; what was touched later is asked for. `began`: the
    same of the pull under way, and `until` the creation time it has reached, going back.
    """

    deployment: str = ""
    since: datetime | None = None
    began: datetime | None = None
    until: datetime | None = None
    done: int = 0
    custom: CustomFields | None = None
    catalogue_at: datetime | None = None
    census_at: datetime | None = None


class JiraConnector:
    """One Jira, Cloud or Data Center: it says itself which."""

    options_type: ClassVar[type[Options]] = JiraOptions

    def __init__(self, name: str, options: Options, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        assert isinstance(options, JiraOptions)  # noqa: S101 - of `options_type`
        self.name = name
        self._projects = options.projects
        self.http = HttpClient(
            name,
            options.url,
            auth=Login(options),
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
            api = Api(self.http, is_cloud=info.deployment_type == "Cloud")
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

    async def pull(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Tickets that were touched since the cursor, newest first, with all that belongs to them."""
        state = msgspec.json.decode(cursor, type=State) if cursor else State()
        if not state.deployment:
            state.deployment = (await Api.server_info(self.http)).deployment_type
        api = Api(self.http, is_cloud=state.deployment == "Cloud")
        me = await self._myself(api)
        now = self.http.server_time or datetime.now(UTC)
        zone = None if api.is_cloud else account_zone(me) or ZoneInfo("UTC")
        overlap = OVERLAP if api.is_cloud or account_zone(me) else UNKNOWN_ZONE
        state.began = state.began or now
        if state.catalogue_at is None or now - state.catalogue_at >= CATALOGUE_EVERY:
            estimates: list[str] = []
            async with aclosing(catalogue.refresh(api, self.name, estimates)) as batches:
                async for batch in batches:
                    yield batch
            state.custom = await catalogue.custom_fields(api, estimates)
            state.catalogue_at = now
        reader = TicketReader(self.name, self.http.base_url, state.custom or CustomFields())
        clauses = self._clauses()
        if state.since is not None:
            clauses.append(f"updated >= {in_jql(state.since - overlap, zone)}")
        total = await api.count(_jql(clauses)) if state.since is None else None
        fields = [*wire.FIELDS, *reader.custom.ids]
        async with aclosing(self._windows(api, zone, clauses, fields, PAGE, state.until)) as pages:
            async for issues, until in pages:
                batch = await self._batch(api, reader, issues)
                state.until = until
                state.done += len(issues)
                yield Batch(
                    stream="tickets",
                    records=batch.records,
                    replaces=batch.replaces,
                    cursor=msgspec.json.encode(state),
                    done=state.done,
                    total=None if total is None else max(total, state.done),
                )
        state.since, state.began, state.until, state.done = state.began, None, None, 0
        censuses: list[Census] = []
        if state.census_at is None or now - state.census_at >= CENSUS_EVERY:
            censuses = await self._censuses(api, zone)
            state.census_at = now
        yield Batch(stream="tickets", census=censuses, cursor=msgspec.json.encode(state))

    def _clauses(self) -> list[str]:
        return [f"project in ({', '.join(self._projects)})"] if self._projects else []

    async def _windows(
        self,
        api: Api,
        zone: ZoneInfo | None,
        clauses: Sequence[str],
        fields: Sequence[str],
        page_size: int,
        until: datetime | None,
    ) -> AsyncGenerator[tuple[Sequence[wire.Issue], datetime | None], None]:
        """Tickets created before `until`, newest first, and the time before which the rest was created.

        Every page is a query of its own that begins where the last one ended, to the minute, so that the tickets of
        one minute may come twice. Only where a page holds no more than one minute the server's own paging goes on.
        """
        while True:
            query = _jql([*clauses, f"created <= {in_jql(until, zone)}"] if until else clauses)
            async with aclosing(api.search(query, fields, page_size, changelog="summary" in fields)) as pages:
                async for page in pages:
                    reached = _oldest(page.issues, until, self.name)
                    yield page.issues, reached
                    if page.is_last:
                        return
                    if reached != until:
                        until = reached
                        break

    async def _batch(self, api: Api, reader: TicketReader, issues: Sequence[wire.Issue]) -> Batch:
        histories = await api.histories(issues) if issues else {}
        return Batch(
            stream="tickets",
            records=[r for issue in issues for r in reader.read(issue, histories.get(issue.id, []))],
            replaces=[
                Replace(record_type=kind, where={"source": self.name, "ticket_id": issue.id})
                for issue in issues
                for kind in (TicketLink, TicketSprint)
            ],
        )

    async def _censuses(self, api: Api, zone: ZoneInfo | None) -> list[Census]:
        """Which tickets each visible project has: others were deleted or moved away, or may no longer be seen.

        A project that is no longer visible is not counted: what it holds may well be there.
        """
        ids: dict[str, set[str]] = {p.key: set() for p in await api.projects()}
        windows = self._windows(api, zone, self._clauses(), ["created", "project"], CENSUS_PAGE[api.is_cloud], None)
        async for issues, _ in windows:
            for issue in issues:
                project = msgspec.json.decode(issue.fields, type=wire.Created).project.key
                ids.setdefault(project, set()).add(issue.id)
        return [
            Census(record_type=Ticket, source=self.name, keys=[(i,) for i in found], where={"project": project})
            for project, found in ids.items()
            if not self._projects or project in self._projects
        ]


def _jql(clauses: Sequence[str]) -> str:
    """A query that is bounded (Cloud refuses others) and in an order that stays."""
    return " AND ".join(clauses or ['created >= "1970-01-02"']) + " ORDER BY created DESC"


def _oldest(issues: Sequence[wire.Issue], until: datetime | None, source: str) -> datetime | None:
    """The end of the minute in which the oldest of these was created; `until` where there are none."""
    try:
        times = [parse_time(msgspec.json.decode(issue.fields, type=wire.WhenCreated).created) for issue in issues]
    except (msgspec.DecodeError, ValueError) as e:
        raise SourceError(f"{source}: search: a ticket without a time of creation: {e}") from e
    reached = min((next_minute(at) for at in times), default=until)
    return min(reached, until) if reached and until else reached
