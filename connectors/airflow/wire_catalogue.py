"""What Airflow 2 and 3 send besides runs, as far as we read it, and how it becomes records.

A field that only one of them sends has a default here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from connectors import records
from connectors.airflow.wire import At


class Tag(msgspec.Struct):
    """A DAG's tag."""

    name: str


class Dag(msgspec.Struct):
    """A row of GET /dags."""

    dag_id: str
    is_paused: bool | None
    owners: list[str] | None
    tags: list[Tag] | None
    dag_display_name: str | None = None
    description: str | None = None
    fileloc: str | None = None
    relative_fileloc: str | None = None
    has_import_errors: bool | None = None
    is_stale: bool | None = None  # 3
    is_active: bool | None = None  # 2
    max_active_runs: int | None = None
    timetable_description: str | None = None
    timetable_summary: str | None = None  # 3
    schedule_interval: dict[str, Any] | None = None  # 2: {"__type": "CronExpression", "value": "0 * * * *"}
    next_dagrun_run_after: At | None = None  # 3
    next_dagrun_create_after: At | None = None  # 2

    @property
    def is_gone(self) -> bool:
        """Whether its file no longer has it; the server keeps the row for its runs."""
        return self.is_stale is True or self.is_active is False

    def record(self, source: str, base_url: str) -> records.Pipeline:
        """The pipeline."""
        interval = self.schedule_interval or {}
        value = interval.get("value")
        return records.Pipeline(
            source=source,
            pipeline_id=self.dag_id,
            name=self.dag_display_name or self.dag_id,
            description=self.description,
            schedule=self.timetable_summary or (str(value) if value else self.timetable_description),
            owners=self.owners or (),
            tags=sorted(tag.name for tag in self.tags or ()),
            is_paused=self.is_paused,
            has_import_errors=self.has_import_errors,
            file=self.relative_fileloc or self.fileloc,
            next_run_at=self.next_dagrun_run_after or self.next_dagrun_create_after,
            max_active_runs=self.max_active_runs,
            url=f"{base_url}/dags/{quote(self.dag_id, safe='')}",
        )


class Dags(msgspec.Struct, rename={"rows": "dags"}):
    """GET /dags."""

    rows: list[Dag]
    total_entries: int


class TaskRow(msgspec.Struct):
    """A row of GET /dags/{id}/tasks."""

    task_id: str
    downstream_task_ids: list[str] | None
    owner: str | None = None
    operator_name: str | None = None
    pool: str | None = None
    trigger_rule: str | None = None
    retries: float | None = None
    is_mapped: bool | None = None

    def record(self, source: str, dag_id: str) -> records.Task:
        """The task with the edges that leave it."""
        return records.Task(
            source=source,
            pipeline_id=dag_id,
            task_id=self.task_id,
            operator=self.operator_name,
            owner=self.owner,
            pool=self.pool,
            trigger_rule=self.trigger_rule,
            retries=None if self.retries is None else int(self.retries),
            is_mapped=self.is_mapped,
            downstream=sorted(self.downstream_task_ids or ()),
        )


class Tasks(msgspec.Struct):
    """GET /dags/{id}/tasks."""

    tasks: list[TaskRow]


class PoolRow(msgspec.Struct):
    """A row of GET /pools."""

    name: str
    slots: int
    open_slots: int | None = None
    running_slots: int | None = None
    queued_slots: int | None = None
    scheduled_slots: int | None = None
    deferred_slots: int | None = None
    description: str | None = None

    def record(self, source: str) -> records.Pool:
        """The pool."""
        return records.Pool(source=source, **msgspec.structs.asdict(self))


class Pools(msgspec.Struct, rename={"rows": "pools"}):
    """GET /pools."""

    rows: list[PoolRow]
    total_entries: int


class DagRef(msgspec.Struct):
    """A DAG or one of its tasks, named by a dataset."""

    dag_id: str
    task_id: str = ""


