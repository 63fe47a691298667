"""Texts that a source is asked for when somebody wants to see them; they are never kept."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import tzinfo

from collabtui.config import ConfigError, Source
from collabtui.sources import Transports, open_connector
from connectors.base import Connector, ReadsLogs, ReadsTickets, TaskTry

Take = Callable[[bytes], None]
"""Is given the text piece by piece."""


@dataclass(frozen=True)
class TicketWords:
    """What people wrote about the ticket of this id; times on this zone's clock, None is the machine's own."""

    ticket_id: str
    zone: tzinfo | None = None


Text = TaskTry | TicketWords | str
"""The log of a try, what people wrote about a ticket, or the code of the pipeline of that name."""


async def read_text(
    sources: Sequence[Source], transports: Transports | None, source: str, what: Text, take: Take
) -> None:
    """Give `take` this text of the source.

    Raises `SourceError` and `ConfigError`; their texts say what to do.
    """
    configured = next((one for one in sources if one.name == source), None)
    if configured is None:
        raise ConfigError(f"[sources.{source}] is no longer in collabtui.toml, so it cannot be asked")
    connector = open_connector(configured, transports)
    try:
        async with aclosing(_pieces(connector, what, configured)) as pieces:
            async for piece in pieces:
                take(piece)
    finally:
        await connector.aclose()


def _pieces(connector: Connector, what: Text, configured: Source) -> AsyncGenerator[bytes, None]:
    if isinstance(what, TicketWords):
        if isinstance(connector, ReadsTickets):
            return connector.ticket_text(what.ticket_id, what.zone)
    elif isinstance(connector, ReadsLogs):
        return connector.code(what) if isinstance(what, str) else connector.task_log(what)
    texts = "tickets" if isinstance(what, TicketWords) else "logs"
    raise ConfigError(f"[sources.{configured.name}] its connector ({configured.kind}) cannot read {texts}")
