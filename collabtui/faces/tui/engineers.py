"""The engineers' tab: pipelines, riskiest first, and their runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.faces.tui.forecasts import Past, deadline, fields, forecast, landing_chart, legend, past, tasks
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, history, length, percent, risk, state, text
from collabtui.faces.tui.listing import Column, Description, Listing, Role

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

EMPTY = "Nothing here yet. r syncs now; `collabtui doctor` says what is wrong with a source."


def time_column(name: str, title: str, priority: int) -> Column:
    """A column of times in the viewer's zone."""
    return Column(
        name=name, title=title, width=9, right=True, priority=priority,
        cell=lambda row, viewer: (Part(viewer.at(row[name]), "" if row[name] else "muted"),),
    )  # fmt: skip


def length_column(name: str, title: str, priority: int) -> Column:
    """A column of lengths of time."""
    return Column(
        name=name, title=title, width=7, right=True, priority=priority,
        cell=lambda row, _: (Part(length(row[name]), "" if row[name] is not None else "muted"),),
    )  # fmt: skip


def read(warehouse: "Warehouse", settings: "Settings", now: datetime) -> Mapping[str, Sequence[Row]]:
    """Pipelines and runs."""
    from collabtui.answers.pipelines import pipelines
    from collabtui.answers.runs import runs

    return {
        "pipelines": pipelines(warehouse, settings, now).pipelines.to_dicts(),
        "runs": runs(warehouse, settings, now).runs.to_dicts(),
    }


def describe_pipeline(row: Row, known: Past | None, viewer: Viewer) -> Description:
    """State, forecast and record of one pipeline."""
    lines: list[Line] = [
        (*state(row["state"]), *_since(row, viewer)),
        forecast(row, viewer, row["history_n"]),
        deadline(row, viewer),
        fields(
            ("typically takes", length(row["typical_duration_s"])),
            ("last took", length(row["last_duration_s"])),
            ("succeeded", _succeeded(row)),
        ),
        *tasks(known),
        fields(
            ("schedule", row["schedule"]), ("owner", row["owner"]), ("team", row["team"]),
            ("tags", ", ".join(row["tags"] or ())), ("model", row["model"]),
        ),
        *legend(known),
    ]  # fmt: skip
    return Description(row["name"], lines, landing_chart(known))


def describe_run(row: Row, known: Past | None, viewer: Viewer) -> Description:
    """How far one run is, and the past of its pipeline."""
    lines: list[Line] = [
        (*state(row["state"]), Part(" · "), *text(row["run_id"])),
        fields(
            ("due", viewer.at(row["due_at"])), ("started", viewer.at(row["start_at"])),
            ("landed", viewer.at(row["end_at"])),
        ),
        fields(
            ("waited", length(row["schedule_delay_s"])), ("ran", length(row["duration_s"])),
            ("landed after", length(row["landing_delay_s"])), ("tasks", _progress(row)), ("type", row["run_type"]),
        ),
        *([forecast(row, viewer, known.coming.history_n)] if known and row["p50_at"] is not None else []),
        deadline(row, viewer),
        *([(Part("failed in ", "muted"), *text(row["failed_task"], "bad"))] if row["failed_task"] else []),
        *tasks(known),
        *legend(known),
    ]  # fmt: skip
    return Description(row["pipeline_id"], lines, landing_chart(known))


def _succeeded(row: Row) -> str | None:
    return f"{percent(row['success_rate'])} of the last {len(row['recent'])}" if row["recent"] else None


def _since(row: Row, viewer: Viewer) -> Line:
    if row["state"] in ("paused", "never ran"):
        return ()
    if row["start_at"] is not None:
        return (Part(f" · started {viewer.at(row['start_at'])}, {length(row['elapsed_s'])} so far", "muted"),)
    return (Part(f" · next due {viewer.at(row['due_at'])}", "muted"),) if row["due_at"] is not None else ()


def _progress(row: Row) -> str | None:
    return None if row["tasks_total"] is None else f"{row['tasks_done']}/{row['tasks_total']}"


PIPELINES = Listing(
    name="pipelines",
    title="Pipelines",
    order="riskiest first",
    key=("source", "pipeline_id"),
    label="name",
    empty=EMPTY,
    more=past,
    describe=describe_pipeline,
    opens="runs",
    scope=("source", "pipeline_id"),
    columns=(
        Column(name="state", title="State", width=11, cell=lambda row, _: state(row["state"])),
        Column(name="name", title="Pipeline", width=18, grows=True, cell=lambda row, _: text(row["name"])),
        Column(name="recent", title="Last runs", width=14, priority=5, cell=lambda row, _: history(row["recent"])),
        time_column("p50_at", "P50", 0),
        time_column("p85_at", "P85", 6),
        time_column("p95_at", "P95", 3),
        time_column("deadline_at", "Deadline", 1),
        Column(name="p_late", title="Miss", width=5, right=True, priority=1, cell=lambda row, _: risk(row["p_late"])),
        time_column("due_at", "Due", 8),
        length_column("elapsed_s", "Elapsed", 7),
        length_column("typical_duration_s", "Typical", 9),
        time_column("last_end_at", "Landed", 10),
        Column(
            name="success_rate", title="OK", width=5, right=True, priority=11,
            cell=lambda row, _: (Part(percent(row["success_rate"])),),
        ),
        Column(name="owner", title="Owner", width=12, priority=12, cell=lambda row, _: text(row["owner"], "muted")),
        Column(name="schedule", title="Schedule", width=14, priority=13,
               cell=lambda row, _: text(row["schedule"], "muted")),
        Column(name="source", title="Source", width=10, priority=14, cell=lambda row, _: text(row["source"], "muted")),
    ),
)  # fmt: skip
RUNS = Listing(
    name="runs",
    title="Runs",
    order="newest first",
    key=("source", "pipeline_id", "run_id"),
    label="run_id",
    empty=EMPTY,
    more=past,
    describe=describe_run,
    columns=(
        Column(name="state", title="State", width=11, cell=lambda row, _: state(row["state"])),
        Column(name="pipeline_id", title="Pipeline", width=18, grows=True,
               cell=lambda row, _: text(row["pipeline_id"])),
        time_column("due_at", "Due", 0),
        time_column("start_at", "Started", 8),
        time_column("end_at", "Landed", 4),
        length_column("landing_delay_s", "After", 1),
        length_column("duration_s", "Ran", 2),
        length_column("schedule_delay_s", "Waited", 6),
        time_column("p50_at", "P50", 5),
        time_column("p95_at", "P95", 7),
        Column(name="p_late", title="Miss", width=5, right=True, priority=3, cell=lambda row, _: risk(row["p_late"])),
        time_column("deadline_at", "Deadline", 9),
        Column(name="tasks_done", title="Tasks", width=7, right=True, priority=10,
               cell=lambda row, _: text(_progress(row))),
        Column(name="failed_task", title="Failed in", width=16, priority=11,
               cell=lambda row, _: text(row["failed_task"], "bad")),
        Column(name="run_type", title="Type", width=10, priority=12,
               cell=lambda row, _: text(row["run_type"], "muted")),
    ),
)  # fmt: skip
ENGINEERS = Role("engineers", "Engineers", (PIPELINES, RUNS), read)
