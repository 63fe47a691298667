"""What answers ask the warehouse for, as polars frames. All SQL that reads facts stands here."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from collabtui.warehouse.columns import to_us
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


def _day(at: datetime) -> datetime:
    """The beginning of its day: what is read since then is the same for all of a day, and can be kept."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


RECENT = ("source", "pipeline_id", "run_id", "state", "run_type", "due_at", "start_at", "end_at")


def runs_of(warehouse: Warehouse, keys: Sequence[tuple[str, str]], limit: int) -> pl.DataFrame:
    """The newest `limit` runs of each of these pipelines (source, pipeline_id), newest first within each.

    One index look-up a pipeline: far quicker than a window over all runs.
    """

    def read() -> pl.DataFrame:
        rows = [row for source, pipeline_id in keys for row in recent_runs(warehouse, source, pipeline_id, limit)]
        return warehouse.as_frame(RECENT, rows)

    return warehouse.kept(("runs_of", *keys, limit), read)


def runs_since(warehouse: Warehouse, keys: Sequence[tuple[str, str]], since: datetime, limit: int) -> pl.DataFrame:
    """Of each of these pipelines the runs that were due since that day, the newest `limit` of them: source,
    pipeline_id, run_type, state, due_at, start_at, end_at, newest first within each.
    """
    since_us = to_us(_day(since))
    return warehouse.kept(("runs_since", since_us, limit, *keys), lambda: _runs_since(warehouse, keys, since_us, limit))


def _runs_since(warehouse: Warehouse, keys: Sequence[tuple[str, str]], since_us: int, limit: int) -> pl.DataFrame:
    names = ("source", "pipeline_id", "run_type", "state", "due_at", "start_at", "end_at")
    sql = (
        f"SELECT {', '.join(names)} FROM run WHERE source = ? AND pipeline_id = ? AND due_at >= ? "  # noqa: S608
        "AND gone_at IS NULL ORDER BY due_at DESC LIMIT ?"
    )
    rows = [row for key in keys for row in warehouse.rows(sql, [*key, since_us, limit])]
    return warehouse.as_frame(names, rows)


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


def pools(warehouse: Warehouse) -> pl.DataFrame:
    """Pools that are not gone: source, name, slots."""
    return warehouse.frame("SELECT source, name, slots FROM pool WHERE gone_at IS NULL")


def pool_tries(warehouse: Warehouse, since: datetime) -> pl.DataFrame:
    """Every try of a task that started, of runs due since that day: source, name (of its pool), needs (slots), and in
    microseconds ready_us (when it could have begun, as far as the source says), start_us, end_us (null: still runs);
    is_told: 1 where the source says when it was ready. Airflow 2 does not: its queued is after the pool let it in.
    """
    since_us = to_us(_day(since))
    return warehouse.kept(("pool_tries", since_us), lambda: _pool_tries(warehouse, since_us))


def _pool_tries(warehouse: Warehouse, since_us: int) -> pl.DataFrame:
    names = ("source", "name", "needs", "ready_us", "start_us", "end_us", "is_told")
    rows = warehouse.rows(
        "SELECT t.source, coalesce(t.pool, 'default_pool'), coalesce(t.pool_slots, 1), "
        "min(coalesce(t.scheduled_at, t.queued_at, t.start_at), t.start_at), t.start_at, t.end_at, "
        "t.scheduled_at IS NOT NULL "
        "FROM run r JOIN task_run t USING (source, pipeline_id, run_id) "
        "WHERE r.due_at >= ? AND t.start_at IS NOT NULL",
        [since_us],
    )
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    kinds = (pl.String, pl.String, *(pl.Int64,) * 5)
    return pl.DataFrame([pl.Series(n, c, dtype=kind) for n, c, kind in zip(names, columns, kinds, strict=True)])


