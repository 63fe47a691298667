"""The engineers' tab: pipelines, riskiest first, and their runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.answers import ANSWERS
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, history, length, percent, state, text
from collabtui.faces.tui.table.columns import (
    length_column,
    risk_column,
    share_column,
    state_column,
    text_column,
    time_column,
)
from collabtui.faces.tui.table.listing import EMPTY, Column, Description, Listing, Role, about
from collabtui.faces.tui.tabs.forecasts import (
    deadline,
    fields,
    forecast,
    landing_charts,
    odd,
    past,
    past_and_odd,
    record,
    tasks,
)
from collabtui.faces.tui.tabs.touches import WORK_COLUMNS, last_touched
from collabtui.faces.tui.watching import watched_column

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse


def read(warehouse: "Warehouse", settings: "Settings", now: datetime) -> Mapping[str, Sequence[Row]]:
    """Pipelines and runs."""
    from collabtui.answers.pipelines import pipelines
    from collabtui.answers.runs import runs

    return {
        "pipelines": pipelines(warehouse, settings, now).pipelines.to_dicts(),
        "runs": runs(warehouse, settings, now).runs.to_dicts(),
    }


def describe_pipeline(row: Row, known: Row | None, viewer: Viewer) -> Description:
    """State, forecast and record of one pipeline."""
    lines: list[Line] = [
        (*state(row["state"]), *_since(row, viewer)),
        *_held_up(row, viewer),
        forecast(row, viewer, row["history_n"]),
        deadline(row, viewer),
        fields(
            ("typically takes", length(row["typical_duration_s"])),
            ("last took", length(row["last_duration_s"])),
            ("succeeded", _succeeded(row)),
        ),
        *last_touched(row, viewer),
        *odd(known),
        *tasks(known),
        fields(
            ("schedule", row["schedule"]), ("owner", row["owner"]), ("team", row["team"]),
            ("tags", ", ".join(row["tags"] or ())),
        ),
        *record(known, viewer),
    ]  # fmt: skip
    return Description(row["name"], lines, landing_charts(known))


def describe_run(row: Row, known: Row | None, viewer: Viewer) -> Description:
    """How far one run is, and the past of its pipeline."""
    lines: list[Line] = [
        (*state(row["state"]), Part(" · "), *text(row["run_id"])),
        fields(
            ("due", viewer.at(row["due_at"])), ("started", viewer.at(row["start_at"])),
            ("ended" if row["failed_task"] else "landed", viewer.at(row["end_at"])),
        ),
        fields(
            ("waited", length(row["schedule_delay_s"])), ("ran", length(row["duration_s"])),
            ("landed after", length(row["landing_delay_s"])), ("tasks", _progress(row)), ("type", row["run_type"]),
        ),
        *([forecast(row, viewer, known["history_n"])] if known and row["p50_at"] is not None else []),
        deadline(row, viewer),
        *([(Part("failed in ", "muted"), *text(row["failed_task"], "bad"))] if row["failed_task"] else []),
        *tasks(known),
    ]  # fmt: skip
    return Description(row["pipeline_id"], lines, landing_charts(known))


def _succeeded(row: Row) -> str | None:
    return f"{percent(row['success_rate'])} of the last {len(row['recent'])}" if row["recent"] else None


def _since(row: Row, viewer: Viewer) -> Line:
    if row["state"] in ("paused", "never ran"):
        return ()
    if row["start_at"] is not None:
        return (Part(f" · started {viewer.at(row['start_at'])}, {length(row['elapsed_s'])} so far", "muted"),)
    return (Part(f" · next due {viewer.at(row['due_at'])}", "muted"),) if row["due_at"] is not None else ()


def _held_up(row: Row, viewer: Viewer) -> Sequence[Line]:
    """Why nothing has started, and since when its data is missing."""
    missing = f"missing since {viewer.at(row['missing_since_at'])}" if row["missing_since_at"] else None
    by = f"{row['held_up_by']} upstream failed" if row["held_up_by"] and row["run_id"] is None else None
    said = ": ".join(filter(None, (missing, by)))
    return [text(said, "bad")] if said else []


def _progress(row: Row) -> str | None:
    return None if row["tasks_total"] is None else f"{row['tasks_done']}/{row['tasks_total']}"


PIPELINES = Listing(
    name="pipelines",
    title="Pipelines",
    order="riskiest first",
    key=("source", "pipeline_id"),
    about=about("pipeline", "source", "pipeline_id", "name"),
    home_of="pipeline",
    label="name",
    empty=EMPTY,
    kinds=ANSWERS["pipelines"].kinds,
    more=past_and_odd,
    describe=describe_pipeline,
    is_watchable=True,
    opens="runs",
    scope=("source", "pipeline_id"),
    columns=(
        state_column(),
        watched_column("name", "Pipeline", 18, also=("dag",), means="the pipeline (Airflow: DAG)"),
        Column(
            name="recent",
            title="Last runs",
            width=14,
            priority=5,
            cell=lambda row, _: history(row["recent"]),
            means="how past runs ended, the newest at the right",
        ),
        time_column("p50_at", "P50", 0, means="next run lands by then in half of the cases"),
        time_column("p85_at", "P85", 7, means="next run lands by then in 85 of 100 cases"),
        time_column("p95_at", "P95", 3, means="next run lands by then in 95 of 100 cases"),
        time_column("deadline_at", "Deadline", 1, means="by when it has to land"),
        risk_column(1),
        *WORK_COLUMNS,
        time_column("due_at", "Due", 8, means="when the next run is due to begin"),
        length_column("elapsed_s", "Elapsed", 7, means="how long it has been running"),
        length_column("typical_duration_s", "Typical", 9, means="how long its runs usually take"),
        time_column("last_end_at", "Landed", 10, means="when the last run ended"),
        share_column("success_rate", "OK", 5, 11, means="how many of the last runs succeeded"),
        text_column("owner", "Owner", 12, 12, tone="muted", is_people=True, means="who owns it, as Airflow says"),
        text_column("schedule", "Schedule", 14, 13, tone="muted", means="when it runs by itself"),
        text_column("source", "Source", 10, 14, tone="muted", means="the Airflow that runs it"),
    ),
    unseen=(
        text_column("team", "Team", 10, means="whose it is"),
        Column(
            name="tags",
            title="Tags",
            width=10,
            cell=lambda row, _: text(", ".join(row["tags"] or ())),
            means="its labels in Airflow",
        ),
    ),
)
RUNS = Listing(
    name="runs",
    title="Runs",
    order="newest first",
    key=("source", "pipeline_id", "run_id"),
    about=about("pipeline", "source", "pipeline_id"),
    label="run_id",
    called=("pipeline_id", "run_id"),
    empty=EMPTY,
    kinds=ANSWERS["runs"].kinds,
    more=past,
    describe=describe_run,
    is_watchable=True,
    enters="run",
    columns=(
        state_column(),
        watched_column("pipeline_id", "Pipeline", 18, also=("dag",), means="whose run it is"),
        time_column("due_at", "Due", 0, means="when it was due to begin"),
        time_column("start_at", "Started", 8, means="when it began"),
        time_column("end_at", "Landed", 4, means="when it ended"),
        length_column("landing_delay_s", "After", 1, means="from when it was due to its end"),
        length_column("duration_s", "Ran", 2, means="from its begin to its end, or to now"),
        length_column("schedule_delay_s", "Waited", 6, means="from when it was due to its begin"),
        time_column("p50_at", "P50", 5, means="lands by then in half of the cases"),
        time_column("p95_at", "P95", 7, means="lands by then in 95 of 100 cases"),
        risk_column(3),
        time_column("deadline_at", "Deadline", 9, means="by when it has to land"),
        Column(name="tasks_done", title="Tasks", width=7, right=True, priority=10,
               cell=lambda row, _: text(_progress(row)), means="how many of its tasks are done"),
        text_column("failed_task", "Failed in", 16, 11, tone="bad", means="the first task that failed"),
        text_column("run_type", "Type", 10, 12, tone="muted", means="what started it"),
    ),
)  # fmt: skip
ENGINEERS = Role("engineers", "Engineers", (PIPELINES, RUNS), read)
