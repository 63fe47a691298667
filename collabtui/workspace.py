"""A workspace: settings, clock and network together, and what keeps its warehouse fresh."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from collabtui.config import Settings
from collabtui.sources import Transports
from collabtui.sync import Progress, SyncProgress, SyncResult, sync, wall_clock
from collabtui.texts import Take, TicketWords, read_text
from collabtui.warehouse import Warehouse
from connectors.base import TaskTry

T = TypeVar("T")


async def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Workspace:
    """What a face needs to show one team: the demo differs from a real one only in these four."""

    settings: Settings
    clock: Callable[[], datetime] = wall_clock
    transports: Transports | None = None
    before_sync: Callable[[], Awaitable[None]] = _nothing

    async def refresh(self, progress: Progress = lambda _: None) -> list[SyncResult]:
        """Sync all sources, then keep the forecasts that follow from it and settle those whose truth has come."""
        from collabtui import ledger  # polars and numpy, 0.3 s

        await self.before_sync()
        warehouse = Warehouse(self.settings.warehouse)
        try:
            results = await sync(
                warehouse,
                self.settings.sources,
                transports=self.transports,
                clock=self.clock,
                progress=progress,
            )
            await asyncio.to_thread(ledger.settle, warehouse, self.settings, self.clock())
            await asyncio.to_thread(ledger.record, warehouse, self.settings, self.clock())
        finally:
            warehouse.close()
        return results

    async def refresh_aside(self, progress: Progress) -> list[SyncResult]:
        """Like `refresh`, in a thread of its own: decoding and writing never hold up the caller's event loop.

        `progress` is called in the caller's loop.
        """
        loop = asyncio.get_running_loop()

        def told(p: SyncProgress) -> None:
            loop.call_soon_threadsafe(progress, p)

        return await _aside(lambda: self.refresh(told))

    async def log_aside(
        self, take: Take, *, source: str, pipeline_id: str, run_id: str, task_id: str, map_index: int, try_number: int
    ) -> None:
        """Read the log of a try of a task run in a thread of its own, which also calls `take`; see `read_text`."""
        which = TaskTry(
            pipeline_id=pipeline_id, run_id=run_id, task_id=task_id, map_index=map_index, try_number=try_number
        )
        await _aside(lambda: read_text(self.settings.sources, self.transports, source, which, take))

    async def code_aside(self, take: Take, *, source: str, pipeline_id: str) -> None:
        """Read the code of a pipeline likewise."""
        await _aside(lambda: read_text(self.settings.sources, self.transports, source, pipeline_id, take))

    async def ticket_aside(self, take: Take, *, source: str, ticket_id: str) -> None:
        """Read what people wrote about a ticket likewise."""
        what = TicketWords(ticket_id, ZoneInfo(self.settings.timezone) if self.settings.timezone else None)
        await _aside(lambda: read_text(self.settings.sources, self.transports, source, what, take))


async def _aside(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in a thread with its own event loop; it is cancelled when the caller is."""
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = Future()

    async def main() -> T:
        task = asyncio.ensure_future(work())
        begun.set_result((asyncio.get_running_loop(), task))
        return await task

    waiting = asyncio.ensure_future(asyncio.to_thread(lambda: asyncio.run(main())))
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        loop, task = await asyncio.wrap_future(begun)
        with suppress(RuntimeError):  # it may have ended in between
            loop.call_soon_threadsafe(task.cancel)
        raise
