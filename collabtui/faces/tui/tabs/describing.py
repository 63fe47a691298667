"""From the selected row to its detail: what is known of it is asked, and long work says how far it is."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.formats import Line, Part, Row, Viewer
from collabtui.faces.tui.table.listing import Description, Listing, row_key
from collabtui.faces.tui.tabs.detail import Detail

NOTICED_S = 0.3
"""What takes longer says that it is on its way."""
Name = tuple[Any, ...]
"""The listing's name and the row's key."""


class Describing:
    """The way to one detail."""

    def __init__(self, detail: Detail, reader: Reader, viewer: Callable[[], Viewer]) -> None:
        self._detail, self._reader, self._viewer = detail, reader, viewer
        self._described: Name | None = None
        self._working: Name | None = None

    def is_at(self, listing: Listing, row: Row | None) -> bool:
        """Whether long work is on its way for this row: a refresh in between does not begin it anew."""
        return row is not None and self._working == _name(listing, row)

    async def describe(self, listing: Listing, row: Row | None) -> None:
        """Show what is known of the row; nothing of None.

        Raises why it could not be read; then what the row itself tells is shown.
        """
        if row is None:
            self._detail.clear()
            return
        known = trouble = None
        try:
            if (more := listing.more) is not None:
                known = await self._reader.ask(partial(more, row=row), lane="detail")
            elif (work_out := listing.work_out) is not None:
                known = await self._work_out(work_out, listing, row)
        except Exception as e:
            trouble = e
        viewer = self._viewer()
        self._detail.show(listing.describe(row, known, viewer), viewer)
        self._described = _name(listing, row)
        if trouble is not None:
            raise trouble

    async def _work_out(self, work_out: Callable[..., Any], listing: Listing, row: Row) -> Any:
        """Long work, its progress in the detail once it shows that it is long; given up with the row."""
        viewer = self._viewer()
        first = listing.describe(row, None, viewer)
        self._working = _name(listing, row)
        is_new = self._described != self._working  # else what is known of it stays meanwhile

        def show(how_far: str) -> None:
            if is_new:
                words: Line = (Part(f"⟳ working it out{how_far}", "busy"),)
                self._detail.show(Description(first.title, [words, *first.lines]), viewer)

        waits = asyncio.get_running_loop().call_later(NOTICED_S, show, "…")
        try:
            return await self._reader.ask_long(
                partial(work_out, row=row), lambda done, total: show(f": {done} of {total}")
            )
        finally:
            waits.cancel()
            self._working = None


def _name(listing: Listing, row: Row) -> Name:
    return (listing.name, *row_key(listing, row))
