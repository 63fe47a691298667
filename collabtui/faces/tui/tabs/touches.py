"""What people do about a pipeline: open tickets that name it, and the last commit to its files."""

from collections.abc import Sequence

from collabtui.faces.plain import plain
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, text
from collabtui.faces.tui.table.columns import count_column
from collabtui.faces.tui.table.listing import Column


def last_touched(row: Row, viewer: Viewer) -> Sequence[Line]:
    """last touched by Ada 3 d ago: Faster (ABC-12)."""
    if row["touched_at"] is None:
        return ()
    subject = plain(row["touched_subject"])
    keys = ", ".join(key for key in row["touched_keys"] if key not in subject)
    named: Line = (Part(f" ({plain(keys)})", "muted"),) if keys else ()
    who: Line = (Part("last touched by ", "muted"), *text(row["touched_by"], "strong"))
    return ((*who, Part(f" {viewer.ago(row['touched_at'])}: ", "muted"), Part(subject), *named),)


def _last_commit(row: Row, viewer: Viewer) -> Line:
    if row["touched_at"] is None:
        return text(None)
    return (Part(f"{viewer.ago(row['touched_at']).removesuffix(' ago')} ", "muted"), *text(row["touched_by"]))


WORK_COLUMNS = (
    count_column("open_tickets", "Tickets", 7, 6, means="open tickets that name it"),
    Column(
        name="touched_at",
        title="Last commit",
        width=16,
        priority=6,
        cell=_last_commit,
        means="how long ago its files were changed, by whom",
    ),
)
