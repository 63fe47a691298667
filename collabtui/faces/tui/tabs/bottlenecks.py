"""The leads' list of bottlenecks: where work and data wait, worst first."""

from collections.abc import Mapping
from typing import Any

from collabtui.answers import ANSWERS
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, percent, state, text
from collabtui.faces.tui.table.columns import share_column, state_column, text_column
from collabtui.faces.tui.table.listing import Description, Listing

WHOLE: Mapping[str, str] = {
    "task": "the landing time", "status": "the time of the team's tickets", "team": "what comes is not finished",
    "person": "what comes is not finished", "pool": "waiting and running",
}  # fmt: skip
BASIS: Mapping[str, str] = {
    "task": "From the last 30 runs, simulated with and without the task.",
    "status": "From the last 8 weeks. It grows where more come than leave, by more than chance gives.",
    "team": "From the last 8 weeks, and the backlog as long as its delivery dates say.",
    "person": "From the last 26 weeks.",
    "pool": "From the last 14 days, played again in the order in which tasks got ready.",
}


def describe_bottleneck(row: Row, _: Any, viewer: Viewer) -> Description:
    """The sentence, and what its figures come from."""
    lines: list[Line] = [
        (*state(row["state"]), Part(f" · {row['kind']} · costs ", "muted"), *text(row["cost"], "strong"), *_part(row)),
        text(row["sentence"]),
        (Part(BASIS[row["kind"]], "muted"),),
    ]
    return Description(f"{row['what']} · {row['where']}", lines)


def _part(row: Row) -> Line:
    return () if row["share"] is None else (Part(f", {percent(row['share'])} of {WHOLE[row['kind']]}", "muted"),)


BOTTLENECKS = Listing(
    name="bottlenecks",
    title="Bottlenecks",
    order="what gets worse first, then the largest part",
    key=("kind", "what", "where"),
    label="what",
    empty="Nothing holds up work, as far as one can see.",
    kinds=ANSWERS["bottlenecks"].kinds,
    describe=describe_bottleneck,
    columns=(
        state_column(12),
        text_column("kind", "Kind", 6, 3, tone="muted", means="task, status, team, person or pool"),
        text_column("what", "What", 16, means="what holds up"),
        text_column("where", "Where", 17, 1, means="whose it is"),
        text_column("cost", "Cost", 17, 0, means="what it costs"),
        share_column("share", "Part", 5, 4, means="how large a part of the whole that is"),
        text_column("sentence", "Why", 30, 2, grows=True, means="the same in a sentence"),
    ),
)