def pool_days(warehouse: Warehouse, now_us: int, since_us: int) -> pl.DataFrame:
    """Slot-hours that ended task runs took in each pool: source, name, back (whole days before now), slot_hours."""
    names = ("source", "name", "back", "slot_hours")
    rows = warehouse.rows(
        "SELECT t.source, coalesce(t.pool, 'default_pool'), (? - t.start_at) / 86400000000 AS back, "
        "sum((t.end_at - t.start_at) * coalesce(t.pool_slots, 1)) / 3.6e9 "
        "FROM run r JOIN task_run t USING (source, pipeline_id, run_id) WHERE r.due_at >= ? "
        "AND t.start_at BETWEEN ? AND ? AND t.end_at >= t.start_at GROUP BY 1, 2, 3",
        [now_us, since_us, since_us, now_us],
    )
    kinds = (pl.String, pl.String, pl.Int64, pl.Float64)
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")


def running_tasks(warehouse: Warehouse) -> list[tuple[str, str, int]]:
    """Of each task run that has started and not ended: source, name (of its pool), when it started in microseconds."""
    return warehouse.rows(
        "SELECT source, coalesce(pool, 'default_pool'), start_at FROM task_run "
        "WHERE end_at IS NULL AND start_at IS NOT NULL AND gone_at IS NULL"
    )


def produced_datasets(warehouse: Warehouse) -> pl.DataFrame:
    """Which pipeline writes which dataset: source, pipeline_id, uri, dataset_name."""
    return warehouse.frame(
        "SELECT DISTINCT e.source, e.pipeline_id, e.uri, d.name AS dataset_name FROM dataset_edge e "
        "JOIN dataset d USING (source, uri) WHERE e.role = 'produces' AND d.gone_at IS NULL"
    )


def dataset_updates(warehouse: Warehouse) -> pl.DataFrame:
    """When what each pipeline writes was last updated, as the datasets' own events say: source, pipeline_id, updated_at
    (of several datasets the one that waited longest).
    """
    return warehouse.frame(
        "SELECT source, pipeline_id, min(at) AS updated_at FROM (SELECT e.source, e.pipeline_id, (SELECT max(v.at) "
        "FROM dataset_event v WHERE v.source = e.source AND v.uri = e.uri) AS at FROM dataset_edge e "
        "JOIN dataset d USING (source, uri) WHERE e.role = 'produces' AND d.gone_at IS NULL) "
        "WHERE at IS NOT NULL GROUP BY source, pipeline_id"
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
    """Of these runs (source, pipeline_id, run_id), task by task with all its tries and mapped parts: run (its place
    among them), task_id, start_at, end_at (null while a part of it is still to end).
    """
    places: dict[tuple[str, str], dict[str, int]] = {}
    for place, (source, pipeline_id, run_id) in enumerate(runs):
        places.setdefault((source, pipeline_id), {})[run_id] = place
    rows = [
        (of_run[run_id], *row)
        for key, of_run in places.items()
        for run_id, *row in warehouse.rows(
            "SELECT run_id, task_id, min(start_at), "  # noqa: S608 - only question marks
            "CASE WHEN count(*) FILTER (WHERE is_latest AND state IS NOT 'skipped' AND (end_at IS NULL OR state NOT IN "
            "('success', 'failed', 'upstream_failed', 'removed'))) = 0 THEN max(end_at) END FROM task_run WHERE "
            f"source = ? AND pipeline_id = ? AND run_id IN ({', '.join('?' * len(of_run))}) GROUP BY run_id, task_id",
            [*key, *of_run],
        )
    ]
    return warehouse.as_frame(("run", "task_id", "start_at", "end_at"), rows).with_columns(pl.col("run").cast(pl.Int64))


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
        "t.status_category, t.priority, t.assignee_id, t.created_at, t.due_on, t.epic_id, t.epic_key, t.is_flagged, "
        "t.url, m.started_at, CASE WHEN t.status_category = 'done' THEN "
        "coalesce(t.resolved_at, m.ended_at, t.updated_at) END AS done_at FROM ticket t LEFT JOIN ("
        "  SELECT x.source, x.ticket_id, min(CASE WHEN s.category = 'indeterminate' THEN x.at END) AS started_at, "
        "  max(CASE WHEN s.category = 'done' THEN x.at END) AS ended_at FROM transition x "
        "  LEFT JOIN status s ON s.source = x.source AND s.status_id = x.to_status_id GROUP BY 1, 2"
        ") m USING (source, ticket_id) WHERE t.gone_at IS NULL"
    )


