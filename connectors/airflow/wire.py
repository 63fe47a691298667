"""What Airflow 2 and 3 send, as far as we read it, and how it becomes records.

The two versions differ in names and in what they leave out; a field that only one of them sends has a default here.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol
from urllib.parse import quote

import msgspec

from connectors import records

At = Annotated[datetime, msgspec.Meta(tz=True)]


class Version(msgspec.Struct):
    """GET /version."""

    version: str


class Tag(msgspec.Struct):
    """A DAG's tag."""

    name: str


class Count(msgspec.Struct):
    """Any list, for its length."""

    total_entries: int


class Dag(msgspec.Struct):
    """A row of GET /dags."""

    dag_id: str
    is_paused: bool | None
    owners: list[str]
    tags: list[Tag]
    dag_display_name: str | None = None
    description: str | None = None
    fileloc: str | None = None
    relative_fileloc: str | None = None
    has_import_errors: bool | None = None
    max_active_runs: int | None = None
    timetable_description: str | None = None
    timetable_summary: str | None = None  # 3
    schedule_interval: dict[str, Any] | None = None  # 2: {"__type": "CronExpression", "value": "0 * * * *"}
    next_dagrun_run_after: At | None = None  # 3
    next_dagrun_create_after: At | None = None  # 2

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
            owners=self.owners,
            tags=sorted(tag.name for tag in self.tags),
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
    downstream_task_ids: list[str]
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
            downstream=sorted(self.downstream_task_ids),
        )


class Tasks(msgspec.Struct):
    """GET /dags/{id}/tasks."""

    tasks: list[TaskRow]


class DagVersion(msgspec.Struct):
    """Which version of a DAG a run used (3)."""

    version_number: int


class DagRun(msgspec.Struct):
    """A DAG run."""

    dag_id: str
    dag_run_id: str
    state: str
    run_type: str | None = None
    logical_date: At | None = None
    data_interval_start: At | None = None
    data_interval_end: At | None = None
    run_after: At | None = None  # 3
    queued_at: At | None = None  # 3
    start_date: At | None = None
    end_date: At | None = None
    triggered_by: str | None = None  # 3
    note: str | None = None
    dag_versions: list[DagVersion] = []  # 3

    @property
    def named_at(self) -> datetime | None:
        """What the server's windows go by: `run_after` in 3, `execution_date` (= logical date) in 2."""
        return self.run_after or self.logical_date

    @property
    def dag_version(self) -> int:
        """The newest version of its DAG that it used; 0 where the server does not say."""
        return max((v.version_number for v in self.dag_versions), default=0)

    def record(self, source: str) -> records.Run:
        """The run; due at `run_after` (3) or at the end of its data interval (2)."""
        return records.Run(
            source=source,
            pipeline_id=self.dag_id,
            run_id=self.dag_run_id,
            state=self.state,
            run_type=self.run_type,
            logical_at=self.logical_date,
            interval_start_at=self.data_interval_start,
            interval_end_at=self.data_interval_end,
            due_at=self.run_after or self.data_interval_end or self.logical_date,
            queued_at=self.queued_at,
            start_at=self.start_date,
            end_at=self.end_date,
            triggered_by=self.triggered_by,
            note=self.note,
        )


class DagRuns(msgspec.Struct, rename={"rows": "dag_runs"}):
    """A page of runs. Airflow 3 counts to 50,000 at most: `total_entries` is for progress only."""

    rows: list[DagRun]
    total_entries: int = 0


class TaskInstance(msgspec.Struct):
    """A task instance."""

    dag_id: str
    dag_run_id: str
    task_id: str
    try_number: int
    state: str | None
    map_index: int = -1
    scheduled_when: At | None = None  # 3
    queued_when: At | None = None
    start_date: At | None = None
    end_date: At | None = None
    duration: float | None = None
    max_tries: int | None = None
    pool: str | None = None
    pool_slots: int | None = None
    operator_name: str | None = None  # 3
    operator: str | None = None
    hostname: str | None = None

    @property
    def key(self) -> tuple[str, str, str, int]:
        """Which task instance it is, whatever the try."""
        return self.dag_id, self.dag_run_id, self.task_id, self.map_index

    def record(self, source: str, *, is_latest: bool = True) -> records.TaskRun:
        """The task run."""
        return records.TaskRun(
            source=source,
            pipeline_id=self.dag_id,
            run_id=self.dag_run_id,
            task_id=self.task_id,
            map_index=self.map_index,
            try_number=self.try_number,
            state=self.state,
            is_latest=is_latest,
            scheduled_at=self.scheduled_when,
            queued_at=self.queued_when,
            start_at=self.start_date,
            end_at=self.end_date,
            duration_s=self.duration,
            max_tries=self.max_tries,
            pool=self.pool,
            pool_slots=self.pool_slots,
            operator=self.operator_name or self.operator,
            hostname=self.hostname or None,
        )


class TaskInstances(msgspec.Struct, rename={"rows": "task_instances"}):
    """A page of task instances, or all tries of one."""

    rows: list[TaskInstance]
    total_entries: int = 0


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


class Page(Protocol):
    """A page of a list. Airflow 3 counts to 50,000 at most, so `total_entries` may be less than there is."""

    @property
    def rows(self) -> Sequence[object]:
        """What the page holds."""

    @property
    def total_entries(self) -> int:
        """How many rows the list has in all."""


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
