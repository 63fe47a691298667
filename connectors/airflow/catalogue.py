"""What an Airflow has besides runs: pipelines with their tasks, pools, datasets with their events, errors, health."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import msgspec

from connectors.airflow.api import Api
from connectors.airflow.state import State
from connectors.airflow.wire_catalogue import component_health
from connectors.base import Batch, Census, Replace
from connectors.records import Dataset, DatasetEdge, ImportProblem, Pipeline, Pool, Record, Task

EVERY = timedelta(minutes=10)
TASKS_EVERY = timedelta(days=1)
EVENTS_OVERLAP = timedelta(minutes=5)
GRAPHS = 100
"""Pipelines a batch of task graphs."""


def is_due(api: Api, state: State) -> bool:
    """Whether it was last read ten minutes ago, or runs named a new pipeline."""
    return state.catalogue_at is None or api.now - state.catalogue_at >= EVERY


async def load(api: Api, source: str, state: State) -> AsyncGenerator[Batch, None]:
    """Pipelines, pools, import errors and health.

    Pipelines that no file has any more are marked as gone; the first time they are read too, for their runs.
    """
    is_first = state.tasks_at is None
    state.catalogue_at = api.now
    dags, pools, errors, health = await asyncio.gather(
        api.dags(with_gone=is_first), api.pools(), api.import_errors(), api.health()
    )
    there = [dag for dag in dags if not dag.is_gone]
    for dag in dags:
        if dag.dag_id not in state.dag_versions:
            state.dag_versions[dag.dag_id] = 0
            if not dag.is_gone:
                state.tasks_due.append(dag.dag_id)
    if state.tasks_at is None or state.catalogue_at - state.tasks_at > TASKS_EVERY:
        state.tasks_at = state.catalogue_at
        state.tasks_due = [dag.dag_id for dag in there]
    records: list[Record] = [dag.record(source, api.http.base_url) for dag in dags]
    records += [pool.record(source) for pool in pools]
    records += [error.record(source) for error in errors]
    records += component_health(source, health)
    yield Batch(
        stream="pipelines",
        records=records,
        replaces=[Replace(record_type=ImportProblem, where={"source": source})],
        census=[
            Census(record_type=Pipeline, source=source, keys=[(dag.dag_id,) for dag in there]),
            Census(record_type=Pool, source=source, keys=[(pool.name,) for pool in pools]),
        ],
        cursor=msgspec.json.encode(state),
        done=len(dags),
        total=len(dags),
    )


async def load_tasks(api: Api, source: str, state: State) -> AsyncGenerator[Batch, None]:
    """The task graphs that are due: of pipelines that are new, have a new version, or were read a day ago."""
    total = len(state.tasks_due)
    while due := state.tasks_due[:GRAPHS]:
        graphs = await asyncio.gather(*(api.tasks(dag_id) for dag_id in due))
        state.tasks_due = state.tasks_due[GRAPHS:]
        counted = [
            Census(
                record_type=Task,
                source=source,
                where={"pipeline_id": dag_id},
                keys=[(dag_id, row.task_id) for row in rows],
            )
            for dag_id, rows in zip(due, graphs, strict=True)
        ]
        yield Batch(
            stream="task graphs",
            records=[row.record(source, dag_id) for dag_id, rows in zip(due, graphs, strict=True) for row in rows],
            census=counted,
            cursor=msgspec.json.encode(state),
            done=total - len(state.tasks_due),
            total=total,
        )


async def load_datasets(api: Api, source: str, state: State) -> AsyncGenerator[Batch, None]:
    """Datasets and their events, once for every reading of the pipelines."""
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
