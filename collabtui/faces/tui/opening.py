"""The screens that rows lead to."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from textual.screen import Screen

from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.formats import Row, Viewer
from collabtui.faces.tui.frame.status import Freshness
from collabtui.faces.tui.screens.run import RunScreen, same_task
from collabtui.faces.tui.screens.what_if import WhatIfScreen
from collabtui.faces.tui.table.listing import Ref
from collabtui.faces.tui.texts.logscreen import LogScreen, ReadLog
from collabtui.faces.tui.texts.textscreen import ReadCode, TextScreen
from collabtui.faces.tui.texts.ticketscreen import ReadTicket, TicketScreen

ONLY_READS = "this view only reads the warehouse: it cannot ask the source"


class NothingToOpenError(Exception):
    """There is no such screen now; the text says why."""


@dataclass(frozen=True)
class Opening:
    """Makes the screens of rows. `read_log`, `read_code` and `read_ticket` ask a source for what is never synced (None:
    nobody is there to be asked).
    """

    reader: Reader
    viewer: Callable[[], Viewer]
    freshness: Freshness
    read_log: ReadLog | None
    read_code: ReadCode | None
    read_ticket: ReadTicket | None

    def of_row(self, name: str, row: Row) -> Screen[None]:
        """The screen that a list names for its rows (`Listing.enters`). Raises `NothingToOpenError`."""
        match name:
            case "run":
                return RunScreen(row, self.reader, self.viewer, self.freshness)
            case "log":
                return self._log(row)
            case "what-if":
                return WhatIfScreen(row, self.reader, self.viewer)
            case _:
                raise ValueError(f"rows have no screen {name!r}")

    def code(self, source: str, pipeline_id: str) -> Screen[None]:
        """The code of a pipeline. Raises `NothingToOpenError`."""
        if (read := self.read_code) is None:
            raise NothingToOpenError(ONLY_READS)
        return TextScreen(f"code of {pipeline_id}", lambda take: read(take, source=source, pipeline_id=pipeline_id))

    def words(self, about: Ref) -> Screen[None]:
        """What people wrote about a ticket or an epic. Raises `NothingToOpenError`."""
        if self.read_ticket is None:
            raise NothingToOpenError(ONLY_READS)
        return TicketScreen(about, self.read_ticket, self.reader, self.viewer)

    def _log(self, row: Row) -> Screen[None]:
        if self.read_log is None:
            raise NothingToOpenError(ONLY_READS)
        if not row["try_number"] and row["start_at"] is None:
            raise NothingToOpenError("it has not begun: there is no log yet")
        asked = partial(same_task, row=row)
        return LogScreen(row, self.read_log, lambda: self.reader.ask(asked, lane="run"), self.viewer())
