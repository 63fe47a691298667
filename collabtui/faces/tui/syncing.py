"""The sync beside the app: one at a time, and what it tells reaches the sources' line."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from collabtui.faces.tui.frame.status import Freshness

if TYPE_CHECKING:  # sync comes with connectors and httpx, 0.3 s
    from collabtui.sync import SyncProgress

    Sync = Callable[[Callable[[SyncProgress], None]], Awaitable[Any]]

logger = logging.getLogger(__name__)


class Syncing:
    """Pulls what is new, where there is a way to (`sync` is not None: else the app only reads).

    `freshness` is told how far it is, `tell_news` is called whenever there may be something new to read.
    """

    def __init__(self, sync: "Sync | None", freshness: Freshness, tell_news: Callable[[], None]) -> None:
        self._sync, self._freshness, self._tell_news = sync, freshness, tell_news
        self.can_sync = sync is not None
        self.is_running = self.can_sync
        """On its way, or about to be: the first one begins with the app."""
        self._has_begun = False

    async def run(self) -> None:
        """Pull once; nothing where that is under way already."""
        if self._sync is None or (self.is_running and self._has_begun):
            return
        self.is_running = self._has_begun = True
        try:
            await self._sync(self._progress)
        except Exception as e:
            logger.exception("the sync failed")
            self._freshness.fail(f"the sync failed: {e or type(e).__name__}")
        finally:
            self.is_running = False
            self._tell_news()
            self._freshness.done()

    def _progress(self, progress: "SyncProgress") -> None:
        self._tell_news()
        self._freshness.progress(progress)
