"""The first load: windows of time, newest first, a few under way at once, each one a batch with its cursor."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from connectors.airflow.api import RUNS, Api
from connectors.airflow.state import Retried, State
from connectors.airflow.windows import Piece, halves, is_whole, newest
from connectors.airflow.wire import DagRun, TaskInstance
from connectors.base import Batch, SourceError
from connectors.records import Record

FIRST_RUNS = 100
"""The first window is small, so that the screen fills at once."""
WINDOW_ROWS = 5000
"""Runs and task runs a window, about: 5 MB on the wire. Windows get fewer runs where runs have many tasks."""
FEWEST_RUNS, MOST_RUNS = 20, 1000
MOST_ROWS = 10_000
"""Task instances an answer, about 11 MB; where a window has more it is halved."""
AHEAD = 2
"""Windows under way behind the one that is written: the server's workers are kept busy, and memory stays flat."""


@dataclass(frozen=True)
class Window:
    """The runs of `piece`, and their task instances on the way."""

    piece: Piece
    runs: Sequence[DagRun]
    task_runs: "asyncio.Task[tuple[list[Record], list[Retried]]]"


async def load(api: Api, source: str, state: State) -> AsyncGenerator[Batch, None]:
    """Everything before `state.history_until`. What changes meanwhile is for the increment from `history_from` on."""
    total = await api.count(RUNS)
    windows: deque[Window] = deque()
    until, limit = state.history_until, FIRST_RUNS
    try:
        while until is not None or windows:
            while until is not None and len(windows) <= AHEAD:
                runs, after = await _runs(api, source, until, limit)
                piece = Piece(after, until)
                task_runs = asyncio.create_task(_task_runs(api, source, state, piece, runs))
                windows.append(Window(piece, runs, task_runs))
                until = after
            window = windows[0]
            records, retried = await window.task_runs
            windows.popleft()
            rows = len(window.runs) + len(records)
            limit = min(MOST_RUNS, max(FEWEST_RUNS, WINDOW_ROWS * len(window.runs) // max(1, rows)))
            state.note(window.runs)
            state.retried += retried
            state.history_until = window.piece.after
            state.done += len(window.runs)
            yield Batch(
                stream="runs",
                records=[*(run.record(source) for run in window.runs), *records],
                cursor=msgspec.json.encode(state),
                done=state.done,
                total=max(total, state.done),
            )
    finally:
        for window in windows:
            window.task_runs.cancel()
        await asyncio.gather(*(window.task_runs for window in windows), return_exceptions=True)


async def _runs(api: Api, source: str, until: datetime, limit: int) -> tuple[Sequence[DagRun], datetime | None]:
    """The newest runs up to `until`, about `limit`, and where the next window begins (None after the last)."""
    while True:
        page = await api.newest_runs(until, limit)
        if not page.rows or is_whole(page, limit):
            return page.rows, None
        if cut := newest(page.rows):
            return cut
        if len(page.rows) < limit:
            raise _too_short(source, "runs", len(page.rows), page.total_entries)
        limit *= 4


async def _task_runs(
    api: Api, source: str, state: State, piece: Piece, runs: Sequence[DagRun]
) -> tuple[list[Record], list[Retried]]:
    """The task runs of a piece with their earlier tries, and which of them the next increment may tell again."""
    page = await api.task_instances(piece, MOST_ROWS)
    if is_whole(page, MOST_ROWS):
        return await with_tries(api, source, page.rows), state.retried_lately(page.rows)
    if (parts := halves(piece, runs)) is not None:
        records: list[Record] = []
        retried: list[Retried] = []
        for part in parts:
            more, lately = await _task_runs(api, source, state, part, runs)
            records += more
            retried += lately
        return records, retried
    limit = MOST_ROWS
    while not is_whole(page, limit):
        if len(page.rows) < limit:
            raise _too_short(source, "task instances", len(page.rows), page.total_entries)
        limit *= 4
        page = await api.task_instances(piece, limit)
    return await with_tries(api, source, page.rows), state.retried_lately(page.rows)


def _too_short(source: str, what: str, came: int, total: int) -> SourceError:
    return SourceError(
        f"{source}: the server gives {came} of {total} {what} of one time, and no more at once; "
        "raise its maximum_page_limit ([api] in airflow.cfg)"
    )


async def with_tries(
    api: Api, source: str, rows: Sequence[TaskInstance], known: frozenset[Retried] = frozenset()
) -> list[Record]:
    """Task runs with their earlier tries; a task instance only tells its last, so each retried one is asked for.

    Those of `known` are not asked for again.
    """
    retried = [row for row in rows if row.try_number > 1 and row.tried not in known]
    earlier = await asyncio.gather(*(api.tries(row) for row in retried))
    records: list[Record] = [row.record(source) for row in rows]
    records += [t.record(source, is_latest=False) for tries in earlier for t in tries]
    return records
