"""The record types, one table each: the contract between connectors and warehouse.

`table` is the table's name, `key` its natural key, which starts with the source's name. A field that a source did
not say is None. Times are aware UTC datetimes. Texts from outside are kept as they came.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A fact as a source told it."""

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]

    source: str


# --- pipelines (Airflow) ---------------------------------------------------------------------------------------


class Pipeline(Record, frozen=True, kw_only=True):
    """An Airflow DAG."""

    table: ClassVar = "pipeline"
    key: ClassVar = ("source", "pipeline_id")

    pipeline_id: str
    name: str
    description: str | None = None
    schedule: str | None = None
    """The cron text or timetable as the source prints it; None where only triggered."""
    owners: Sequence[str] = ()
    tags: Sequence[str] = ()
    is_paused: bool | None = None
    has_import_errors: bool | None = None
    file: str | None = None
    next_run_at: datetime | None = None
    """When the next scheduled run may start (Airflow 3 `next_dagrun_run_after`, 2 `next_dagrun_create_after`)."""
    max_active_runs: int | None = None
    url: str | None = None
    """Where a browser shows it."""


class Task(Record, frozen=True, kw_only=True):
    """A task of a pipeline and the edges that leave it."""

    table: ClassVar = "task"
    key: ClassVar = ("source", "pipeline_id", "task_id")

    pipeline_id: str
    task_id: str
    operator: str | None = None
    owner: str | None = None
    pool: str | None = None
    trigger_rule: str | None = None
    retries: int | None = None
    is_mapped: bool | None = None
    downstream: Sequence[str] = ()


class Run(Record, frozen=True, kw_only=True):
    """A pipeline run (Airflow DAG run)."""

    table: ClassVar = "run"
    key: ClassVar = ("source", "pipeline_id", "run_id")

    pipeline_id: str
    run_id: str
    state: str
    """queued, running, success or failed."""
    run_type: str | None = None
    """scheduled, manual, backfill, dataset_triggered or asset_triggered."""
    logical_at: datetime | None = None
    interval_start_at: datetime | None = None
    interval_end_at: datetime | None = None
    due_at: datetime | None = None
    """When it may start: `run_after` (Airflow 3), `data_interval_end` (2): what landing is measured from."""
    queued_at: datetime | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    triggered_by: str | None = None
    note: str | None = None


class TaskRun(Record, frozen=True, kw_only=True):
    """A task instance, one row a try."""

    table: ClassVar = "task_run"
    key: ClassVar = ("source", "pipeline_id", "run_id", "task_id", "map_index", "try_number")

    pipeline_id: str
    run_id: str
    task_id: str
    map_index: int
    """-1 where the task is not mapped."""
    try_number: int
    """0 where it never started."""
    state: str | None = None
    is_latest: bool = True
    """False for an earlier try."""
    scheduled_at: datetime | None = None
    queued_at: datetime | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    duration_s: float | None = None
    max_tries: int | None = None
    pool: str | None = None
    pool_slots: int | None = None
    operator: str | None = None
    hostname: str | None = None


class Pool(Record, frozen=True, kw_only=True):
    """A pool and what is in it now."""

    table: ClassVar = "pool"
    key: ClassVar = ("source", "name")

    name: str
    slots: int
    open_slots: int | None = None
    running_slots: int | None = None
    queued_slots: int | None = None
    scheduled_slots: int | None = None
    deferred_slots: int | None = None
    description: str | None = None


class Dataset(Record, frozen=True, kw_only=True):
    """An Airflow dataset (2) or asset (3)."""

    table: ClassVar = "dataset"
    key: ClassVar = ("source", "uri")

    uri: str
    name: str | None = None
    group_name: str | None = None


class DatasetEdge(Record, frozen=True, kw_only=True):
    """How a pipeline and a dataset hang together; `role` is produces, consumes or schedules."""

    table: ClassVar = "dataset_edge"
    key: ClassVar = ("source", "uri", "pipeline_id", "task_id", "role")

    uri: str
    pipeline_id: str
    task_id: str = ""
    """Empty where the whole pipeline is meant (role schedules)."""
    role: str


class DatasetEvent(Record, frozen=True, kw_only=True):
    """A dataset was updated, and the runs that this started."""

    table: ClassVar = "dataset_event"
    key: ClassVar = ("source", "event_id")

    event_id: str
    uri: str
    at: datetime
    pipeline_id: str | None = None
    task_id: str | None = None
    run_id: str | None = None
    map_index: int | None = None
    triggered: Sequence[Sequence[str]] = ()
    """Pairs of pipeline_id and run_id."""


class ImportProblem(Record, frozen=True, kw_only=True):
    """A pipeline file that could not be loaded (Airflow import error)."""

    table: ClassVar = "import_problem"
    key: ClassVar = ("source", "problem_id")

    problem_id: str
    at: datetime | None = None
    file: str | None = None
    text: str | None = None


class ComponentHealth(Record, frozen=True, kw_only=True):
    """How a part of the source says it is (scheduler, metadatabase, …)."""

    table: ClassVar = "component_health"
    key: ClassVar = ("source", "component")

    component: str
    status: str | None = None
    """healthy or unhealthy; None where it never ran."""
    heartbeat_at: datetime | None = None


# --- tickets (Jira) --------------------------------------------------------------------------------------------


