"""The analysts' tab: what is due today and in the next days, and whether it will be there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.answers import ANSWERS
from collabtui.faces.tui.charts.timeline import LEGEND, Scale, axis, bar
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, length, percent, state, text
from collabtui.faces.tui.table.columns import risk_column, share_column, state_column, text_column, time_column
from collabtui.faces.tui.table.listing import EMPTY, Column, Description, Listing, Role, about
from collabtui.faces.tui.tabs.forecasts import deadline, fields, forecast, landing_charts, past, record, tasks
from collabtui.faces.tui.watching import watched_column

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse


def read(warehouse: "Warehouse", settings: "Settings", now: datetime) -> Mapping[str, Sequence[Row]]:
    """Deliveries; `timeline` is what they are sorted by there, `scale` is the same for all."""
    from collabtui.answers.deliveries import deliveries

    found = deliveries(warehouse, settings, now)
    scale = Scale(found.begin_at, found.end_at, found.last_at)
    return {
        "deliveries": [
            {**row, "timeline": row["landed_at"] or row["p50_at"] or row["deadline_at"], "scale": scale}
            for row in found.deliveries.to_dicts()
        ]
    }


def describe_delivery(row: Row, known: Row | None, viewer: Viewer) -> Description:
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
        fields(("data last updated", viewer.at(row["updated_at"])), ("that is", viewer.ago(row["updated_at"])))
        if row["updated_at"] is not None
        else fields(("data last updated", "not told by the source")),
        *tasks(known),
        *record(known, viewer),
        LEGEND,
    ]
    return Description(row["name"], lines, landing_charts(known))


def _landed(row: Row, viewer: Viewer) -> Line:
    return (Part(f" at {viewer.at(row['landed_at'])}", "muted"),) if row["landed_at"] is not None else ()


def _updated(row: Row, viewer: Viewer) -> Line:
    return text(None) if row["updated_at"] is None else (Part(viewer.ago(row["updated_at"])),)


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
    kinds=ANSWERS["deliveries"].kinds,
    more=past,
    describe=describe_delivery,
    is_watchable=True,
    columns=(
        state_column(13),
        watched_column("name", "Delivery", 18, means="what is awaited"),
        Column(
            name="timeline", title="Today and this week", width=28, from_width=85, heading=axis, drawn=bar,
            cell=lambda row, viewer: (Part(viewer.brief(row["timeline"])),),
            means="landing or forecast, and deadline",
        ),
        time_column("deadline_at", "Due", 0, means="by when the data has to be there"),
        time_column("landed_at", "Landed", 4, means="when the data was there"),
        time_column("p50_at", "P50", 2, means="there by then in half of the cases"),
        time_column("p85_at", "P85", 7, means="there by then in 85 of 100 cases"),
        time_column("p95_at", "P95", 3, means="there by then in 95 of 100 cases"),
        risk_column(),
        Column(name="slack_s", title="Room", width=8, right=True, priority=6, unit="seconds",
               cell=lambda row, _: _slack(row), means="time from the P85 to the deadline"),
        share_column("on_time_rate", "On time", 7, 8, means="how many of 30 runs were in time"),
        Column(name="updated_at", title="Updated", width=10, right=True, priority=5,
               cell=lambda row, viewer: _updated(row, viewer), means="how long ago its data changed"),
        text_column("reason", "Why", 30, 9, tone="warn", means="why it is not simply on time"),
        text_column("kind", "Kind", 8, 11, tone="muted", means="a data set or a pipeline"),
        text_column("pipeline_id", "Pipeline", 16, 10, tone="muted", means="the pipeline that delivers it"),
    ),
)  # fmt: skip
ANALYSTS = Role("analysts", "Analysts", (DELIVERIES,), read)
