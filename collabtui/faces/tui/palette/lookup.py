"""What typed words may mean: tickets, most of which are in no list of the app, and who "me" is."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collabtui.faces.tui.formats import Row

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

logger = logging.getLogger(__name__)
SOON_S = 0.15
"""What comes within that is shown with the rest."""


def look_up(warehouse: "Warehouse", settings: "Settings", now: datetime, *, about: str) -> Sequence[Row]:
    """As `collabtui.answers.find` has them."""
    from collabtui.answers.find import find

    return find(warehouse, settings, now, about=about).tickets.to_dicts()


def own_names(warehouse: "Warehouse", settings: "Settings", _now: datetime) -> Sequence[str]:
    """What the viewer is called, if the config says who that is."""
    from collabtui.answers.humans import names_of

    return names_of(warehouse, settings.me) if settings.me else ()


class Lookup:
    """Asks for what is typed; of several questions only the last one counts.

    `ask` looks words up; `came` is called when an answer comes late.
    """

    def __init__(self, ask: Callable[[str], Coroutine[Any, Any, Sequence[Row]]], came: Callable[[], None]) -> None:
        self._ask, self._came = ask, came
        self._words: str | None = None
        self._asked: asyncio.Task[Sequence[Row]] | None = None

    async def tickets(self, words: str) -> Sequence[Row]:
        """Those with these words, the best first; none as long as they are on their way."""
        if self._asked is None or words != self._words:
            self.close()
            self._words = words
            self._asked = asyncio.create_task(self._ask(words))
        asked = self._asked
        if not asked.done():
            await asyncio.wait([asked], timeout=SOON_S)
        if not asked.done():
            asked.add_done_callback(self._late)
            return ()
        if (trouble := asked.exception()) is not None:
            logger.error("tickets could not be looked up", exc_info=trouble)
            return ()
        return asked.result()

    def close(self) -> None:
        """Nobody waits any longer."""
        if self._asked is not None:
            self._asked.cancel()

    def _late(self, asked: asyncio.Task[Sequence[Row]]) -> None:
        if asked is self._asked and not asked.cancelled():
            self._came()
