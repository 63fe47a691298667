"""What the simulated tasks write into their logs, and the files that their DAGs stand in."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from collabtui.demo.airflow_site import SiteDag, SiteTaskInstance, Try

LINES = 60
"""A log has about so many lines of the work itself."""
FAULTS = (
    ("snowflake.connector.errors.ProgrammingError", "000630 (57014): Statement reached its timeout of 900 second(s)",
     ("snowflake/connector/cursor.py", 932, "execute")),
    ("requests.exceptions.HTTPError", "502 Server Error: Bad Gateway for url: https://api.partner.example/v2/pages/17",
     ("requests/models.py", 1021, "raise_for_status")),
    ("ValueError", "schema mismatch: column 'price' is DOUBLE, expected DECIMAL(10,2)",
     ("plugins/contracts.py", 88, "check")),
    ("KeyError", "'customer_id'", ("pandas/core/indexes/base.py", 3812, "get_loc")),
)  # fmt: skip
WORK = (
    "Running statement {n}: INSERT INTO {task}_stage SELECT * FROM raw WHERE batch = {n}",
    "Rows affected: {rows}",
    "Fetched page {n}: {rows} rows, {size} kB",
    "Wrote part-{n:05}.parquet ({size} kB) to s3://lake/{dag}/{task}/",
    "Committed batch {n}",
)


def log_lines(instance: SiteTaskInstance, one: Try, now: datetime) -> Sequence[dict[str, Any]]:
    """What a try has written until now, the same whenever it is asked: Airflow 3's structured lines."""
    lines = _lines(instance, one, now) if one.start_at is not None else iter(())
    return [line for line in lines if line["timestamp"] <= now]


def _lines(instance: SiteTaskInstance, one: Try, now: datetime) -> Iterator[dict[str, Any]]:
    task, dag = instance.task, instance.run.dag
    start, end = one.start_at or now, one.end_at
    rng = random.Random(f"{dag.dag_id} {instance.run.run_id} {instance.number} {one.number}")  # noqa: S311 - the same
    host = {"filename": "task_runner.py", "lineno": 1073, "logger": "task"}

    def line(at: datetime, level: str, event: str, **more: Any) -> dict[str, Any]:
        return {"timestamp": at, "event": event, "level": level, **host, **more}

    yield line(start, "info", f"Starting attempt {one.number} of {task.retries + 1}")
    yield line(start, "info", f"Executing <Task({task.operator}): {task.task_id}> on {instance.run.run_after}")
    step = (end - start) / LINES if end is not None else timedelta(seconds=7)
    for n in range(1, LINES if end is not None else 1000):
        if (at := start + step * n) > now:
            return
        if rng.random() < 0.03:
            yield line(at, "warning", f"Query queued for {rng.randint(2, 40)} s: warehouse is busy", filename="hook.py")
        event = rng.choice(WORK).format(
            n=n, rows=f"{rng.randint(900, 90_000):,}", size=rng.randint(80, 9000), dag=dag.dag_id, task=task.task_id
        )
        yield line(at, "info", event, filename=f"{task.task_id}.py", lineno=40 + n % 30)
    if end is None:
        return
    if one.state == "success":
        yield line(end, "info", "Marking task as SUCCESS")
        yield line(end, "info", "Task exited with return code 0")
        return
    kind, value, (file, number, name) = rng.choice(FAULTS)
    frames = [
        {"filename": "/opt/airflow/task_runner.py", "lineno": 1579, "name": "_run_task_and_map_outcome"},
        {"filename": f"/opt/dags/{dag.dag_id}.py", "lineno": 61, "name": task.task_id},
        {"filename": f"/opt/python/{file}", "lineno": number, "name": name},
    ]
    detail = [{"exc_type": kind, "exc_value": value, "exc_notes": [], "is_cause": False, "frames": frames}]
    yield line(end, "error", "Task failed with exception", error_detail=detail)
    yield line(end, "info", f"Marking task as {'UP_FOR_RETRY' if one.number <= task.retries else 'FAILED'}")


def as_text(line: dict[str, Any]) -> str:
    """A line as Airflow 2 writes it, with the traceback of an exception beneath."""
    where = f"{{{line['filename']}:{line['lineno']}}}"
    text = f"[{line['timestamp']:%Y-%m-%dT%H:%M:%S.%f}+0000] {where} {line['level'].upper()} - {line['event']}\n"
    for detail in line.get("error_detail", ()):
        frames = "".join(
            f'  File "{frame["filename"]}", line {frame["lineno"]}, in {frame["name"]}\n' for frame in detail["frames"]
        )
        text += f"Traceback (most recent call last):\n{frames}{detail['exc_type']}: {detail['exc_value']}\n"
    return text


def dag_code(dag: SiteDag) -> str:
    """A DAG file that would make this DAG."""
    schedule = (
        repr(dag.schedule) if dag.schedule else "[" + ", ".join(f"Asset({uri!r})" for uri in dag.scheduled_by) + "]"
    )
    head = (
        f'"""{dag.description or dag.dag_id}"""\n\nfrom airflow.sdk import DAG, Asset\n\n'
        f'with DAG({dag.dag_id!r}, schedule={schedule}, tags={dag.tags!r}, default_args={{"owner": {dag.owner!r}}}):\n'
    )
    tasks = "".join(
        f"    {task.task_id} = {task.operator}(task_id={task.task_id!r}, pool={task.pool!r}, retries={task.retries})\n"
        for task in dag.tasks
    )
    edges = "".join(f"    {task.task_id} >> [{', '.join(task.downstream)}]\n" for task in dag.tasks if task.downstream)
    return f"{head}{tasks}\n{edges}"
