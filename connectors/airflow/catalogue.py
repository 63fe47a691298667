"""What an Airflow has besides runs: pipelines with their tasks, pools, datasets with their events, errors, health."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import msgspec

from connectors.airflow import wire
from connectors.airflow.api import Api
from connectors.airflow.state import State
from connectors.base import Batch, Census, Replace
from connectors.records import Dataset, DatasetEdge, ImportProblem, Pipeline, Pool, Record, Task

EVERY = timedelta(minutes=10)
TASKS_EVERY = timedelta(days=1)
EVENTS_OVERLAP = timedelta(minutes=5)


async def refresh(api: Api, source: str, state: State) -> AsyncGenerator[Batch, None]:
    """Pipelines, pools, import errors and health, when they were last read ten minutes ago or runs named a new one."""
    if state.catalogue_at is not None and api.now - state.catalogue_at < EVERY:
        return
    state.catalogue_at = api.now
    dags, pools, errors, health = await asyncio.gather(api.dags(), api.pools(), api.import_errors(), api.health())
    for dag in dags:
        if dag.dag_id not in state.dag_versions:
            state.dag_versions[dag.dag_id] = 0
            state.tasks_due.append(dag.dag_id)
    if state.tasks_at is None or state.catalogue_at - state.tasks_at > TASKS_EVERY:
        state.tasks_at = state.catalogue_at
        state.tasks_due = [dag.dag_id for dag in dags]
    records: list[Record] = [dag.record(source, api.http.base_url) for dag in dags]
    records += [pool.record(source) for pool in pools]
    records += [error.record(source) for error in errors]
    records += wire.component_health(source, health)
    yield Batch(
        stream="pipelines",
        records=records,
        replaces=[Replace(record_type=ImportProblem, where={"source": source})],
        census=[
            Census(record_type=Pipeline, source=source, keys=[(dag.dag_id,) for dag in dags]),
            Census(record_type=Pool, source=source, keys=[(pool.name,) for pool in pools]),
        ],
        cursor=msgspec.json.encode(state),
        done=len(dags),
        total=len(dags),
    )


async def late(api: Api, source: str, state: State) -> AsyncGenerator[Batch, None]:
    """What can wait until the runs are there: task graphs that are due, datasets and their events."""
    if state.tasks_due:
        due = state.tasks_due
        graphs = await asyncio.gather(*(api.tasks(dag_id) for dag_id in due))
        state.tasks_due = []
        yield Batch(
            stream="task graphs",
            records=[row.record(source, dag_id) for dag_id, rows in zip(due, graphs, strict=True) for row in rows],
            census=[
                Census(record_type=Task, source=source, where={"pipeline_id": dag_id},
                       keys=[(dag_id, row.task_id) for row in rows])
                for dag_id, rows in zip(due, graphs, strict=True)
            ],
            cursor=msgspec.json.encode(state),
            done=len(due),
            total=len(due),
        )  # fmt: skip
    if state.events_at is not None and state.catalogue_at is not None and state.events_at >= state.catalogue_at:
        return
    assets = await api.assets()
    yield Batch(
        stream="datasets",
        records=[record for asset in assets for record in asset.records(source)],
        replaces=[Replace(record_type=DatasetEdge, where={"source": source})],
        census=[Census(record_type=Dataset, source=source, keys=[(asset.uri,) for asset in assets])],
        done=len(assets),
        total=len(assets),
    )
    since = None if state.events_at is None else state.events_at - EVENTS_OVERLAP
    done = 0
    async for rows in api.events(since):
        done += len(rows)
        yield Batch(stream="dataset events", records=[row.record(source) for row in rows], done=done)
    state.events_at = state.catalogue_at
    yield Batch(stream="dataset events", cursor=msgspec.json.encode(state), done=done, total=done)
