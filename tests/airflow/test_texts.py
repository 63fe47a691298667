"""Logs and code that are read on demand, over both versions' own paths."""

import asyncio

import httpx
import pytest

from collabtui.config import ConfigError, Source
from collabtui.demo.airflow_app import airflow_app
from collabtui.demo.airflow_site import SiteTask
from collabtui.texts import read_text
from connectors.airflow.texts import as_text
from connectors.base import SourceError, TaskTry
from tests.airflow.conftest import MINUTE, Server


def asked(server: Server, what: TaskTry | str, source: str = "air") -> str:
    app = airflow_app(server.site, version=server.version, clock=lambda: server.now)
    transports = {"air": httpx.ASGITransport(server.faults.wrap(app))}
    pieces: list[bytes] = []
    sources = [Source(name="air", kind="airflow", options=server.options)]
    asyncio.run(read_text(sources, transports, source, what, pieces.append))
    return b"".join(pieces).decode()


def failed(server: Server) -> TaskTry:
    """The second try, which failed, of a task."""
    run = server.run(server.dag(), 30 * MINUTE, state="failed", tries=2)
    return TaskTry(pipeline_id="p", run_id=run.run_id, task_id="extract", map_index=-1, try_number=2)


def test_a_log_is_text_with_the_traceback(server):
    text = asked(server, failed(server))
    lines = text.splitlines()
    assert any("INFO - Starting attempt 2 of 2" in line for line in lines[:3])
    at = next(n for n, line in enumerate(lines) if "ERROR - Task failed with exception" in line)
    assert lines[at + 1] == "Traceback (most recent call last):"
    assert lines[at + 2].startswith('  File "')


def test_a_mapped_part_has_its_own_log_and_one_that_runs_what_it_wrote_so_far(server):
    run = server.run(server.dag(tasks=[SiteTask("load", [], is_mapped=True)]), 9 * MINUTE, state="running")
    which = {"pipeline_id": "p", "run_id": run.run_id, "task_id": "load", "try_number": 1}
    first, second = (asked(server, TaskTry(map_index=n, **which)) for n in (0, 1))
    assert first != second
    assert "return code" not in first
    server.now += MINUTE
    later = asked(server, TaskTry(map_index=0, **which))
    assert later.startswith(first)
    assert len(later) > len(first)


def test_a_log_that_is_not_there_says_what_to_do(server):
    which = failed(server)
    gone = TaskTry(pipeline_id="p", run_id=which.run_id, task_id="extract", map_index=-1, try_number=9)
    with pytest.raises(SourceError, match="has it no more"):
        asked(server, gone)
    with pytest.raises(ConfigError, match="is no longer in"):
        asked(server, which, source="other")


def test_a_login_that_may_not_read_logs_is_told_which_right_it_lacks(server):
    which = failed(server)
    server.trouble("/logs/", status=403, times=9)
    with pytest.raises(SourceError, match="may not read task logs"):
        asked(server, which)


def test_trouble_that_passes_is_outlived(server):
    which = failed(server)
    server.trouble("/logs/", status=503, times=2)
    assert "Starting attempt" in asked(server, which)


def test_the_code_of_a_dag(server):
    server.dag()
    assert "with DAG('p'" in asked(server, "p")


def test_json_lines_may_be_cut_anywhere_and_be_odd():
    async def pieces():
        for piece in (
            b'{"event": "a\\nb", "level": "info", "timestamp": "T", "rows"',
            b": 3}\nno json\n[1]\n",
            b'{"event": 7}',
        ):
            yield piece

    async def read():
        return b"".join([piece async for piece in as_text(pieces())]).decode()

    assert asyncio.run(read()).splitlines() == ["[T] INFO - a", "b rows=3", "no json", "[1]", "7"]
