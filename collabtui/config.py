"""collabtui.toml -> typed settings. Secrets stand in it only by reference (see `connectors.secrets`).

The file is read from the user's config folder or from `--config`, never from the current folder: a cloned
repository must not be able to name a command to run.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from collabtui.misread import check_tables, converted, decoded

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


Role = Literal["engineers", "analysts", "leads", "scientists"]
ThemeName = Literal["dark", "light", "colour-blind"]


class ConfigError(Exception):
    """The config cannot be used. The text names the file, the place in it, what is wrong and what to do."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One source: its connector's name and that connector's own options, checked by the connector."""

    name: str
    kind: str
    options: Mapping[str, Any]


class Deadline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When something is due. Names what it is for, and exactly one of the three ways to say when.

    For: `pipeline` and `dataset` are names or globs ("sales_*"), `tag` is a pipeline's tag; `source` narrows it.
    When: `by` a time of day in `timezone` on `days`; `after_interval` of the data interval's end (`due_at`);
    `after_start` of the run.
    """

    pipeline: str | None = None
    dataset: str | None = None
    tag: str | None = None
    source: str | None = None
    by: str | None = None
    timezone: str | None = None
    days: str | Sequence[str] = "daily"
    after_interval: str | None = None
    after_start: str | None = None

    def __post_init__(self) -> None:
        if sum(x is not None for x in (self.pipeline, self.dataset, self.tag)) != 1:
            raise ValueError("a deadline takes exactly one of pipeline, dataset, tag")
        if sum(x is not None for x in (self.by, self.after_interval, self.after_start)) != 1:
            raise ValueError("a deadline takes exactly one of by, after_interval, after_start")
        if self.by is None and (self.timezone is not None or self.days != "daily"):
            raise ValueError("timezone and days go with by")
        if self.by is not None:
            self.by_time  # noqa: B018 - checked when read, not when first used
        if self.timezone is not None:
            zone(self.timezone)
        self.weekdays  # noqa: B018
        self.after  # noqa: B018

    @property
    def by_time(self) -> time:
        """The time of day, in `timezone`."""
        return time_of_day("by", self.by or "")

    @property
    def weekdays(self) -> frozenset[int]:
        """The days it holds on, Monday = 0."""
        named = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
        if isinstance(self.days, str):
            if self.days not in named:
                raise ValueError(
                    f"days = {self.days!r} is none of daily, weekdays, weekends, or a list such as ['mon']"
                )
            return frozenset(named[self.days])
        unknown = [d for d in self.days if d not in WEEKDAYS]
        if unknown or not self.days:
            raise ValueError(f"days takes names from {', '.join(WEEKDAYS)}; got {list(self.days)!r}")
        return frozenset(WEEKDAYS.index(d) for d in self.days)

    @property
    def after(self) -> timedelta | None:
        """How long after the interval's end or the start; None for a time of day."""
        if self.after_interval is not None:
            return _length("after_interval", self.after_interval)
        return _length("after_start", self.after_start) if self.after_start is not None else None


class TeamAbsence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which a member, or without `who` the whole team, is away; the last day included."""

    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    who: str | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"an absence ends (to = {self.last}) before it begins (from = {self.first})")


class Team(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who and what belongs to a team. Without any [teams], every Jira project is a team."""

    name: str = ""
    projects: Sequence[str] = ()
    members: Sequence[str] = ()
    """Names or e-mail addresses, as Jira or Git know them."""
    owners: Sequence[str] = ()
    """Owners of pipelines."""
    tags: Sequence[str] = ()
    country: str | None = None
    """Whose holidays it has; None for those of the whole config."""
    region: str | None = None
    absences: Sequence[TeamAbsence] = ()

    def __post_init__(self) -> None:
        unknown = [absence.who for absence in self.absences if absence.who not in (None, *self.members)]
        if unknown:
            raise ValueError(f"an absence is of who = {unknown[0]!r}, who is none of the team's members")


STALE_SYNCS = 3
"""So many syncs in a row fail to freshen a source before it counts as stale, where the config does not say."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The whole config."""

    warehouse: Path
    sources: Sequence[Source] = ()
    deadlines: Sequence[Deadline] = ()
    teams: Sequence[Team] = ()
    timezone: str | None = None
    """The viewer's zone; None for the system's."""
    sync_every_s: float = 300.0
    """How often the app syncs by itself."""
    stale_after_s: float = 900.0
    """A source whose last good sync is longer ago is stale."""
    country: str | None = None
    """Whose public holidays the teams have (ISO 3166: "DE"), and of which region ("BE"); None for no holidays."""
    region: str | None = None
    role: str | None = None
    """Whose tab the app shows first: engineers, analysts, leads or scientists; None for the last one."""
    theme: str | None = None
    """Which theme it has: dark, light or colour-blind; None for the last one."""
    keys: Mapping[str, str] = {}
    """Other keys than usual, by what they do; the app checks them."""
    me: str | None = None
    """Who looks: a name or e-mail as the sources know it; `assignee:me` in a filter means it."""
    standup: time = time(9, 15)
    """When the team meets on working days, in `timezone`."""
    standup_names: bool = True
    """Whether the stand-up says who has what."""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    warehouse: str | None = None
    timezone: str | None = None
    sync_every: str = "5m"
    stale_after: str | None = None
    country: str | None = None
    region: str | None = None
    role: Role | None = None
    theme: ThemeName | None = None
    keys: dict[str, str] = {}
    me: str | None = None
    standup: str = "09:15"
    standup_names: bool = True
    sources: dict[str, dict[str, Any]] = {}
    deadlines: list[dict[str, Any]] = []
    teams: dict[str, dict[str, Any]] = {}


