"""What was touched since the last sync began, and open runs that were not heard of."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime

import msgspec

from connectors.airflow.api import Api
from connectors.airflow.history import with_tries
from connectors.airflow.state import Retried, State
from connectors.airflow.wire import TaskInstance
from connectors.base import Batch, Gone, Replace
from connectors.records import Record, Run, TaskRun

BATCH = 2000
OPEN_RUNS = 1000


async def load(api: Api, source: str, state: State) -> AsyncGenerator[Batch, None]:
    """Runs and task runs touched since; the last batch has the cursor."""
    since = state.since
    assert since is not None  # noqa: S101 - set at the first sync
    began: datetime | None = None
    done = 0
    async with aclosing(api.runs_since(since)) as pages:
        async for page in pages:
            began = began or api.now
            state.note(page.rows)
            done += len(page.rows)
            yield Batch(stream="runs", records=[row.record(source) for row in page.rows], done=done)
    known, retried = frozenset(state.retried), set[Retried]()
    records: list[Record] = []
    replaces: list[Replace] = []
    async with aclosing(api.task_instances_since(since)) as task_pages:
        async for task_page in task_pages:
            records += await with_tries(api, source, task_page.rows, known | retried)
            replaces += never_ran(source, task_page.rows)
            retried.update(row.tried for row in task_page.rows if row.try_number > 1)
            done += len(task_page.rows)
            if len(records) >= BATCH:
                yield Batch(stream="task runs", records=records, replaces=replaces, done=done)
                records, replaces = [], []
    state.history_from = began
    state.retried = sorted(retried)
    cursor = msgspec.json.encode(state)
    yield Batch(stream="task runs", records=records, replaces=replaces, cursor=cursor, done=done, total=done)


def never_ran(source: str, rows: Sequence[TaskInstance]) -> list[Replace]:
    """What a task instance was before: the row without a try, once it has one, and the one that stood for all
    mapped ones, once they are there. Airflow changes that row into another, so ours must go."""
    replaces = []
    for row in rows:
        named = {"source": source, "pipeline_id": row.dag_id, "run_id": row.dag_run_id, "task_id": row.task_id}
        if row.try_number > 0:
            where = {**named, "map_index": str(row.map_index), "try_number": "0"}
            replaces.append(Replace(record_type=TaskRun, where=where))
        if row.map_index == 0:
            replaces.append(Replace(record_type=TaskRun, where={**named, "map_index": "-1", "try_number": "0"}))
    return replaces


async def ask_again(api: Api, source: str, state: State) -> AsyncGenerator[Batch, None]:
    """Runs that were open when last seen: one request for all that are, one for each that is not among them.

    It finds what `updated_at` does not tell: runs that were deleted, or ended by a hand in the database.
    """
    if not state.open:
        return
    rows = list(await api.open_runs(OPEN_RUNS))
    unheard = sorted(set(state.open) - {row.key for row in rows})
    asked = await asyncio.gather(*(api.run(*key) for key in unheard))
    rows += [row for row in asked if row is not None]
    gone = [key for key, row in zip(unheard, asked, strict=True) if row is None]
    state.note(rows)
    state.forget(gone)
    yield Batch(
        stream="open runs",
        records=[row.record(source) for row in rows],
        gone=[Gone(record_type=Run, source=source, keys=gone)],
        cursor=msgspec.json.encode(state),
        done=len(rows),
        total=len(rows),
    )
