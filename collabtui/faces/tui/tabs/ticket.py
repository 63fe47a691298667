"""The detail of a ticket: how old it is, what holds it up, where it has been, and what was said of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.faces.tui.asking.answering import plainly
from collabtui.faces.tui.charts.canvas import Titled
from collabtui.faces.tui.charts.flow_charts import DotsChart
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, days, number, percent, state, stay, text
from collabtui.faces.tui.table.listing import Description
from collabtui.faces.tui.tabs.flow import AGES, CYCLE_TIMES
from collabtui.faces.tui.tabs.forecasts import fields

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

FEW = 6
"""So many links, and so many labels, are named."""
SHOWN_STAYS = 12


def closely(warehouse: "Warehouse", settings: "Settings", now: datetime, row: Row) -> Row:
    """What the detail of one ticket says beyond its row."""
    from collabtui.answers.ticket import ticket

    return plainly(ticket(warehouse, settings, now, source=row["source"], ticket_id=row["ticket_id"]))


def describe_ticket(row: Row, known: Row | None, viewer: Viewer) -> Description:
    """How old it is, how long it waits or how long it took, what holds it up, and all that was said of it."""
    lines: list[Line] = [
        (*state(row["state"]), Part(" · "), *text(row["ticket_key"]), Part(" · "), *text(row["status"])),
        _compared(row),
        *_held_up(row, known),
        *_path(known),
        *_said(row, known, viewer),
        fields(("team", row["team"]), ("epic", row["epic"]), ("with", row["assignee"])),
        fields(
            ("created", viewer.at(row["created_at"])), ("started", viewer.at(row["started_at"])),
            ("finished", viewer.at(row["done_at"])),
        ),
        *_sub_tasks(known),
        *_links(row, known),
        (Part("v: its description and comments", "muted"),),
    ]  # fmt: skip
    return Description(row["title"] or row["ticket_key"], lines, charts=_marked(row))


def _compared(row: Row) -> Line:
    if not row["is_begun"]:
        waits = f"waits {days(row['days'])} since it was created" if row["days"] is not None else "is not begun"
        return (Part(waits, "strong"),)
    is_done = row["state"] == "done"
    if row["days"] is None:
        return (Part(f"no move into work is told, so its {'cycle time' if is_done else 'age'} is not known", "muted"),)
    words = f"cycle time {days(row['days'])}" if is_done else f"{days(row['days'])} old"
    if row["older_than"] is None:
        return (Part(words, "strong"),)
    took = f": {percent(row['older_than'])} of its team's finished tickets took less"
    return (Part(words, "strong"), Part(took, "muted"))


def _held_up(row: Row, known: Row | None) -> Sequence[Line]:
    """What blocks it: its flag, and open tickets. Nothing holds up what is done."""
    if known is None or row["state"] == "done":
        return ()
    flagged: list[Line] = [(Part("⊘ flagged", "bad"),)] if known["is_flagged"] else []
    return [*flagged, *_few([_link(link, "⊘ ") for link in known["links"] if link["is_blocker"]])]


def _links(row: Row, known: Row | None) -> Sequence[Line]:
    """The other tickets that it is linked to."""
    if known is None:
        return ()
    return _few([_link(link) for link in known["links"] if not link["is_blocker"] or row["state"] == "done"])


def _sub_tasks(known: Row | None) -> Sequence[Line]:
    """What it is cut into."""
    return _few([_link({"label": "sub-task", **row}) for row in known["sub_tasks"]]) if known is not None else ()


def _link(row: Row, sign: str = "") -> Line:
    title: Line = (Part(" "), *text(row["title"])) if row["title"] else ()
    status: Line = (Part(" · ", "muted"), *text(row["status"], "muted")) if row["status"] else ()
    return (
        Part(sign, "bad"), *text(row["label"], "bad" if sign else "muted"), Part(" "), *text(row["ticket_key"]),
        *title, *status,
    )  # fmt: skip


def _few(lines: Sequence[Line]) -> Sequence[Line]:
    more = len(lines) - FEW
    return lines if more <= 0 else [*lines[:FEW], (Part(f"and {number(more)} more", "muted"),)]


def _path(known: Row | None) -> Sequence[Line]:
    """Every status that it went through, and how long it stayed."""
    if known is None or not known["path"]:
        return ()
    if not known["moves_n"]:
        (only,) = known["path"]
        here = f"in {text(only['status'])[0].text} since it was created, as far as one knows"
        words = "where it was before is not known" if only["is_done"] else here
        return ((Part("no move is told: ", "muted"), Part(words)),)
    stays = known["path"][-SHOWN_STAYS:]
    left_out = len(known["path"]) - len(stays)
    parts = [Part(f"{number(left_out)} before › ", "muted")] if left_out else []
    for row in stays:
        is_now = row["left_at"] is None
        took = "" if is_now and row["is_done"] else f" {stay(row['seconds'])}"
        parts += [*text(row["status"], "strong" if is_now else ""), Part(took), Part(" (now)" if is_now else " › ")]
    return (parts,)


def _said(row: Row, known: Row | None, viewer: Viewer) -> Sequence[Line]:
    """What its source says of it."""
    if known is None:
        return ()
    due, points, labels = known["due_on"], known["story_points"], known["labels"] or []
    is_overdue = due is not None and row["state"] != "done" and due < viewer.here(viewer.now).date()
    more = f" and {number(len(labels) - FEW)} more" if len(labels) > FEW else ""
    return (
        fields(
            ("type", known["type"]), ("priority", known["priority"]), ("reporter", known["reporter"]),
            ("due", f"{viewer.day(due)}{', which has passed' if is_overdue else ''}" if due is not None else None),
            ("story points", number(points) if points is not None else None),
        ),
        fields(("sprint", _sprint(known, viewer)), ("labels", ", ".join(labels[:FEW]) + more)),
    )  # fmt: skip


def _sprint(known: Row, viewer: Viewer) -> str | None:
    """Its name, and when it ends or ended."""
    name, end_at = known["sprint"], known["sprint_end_at"]
    if name is None:
        return None
    ends = "ended" if known["sprint_state"] == "closed" else "ends"
    return f"{name}, {ends} {viewer.day(viewer.here(end_at).date())}" if end_at is not None else f"{name}"


def _marked(row: Row) -> Sequence[Titled]:
    """Its team's charts in which it is found, with a mark on it."""
    name = CYCLE_TIMES if row["state"] == "done" else AGES if row["is_begun"] else None
    found = [titled for titled in row["charts"] if titled.name == name]
    return [
        replace(titled, chart=replace(titled.chart, marked=row["ticket_key"]))
        for titled in found
        if isinstance(titled.chart, DotsChart)
    ]