@cache
def duration(text: str) -> timedelta:
    """A length of time written like "90m", "2h", "1h 30m", "45s", "1d" or "2w". Raises `ValueError`."""
    parts = re.fullmatch(r"\s*(?:(\d+)w)?\s*(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m(?:in)?)?\s*(?:(\d+)s)?\s*", text)
    if parts is None or not any(parts.groups()):
        raise ValueError(f"{text!r} is no length of time such as '90m', '2h' or '1h 30m'")
    weeks, days, hours, minutes, seconds = (int(g or 0) for g in parts.groups())
    try:
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise ValueError(f"{text!r} is longer than time lasts") from None


def _length(name: str, text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as e:
        raise ValueError(f"{name}: {e}") from None


def time_of_day(name: str, text: str) -> time:
    """What the config says under this name, written like "07:30". Raises `ValueError`."""
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{name} = {text!r} is no time of day such as '07:30'")
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def zone(name: str) -> ZoneInfo:
    """The time zone of this name. Raises `ValueError`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as e:
        raise ValueError(f"timezone = {name!r} is no time zone such as 'Europe/Berlin'") from e


def config_path() -> Path:
    """Where the config is read from unless `--config` says otherwise."""
    import platformdirs

    return Path(platformdirs.user_config_dir("collabtui", appauthor=False)) / "collabtui.toml"


def data_folder() -> Path:
    """Where warehouses are kept unless the config says otherwise."""
    import platformdirs

    return Path(platformdirs.user_data_dir("collabtui", appauthor=False))


def load(path: Path) -> Settings:
    """Read and check the config file. Raises `ConfigError`."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path} is not there; `collabtui init` makes it, `collabtui demo` needs none") from None
    except OSError as e:
        raise ConfigError(f"{path} could not be read: {e.strerror}") from e
    try:
        data = decoded(raw)
    except ValueError as e:
        raise ConfigError(f"{path} is {e}") from e
    try:
        return parse(data, folder=path.parent)
    except ValueError as e:
        raise ConfigError(f"{path}: {e}") from e


def parse(data: Mapping[str, Any], *, folder: Path) -> Settings:
    """Settings from the decoded TOML; relative paths are taken from `folder`. Raises `ValueError`."""
    check_tables(data)
    file = converted(data, _File)
    if file.timezone is not None:
        zone(file.timezone)
    sync_every_s = _length("sync_every", file.sync_every).total_seconds()
    if not sync_every_s:
        raise ValueError(f"sync_every = {file.sync_every!r} leaves no time between two syncs; 5m is usual")
    stale_after = _length("stale_after", file.stale_after) if file.stale_after else None
    stale_after_s = stale_after.total_seconds() if stale_after is not None else STALE_SYNCS * sync_every_s
    sources = []
    for name, table in file.sources.items():
        options = dict(table)
        kind = options.pop("kind", None)
        if not isinstance(kind, str):
            raise ValueError(f'[sources.{name}] needs kind = "airflow", "jira", "git" or another connector\'s name')
        sources.append(Source(name=name, kind=kind, options=options))
    settings = Settings(
        warehouse=folder / Path(file.warehouse).expanduser() if file.warehouse else data_folder() / "warehouse.db",
        sources=sources,
        deadlines=[
            converted(table, Deadline, f"[[deadlines]] number {n}:") for n, table in enumerate(file.deadlines, 1)
        ],
        teams=[converted({**table, "name": name}, Team, f"[teams.{name}]") for name, table in file.teams.items()],
        timezone=file.timezone,
        sync_every_s=sync_every_s,
        stale_after_s=stale_after_s,
        country=file.country,
        region=file.region,
        role=file.role,
        theme=file.theme,
        keys=file.keys,
        me=file.me,
        standup=time_of_day("standup", file.standup),
        standup_names=file.standup_names,
    )
    _check_places(settings)
    return settings


def _check_places(settings: Settings) -> None:
    for name, country, region in (
        ("", settings.country, settings.region),
        *((f"[teams.{team.name}] ", team.country or settings.country, team.region) for team in settings.teams),
    ):
        if region is not None and country is None:
            raise ValueError(f"{name}region = {region!r} needs a country beside it")
        if country is not None:
            from forecasting.workdays import Place, check_place  # holidays, 0.1 s

            try:
                check_place(Place(country, region))
            except ValueError as e:
                raise ValueError(f"{name}{e}") from None
