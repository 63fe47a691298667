"""From a configured source to its connector, found through the entry points of `collabtui.connectors`."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from collabtui.config import ConfigError, Source
from collabtui.misread import converted
from connectors.base import Connector

if TYPE_CHECKING:
    import httpx

GROUP = "collabtui.connectors"

Transports = Mapping[str, "httpx.AsyncBaseTransport"]
"""By source name: what replaces the network."""


def open_connector(source: Source, transports: Transports | None = None) -> Connector:
    """The connector of a source, its options checked. Raises `ConfigError`; nothing is connected yet."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if source.kind not in found:
        raise ConfigError(
            f"[sources.{source.name}] kind = {source.kind!r} is not installed; there are {', '.join(sorted(found))}"
        )
    kind: type[Connector] = found[source.kind].load()
    try:
        options = converted(dict(source.options), kind.options_type, f"[sources.{source.name}]")
    except ValueError as e:
        raise ConfigError(str(e)) from e
    return kind(source.name, options, transport=(transports or {}).get(source.name))
