"""The runs and task instances that Airflow 2 and 3 send, as far as we read them, and how they become records.

The two versions differ in names and in what they leave out; a field that only one of them sends has a default here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Protocol

import msgspec

from connectors import records

At = Annotated[datetime, msgspec.Meta(tz=True)]


class Version(msgspec.Struct):
    """GET /version."""

    version: str


class Count(msgspec.Struct):
    """Any list, for its length."""

    total_entries: int


class Page(Protocol):
    """A page of a list. Airflow 3 counts to 50,000 at most, so `total_entries` may be less than there is."""

    @property
    def rows(self) -> Sequence[object]:
        """What the page holds."""

    @property
    def total_entries(self) -> int:
        """How many rows the list has in all."""


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
    dag_versions: list[DagVersion] | None = None  # 3

    @property
    def named_at(self) -> datetime | None:
        """What the server's windows go by: `run_after` in 3, `execution_date` (= logical date) in 2."""
        return self.run_after or self.logical_date

    @property
    def dag_version(self) -> int:
        """The newest version of its DAG that it used; 0 where the server does not say."""
        return max((v.version_number for v in self.dag_versions or ()), default=0)

    @property
    def key(self) -> tuple[str, str]:
        """Which run it is."""
        return self.dag_id, self.dag_run_id

    def record(self, source: str) -> records.Run:
        """The run; due at `run_after` (3) or at the end of its data interval (2; by hand it may start later)."""
        named = (self.data_interval_end, self.logical_date)
        return records.Run(
            source=source,
            pipeline_id=self.dag_id,
            run_id=self.dag_run_id,
            state=self.state,
            run_type=self.run_type,
            logical_at=self.logical_date,
            interval_start_at=self.data_interval_start,
            interval_end_at=self.data_interval_end,
            due_at=self.run_after or max(filter(None, named), default=None),
            queued_at=self.queued_at,
            start_at=self.start_date,
            end_at=self.end_date,
            triggered_by=self.triggered_by,
            note=self.note,
        )


class DagRuns(msgspec.Struct, rename={"rows": "dag_runs"}):
    """A page of runs."""

    rows: list[DagRun]
    total_entries: int


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
    def tried(self) -> tuple[str, str, str, int, int]:
        """Which task instance it is, and how many tries it has had."""
        return self.dag_id, self.dag_run_id, self.task_id, self.map_index, self.try_number

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
    """A page of task instances."""

    rows: list[TaskInstance]
    total_entries: int


class Tries(msgspec.Struct):
    """All tries of a task instance."""

    task_instances: list[TaskInstance]
