"""An Airflow's memory: DAGs, runs, task instances, pools, datasets, as a simulation or a test writes them.

Times are aware UTC datetimes. Whoever changes a row tells it by `touch_run` or `touch_task`, in the order of time:
that is what `updated_at` filters go by.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Literal

DEFAULT_POOL = "default_pool"


@dataclass(slots=True, eq=False)
class TaskSpec:
    """A task of a DAG."""

    task_id: str
    owner: str = "airflow"
    operator: str = "_PythonDecoratedOperator"
    operator_name: str = "@task"
    downstream: Sequence[str] = ()
    pool: str = DEFAULT_POOL
    pool_slots: int = 1
    retries: int = 0
    retry_delay: timedelta = timedelta(minutes=5)
    trigger_rule: str = "all_success"
    is_mapped: bool = False


@dataclass(slots=True, eq=False)
class Dag:
    """A DAG. `cron` is None where datasets (`waits_for`) or only people start it; `file` is relative.

    `version` counts the changes of its structure, `versioned_at` is when the newest was seen.
    """

    dag_id: str
    file: str
    tasks: Mapping[str, TaskSpec]
    parsed_at: datetime
    cron: str | None = None
    cron_text: str = ""
    waits_for: Sequence[str] = ()
    description: str | None = None
    owners: Sequence[str] = ("airflow",)
    tags: Sequence[str] = ()
    is_paused: bool = False
    is_stale: bool = False
    has_import_errors: bool = False
    max_active_runs: int = 16
    next_interval: tuple[datetime, datetime] | None = None
    """Where the next scheduled run's data interval begins and ends; it may start at its end."""
    version: int = 1
    versioned_at: datetime | None = None


@dataclass(slots=True, eq=False)
class DagRun:
    """A run. `interval_start` to `run_after` is its data interval; runs that datasets started have none."""

    dag: Dag
    run_id: str
    run_type: Literal["scheduled", "manual", "backfill", "dataset"]
    run_after: datetime
    interval_start: datetime
    queued_at: datetime
    state: str = "queued"
    start_at: datetime | None = None
    end_at: datetime | None = None
    note: str | None = None
    user: str | None = None
    version: int = 1
    updated_at: datetime = field(init=False)
    number: int = field(init=False, default=0)
    task_instances: "list[TaskInstance]" = field(init=False, default_factory=list)


@dataclass(slots=True, eq=False)
class Try:
    """An earlier try of a task instance."""

    number: int
    state: str
    scheduled_at: datetime | None
    queued_at: datetime | None
    start_at: datetime | None
    end_at: datetime | None
    hostname: str
    pid: int | None


@dataclass(slots=True, eq=False)
class TaskInstance:
    """A task instance; `map_index` is -1 unless it is mapped. `number` is new for each try and grows with time."""

    run: DagRun
    task: TaskSpec
    map_index: int = -1
    state: str | None = None
    try_number: int = 0
    max_tries: int = 0
    scheduled_at: datetime | None = None
    queued_at: datetime | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    hostname: str = ""
    pid: int | None = None
    updated_at: datetime = field(init=False)
    number: int = field(init=False, default=0)
    earlier: list[Try] = field(default_factory=list)

    def keep_try(self) -> None:
        """Move what the last try did to the earlier ones; the next one starts from nothing."""
        self.earlier.append(
            Try(self.try_number, "failed", self.scheduled_at, self.queued_at, self.start_at, self.end_at,
                self.hostname, self.pid)
        )  # fmt: skip
        self.scheduled_at = self.queued_at = self.start_at = self.end_at = self.pid = None
        self.hostname = ""


@dataclass(slots=True, eq=False)
class Pool:
    """A pool."""

    name: str
    slots: int
    description: str = ""


@dataclass(slots=True, eq=False)
class Asset:
    """A dataset (2) or asset (3) with the tasks that write and read it, as pairs of DAG and task id."""

    uri: str
    name: str
    group: str
    created_at: datetime
    producers: Sequence[tuple[str, str]] = ()
    consumers: Sequence[tuple[str, str]] = ()
    updated_at: datetime | None = None
    number: int = field(init=False, default=0)


@dataclass(slots=True, eq=False)
class AssetEvent:
    """A task wrote an asset; `started` are the runs that this started."""

    asset: Asset
    at: datetime
    source: TaskInstance
    started: list[DagRun] = field(default_factory=list)
    number: int = field(init=False, default=0)


@dataclass(slots=True, eq=False)
class ImportProblem:
    """A file that could not be loaded; `file` is relative."""

    file: str
    at: datetime
    stack_trace: str
    number: int = field(init=False, default=0)


