"""What people wrote about a ticket: its facts on top, then description and comments as its source has them now."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

from textual import work
from textual.widget import Widget
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.answering import plainly
from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.formats import Line, Part, Row, Tone, Viewer, number, status
from collabtui.faces.tui.table.listing import Ref
from collabtui.faces.tui.tabs.detail import words
from collabtui.faces.tui.tabs.forecasts import fields
from collabtui.faces.tui.texts.textscreen import Take, TextScreen
from collabtui.faces.tui.texts.textview import TextView

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

logger = logging.getLogger(__name__)
HEADING = "── "
"""How the line begins that says who wrote a comment, as `connectors.base.ReadsTickets` has it."""


class ReadTicket(Protocol):
    """Gives what people wrote about a ticket."""

    def __call__(self, take: Take, *, source: str, ticket_id: str) -> Awaitable[None]: ...


class TicketScreen(TextScreen):
    """Description and comments of a ticket or an epic."""

    def __init__(self, about: Ref, read_ticket: ReadTicket, reader: Reader, viewer: Callable[[], Viewer]) -> None:
        super().__init__(about.name, lambda take: read_ticket(take, source=about.source, ticket_id=about.id))
        self._about, self._reader, self._viewing = about, reader, viewer
        self._known: Row | None = None

    def _texts(self) -> Iterator[Widget]:
        yield Static(id="facts")
        yield TextView(wraps=True, tone=_tone)

    def on_mount(self) -> None:
        """The facts are in the warehouse; the rest is on its way."""
        self._tell_facts()

    @work(exclusive=True, group="facts")
    async def _tell_facts(self) -> None:
        asked = partial(closely, source=self._about.source, ticket_id=self._about.id)
        try:
            self._known = await self._reader.ask(asked, lane="run")
            lines = told(self._known, self._viewing())
        except Exception as e:
            logger.exception("the facts of %s could not be read", self._about.name)
            lines = ((Part(f"✖ its facts could not be read: {plain(str(e))}", "bad"),),)
        shown = words([line for line in lines if line], self.app.theme_variables)
        self.query_one("#facts", Static).update(shown)

    def _title(self) -> Sequence[str | tuple[str, str]]:
        title = self._known["title"] if self._known is not None else None
        key = (plain(self._about.name), "bold")
        return (key, f" › {plain(title)}") if title else (key,)


def closely(warehouse: "Warehouse", settings: "Settings", now: datetime, source: str, ticket_id: str) -> Row:
    """What is known of a ticket without asking its source."""
    from collabtui.answers.ticket import ticket

    return plainly(ticket(warehouse, settings, now, source=source, ticket_id=ticket_id))


def told(known: Row, viewer: Viewer) -> Sequence[Line]:
    """A few lines: where it stands, what it is, and what it is part of."""
    if known["ticket_key"] is None:
        return ((Part("the warehouse no longer knows it", "muted"),),)
    part_of = f"{known['parent_key']} {known['parent_title'] or ''}" if known["parent_key"] else None
    due, points = known["due_on"], known["story_points"]
    flagged: Line = (Part(" · "), Part("⊘ flagged", "bad")) if known["is_flagged"] else ()
    who = fields(("with", known["assignee"] or "nobody"), ("reporter", known["reporter"]))
    return (
        (*status(known["status"], known["status_category"]), *flagged, Part(" · "), *who),
        fields(
            ("type", known["type"]), ("priority", known["priority"]), ("due", viewer.day(due) if due else None),
            ("story points", number(points) if points is not None else None), ("sprint", known["sprint"]),
            ("labels", ", ".join(known["labels"] or ())), ("part of", part_of),
        ),
    )  # fmt: skip


def _tone(line: str) -> Tone:
    return "strong" if line.startswith(HEADING) else "muted" if line.startswith(("> ", "```")) else ""
