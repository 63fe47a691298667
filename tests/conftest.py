"""A small simulated team, synced once: what answers, reports and screens are tested on."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import hypothesis
import pytest

from collabtui.answers import Question
from collabtui.config import Settings
from collabtui.demo.airflow_app import airflow_app
from collabtui.demo.commits import DemoRepository
from collabtui.demo.demo import REPOSITORY, SECRETS, demo_settings
from collabtui.demo.jira_app import jira_app
from collabtui.demo.world import World
from collabtui.sync import SyncResult, sync
from collabtui.warehouse import Warehouse

hypothesis.settings.register_profile("house")  # a busy machine is no fault: speed is the benches'
hypothesis.settings.load_profile("house")
SHOWN_AT = datetime(2026, 3, 11, 5, 40, tzinfo=UTC)
"""A Wednesday, 06:40 in Berlin: the night's marts are landing, their deadline is near."""


def asked_of(question: Question) -> dict[str, str]:
    """What a question that is about one thing is asked of at the office."""
    if not question.about:
        return {}
    return {"about": "tickets finished: Analytics" if question.name.startswith("lab") else "mart_revenue"}


@dataclass
class Office:
    """A team's world, its servers and a warehouse that is synced from them."""

    world: World
    settings: Settings
    transports: dict[str, httpx.AsyncBaseTransport]

    @property
    def now(self) -> datetime:
        return self.world.now

    def pull(self) -> list[SyncResult]:
        """Sync all sources."""
        warehouse = Warehouse(self.settings.warehouse)
        try:
            pulled = sync(warehouse, self.settings.sources, transports=self.transports, clock=lambda: self.now)
            return asyncio.run(pulled)
        finally:
            warehouse.close()

    def later(self, by: timedelta) -> None:
        """Let time pass, and sync."""
        commits = self.world.advance(self.now + by)
        DemoRepository(Path(str(self.settings.sources[2].options["path"]))).write(commits)
        self.pull()


def open_office(folder: Path, *, history: timedelta = timedelta(days=100), seed: int = 20) -> Office:
    """A team at `SHOWN_AT`, with so much past."""
    os.environ.update(SECRETS)
    world = World(seed, SHOWN_AT, history=history, hourly_history=min(history, timedelta(days=14)))
    settings = demo_settings(folder)
    transports: dict[str, httpx.AsyncBaseTransport] = {
        "airflow": httpx.ASGITransport(airflow_app(world.airflow, clock=lambda: world.now)),
        "jira": httpx.ASGITransport(jira_app(world.jira, clock=lambda: world.now)),
    }
    DemoRepository(folder / REPOSITORY).write(world.advance(SHOWN_AT))
    office = Office(world, settings, transports)
    assert [result.error for result in office.pull()] == [None, None, None]
    return office


@pytest.fixture(scope="session")
def office(tmp_path_factory) -> Office:
    """To be read only."""
    return open_office(tmp_path_factory.mktemp("office"))


@pytest.fixture
def warehouse(office) -> Iterator[Warehouse]:
    """The office's warehouse."""
    opened = Warehouse(office.settings.warehouse)
    yield opened
    opened.close()
