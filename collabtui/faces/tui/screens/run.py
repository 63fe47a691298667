"""One run on a screen of its own: its task runs as bars on the run's time, and what is known of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.charts.gantt import LEGEND, axis, bar
from collabtui.faces.tui.formats import NONE, STATES, Line, Part, Row, Viewer, length, percent, state, text
from collabtui.faces.tui.frame.keyline import KeyLine
from collabtui.faces.tui.frame.status import Freshness, StatusLine
from collabtui.faces.tui.table.columns import length_column, state_column, text_column, time_column
from collabtui.faces.tui.table.listing import Column, Description, Listing, Role
from collabtui.faces.tui.tabs.forecasts import fields
from collabtui.faces.tui.tabs.pane import Pane

if TYPE_CHECKING:
    from collabtui.answers.run_tasks import RunTasks
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

LOOK_S = 5.0
"""How often a run in flight is asked for anew."""
SHOWN_TRIES = 4


def describe_task(row: Row, _known: None, viewer: Viewer) -> Description:
    """What one task did in this run, what is usual of it, and whether the landing waited for it."""
    lines: list[Line] = [
        (*state(row["state"]), Part(" · "), *_held(row)),
        fields(
            ("ready", viewer.at(row["queued_at"])), ("started", viewer.at(row["start_at"])),
            ("ended", viewer.at(row["end_at"])), ("waited", _waited(row)),
            ("took" if row["end_at"] else "so far", length(row["took_s"])),
        ),
        _usual(row, viewer),
        fields(
            ("try", tried(row)), ("pool", row["pool"]), ("operator", row["operator"]),
            ("parts", f"{row['parts_n']}: {_parts(row)}" if row["parts_n"] > 1 else None),
        ),
        _record(row),
        *_tries(row, viewer),
        LEGEND,
    ]  # fmt: skip
    return Description(row["task_id"], [line for line in lines if line])


def _held(row: Row) -> Line:
    if not row["knows_graph"]:
        return (Part("its pipeline's task graph is not known, so neither is the critical path", "muted"),)
    if row["held_s"] is not None:
        waits = "waits" if row["is_in_flight"] else "waited"
        share = f", {percent(row['held_s'] / row['span_s'])} of the run" if row["span_s"] else ""
        return (Part(f"» on the critical path: the landing {waits} {length(row['held_s'])} for it{share}", "strong"),)
    if row["slack_s"] is None:
        return (Part("not on the critical path", "muted"),)
    return (Part(f"not on the critical path: could take {length(row['slack_s'])} longer", "muted"),)


def _waited(row: Row) -> str | None:
    if row["queued_at"] is None or row["start_at"] is None:
        return None
    return length((row["start_at"] - row["queued_at"]).total_seconds())


def _usual(row: Row, viewer: Viewer) -> Line:
    if row["p50_s"] is None:
        return (Part("too few ended runs to say how long it usually takes", "muted"),)
    words = f"usually takes P50 {length(row['p50_s'])} · P85 {length(row['p85_s'])}"
    basis = Part(f", from {row['history_n']} runs", "muted")
    if row["end_at"] is not None or row["expected_end_at"] is None:
        return (Part(words), basis)
    when = f" · expected {viewer.at(row['expected_start_at'])} to" if row["expected_start_at"] else " · expected to end"
    return (Part(words), basis, Part(f"{when} {viewer.at(row['expected_end_at'])}", "strong"))


def _record(row: Row) -> Line:
    if not row["past_n"]:
        return (Part("never ran before", "muted"),)
    words = f"failed in {row['failed_n']} of the last {row['past_n']} other runs"
    again = f", needed another try in {row['retried_n']}" if row["retried_n"] else ""
    return (Part(words + again, "warn" if row["failed_n"] else ""),)


def _tries(row: Row, viewer: Viewer) -> Sequence[Line]:
    """The tries of a task of one part that had more than one, the last ones."""
    if row["parts_n"] > 1 or len(row["tries"]) < 2:
        return ()
    return [
        (Part(f"try {one['try_number']} ", "muted"), *state(one["state"]),
         Part(f" {viewer.at(one['start_at'])} to {viewer.at(one['end_at'])}"))
        for one in row["tries"][-SHOWN_TRIES:]
    ]  # fmt: skip


def tried(row: Row) -> str | None:
    """2/4: the second try of four."""
    if not row["try_number"]:
        return None
    return f"{row['try_number']}/{max(row['max_tries'] + 1, row['try_number'])}" if row["max_tries"] else "1"


def _parts(row: Row) -> str:
    failed = f", {row['parts_failed_n']} failed" if row["parts_failed_n"] else ""
    return f"{row['parts_done_n']} done{failed}"


def _name(row: Row) -> Line:
    """The task, and how many of its mapped parts are done."""
    parts = f" {row['parts_done_n']}/{row['parts_n']}" if row["parts_n"] > 1 else ""
    return (*text(row["task_id"]), Part(parts, "bad" if row["parts_failed_n"] else "muted"))


TASKS = Listing(
    name="task-runs",
    title="Task runs",
    order="in the order of the graph",
    key=("task_id",),
    label="task_id",
    empty="No task runs of this run are known. r syncs now.",
    describe=describe_task,
    enters="log",
    columns=(
        state_column(),
        Column(name="held_s", title="»", width=1, unit="seconds",
               cell=lambda row, _: (Part(" " if row["held_s"] is None else "»"),),
               means="» on the critical path: the landing waited for it"),
        Column(
            name="task_id", title="Task", width=16, grows=1, shows_more=True, cell=lambda row, _: _name(row),
            means="the task, and how many of its parts are done",
        ),
        Column(name="try_number", title="Try", width=4, right=True, priority=5,
               cell=lambda row, _: (Part(tried(row) or NONE, "warn" if row["try_number"] > 1 else "muted"),),
               means="which try, of how many at most"),
        time_column("start_at", "Started", 6, means="when it began"),
        length_column("took_s", "Took", 1, means="how long it took, or takes so far"),
        length_column("p50_s", "Usual", 3, means="how long it takes in half of the cases"),
        text_column("pool", "Pool", 12, 8, tone="muted", means="the pool whose slot it takes"),
        Column(
            name="end_at", title="Time", width=24, grows=3, cell=lambda row, _: (), drawn=bar, heading=axis,
            means="when it ran, drawn along the run",
        ),
    ),
)  # fmt: skip


def as_rows(found: "RunTasks") -> Sequence[Row]:
    """The answer's tasks with their tries, and with what bars and details need of the run."""
    tries: dict[str, list[Row]] = {}
    for one in found.tries.iter_rows(named=True):
        tries.setdefault(one["task_id"], []).append(one)
    run = {
        "source": found.source, "pipeline_id": found.pipeline_id, "run_id": found.run_id, "from_at": found.from_at,
        "until_at": found.until_at, "span_s": (found.until_at - found.from_at).total_seconds(),
        "is_in_flight": found.end_at is None, "history_n": found.history_n, "knows_graph": found.knows_graph,
    }  # fmt: skip
    return [{**task, **run, "tries": tries[task["task_id"]]} for task in found.tasks.iter_rows(named=True)]


