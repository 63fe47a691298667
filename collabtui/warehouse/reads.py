"""What answers ask the warehouse for, as polars frames. All SQL that reads facts stands here."""

from collections.abc import Sequence

import polars as pl

from collabtui.warehouse.store import Warehouse


def pipelines(warehouse: Warehouse) -> pl.DataFrame:
    """Pipelines that are not gone."""
    return warehouse.frame("SELECT * FROM pipeline WHERE gone_at IS NULL")


def recent_runs(warehouse: Warehouse, source: str, pipeline_id: str, limit: int) -> list[tuple[object, ...]]:
    """The newest runs of one pipeline, newest first: rows of `RECENT` (times in microseconds)."""
    return warehouse.rows(
        f"SELECT {', '.join(RECENT)} FROM run WHERE source = ? AND pipeline_id = ? AND gone_at IS NULL "  # noqa: S608
        "ORDER BY due_at DESC LIMIT ?",
        [source, pipeline_id, limit],
    )


RECENT = ("source", "pipeline_id", "run_id", "state", "run_type", "due_at", "start_at", "end_at")


def runs_of(warehouse: Warehouse, keys: Sequence[tuple[str, str]], limit: int) -> pl.DataFrame:
    """The newest `limit` runs of each of these pipelines (source, pipeline_id), newest first within each.

    One index look-up a pipeline: far quicker than a window over all runs.
    """
    rows = [row for source, pipeline_id in keys for row in recent_runs(warehouse, source, pipeline_id, limit)]
    return warehouse.as_frame(RECENT, rows)


def newest_runs(warehouse: Warehouse, limit: int) -> pl.DataFrame:
    """The newest runs of all pipelines, and those in flight however old."""
    columns = ", ".join(RECENT)
    return warehouse.frame(
        f"SELECT {columns} FROM (SELECT * FROM run WHERE gone_at IS NULL ORDER BY due_at DESC LIMIT ?) "  # noqa: S608
        f"UNION SELECT {columns} FROM run WHERE state IN ('queued', 'running') AND gone_at IS NULL "
        "ORDER BY due_at DESC",
        [limit],
    )


def task_states(warehouse: Warehouse, runs: Sequence[tuple[str, str, str]]) -> pl.DataFrame:
    """Of these runs (source, pipeline_id, run_id): tasks_done, tasks_total, failed_task (the first to fail)."""
    names = ("source", "pipeline_id", "run_id", "tasks_done", "tasks_total", "failed_task")
    rows = [
        (*run, *row)
        for run in runs
        for row in warehouse.rows(
            "SELECT sum(state IN ('success', 'skipped')) AS tasks_done, count(*) AS tasks_total, "
            "(SELECT task_id FROM task_run f WHERE f.source = t.source AND f.pipeline_id = t.pipeline_id "
            "AND f.run_id = t.run_id AND f.state = 'failed' AND f.is_latest ORDER BY f.end_at LIMIT 1) AS failed_task "
            "FROM task_run t WHERE source = ? AND pipeline_id = ? AND run_id = ? AND is_latest",
            list(run),
        )
    ]
    return warehouse.as_frame(names, rows).with_columns(
        pl.col("tasks_done").cast(pl.Int64), pl.col("tasks_total").cast(pl.Int64), pl.col("failed_task").cast(pl.String)
    )


def task_durations(warehouse: Warehouse, source: str, pipeline_id: str, run_ids: Sequence[str]) -> pl.DataFrame:
    """Of these runs' tasks that succeeded: task_id, duration_s."""
    rows = [
        row
        for run_id in run_ids
        for row in warehouse.rows(
            "SELECT task_id, duration_s FROM task_run WHERE source = ? AND pipeline_id = ? AND run_id = ? "
            "AND is_latest AND state = 'success' AND duration_s IS NOT NULL",
            [source, pipeline_id, run_id],
        )
    ]
    return warehouse.as_frame(("task_id", "duration_s"), rows)


def produced_datasets(warehouse: Warehouse) -> pl.DataFrame:
    """Which pipeline writes which dataset: source, pipeline_id, uri, dataset_name."""
    return warehouse.frame(
        "SELECT DISTINCT e.source, e.pipeline_id, e.uri, d.name AS dataset_name FROM dataset_edge e "
        "JOIN dataset d USING (source, uri) WHERE e.role = 'produces' AND d.gone_at IS NULL"
    )


