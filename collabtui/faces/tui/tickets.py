"""The leads' list of tickets: work in progress, oldest first, then what was finished lately."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from collabtui.faces.tui.canvas import Titled
from collabtui.faces.tui.columns import age_column, day_column, share_column, state_column, text_column
from collabtui.faces.tui.flow import AGES, CYCLE_TIMES
from collabtui.faces.tui.flow_charts import DotsChart
from collabtui.faces.tui.forecasts import fields
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, days, percent, state, text
from collabtui.faces.tui.listing import Description, Listing, about

if TYPE_CHECKING:
    from collabtui.answers.flow import WorkFlow


def ticket_rows(flow: "WorkFlow") -> Sequence[Row]:
    """Tickets in progress, then those that are finished."""
    return [*flow.ages.to_dicts(), *flow.cycle_times.to_dicts()]


def describe_ticket(row: Row, _: Any, viewer: Viewer) -> Description:
    """How old it is or how long it took, among those of its team."""
    is_done = row["state"] == "done"
    lines: list[Line] = [
        (*state(row["state"]), Part(" · "), *text(row["ticket_key"]), Part(" · "), *text(row["status"])),
        _compared(row, is_done=is_done),
        fields(("started", viewer.at(row["started_at"])), ("finished", viewer.at(row["done_at"]))),
        fields(("team", row["team"]), ("epic", row["epic"]), ("with", row["assignee"])),
    ]
    return Description(row["title"] or row["ticket_key"], lines, charts=_marked(row, is_done=is_done))


def _compared(row: Row, *, is_done: bool) -> Line:
    if row["days"] is None:
        return (Part("no move into work is told, so its age is not known", "muted"),)
    words = f"cycle time {days(row['days'])}" if is_done else f"{days(row['days'])} old"
    if row["older_than"] is None:
        return (Part(words, "strong"),)
    took = f": {percent(row['older_than'])} of its team's finished tickets took less"
    return (Part(words, "strong"), Part(took, "muted"))


def _marked(row: Row, *, is_done: bool) -> Sequence[Titled]:
    """Its team's charts in which it is found, with a mark on it."""
    wanted = {CYCLE_TIMES} if is_done else {AGES}
    found = [titled for titled in row["charts"] if titled.name in wanted]
    return [
        replace(titled, chart=replace(titled.chart, marked=row["ticket_key"]))
        for titled in found
        if isinstance(titled.chart, DotsChart)
    ]


TICKETS = Listing(
    name="tickets",
    title="Tickets",
    order="oldest in progress first, then newest done",
    key=("source", "ticket_id"),
    label="ticket_key",
    called=("ticket_key", "title"),
    about=about("ticket", "source", "ticket_id", "ticket_key"),
    home_of="ticket",
    empty="Nothing is in progress, and nothing was finished in twelve weeks.",
    describe=describe_ticket,
    columns=(
        state_column(13),
        text_column("ticket_key", "Key", 10),
        text_column("title", "Ticket", 16, grows=True),
        age_column("days", "Days", 0),
        text_column("status", "Status", 12, 1),
        share_column("older_than", "Older", 6, 6),
        text_column("assignee", "With", 14, 2),
        text_column("team", "Team", 10, 3, tone="muted"),
        text_column("epic", "Epic", 18, 4, tone="muted"),
        day_column("done_on", "Done", 5),
    ),
)
