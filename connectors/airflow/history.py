"""The first load: windows of time, newest first, a few under way at once, each one a batch with its cursor."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime

import msgspec

from connectors.airflow import wire
from connectors.airflow.api import Api
from connectors.airflow.state import State
from connectors.base import Batch
from connectors.records import Record

FIRST_RUNS = 100
"""The first window is small, so that the screen fills at once."""
WINDOW_ROWS = 5000
"""Runs and task runs a window, about: 5 MB on the wire. Windows get fewer runs where runs have many tasks."""
MOST_RUNS = 1000
AHEAD = 2
"""Windows under way behind the one that is written: the server's workers are kept busy, and memory stays flat."""


async def load(api: Api, source: str, state: State) -> AsyncGenerator[Batch, None]:
    """Everything before `state.history_until`. What changes meanwhile is for the increment from `history_from` on."""
    total = await api.count("/dags/~/dagRuns")
    windows: deque[tuple[asyncio.Task[list[Record]], list[wire.DagRun], datetime | None]] = deque()
    until = state.history_until
    limit = FIRST_RUNS
    try:
        while until is not None or windows:
            while until is not None and len(windows) <= AHEAD:
                runs, after = await _window(api, until, limit)
                windows.append((asyncio.create_task(_records(api, source, runs, after, until)), runs, after))
                until = after
            task, runs, after = windows.popleft()
            records = await task
            limit = min(MOST_RUNS, max(20, WINDOW_ROWS * len(runs) // max(1, len(records))))
            state.note(runs)
            state.history_until = after
            state.done += len(runs)
            yield Batch(
                stream="runs",
                records=records,
                cursor=msgspec.json.encode(state),
                done=state.done,
                total=max(total, state.done),
            )
    finally:
        for task, _, _ in windows:
            task.cancel()


async def _window(api: Api, until: datetime, limit: int) -> tuple[list[wire.DagRun], datetime | None]:
    """The newest runs up to `until`, and the time before which the next window goes on (None after the last).

    A full page may cut through runs of the same time: those of its oldest time are left to the next window, and
    where all have the same time the page is asked for larger.
    """
    while True:
        rows = (await api.newest_runs(until, limit)).rows
        if len(rows) < limit:
            return rows, None
        oldest = rows[-1].named_at
        newer = [row for row in rows if row.named_at != oldest]
        if newer:
            return newer, oldest
        limit *= 4


async def _records(
    api: Api, source: str, runs: Sequence[wire.DagRun], after: datetime | None, until: datetime
) -> list[Record]:
    """The window's runs, and the task runs of all runs with `after` < time <= `until`."""
    records: list[Record] = [run.record(source) for run in runs]
    async with aclosing(api.task_instances(after, until)) as pages:
        async for page in pages:
            records += await with_tries(api, source, page.rows)
    return records


async def with_tries(api: Api, source: str, rows: Sequence[wire.TaskInstance]) -> list[Record]:
    """Task runs with their earlier tries; a task instance only tells its last, so each retried one is asked for."""
    retried = [row for row in rows if row.try_number > 1]
    earlier = await asyncio.gather(*(api.tries(row) for row in retried))
    records: list[Record] = [row.record(source) for row in rows]
    records += [t.record(source, is_latest=False) for tries in earlier for t in tries]
    return records
