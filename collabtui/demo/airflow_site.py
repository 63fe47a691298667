"""An Airflow in memory: DAGs, runs, task instances with their tries, pools, datasets and their events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class SiteTask:
    """A task and the tasks that follow it."""

    task_id: str
    downstream: list[str]
    operator: str = "PythonOperator"
    pool: str = "default_pool"
    retries: int = 1
    is_mapped: bool = False


@dataclass
class SiteDag:
    """A DAG. `schedule` is a cron text, None where its datasets (`scheduled_by`) or people start it."""

    dag_id: str
    owner: str
    tags: list[str]
    tasks: list[SiteTask]
    schedule: str | None = None
    scheduled_by: list[str] = field(default_factory=list)
    produces: dict[str, str] = field(default_factory=dict)
    """Dataset URI by the task that writes it."""
    description: str = ""
    is_paused: bool = False
    next_at: datetime | None = None


@dataclass
class Try:
    """One try of a task instance."""

    number: int
    state: str | None = None
    scheduled_at: datetime | None = None
    queued_at: datetime | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None


@dataclass
class SiteTaskInstance:
    """A task instance with all its tries, the last one being what it is now."""

    number: int
    run: "SiteRun"
    task: SiteTask
    map_index: int
    tries: list[Try]
    updated_at: datetime

    @property
    def now(self) -> Try:
        """The try under way, or the last one."""
        return self.tries[-1]


@dataclass
class SiteRun:
    """A DAG run."""

    number: int
    dag: SiteDag
    run_id: str
    run_type: str
    run_after: datetime
    logical_at: datetime | None
    updated_at: datetime
    touched_at: datetime
    """The latest change of the run or any of its task instances."""
    state: str = "queued"
    start_at: datetime | None = None
    end_at: datetime | None = None
    tasks: list[SiteTaskInstance] = field(default_factory=list)


@dataclass
class SiteEvent:
    """A dataset was written, and the runs that this started."""

    number: int
    uri: str
    at: datetime
    run: SiteRun
    task_id: str
    created: list[SiteRun] = field(default_factory=list)


class AirflowSite:
    """What an Airflow knows. Runs are kept in the order of their `run_after`."""

    def __init__(self) -> None:
        self.dags: dict[str, SiteDag] = {}
        self.runs: list[SiteRun] = []
        self.by_id: dict[tuple[str, str], SiteRun] = {}
        self.pools: dict[str, int] = {"default_pool": 128}
        self.events: list[SiteEvent] = []
        self.import_errors: list[tuple[str, datetime, str]] = []
        self._runs_made = 0
        self._instances_made = 0

    def add_run(self, dag: SiteDag, run_type: str, at: datetime, logical_at: datetime | None) -> SiteRun:
        """A run that is queued now, with all its task instances still without a state."""
        self._runs_made += 1
        suffix = f"_{self._runs_made:08x}" if logical_at is None else ""
        run_id = f"{run_type}__{at.isoformat()}{suffix}"
        run = SiteRun(self._runs_made, dag, run_id, run_type, at, logical_at, at, at)
        self.runs.append(run)
        self.by_id[dag.dag_id, run_id] = run
        for task in dag.tasks:
            for map_index in range(3) if task.is_mapped else (-1,):
                self._instances_made += 1
                run.tasks.append(SiteTaskInstance(self._instances_made, run, task, map_index, [Try(1)], at))
        return run

    def touch(self, run: SiteRun, at: datetime, instance: SiteTaskInstance | None = None) -> None:
        """Note a change of a run, or of one of its task instances."""
        if instance is not None:
            instance.updated_at = at
        else:
            run.updated_at = at
        run.touched_at = max(run.touched_at, at)

    def add_event(self, uri: str, at: datetime, run: SiteRun, task_id: str) -> SiteEvent:
        """A dataset was written."""
        event = SiteEvent(len(self.events) + 1, uri, at, run, task_id)
        self.events.append(event)
        return event

    def uris(self) -> list[str]:
        """All datasets that a DAG writes or waits for."""
        named: Iterable[Sequence[str]] = ([*dag.produces.values(), *dag.scheduled_by] for dag in self.dags.values())
        return sorted({uri for uris in named for uri in uris})
