"""Sync: side by side, resumable, and one source's trouble is its own. The connectors here come from a third party's
package, found through its entry points as any other."""

import asyncio
import sys
from datetime import UTC, datetime

import pytest

from collabtui.config import ConfigError, Source
from collabtui.sources import open_connector
from collabtui.sync import sync
from collabtui.warehouse import Warehouse

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)

THIRD_PARTY = '''
"""A connector that counts: numbered people, some a batch, from where the cursor says."""
import asyncio
from connectors.base import Batch, Finding, Health, Options, SourceError
from connectors.records import Person

class CounterOptions(Options, frozen=True, kw_only=True):
    people: int
    fail_at: int = -1
    crash_at: int = -1
    hang_at: int = -1

class Counter:
    options_type = CounterOptions

    def __init__(self, name, options, *, transport=None):
        self.name, self.options, self.closed = name, options, False

    async def check(self):
        return Health(version="Counter 1", findings=[Finding(level="ok", text="it counts")])

    async def pull(self, cursor):
        for n in range(int(cursor or b"0"), self.options.people):
            if n == self.options.fail_at:
                raise SourceError(f"{self.name}: GET /people/{n}: 500")
            if n == self.options.crash_at:
                raise ZeroDivisionError("s3cret")
            if n == self.options.hang_at:
                await asyncio.sleep(3600)
            person = Person(source=self.name, person_id=str(n), name=f"Person {n}")
            cursor = str(n + 1).encode()
            yield Batch(stream="people", records=[person], cursor=cursor, done=n + 1, total=self.options.people)

    async def aclose(self):
        self.closed = True
'''


@pytest.fixture(autouse=True)
def _third_party(tmp_path, monkeypatch):
    package = tmp_path / "site"
    info = package / "counter_connector-1.0.dist-info"
    info.mkdir(parents=True)
    (package / "counter_connector.py").write_text(THIRD_PARTY)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: counter-connector\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[collabtui.connectors]\ncounter = counter_connector:Counter\n")
    monkeypatch.syspath_prepend(str(package))
    yield
    sys.modules.pop("counter_connector", None)


@pytest.fixture
def warehouse(tmp_path):
    warehouse = Warehouse(tmp_path / "w.db")
    yield warehouse
    warehouse.close()


def counter(name: str, **options) -> Source:
    return Source(name=name, kind="counter", options=options)


def people(warehouse: Warehouse, source: str) -> int:
    return warehouse.frame("SELECT count(*) AS n FROM person WHERE source = ?", [source])["n"][0]


def state(warehouse: Warehouse, source: str) -> dict:
    return warehouse.frame("SELECT * FROM sync_state WHERE source = ?", [source]).row(0, named=True)


async def test_every_source_is_pulled_and_reported(warehouse):
    seen = []
    results = await sync(
        warehouse, [counter("a", people=3), counter("b", people=2)], clock=lambda: NOW, progress=seen.append
    )
    assert [(r.source, r.records, r.error) for r in results] == [("a", 3, None), ("b", 2, None)]
    assert [(p.done, p.total) for p in seen if p.source == "a" and p.stream == "people"] == [(1, 3), (2, 3), (3, 3)]
    assert state(warehouse, "a")["ok_at"] == NOW


async def test_one_source_failing_leaves_the_others_and_its_own_progress(warehouse):
    failing = counter("a", people=9, fail_at=4)
    results = await sync(warehouse, [failing, counter("b", people=2)], clock=lambda: NOW)
    assert results[0].error == "a: GET /people/4: 500"
    assert results[1].error is None
    assert people(warehouse, "a") == 4
    assert state(warehouse, "a")["ok_at"] is None
    assert warehouse.cursor("a") == b"4"

    await sync(warehouse, [counter("a", people=9)], clock=lambda: NOW)
    assert people(warehouse, "a") == 9
    assert state(warehouse, "a")["error"] is None


async def test_a_bug_in_a_connector_is_told_without_its_text(warehouse, caplog):
    (result,) = await sync(warehouse, [counter("a", people=9, crash_at=1)])
    assert result.error == "a: the counter connector failed (ZeroDivisionError); please report it"


async def test_cancelled_in_the_middle_it_goes_on_there(warehouse):
    seen = asyncio.Event()
    work = asyncio.create_task(
        sync(warehouse, [counter("a", people=9, hang_at=5)], progress=lambda p: p.done == 4 and seen.set())
    )
    await seen.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert people(warehouse, "a") == int(warehouse.cursor("a") or 0) == 5

    await sync(warehouse, [counter("a", people=9)])
    assert people(warehouse, "a") == 9


async def test_what_is_configured_wrongly_is_that_source_s_error(warehouse):
    sources = [counter("a", poeple=3), Source(name="b", kind="abacus", options={}), counter("c", people=1)]
    a, b, c = await sync(warehouse, sources)
    assert a.error
    assert a.error == "[sources.a] `poeple` is no key; did you mean `people`?"
    assert b.error
    assert "'abacus' is not installed; there are airflow, counter, git, jira" in b.error
    assert c.error is None


def test_options_of_the_wrong_type_name_source_and_field():
    with pytest.raises(ConfigError, match=r"\[sources.a\] `people` takes a whole number, not text"):
        open_connector(counter("a", people="three"))
