"""What every role reads of a landing forecast: one sentence each, and the chart of past landings with what comes."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.answering import plainly
from collabtui.faces.tui.charts.canvas import Titled
from collabtui.faces.tui.charts.landing_chart import Landing, LandingChart
from collabtui.faces.tui.formats import NONE, Line, Part, Row, Tone, Viewer, length, number, percent

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

NOTICED_S = 30
"""Tasks that cost less are not worth a word."""
NOTICED_CHANCE = 0.02
LEGEND: Line = (
    Part("• in time", "good"), Part(" "), Part("✖ late or failed", "bad"), Part(" "), Part("╌ deadline", "warn"),
    Part(" ▒ next, P50–P95", "muted"),
)  # fmt: skip
FEW_RUNS = 10
"""A forecast from fewer says so."""


def past(warehouse: "Warehouse", settings: "Settings", now: datetime, row: Row) -> Row | None:
    """The past of the row's pipeline and the forecast of what comes, as `collabtui.answers.pipeline` has them; None
    where the row has no pipeline.
    """
    from collabtui.answers.pipeline import pipeline

    if row["pipeline_id"] is None:
        return None
    return plainly(pipeline(warehouse, settings, now, source=row["source"], pipeline_id=row["pipeline_id"]))


def past_and_odd(warehouse: "Warehouse", settings: "Settings", now: datetime, row: Row) -> Row | None:
    """The past of the row's pipeline, and in words what is off with it now (`odd`)."""
    from collabtui.answers.anomalies import pipeline_anomalies

    known = past(warehouse, settings, now, row)
    if known is None:
        return None
    which = {"source": row["source"], "pipeline_id": row["pipeline_id"]}
    return {**known, "odd": pipeline_anomalies(warehouse, settings, now, **which)}


def landing_charts(known: Row | None) -> Sequence[Titled]:
    """Past landings, and the band of the one that comes; none where nothing is known. A deadline that had passed when a
    run was due, one by hand after it, would only press all others flat.
    """
    if known is None or not (known["runs"] or known["p50_at"]):
        return ()
    landings = [
        Landing(run["due_at"], run["landing_delay_s"], _delay(run["due_at"], run["deadline_at"]), _is_bad(run))
        for run in known["runs"]
        if run["due_at"] is not None and run["landing_delay_s"] is not None
    ]
    delays = (_delay(known["due_at"], known[name]) for name in ("p50_at", "p85_at", "p95_at", "deadline_at"))
    return (Titled(f"landed after, last {len(known['runs'])} runs", LandingChart(landings, *delays), LEGEND),)


def forecast(row: Row, viewer: Viewer, history_n: int | None) -> Line:
    """P50 07:12 · P85 07:31 · P95 07:58, from 60 runs; history_n is None where nothing is to come."""
    if row["p50_at"] is None or history_n is None:
        why = "no run is in flight or expected" if history_n is None else "too few ended runs so far"
        return (Part(f"no forecast: {why}", "muted"),)
    quantiles = " · ".join(f"{name.upper()} {viewer.at(row[f'{name}_at'])}" for name in ("p50", "p85", "p95"))
    return (Part(quantiles, "strong"), Part(", "), *basis(history_n, "runs"))


MODELS = {
    "task graph": "simulated task by task",
    "blend": "blend",
    "history": "plain history: no model did better",
    "few runs": "the spread of few runs",
}


def record(known: Row | None, viewer: Viewer) -> Sequence[Line]:
    """How far such forecasts can be believed: how often they held, how they did against naive, and readiness."""
    if known is None or known["model"] is None or known["p50_at"] is None:
        return ()
    lines: list[Line] = []
    if known["held_n"] is not None:
        held = f"P85 held in {known['held_n']} of the last {known['tested_n']}"
        error = f", error {known['mase']:.2f} × naive's" if known["mase"] is not None else ""
        lines.append((Part("in hindsight, before the start: ", "muted"), Part(held + error)))
    if known["kept"] is not None:
        lines.append((Part("as shown here: ", "muted"), Part(known["kept"])))
    if known["drift"] is not None:
        words = f"drifted {viewer.at(known['drifted_at'])}: {known['drift']}, so what was before is set aside"
        lines.append((Part(words, "warn"),))
    model = MODELS.get(known["model"], known["model"])
    mostly = f"{model}, mostly {known['champion']}" if known["model"] == "blend" else model
    return (*lines, fields(("model", mostly)), readiness(known), *_oddities(known, viewer))


