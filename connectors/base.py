"""What a connector is: it checks a source, and pulls batches of records from it, each with its cursor."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import ClassVar, Literal, Protocol, runtime_checkable

import httpx
import msgspec

from connectors.records import Record

Cursor = bytes
"""Where to go on, as the connector's own JSON. Nobody else reads it."""


class SourceError(Exception):
    """A source could not be read. The text names the source, the place in it, what was wrong and what to do."""


@dataclass(frozen=True, kw_only=True)
class Replace:
    """All rows of `record_type` whose columns equal `where` go before the batch's records are written.

    For facts that a source only tells as a whole list: the links of a ticket, the refs of a repository.
    """

    record_type: type[Record]
    where: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Gone:
    """Rows that the source no longer has. They are kept and marked with the time, never deleted.

    `keys`: natural keys in the order of the record type's `key`, without the leading source name.
    """

    record_type: type[Record]
    source: str
    keys: Sequence[tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Census:
    """All that a source has of one record type: every row of `source` that is not in `keys` is marked as gone,
    every row that is in `keys` and was marked is unmarked.

    `keys`: natural keys in the order of the record type's `key`, without the leading source name.
    `where`: the census speaks only of rows whose columns equal these (one project, one repository).
    """

    record_type: type[Record]
    source: str
    keys: Sequence[tuple[str, ...]]
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Records that belong together, and the cursor that goes on after them.

    Written in one transaction: first `replaces`, then `records` (upserted by key), then `gone` and `census`, then
    the cursor. `stream` is what the progress bar calls the work ("runs"), `done` of `total` its measure
    (`total` is None while unknown). A batch of some 1,000 to 5,000 records is a good size.
    """

    stream: str
    records: Sequence[Record] = ()
    replaces: Sequence[Replace] = ()
    gone: Sequence[Gone] = ()
    census: Sequence[Census] = ()
    cursor: Cursor | None = None
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of a health check: what was seen and, unless it is fine, what to do about it."""

    level: Literal["ok", "warning", "error"]
    text: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class Health:
    """What `check` saw. `version` is the product and its version ("Airflow 3.3.2")."""

    version: str
    findings: Sequence[Finding]

    @property
    def ok(self) -> bool:
        """Whether a sync would work."""
        return all(f.level != "error" for f in self.findings)


@dataclass(frozen=True, kw_only=True)
class TaskTry:
    """One try of a task run, by the keys of its record; `map_index` -1 where the task is not mapped."""

    pipeline_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int


@runtime_checkable
class ReadsLogs(Protocol):
    """A connector that can also be asked for texts that are never synced: logs of tasks and code of pipelines."""

    def task_log(self, which: TaskTry) -> AsyncGenerator[bytes, None]:
        """The log as UTF-8 text, in pieces of any length, as far as there is one by now."""
        ...

    def code(self, pipeline_id: str) -> AsyncGenerator[bytes, None]:
        """The source code of a pipeline, likewise."""
        ...


@runtime_checkable
class ReadsTickets(Protocol):
    """A connector that can also be asked for what people wrote about a ticket, which is never synced."""

    def ticket_text(self, ticket_id: str, zone: tzinfo | None) -> AsyncGenerator[bytes, None]:
        """Description, then comments, oldest first, as UTF-8 text in pieces of any length. A comment begins with a
        line "── author · time".

        Times are on this zone's clock, which they name; None is the machine's own.
        """
        ...


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the config says of one source: every connector has a subclass (`options_type`) with its own fields."""


class Connector(Protocol):
    """One configured source.

    `transport` replaces the network (the demo and the tests give an ASGI transport); connectors without HTTP
    ignore it. Errors are raised as `SourceError`.
    """

    options_type: ClassVar[type[Options]]
    name: str

    def __init__(self, name: str, options: Options, *, transport: httpx.AsyncBaseTransport | None = None) -> None: ...

    async def check(self) -> Health:
        """Try the connection and the rights; never raises for what the user can mend, but says so in findings."""
        ...

    def pull(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Everything since `cursor` (from the beginning where it is None), newest facts first.

        May be stopped after any batch: the next pull from that batch's cursor loses nothing.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