ABOUT_RUN = ("state", "due_at", "start_at", "end_at")


def read(
    warehouse: "Warehouse", settings: "Settings", now: datetime, *, key: tuple[str, str, str]
) -> Mapping[str, Sequence[Row]]:
    """The tasks of a run, and the run itself; nothing where it is gone."""
    from collabtui.answers.landings import landings
    from collabtui.answers.run_tasks import tasks_of

    found = tasks_of(warehouse, settings, now, *key)
    if found is None:
        return {TASKS.name: (), "run": ()}
    source, pipeline_id, run_id = key
    lands = landings(warehouse, settings, now).next.filter(source=source, pipeline_id=pipeline_id, run_id=run_id)
    forecast = next(lands.select("p50_at", "p95_at").iter_rows(named=True), {"p50_at": None, "p95_at": None})
    return {TASKS.name: as_rows(found), "run": [{**{name: getattr(found, name) for name in ABOUT_RUN}, **forecast}]}


def same_task(warehouse: "Warehouse", settings: "Settings", now: datetime, *, row: Row) -> Row | None:
    """The row of the same task as it is now; None where it is gone."""
    from collabtui.answers.run_tasks import tasks_of

    found = tasks_of(warehouse, settings, now, row["source"], row["pipeline_id"], row["run_id"])
    return next((one for one in as_rows(found) if one["task_id"] == row["task_id"]), None) if found else None


