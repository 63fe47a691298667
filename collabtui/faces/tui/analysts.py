"""The analysts' tab: what is due today and in the next days, and whether it will be there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.faces.tui.engineers import EMPTY, time_column
from collabtui.faces.tui.forecasts import Past, deadline, fields, forecast, landing_chart, legend, past, tasks
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, length, percent, risk, state, text
from collabtui.faces.tui.listing import Column, Description, Listing, Role

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse


def read(warehouse: "Warehouse", settings: "Settings", now: datetime) -> Mapping[str, Sequence[Row]]:
    """Deliveries."""
    from collabtui.answers.deliveries import deliveries

    return {"deliveries": deliveries(warehouse, settings, now).deliveries.to_dicts()}


def describe_delivery(row: Row, known: Past | None, viewer: Viewer) -> Description:
    """When it will be there, why it may not, and how reliable it was."""
    lines: list[Line] = [
        (*state(row["state"]), *_landed(row, viewer)),
        *([(Part("because ", "muted"), *text(row["reason"], "warn"))] if row["reason"] else []),
        *([forecast(row, viewer, row["history_n"])] if row["landed_at"] is None else []),
        deadline(row, viewer),
        fields(
            ("room before the deadline at P85", length(row["slack_s"])),
            ("on time so far", percent(row["on_time_rate"])),
        ),
        fields(("kind", row["kind"]), ("pipeline", row["pipeline_id"]), ("source", row["source"])),
        *tasks(known),
        *legend(known),
    ]
    return Description(row["name"], lines, landing_chart(known))


def _landed(row: Row, viewer: Viewer) -> Line:
    return (Part(f" at {viewer.at(row['landed_at'])}", "muted"),) if row["landed_at"] is not None else ()


def _slack(row: Row) -> Line:
    if row["slack_s"] is None:
        return text(None)
    return (Part(length(row["slack_s"]), "bad" if row["slack_s"] < 0 else ""),)


DELIVERIES = Listing(
    name="deliveries",
    title="Deliveries",
    order="soonest first",
    key=("kind", "source", "name", "deadline_at", "run_id"),
    label="name",
    empty=EMPTY,
    more=past,
    describe=describe_delivery,
    columns=(
        Column(name="state", title="State", width=13, cell=lambda row, _: state(row["state"])),
        Column(name="name", title="Delivery", width=18, grows=True, cell=lambda row, _: text(row["name"])),
        time_column("deadline_at", "Due", 0),
        time_column("landed_at", "Landed", 4),
        time_column("p50_at", "P50", 2),
        time_column("p85_at", "P85", 7),
        time_column("p95_at", "P95", 3),
        Column(name="p_late", title="Miss", width=5, right=True, priority=0, cell=lambda row, _: risk(row["p_late"])),
        Column(name="slack_s", title="Room", width=8, right=True, priority=6, cell=lambda row, _: _slack(row)),
        Column(
            name="on_time_rate", title="On time", width=7, right=True, priority=8,
            cell=lambda row, _: (Part(percent(row["on_time_rate"])),),
        ),
        Column(name="reason", title="Why", width=30, priority=9, cell=lambda row, _: text(row["reason"], "warn")),
        Column(name="kind", title="Kind", width=8, priority=11, cell=lambda row, _: text(row["kind"], "muted")),
        Column(
            name="pipeline_id", title="Pipeline", width=16, priority=10,
            cell=lambda row, _: text(row["pipeline_id"], "muted"),
        ),
    ),
)  # fmt: skip
ANALYSTS = Role("analysts", "Analysts", (DELIVERIES,), read)
