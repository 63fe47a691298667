"""Connectors -> warehouse, side by side: one source's trouble never stops another."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from collabtui.config import ConfigError, Source
from collabtui.sources import Transports, open_connector
from collabtui.warehouse import Warehouse, WarehouseError
from connectors.base import Batch, Connector, SourceError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SyncProgress:
    """How far one source is: `done` of `total` (None while unknown) of what `stream` names."""

    source: str
    stream: str
    done: int
    total: int | None
    state: Literal["running", "done", "failed"]
    error: str | None = None


@dataclass(frozen=True)
class SyncResult:
    """What one source's sync brought: records written, or the error that ended it."""

    source: str
    records: int
    error: str | None = None


Progress = Callable[[SyncProgress], None]


def wall_clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


async def sync(
    warehouse: Warehouse,
    sources: Sequence[Source],
    *,
    transports: Transports | None = None,
    clock: Callable[[], datetime] = wall_clock,
    progress: Progress = lambda _: None,
) -> list[SyncResult]:
    """Pull every source from where it was into the warehouse; results in the order of `sources`.

    Every batch is written with its cursor in one transaction: cancelled or killed at any moment, the next sync
    goes on after the last batch.
    """
    work = (_sync_source(warehouse, source, transports, clock, progress) for source in sources)
    return await asyncio.gather(*work)


async def _sync_source(
    warehouse: Warehouse,
    source: Source,
    transports: Transports | None,
    clock: Callable[[], datetime],
    progress: Progress,
) -> SyncResult:
    warehouse.sync_started(source.name, source.kind, clock())
    progress(SyncProgress(source.name, "connecting", 0, None, "running"))
    records = 0
    error: str | None = None
    try:
        connector = open_connector(source, transports)
        try:
            async with aclosing(_written(warehouse, connector, clock)) as batches:
                async for batch in batches:
                    records += len(batch.records)
                    progress(SyncProgress(source.name, batch.stream, batch.done, batch.total, "running"))
        finally:
            await connector.aclose()
    except (SourceError, ConfigError, WarehouseError) as e:
        error = str(e)
    except Exception as e:
        logger.exception("the connector of %s failed", source.name)
        error = f"{source.name}: the {source.kind} connector failed ({type(e).__name__}); please report it"
    warehouse.sync_finished(source.name, clock(), error)
    progress(SyncProgress(source.name, "", records, records, "failed" if error else "done", error))
    return SyncResult(source.name, records, error)


async def _written(
    warehouse: Warehouse, connector: Connector, clock: Callable[[], datetime]
) -> AsyncGenerator[Batch, None]:
    """The connector's batches, each once it is in the warehouse; the next is fetched while one is written."""
    writing: tuple[Batch, Awaitable[None]] | None = None
    pulled = connector.pull(warehouse.cursor(connector.name))
    try:
        async for batch in pulled:
            if writing is not None:
                await writing[1]
                yield writing[0]
            apply = asyncio.to_thread(warehouse.apply, connector.name, batch, clock())
            writing = batch, asyncio.ensure_future(apply)
        if writing is not None:
            await writing[1]
            yield writing[0]
            writing = None
    finally:
        if writing is not None:  # a batch on its way is finished also when the sync is cancelled
            with suppress(Exception):
                await asyncio.shield(writing[1])
        await pulled.aclose()