class AssetRow(msgspec.Struct):
    """A row of GET /assets (3) or GET /datasets (2)."""

    uri: str
    producing_tasks: list[DagRef]
    name: str | None = None  # 3
    group: str | None = None  # 3
    scheduled_dags: list[DagRef] = []  # 3
    consuming_dags: list[DagRef] = []  # 2: the DAGs that it schedules
    consuming_tasks: list[DagRef] = []  # 3

    def records(self, source: str) -> Iterator[records.Record]:
        """The dataset and its edges."""
        yield records.Dataset(source=source, uri=self.uri, name=self.name, group_name=self.group)
        roles = (
            ("produces", self.producing_tasks),
            ("consumes", self.consuming_tasks),
            ("schedules", self.scheduled_dags or self.consuming_dags),
        )
        for role, refs in roles:
            for ref in refs:
                yield records.DatasetEdge(
                    source=source, uri=self.uri, pipeline_id=ref.dag_id, task_id=ref.task_id, role=role
                )


class Assets(msgspec.Struct, rename={"rows": "assets"}):
    """GET /assets (3)."""

    rows: list[AssetRow]
    total_entries: int


class Datasets(msgspec.Struct, rename={"rows": "datasets"}):
    """GET /datasets (2)."""

    rows: list[AssetRow]
    total_entries: int


class CreatedRun(msgspec.Struct):
    """A run that a dataset event started: `run_id` in 3, `dag_run_id` in 2."""

    dag_id: str
    run_id: str = ""
    dag_run_id: str = ""


class EventRow(msgspec.Struct):
    """A row of the dataset or asset events."""

    id: int
    timestamp: At
    uri: str | None = None  # 3
    dataset_uri: str | None = None  # 2
    source_dag_id: str | None = None
    source_task_id: str | None = None
    source_run_id: str | None = None
    source_map_index: int | None = None
    created_dagruns: list[CreatedRun] = []

    def record(self, source: str) -> records.DatasetEvent:
        """The event."""
        return records.DatasetEvent(
            source=source,
            event_id=str(self.id),
            uri=self.uri or self.dataset_uri or "",
            at=self.timestamp,
            pipeline_id=self.source_dag_id,
            task_id=self.source_task_id,
            run_id=self.source_run_id,
            map_index=self.source_map_index,
            triggered=[(run.dag_id, run.run_id or run.dag_run_id) for run in self.created_dagruns],
        )


class AssetEvents(msgspec.Struct, rename={"rows": "asset_events"}):
    """GET /assets/events (3)."""

    rows: list[EventRow]
    total_entries: int


class DatasetEvents(msgspec.Struct, rename={"rows": "dataset_events"}):
    """GET /datasets/events (2)."""

    rows: list[EventRow]
    total_entries: int


class ImportErrorRow(msgspec.Struct):
    """A row of GET /importErrors."""

    import_error_id: int
    timestamp: At | None = None
    filename: str | None = None
    stack_trace: str | None = None

    def record(self, source: str) -> records.ImportProblem:
        """The import error."""
        return records.ImportProblem(
            source=source,
            problem_id=str(self.import_error_id),
            at=self.timestamp,
            file=self.filename,
            text=self.stack_trace,
        )


class ImportErrors(msgspec.Struct, rename={"rows": "import_errors"}):
    """GET /importErrors."""

    rows: list[ImportErrorRow]
    total_entries: int


Health = dict[str, Mapping[str, Any]]
"""GET /health: by component, its status and its latest heartbeat."""


def component_health(source: str, health: Health) -> Iterator[records.ComponentHealth]:
    """How each component says it is."""
    for component, said in health.items():
        heartbeat = said.get(f"latest_{component}_heartbeat")
        yield records.ComponentHealth(
            source=source,
            component=component,
            status=said.get("status"),
            heartbeat_at=datetime.fromisoformat(heartbeat) if heartbeat else None,
        )
