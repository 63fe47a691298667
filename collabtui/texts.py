"""Texts that a source is asked for when somebody wants to see them; they are never kept."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from collabtui.config import ConfigError, Source
from collabtui.sources import Transports, open_connector
from connectors.base import ReadsLogs, TaskTry

Take = Callable[[bytes], None]
"""Is given the text piece by piece."""


async def read_text(
    sources: Sequence[Source], transports: Transports | None, source: str, what: TaskTry | str, take: Take
) -> None:
    """Give `take` the log of a try, or the code of the pipeline of that name.

    Raises `SourceError` and `ConfigError`; their texts say what to do.
    """
    configured = next((one for one in sources if one.name == source), None)
    if configured is None:
        raise ConfigError(f"[sources.{source}] is no longer in collabtui.toml, so it cannot be asked")
    connector = open_connector(configured, transports)
    try:
        if not isinstance(connector, ReadsLogs):
            raise ConfigError(f"[sources.{source}] its connector ({configured.kind}) cannot read logs")
        pieces: AsyncGenerator[bytes, None]
        pieces = connector.code(what) if isinstance(what, str) else connector.task_log(what)
        async with aclosing(pieces):
            async for piece in pieces:
                take(piece)
    finally:
        await connector.aclose()
