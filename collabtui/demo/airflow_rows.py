"""The rows that Airflow 2 and 3 print of a site, key for key."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from collabtui.demo.airflow_site import AirflowSite, SiteDag, SiteEvent, SiteRun, SiteTask, SiteTaskInstance, Try

Row = dict[str, Any]


class Rows:
    """Rows of one version; 2 prints its times with +00:00, 3 with Z."""

    def __init__(self, site: AirflowSite, version: int) -> None:
        self.site = site
        self.version = version
        self.time: Callable[[datetime | None], Any] = _offset_time if version == 2 else lambda at: at

    def dag(self, dag: SiteDag) -> Row:
        """A row of GET /dags."""
        row: Row = {
            "dag_id": dag.dag_id, "dag_display_name": dag.dag_id, "is_paused": dag.is_paused,
            "description": dag.description, "fileloc": f"/opt/airflow/dags/{dag.dag_id}.py", "file_token": dag.dag_id,
            "owners": [dag.owner], "has_import_errors": False, "last_parsed_time": None, "max_active_runs": 4,
            "max_active_tasks": 16, "timetable_description": dag.schedule or "Triggered by datasets",
        }  # fmt: skip
        tags: list[Row] = [{"name": tag} for tag in dag.tags]
        if self.version == 2:
            interval = {"__type": "CronExpression", "value": dag.schedule} if dag.schedule else None
            return row | {"tags": tags, "is_active": True, "is_subdag": False, "schedule_interval": interval,
                          "next_dagrun": None, "next_dagrun_create_after": self.time(dag.next_at)}  # fmt: skip
        for tag in tags:
            tag |= {"dag_id": dag.dag_id, "dag_display_name": dag.dag_id}
        return row | {
            "tags": tags, "is_stale": False, "timetable_summary": dag.schedule or "Asset", "bundle_name": "dags-folder",
            "bundle_version": None, "relative_fileloc": f"{dag.dag_id}.py", "allowed_run_types": None,
            "next_dagrun_logical_date": dag.next_at, "next_dagrun_run_after": dag.next_at,
        }  # fmt: skip

    def task(self, task: SiteTask, owner: str) -> Row:
        """A row of GET /dags/{id}/tasks."""
        return {
            "task_id": task.task_id, "task_display_name": task.task_id, "owner": owner, "trigger_rule": "all_success",
            "retries": float(task.retries), "pool": task.pool, "pool_slots": 1.0, "operator_name": task.operator,
            "is_mapped": task.is_mapped, "downstream_task_ids": task.downstream, "execution_timeout": None,
            "class_ref": {"module_path": "airflow.providers.standard.operators.python", "class_name": task.operator},
        }  # fmt: skip

    def run(self, run: SiteRun) -> Row:
        """A row of the runs."""
        t = self.time
        row: Row = {
            "dag_run_id": run.run_id, "dag_id": run.dag.dag_id, "state": run.state, "conf": {}, "note": None,
            "run_type": run.run_type, "logical_date": t(run.logical_at), "data_interval_start": t(run.logical_at),
            "data_interval_end": t(run.run_after), "start_date": t(run.start_at), "end_date": t(run.end_at),
            "last_scheduling_decision": t(run.updated_at),
        }  # fmt: skip
        if self.version == 2:
            logical = t(run.logical_at or run.run_after)
            kind = run.run_type.replace("asset", "dataset")
            return row | {"logical_date": logical, "execution_date": logical, "run_type": kind,
                          "external_trigger": run.run_type == "manual"}  # fmt: skip
        duration = _seconds(run.start_at, run.end_at)
        by = {"manual": "rest_api", "asset_triggered": "asset"}.get(run.run_type, "timetable")
        version = {"id": str(uuid.UUID(int=1)), "version_number": 1, "dag_id": run.dag.dag_id}
        return row | {
            "queued_at": run.run_after, "run_after": run.run_after, "duration": duration, "triggered_by": by,
            "triggering_user_name": None, "dag_versions": [version], "bundle_version": None,
            "dag_display_name": run.dag.dag_id, "partition_key": None, "partition_date": None,
        }  # fmt: skip

    def instance(self, instance: SiteTaskInstance, which: Try | None = None) -> Row:
        """A row of the task instances: of the try under way, or of an earlier one."""
        t, run, task, shown = self.time, instance.run, instance.task, which or instance.now
        row: Row = {
            "task_id": task.task_id, "task_display_name": task.task_id, "dag_id": run.dag.dag_id,
            "dag_run_id": run.run_id, "map_index": instance.map_index, "state": shown.state,
            "start_date": t(shown.start_at), "end_date": t(shown.end_at),
            "duration": _seconds(shown.start_at, shown.end_at),
            "try_number": shown.number if shown.start_at or shown.number > 1 else 0, "max_tries": task.retries,
            "hostname": "worker-1" if shown.start_at else "", "unixname": "airflow", "pool": task.pool, "pool_slots": 1,
            "queue": "default", "priority_weight": 1, "operator": task.operator, "queued_when": t(shown.queued_at),
            "pid": None, "executor": None, "executor_config": "{}", "note": None, "rendered_map_index": None,
            "rendered_fields": {}, "trigger": None, "triggerer_job": None,
        }  # fmt: skip
        if self.version == 2:
            return row | {"execution_date": t(run.logical_at or run.run_after), "sla_miss": None}
        number = uuid.UUID(int=instance.number * 100 + shown.number)
        return row | {"id": str(number), "logical_date": run.logical_at, "run_after": run.run_after,
                      "scheduled_when": shown.scheduled_at, "operator_name": task.operator,
                      "dag_display_name": run.dag.dag_id, "dag_version": None}  # fmt: skip

    def pool(self, name: str, slots: int) -> Row:
        """A row of GET /pools."""
        open_runs = [run for run in self.site.runs[-400:] if run.end_at is None]
        inside = [i.now.state for run in open_runs for i in run.tasks if i.task.pool == name]
        running, queued = inside.count("running"), inside.count("queued")
        return {
            "name": name, "slots": slots, "description": None, "include_deferred": False,
            "occupied_slots": running + queued, "running_slots": running, "queued_slots": queued,
            "scheduled_slots": 0, "open_slots": slots - running, "deferred_slots": 0,
        }  # fmt: skip

    def dataset(self, number: int, uri: str) -> Row:
        """A row of GET /datasets or GET /assets."""
        dags = self.site.dags.values()
        producing = [{"dag_id": d.dag_id, "task_id": t} for d in dags for t, u in d.produces.items() if u == uri]
        scheduled = [{"dag_id": d.dag_id} for d in dags if uri in d.scheduled_by]
        row: Row = {"id": number, "uri": uri, "extra": {}, "aliases": [], "producing_tasks": producing}
        if self.version == 2:
            return row | {"consuming_dags": scheduled}
        return row | {"name": uri, "group": "asset", "scheduled_dags": scheduled, "consuming_tasks": [], "watchers": [],
                      "last_asset_event": {"id": None, "timestamp": None}}  # fmt: skip

    def event(self, event: SiteEvent) -> Row:
        """A row of the dataset or asset events."""
        row: Row = {
            "id": event.number, "timestamp": self.time(event.at), "extra": {}, "source_dag_id": event.run.dag.dag_id,
            "source_task_id": event.task_id, "source_run_id": event.run.run_id, "source_map_index": -1,
        }  # fmt: skip
        key = "dag_run_id" if self.version == 2 else "run_id"
        created = [{"dag_id": run.dag.dag_id, key: run.run_id, "state": run.state} for run in event.created]
        if self.version == 2:
            return row | {"dataset_id": 1, "dataset_uri": event.uri, "created_dagruns": created}
        return row | {"asset_id": 1, "uri": event.uri, "name": event.uri, "group": "asset", "created_dagruns": created}


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def _offset_time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
