"""What works and what to do about what does not: config, warehouse, and every source's own check."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collabtui.config import ConfigError, Settings, Source
from collabtui.sources import Transports, open_connector
from collabtui.warehouse import Warehouse, WarehouseError
from connectors.base import Finding, Health, SourceError


@dataclass(frozen=True)
class Diagnosis:
    """What was found at one place: the warehouse, or a source by its name."""

    subject: str
    version: str
    findings: Sequence[Finding]

    @property
    def ok(self) -> bool:
        """Whether it works."""
        return all(f.level != "error" for f in self.findings)


async def examine(settings: Settings, config: Path) -> AsyncIterator[Diagnosis]:
    """The config, read from that file, and the warehouse first, then every source as its answer comes."""
    yield Diagnosis("config", "", [Finding(level="ok", text=str(config))])
    yield await asyncio.to_thread(_warehouse, settings)
    if not settings.sources:
        advice = "add [sources.NAME] to collabtui.toml, or run `collabtui init`"
        yield Diagnosis("sources", "", [Finding(level="error", text="no source is configured", advice=advice)])
    for check in asyncio.as_completed([check_source(source) for source in settings.sources]):
        yield await check


async def check_source(source: Source, transports: Transports | None = None) -> Diagnosis:
    """Try one source; trouble of any kind comes back as a finding."""
    try:
        connector = open_connector(source, transports)
        try:
            health: Health = await connector.check()
        finally:
            await connector.aclose()
    except (ConfigError, SourceError) as e:
        return Diagnosis(source.name, "", [Finding(level="error", text=str(e))])
    return Diagnosis(source.name, health.version, health.findings)


def _warehouse(settings: Settings) -> Diagnosis:
    try:
        warehouse = Warehouse(settings.warehouse)
    except WarehouseError as e:
        return Diagnosis("warehouse", "", [Finding(level="error", text=str(e))])
    warehouse.close()
    size_mb = settings.warehouse.stat().st_size / 1e6
    return Diagnosis("warehouse", "", [Finding(level="ok", text=f"{settings.warehouse}, {size_mb:.1f} MB")])