class AirflowSite:
    """All of it, with the indexes that make lists by time quick."""

    def __init__(self) -> None:
        self.dags: dict[str, Dag] = {}
        self.pools: dict[str, Pool] = {DEFAULT_POOL: Pool(DEFAULT_POOL, 128, "Default pool")}
        self.assets: dict[str, Asset] = {}
        self.events: list[AssetEvent] = []
        self.import_problems: dict[str, ImportProblem] = {}
        self.unhealthy: set[str] = set()
        """Components that say they are not well."""
        self.by_key: dict[tuple[str, str], DagRun] = {}
        self._by_run_after: list[DagRun] = []
        self._touched_runs: dict[DagRun, None] = {}
        self._touched_tasks: dict[TaskInstance, None] = {}
        self._number = 0

    def add_dag(self, dag: Dag) -> Dag:
        """Add a DAG, or put it in the place of the one of this name."""
        self.dags[dag.dag_id] = dag
        return dag

    def add_asset(self, asset: Asset) -> Asset:
        """Add a dataset."""
        asset.number = len(self.assets) + 1
        self.assets[asset.uri] = asset
        return asset

    def add_event(self, event: AssetEvent) -> AssetEvent:
        """Add a dataset's update; later than all before."""
        event.number = len(self.events) + 1
        event.asset.updated_at = event.at
        self.events.append(event)
        return event

    def add_import_problem(self, problem: ImportProblem) -> None:
        """A file no longer loads: its DAGs say so. `import_problems.pop(file)` mends it."""
        problem.number = self._count()
        self.import_problems[problem.file] = problem

    def add_run(self, run: DagRun, at: datetime) -> DagRun:
        """Add a run. Raises `ValueError` where the DAG has one of this id."""
        key = (run.dag.dag_id, run.run_id)
        if key in self.by_key:
            raise ValueError(f"{key[0]} has a run {key[1]} already")
        self.by_key[key] = run
        run.number = self._count()
        run.version = run.dag.version
        insort(self._by_run_after, run, key=_run_after)
        self.touch_run(run, at)
        return run

    def add_task_instance(self, instance: TaskInstance, at: datetime) -> TaskInstance:
        """Add a task instance to its run."""
        instance.run.task_instances.append(instance)
        instance.max_tries = instance.task.retries
        self.renumber(instance)
        self.touch_task(instance, at)
        return instance

    def renumber(self, instance: TaskInstance) -> None:
        """A new try gets a new number, and by that a new id in Airflow 3."""
        instance.number = self._count()

    def remove_run(self, run: DagRun) -> None:
        """Delete a run with its task instances; no list tells of it."""
        del self.by_key[run.dag.dag_id, run.run_id]
        self._by_run_after.remove(run)
        self._touched_runs.pop(run)
        for instance in run.task_instances:
            self._touched_tasks.pop(instance)

    def touch_run(self, run: DagRun, at: datetime) -> None:
        """The run has changed."""
        self._touched_runs.pop(run, None)
        self._touched_runs[run] = None
        run.updated_at = at

    def touch_task(self, instance: TaskInstance, at: datetime) -> None:
        """The task instance has changed."""
        self._touched_tasks.pop(instance, None)
        self._touched_tasks[instance] = None
        instance.updated_at = at

    # --- reading ---

    @property
    def run_count(self) -> int:
        """How many runs there are."""
        return len(self._by_run_after)

    def runs(self, first: datetime | None = None, last: datetime | None = None) -> Iterator[DagRun]:
        """The runs with `first` <= run_after <= `last`, by run_after."""
        rows = self._by_run_after
        start = 0 if first is None else bisect_left(rows, first, key=_run_after)
        stop = len(rows) if last is None else bisect_right(rows, last, key=_run_after)
        return iter(rows[start:stop])

    def runs_touched(self, since: datetime) -> Iterator[DagRun]:
        """The runs that were touched at `since` or later, newest first."""
        return takewhile(lambda run: run.updated_at >= since, reversed(self._touched_runs))

    def tasks_touched(self, since: datetime) -> Iterator[TaskInstance]:
        """The task instances that were touched at `since` or later, newest first."""
        return takewhile(lambda row: row.updated_at >= since, reversed(self._touched_tasks))

    def pool_slots(self, name: str) -> dict[str, int]:
        """By state (running, queued, scheduled, deferred), how many of a pool's slots are asked for or taken."""
        counted = dict.fromkeys(("running", "queued", "scheduled", "deferred"), 0)
        for run in self._touched_runs:
            if run.state == "running":
                for instance in run.task_instances:
                    if instance.task.pool == name and instance.state in counted:
                        counted[instance.state] += instance.task.pool_slots
        return counted

    def _count(self) -> int:
        self._number += 1
        return self._number


def _run_after(run: DagRun) -> datetime:
    return run.run_after
