"""Warehouses made by hand, where one can count what the answers should say."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collabtui.config import Deadline, Settings, Source, Team
from collabtui.warehouse import Warehouse
from connectors.base import Batch
from connectors.records import (
    Commit,
    Dataset,
    DatasetEdge,
    Pipeline,
    Record,
    Run,
    Status,
    Task,
    TaskRun,
    Ticket,
    TicketLink,
    Transition,
)

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
"""A Wednesday."""
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def filled(folder: Path, records: Iterable[Record]) -> Warehouse:
    """A warehouse that holds these records."""
    warehouse = Warehouse(folder / "w.db")
    warehouse.apply("air", Batch(stream="all", records=list(records)), NOW)
    return warehouse


def settings(folder: Path, deadlines: Sequence[Deadline] = (), teams: Sequence[Team] = ()) -> Settings:
    return Settings(
        warehouse=folder / "w.db", timezone="UTC", deadlines=deadlines, teams=teams,
        sources=[Source(name="air", kind="airflow", options={})],
    )  # fmt: skip


def pipeline(pipeline_id: str, **more) -> Pipeline:
    return Pipeline(source="air", pipeline_id=pipeline_id, name=pipeline_id, **more)


def run(pipeline_id: str, due_at: datetime, took: timedelta | None, **more) -> Run:
    """A run that started when due and took so long; None: it still runs."""
    more = {"run_type": "scheduled", "state": "success" if took else "running", **more}
    return Run(
        source="air", pipeline_id=pipeline_id, run_id=f"{more['run_type']}__{due_at.isoformat()}", due_at=due_at,
        start_at=due_at, end_at=due_at + took if took else None, **more,
    )  # fmt: skip


def nightly(pipeline_id: str, at: timedelta, took: timedelta, nights: int, **more) -> list[Run]:
    """A run a night, the last one today."""
    today = NOW.replace(hour=0)
    return [run(pipeline_id, today + at - DAY * back, took, **more) for back in reversed(range(nights))]


def task(pipeline_id: str, task_id: str, *downstream: str) -> Task:
    return Task(source="air", pipeline_id=pipeline_id, task_id=task_id, downstream=downstream)


def task_run(of: Run, task_id: str, after: timedelta, took: timedelta | None, **more) -> TaskRun:
    """A task of a run that began so long after it was due; took None: it still runs."""
    began = of.due_at + after
    return TaskRun(
        source="air", pipeline_id=of.pipeline_id, run_id=of.run_id, task_id=task_id, map_index=-1, try_number=1,
        state="success" if took else "running", start_at=began, end_at=began + took if took else None,
        duration_s=took.total_seconds() if took else None, **more,
    )  # fmt: skip


def feeds(first: str, second: str) -> list[Record]:
    """A dataset that the first writes and the second waits for."""
    uri = f"s3://{first}"
    return [
        Dataset(source="air", uri=uri, name=first),
        DatasetEdge(source="air", uri=uri, pipeline_id=first, task_id="out", role="produces"),
        DatasetEdge(source="air", uri=uri, pipeline_id=second, task_id="", role="schedules"),
    ]


def ticket(number: int, created_at: datetime, done_at: datetime | None = None, **more) -> Ticket:
    """A ticket of project P; without `done_at` it is open."""
    done = {"status": "Done", "status_category": "done", "resolved_at": done_at} if done_at else {}
    known = {
        "title": f"Ticket {number}",
        "status": "Doing",
        "status_category": "indeterminate",
        "labels": (),
        "is_epic": False,
        "is_subtask": False,
        "project": "P",
        **done,
        **more,
    }
    return Ticket(
        source="air", ticket_id=str(number), ticket_key=f"{known['project']}-{number}",
        created_at=created_at, updated_at=done_at or created_at, **known,
    )  # fmt: skip


def link(number: int, other: int, **how) -> TicketLink:
    """What a ticket says of another one; unless told otherwise, that it is blocked by it."""
    how = {"type": "Blocks", "direction": "inward", "label": "is blocked by", **how}
    return TicketLink(source="air", ticket_id=str(number), other_key=f"P-{other}", **how)


def commit(number: int, committed_at: datetime, name: str = "Ada", email: str = "ada@x", **more) -> Commit:
    who = {"author_name": name, "author_email": email, "committer_name": name, "committer_email": email}
    return Commit(
        source="air", sha=f"{number:040x}", authored_at=committed_at, committed_at=committed_at,
        **{"subject": f"Commit {number}", **who, **more},
    )  # fmt: skip


STATUSES = [
    Status(source="air", status_id=number, name=name, category=category)
    for number, name, category in (
        ("1", "To Do", "new"), ("2", "Doing", "indeterminate"), ("3", "Waiting for QA", "indeterminate"),
        ("4", "Done", "done"),
    )
]  # fmt: skip
NAMES = {status.status_id: status.name for status in STATUSES}


def walked(number: int, *path: tuple[float, str], **more) -> list:
    """A ticket that came so many days ago into one status (by id) after the other, the first when it was created."""
    at = [NOW - back * DAY for back, _ in path]
    last = path[-1][1]
    category = {status.status_id: status.category for status in STATUSES}[last]
    moves = [
        Transition(
            source="air", ticket_id=str(number), history_id=str(place), ordinal=0, at=at[place],
            from_status_id=path[place - 1][1], from_status=NAMES[path[place - 1][1]], to_status_id=path[place][1],
            to_status=NAMES[path[place][1]],
        )
        for place in range(1, len(path))
    ]  # fmt: skip
    more = {"status": NAMES[last], "status_category": category, **more}
    if category == "done":
        return [ticket(number, at[0], at[-1], **more), *moves]
    return [ticket(number, at[0], **more), *moves]