class RunPane(Pane):
    """The run's table and detail; Esc leads out of it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("e", "failed", "Failed task")]

    def action_failed(self) -> None:
        """To the task that failed; Enter shows its log, `e` there its error."""
        if not self.select_failed():
            self.notify("no task of this run has failed", timeout=3)

    def select_failed(self) -> bool:
        """Select the first task that failed; False where none did."""
        return self._current.select(lambda row: row["state"] == "failed")

    def action_back(self) -> None:
        """One step back, the last one to where one was."""
        if self.is_zoomed or self._current.choice != self._current.choice.__class__():
            super().action_back()
        else:
            self.screen.dismiss()


class RunScreen(Screen[None]):
    """The tasks of one run (`source`, `pipeline_id` and `run_id` of the row)."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("u", "code", "Code")]

    @dataclass
    class Coded(Message):
        """The code of this pipeline is wanted."""

        source: str
        pipeline_id: str

    def __init__(self, row: Row, reader: Reader, viewer: Callable[[], Viewer], freshness: Freshness) -> None:
        super().__init__()
        self._freshness = freshness
        self._key = (row["source"], row["pipeline_id"], row["run_id"])
        self._viewer = viewer
        self._found: Row | None = None
        self._pane = RunPane(
            Role("run", "Run", (TASKS,), partial(read, key=self._key)), reader, viewer, lane="run"
        )  # never behind other details

    def compose(self) -> ComposeResult:
        """Which run it is, its tasks, what is not fresh, the keys' line."""
        yield Static(self._crumb(), id="crumb")
        yield self._pane
        yield StatusLine(self._freshness, only_troubles=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """The tasks are asked for, and again while the run is in flight."""
        self._pane.enter()
        self.run_worker(self._reload(), group="rows")
        self.set_interval(LOOK_S, self._look)

    def action_code(self) -> None:
        """Show the code of the pipeline."""
        self.post_message(self.Coded(*self._key[:2]))

    def _look(self) -> None:
        if self._found is None or self._found["end_at"] is None:
            self.run_worker(self._reload(), group="rows", exclusive=True)

    async def _reload(self) -> None:
        is_first, self._found = self._found is None, next(iter((await self._pane.reload()).get("run", ())), None)
        if is_first and self._found is not None and self._found["state"] == "failed":
            self._pane.select_failed()  # whoever opens a failed run looks for it
        self.query_one("#crumb", Static).update(self._crumb())

    def _crumb(self) -> Content:
        """Pipeline › run, its state, when it was due and landed or will."""
        _, pipeline_id, run_id = self._key
        names = ((f"{plain(pipeline_id)} ", "bold"), "› ", (f"{plain(run_id)} ", ""))
        if (found := self._found) is None:
            return Content.assemble(*names)
        sign, tone = STATES.get(found["state"], ("○", "muted"))
        viewer = self._viewer()
        p50, p95 = found["p50_at"], found["p95_at"]
        will = f"lands P50 {viewer.at(p50)}, P95 {viewer.at(p95)}" if p50 is not None else "in flight"
        ended = "landed" if found["state"] == "success" else "ended"
        lands = f"{ended} {viewer.at(found['end_at'])}" if found["end_at"] else will
        times = f"  due {viewer.at(found['due_at'])} · started {viewer.at(found['start_at'])} · {lands}"
        return Content.assemble(
            *names[:1], (f"{sign} {plain(found['state'])}", f"${tone}"), (times, "$muted"), "  ", *names[2:]
        )