def readiness(known: Row) -> Line:
    """The three parts, of which the least counts, each with what it is in words."""
    return (
        Part("ready by data ", "muted"), Part(percent(known["data_quality"])), Part(" (sound) · features ", "muted"),
        Part(percent(known["features"])), Part(" (models of use) · validation ", "muted"),
        Part(percent(known["validation"])), Part(" (plain history 50 %)", "muted"),
    )  # fmt: skip


def _oddities(known: Row, viewer: Viewer) -> Sequence[Line]:
    """What of the history was left out or counts little."""
    little = "counts little" if known["odd_n"] == 1 else "count little"
    odd = [
        *([f"{known['failed_n']} failed left out"] if known["failed_n"] else []),
        *([f"{known['invalid_n']} with impossible times left out"] if known["invalid_n"] else []),
        *([f"{known['odd_n']} far off {little}, the last {viewer.day(known['odd_at'])}"] if known["odd_n"] else []),
    ]
    return [(Part("of these runs: ", "muted"), Part(" · ".join(odd)))] if odd else []


def basis(count: int, behind: str) -> Line:
    """How much history a forecast stands on; few is said to be few."""
    if count < FEW_RUNS:
        return (Part(f"from only {count} {behind}, so a rough guess", "warn"),)
    return (Part(f"from {number(count)} {behind}", "muted"),)


def deadline(row: Row, viewer: Viewer) -> Line:
    """Deadline 07:30: 14 % to miss it."""
    if row["deadline_at"] is None:
        return (Part("no deadline; [[deadlines]] in collabtui.toml sets one", "muted"),)
    words = f"deadline {viewer.at(row['deadline_at'])}"
    if row.get("overdue_s") is not None:
        return (Part(f"{words}: ", "strong"), Part(f"{length(row['overdue_s'])} late", "bad"))
    if row["p_late"] is None:
        return (Part(words, "strong"),)
    if row["p_late"] == 1:
        return (Part(f"{words}: ", "strong"), Part("missed", "bad"))
    tone: Tone = "bad" if row["p_late"] >= 0.5 else "warn" if row["p_late"] >= 0.15 else "good"
    return (Part(f"{words}: ", "strong"), Part(f"{percent(row['p_late'])} to miss it", tone), *_failing(row))


def _failing(row: Row) -> Line:
    """P50 to P95 are of runs that land; how much of the chance to be late is that it fails."""
    share = row.get("p_fail") or 0.0
    return (Part(f", {percent(share)} to fail", "muted"),) if share >= NOTICED_CHANCE else ()


def odd(known: Row | None) -> Sequence[Line]:
    """What is off with the pipeline now: the newest of it."""
    return [(Part(plain(text), "warn"),) for text in known["odd"][:1]] if known else []


def tasks(known: Row | None) -> Sequence[Line]:
    """What the tasks cost that cost most: how much earlier runs would land without them, or just their length."""
    found = [task for task in known["tasks"] if task["duration_s"] is not None][:3] if known else []
    if not found:
        return ()
    if found[0]["instant_p50_s"] is None:
        words = " · ".join(f"{plain(task['task_id'])} {length(task['duration_s'])}" for task in found)
        return ((Part("longest tasks: ", "muted"), Part(words)),)
    costly = [task for task in found if task["instant_p50_s"] >= NOTICED_S] or found[:1]
    words = " · ".join(
        f"{plain(task['task_id'])} {length(task['instant_p50_s'])} (P95 {length(task['instant_p95_s'])})"
        for task in costly
    )
    return ((Part("costs most landing time: ", "muted"), Part(words)),)


def fields(*named: tuple[str, str | None]) -> Line:
    """owner ann · team data · …, without what is not known."""
    known = [(name, value) for name, value in named if value not in (None, "", NONE)]
    parts: list[Part] = []
    for place, (name, value) in enumerate(known):
        parts += [Part(f"{' · ' if place else ''}{name} ", "muted"), Part(plain(value or ""))]
    return parts


def _delay(due_at: datetime | None, at: datetime | None) -> float | None:
    return None if due_at is None or at is None or at < due_at else (at - due_at).total_seconds()


def _is_bad(run: Row) -> bool:
    return bool(run["is_late"]) or run["state"] == "failed"