class Ticket(Record, frozen=True, kw_only=True):
    """A Jira issue. Epics are tickets too (`is_epic`)."""

    table: ClassVar = "ticket"
    key: ClassVar = ("source", "ticket_id")

    ticket_id: str
    """The id that stays when the key moves."""
    ticket_key: str
    project: str
    title: str | None = None
    type: str | None = None
    is_epic: bool = False
    is_subtask: bool = False
    status: str | None = None
    status_id: str | None = None
    status_category: str | None = None
    """new, indeterminate or done."""
    priority: str | None = None
    resolution: str | None = None
    assignee_id: str | None = None
    reporter_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    resolved_at: datetime | None = None
    due_on: date | None = None
    parent_id: str | None = None
    epic_id: str | None = None
    """The ticket_id of the epic it belongs to (its parent, or the epic link of older projects)."""
    epic_key: str | None = None
    story_points: float | None = None
    is_flagged: bool | None = None
    labels: Sequence[str] = ()
    components: Sequence[str] = ()
    fix_versions: Sequence[str] = ()
    url: str | None = None


class Transition(Record, frozen=True, kw_only=True):
    """A status change of a ticket."""

    table: ClassVar = "transition"
    key: ClassVar = ("source", "ticket_id", "history_id", "ordinal")

    ticket_id: str
    history_id: str
    ordinal: int
    """The place within the history entry (two changes may stand in one)."""
    at: datetime
    author_id: str | None = None
    from_status: str | None = None
    from_status_id: str | None = None
    to_status: str | None = None
    to_status_id: str | None = None


class TicketAlias(Record, frozen=True, kw_only=True):
    """A key that a moved ticket had before: commits keep the old one."""

    table: ClassVar = "ticket_alias"
    key: ClassVar = ("source", "ticket_key")

    ticket_key: str
    ticket_id: str


class TicketLink(Record, frozen=True, kw_only=True):
    """A link between tickets, told from the ticket that it leaves ("blocks", outward)."""

    table: ClassVar = "ticket_link"
    key: ClassVar = ("source", "ticket_id", "type", "direction", "other_key")

    ticket_id: str
    type: str
    direction: str
    """outward or inward."""
    other_key: str
    label: str | None = None


class TicketSprint(Record, frozen=True, kw_only=True):
    """A sprint that a ticket is or was in."""

    table: ClassVar = "ticket_sprint"
    key: ClassVar = ("source", "ticket_id", "sprint_id")

    ticket_id: str
    sprint_id: str


class Status(Record, frozen=True, kw_only=True):
    """A ticket status and the category that says what it means."""

    table: ClassVar = "status"
    key: ClassVar = ("source", "status_id")

    status_id: str
    name: str
    category: str
    """new, indeterminate or done."""


class Project(Record, frozen=True, kw_only=True):
    """A Jira project."""

    table: ClassVar = "project"
    key: ClassVar = ("source", "project_key")

    project_key: str
    name: str


class Board(Record, frozen=True, kw_only=True):
    """A board and its columns: pairs of column name and the ids of its statuses."""

    table: ClassVar = "board"
    key: ClassVar = ("source", "board_id")

    board_id: str
    name: str
    type: str
    project_key: str | None = None
    columns: Sequence[tuple[str, Sequence[str]]] = ()


class Sprint(Record, frozen=True, kw_only=True):
    """A sprint of a board."""

    table: ClassVar = "sprint"
    key: ClassVar = ("source", "sprint_id")

    sprint_id: str
    board_id: str | None = None
    name: str
    state: str
    """active, future or closed."""
    start_at: datetime | None = None
    end_at: datetime | None = None
    complete_at: datetime | None = None
    goal: str | None = None


class Person(Record, frozen=True, kw_only=True):
    """A person as one source knows them."""

    table: ClassVar = "person"
    key: ClassVar = ("source", "person_id")

    person_id: str
    name: str
    email: str | None = None
    is_active: bool | None = None
    timezone: str | None = None


# --- commits (Git) ---------------------------------------------------------------------------------------------


class Commit(Record, frozen=True, kw_only=True):
    """A commit. Paths, names and messages that are no UTF-8 come with backslash escapes."""

    table: ClassVar = "git_commit"
    key: ClassVar = ("source", "sha")

    sha: str
    author_name: str
    author_email: str
    authored_at: datetime
    committer_name: str
    committer_email: str
    committed_at: datetime
    subject: str
    body: str = ""
    parents: Sequence[str] = ()


class FileChange(Record, frozen=True, kw_only=True):
    """What a commit did to a file, against its first parent."""

    table: ClassVar = "file_change"
    key: ClassVar = ("source", "sha", "path")

    sha: str
    path: str
    old_path: str | None = None
    """The name before, where it was renamed."""
    added: int | None = None
    """Lines; None for a binary file."""
    deleted: int | None = None


class CommitTicket(Record, frozen=True, kw_only=True):
    """A ticket key that a commit's message names."""

    table: ClassVar = "commit_ticket"
    key: ClassVar = ("source", "sha", "ticket_key")

    sha: str
    ticket_key: str


class GitRef(Record, frozen=True, kw_only=True):
    """A branch or tag of a repository and the commit it points to; `kind` is branch, remote or tag."""

    table: ClassVar = "git_ref"
    key: ClassVar = ("source", "kind", "name")

    kind: str
    name: str
    sha: str


RECORD_TYPES: tuple[type[Record], ...] = (
    Pipeline, Task, Run, TaskRun, Pool, Dataset, DatasetEdge, DatasetEvent, ImportProblem, ComponentHealth,
    Ticket, Transition, TicketAlias, TicketLink, TicketSprint, Status, Project, Board, Sprint, Person,
    Commit, FileChange, CommitTicket, GitRef,
)  # fmt: skip
