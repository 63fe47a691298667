"""The analysts' tab: what is due today and in the next days, and whether it will be there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.faces.tui.columns import risk_column, share_column, state_column, text_column, time_column
from collabtui.faces.tui.forecasts import Past, deadline, fields, forecast, landing_chart, legend, past, record, tasks
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, length, percent, state, text
from collabtui.faces.tui.listing import EMPTY, Column, Description, Listing, Role, about

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
        *record(known, viewer),
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
    about=about("pipeline", "source", "pipeline_id"),
    label="name",
    empty=EMPTY,
    more=past,
    describe=describe_delivery,
    columns=(
        state_column(13),
        text_column("name", "Delivery", 18, grows=True),
        time_column("deadline_at", "Due", 0),
        time_column("landed_at", "Landed", 4),
        time_column("p50_at", "P50", 2),
        time_column("p85_at", "P85", 7),
        time_column("p95_at", "P95", 3),
        risk_column(),
        Column(name="slack_s", title="Room", width=8, right=True, priority=6, cell=lambda row, _: _slack(row)),
        share_column("on_time_rate", "On time", 7, 8),
        text_column("reason", "Why", 30, 9, tone="warn"),
        text_column("kind", "Kind", 8, 11, tone="muted"),
        text_column("pipeline_id", "Pipeline", 16, 10, tone="muted"),
    ),
)
ANALYSTS = Role("analysts", "Analysts", (DELIVERIES,), read)