def task_graphs(warehouse: Warehouse, keys: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """The tasks of these pipelines (source, pipeline_id): source, pipeline_id, task_id, downstream."""
    names = ("source", "pipeline_id", "task_id", "downstream")
    rows = [
        row
        for key in keys
        for row in warehouse.rows(
            f"SELECT {', '.join(names)} FROM task WHERE source = ? AND pipeline_id = ? AND gone_at IS NULL",  # noqa: S608
            key,
        )
    ]
    return warehouse.as_frame(names, rows)


def task_spans(warehouse: Warehouse, runs: Sequence[tuple[str, str, str]]) -> pl.DataFrame:
    """Of these runs (source, pipeline_id, run_id), task by task with all its tries and mapped parts: source,
    pipeline_id, run_id, task_id, start_at, end_at (null while a part of it is still to end).
    """
    names = ("source", "pipeline_id", "run_id", "task_id", "start_at", "end_at")
    rows = [
        row
        for run in runs
        for row in warehouse.rows(
            "SELECT source, pipeline_id, run_id, task_id, min(start_at), "
            "CASE WHEN count(*) FILTER (WHERE is_latest AND state IS NOT 'skipped' AND (end_at IS NULL OR state NOT IN "
            "('success', 'failed', 'upstream_failed', 'removed'))) = 0 THEN max(end_at) END "
            "FROM task_run WHERE source = ? AND pipeline_id = ? AND run_id = ? GROUP BY task_id",
            run,
        )
    ]
    return warehouse.as_frame(names, rows)


def upstream_pipelines(warehouse: Warehouse) -> pl.DataFrame:
    """Which pipeline feeds which: source, pipeline_id, feeds_id (through a dataset that schedules the second)."""
    return warehouse.frame(
        "SELECT DISTINCT p.source, p.pipeline_id, s.pipeline_id AS feeds_id FROM dataset_edge p "
        "JOIN dataset_edge s USING (source, uri) WHERE p.role = 'produces' AND s.role = 'schedules'"
    )


def tickets(warehouse: Warehouse) -> pl.DataFrame:
    """All tickets that are not gone, with when work on each began (started_at) and when it was done (done_at).

    Began: the first move into a status that means work. Done: its resolution, else the last move to a done status;
    null unless it is done now.
    """
    return warehouse.frame(
        "SELECT t.source, t.ticket_id, t.ticket_key, t.project, t.title, t.type, t.is_epic, t.is_subtask, t.status, "
        "t.status_category, t.assignee_id, t.created_at, t.due_on, t.epic_id, t.epic_key, t.is_flagged, t.url, "
        "m.started_at, CASE WHEN t.status_category = 'done' THEN coalesce(t.resolved_at, m.ended_at, t.updated_at) END "
        "AS done_at FROM ticket t LEFT JOIN ("
        "  SELECT x.source, x.ticket_id, min(CASE WHEN s.category = 'indeterminate' THEN x.at END) AS started_at, "
        "  max(CASE WHEN s.category = 'done' THEN x.at END) AS ended_at FROM transition x "
        "  LEFT JOIN status s ON s.source = x.source AND s.status_id = x.to_status_id GROUP BY 1, 2"
        ") m USING (source, ticket_id) WHERE t.gone_at IS NULL"
    )


def people(warehouse: Warehouse) -> pl.DataFrame:
    """People as each source knows them: source, person_id, name, email."""
    return warehouse.frame("SELECT source, person_id, name, email FROM person WHERE gone_at IS NULL")


def sync_states(warehouse: Warehouse) -> pl.DataFrame:
    """Where each source's sync stands."""
    return warehouse.frame("SELECT source, kind, started_at, finished_at, ok_at, seen_at, error FROM sync_state")


def open_forecasts(warehouse: Warehouse, question: str) -> pl.DataFrame:
    """Forecasts whose outcome is not known yet: forecast_id, source, subject, made_at."""
    return warehouse.frame(
        "SELECT forecast_id, source, subject, made_at FROM forecast WHERE question = ? AND outcome_at IS NULL",
        [question],
    )


def ended_runs(warehouse: Warehouse, keys: Sequence[tuple[str, str, str]]) -> pl.DataFrame:
    """Of these runs those that landed: source, pipeline_id, run_id, end_at."""
    names = ("source", "pipeline_id", "run_id", "end_at")
    found = [
        row
        for key in keys
        for row in warehouse.rows(
            "SELECT source, pipeline_id, run_id, end_at FROM run "
            "WHERE source = ? AND pipeline_id = ? AND run_id = ? AND state = 'success'",
            list(key),
        )
    ]
    return warehouse.as_frame(names, found)