def ticket_times(warehouse: Warehouse, since: datetime) -> pl.DataFrame:
    """Tickets that changed since that day, without epics and sub-tasks: source, project, created_at, done_at (as in
    `tickets`).
    """
    return warehouse.frame(
        "SELECT t.source, t.project, t.created_at, CASE WHEN t.status_category = 'done' THEN coalesce(t.resolved_at, ("
        "  SELECT max(x.at) FROM transition x JOIN status s ON s.source = x.source AND s.status_id = x.to_status_id "
        "  WHERE x.source = t.source AND x.ticket_id = t.ticket_id AND s.category = 'done'"
        "), t.updated_at) END AS done_at FROM ticket t "
        "WHERE t.gone_at IS NULL AND NOT t.is_epic AND NOT t.is_subtask AND max(t.created_at, t.updated_at) >= ?",
        [to_us(_day(since))],
    )


def commit_times(warehouse: Warehouse, since: datetime) -> pl.DataFrame:
    """Commits since that day: source, committed_at."""
    return warehouse.frame(
        "SELECT source, committed_at FROM git_commit WHERE committed_at >= ? AND gone_at IS NULL", [to_us(_day(since))]
    )


def worked_tickets(warehouse: Warehouse) -> pl.DataFrame:
    """All tickets that are neither gone nor epics nor sub-tasks, in short: source, ticket_id, project, status,
    status_category, assignee_id, created_at, done_at (as in `tickets`).
    """
    return warehouse.frame(
        "SELECT t.source, t.ticket_id, t.project, t.status, t.status_category, t.assignee_id, t.created_at, "
        "CASE WHEN t.status_category = 'done' THEN coalesce(t.resolved_at, (SELECT max(x.at) FROM transition x "
        "JOIN status s ON s.source = x.source AND s.status_id = x.to_status_id WHERE x.source = t.source "
        "AND x.ticket_id = t.ticket_id AND s.category = 'done'), t.updated_at) END AS done_at "
        "FROM ticket t WHERE t.gone_at IS NULL AND NOT t.is_epic AND NOT t.is_subtask"
    )


def moves(warehouse: Warehouse, since: datetime) -> pl.DataFrame:
    """The status changes of tickets that are open or were changed since that day, each ticket's in their order:
    source, ticket_id, at, from_status, from_category, to_status, to_category.
    """
    since_us = to_us(_day(since))
    return warehouse.kept(("moves", since_us), lambda: _moves(warehouse, since_us))


def _moves(warehouse: Warehouse, since_us: int) -> pl.DataFrame:
    names = ("source", "ticket_id", "at", "from_status", "from_category", "to_status", "to_category")
    categories = {row[:2]: row[2] for row in warehouse.rows("SELECT source, status_id, category FROM status")}
    rows = warehouse.rows(
        "SELECT x.source, x.ticket_id, x.at, x.from_status, x.from_status_id, x.to_status, x.to_status_id "
        # a cross join is done in the order it is written in: few tickets, not all transitions
        "FROM ticket t CROSS JOIN transition x USING (source, ticket_id) WHERE t.gone_at IS NULL AND NOT t.is_epic "
        "AND NOT t.is_subtask AND (t.status_category IS NOT 'done' OR t.updated_at >= ?) "
        "ORDER BY x.source, x.ticket_id, x.at, CAST(x.history_id AS INTEGER), x.ordinal",
        [since_us],
    )
    told = [
        (source, ticket, at, before, categories.get((source, before_id)), to, categories.get((source, to_id)))
        for source, ticket, at, before, before_id, to, to_id in rows
    ]
    return warehouse.as_frame(names, told)


def people(warehouse: Warehouse) -> pl.DataFrame:
    """People as each source knows them: source, person_id, name, email."""
    return warehouse.frame("SELECT source, person_id, name, email FROM person WHERE gone_at IS NULL")


def sync_states(warehouse: Warehouse) -> pl.DataFrame:
    """Where each source's sync stands."""
    return warehouse.frame("SELECT source, kind, started_at, finished_at, ok_at, seen_at, error FROM sync_state")
