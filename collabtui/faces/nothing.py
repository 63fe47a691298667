"""Why there is nothing to show, and what to do about it: said alike on every face."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from collabtui.faces.plain import plain

NAMES = {"airflow": "Airflow", "jira": "Jira", "git": "Git repository"}
"""What people call the kinds of sources that come with the app."""
NO_SOURCE = "No source is configured: `collabtui init` connects Airflow, Jira and Git."

Row = Mapping[str, Any]


def tells_of(kind: str, kinds: Collection[str]) -> bool:
    """Whether a source of this kind may tell of what those kinds tell of; one of a third party may of anything."""
    return kind in kinds or kind not in NAMES


def not_connected(kinds: Collection[str], configured: Collection[str]) -> str | None:
    """That no source tells of this, and how to add one; None where one does.

    kinds: of the sources that tell of it, none where that cannot be said. configured: the kinds of those that there
    are.
    """
    if not kinds or any(tells_of(kind, kinds) for kind in configured):
        return None
    if not configured:
        return NO_SOURCE
    names = " or ".join(NAMES[kind] for kind in kinds)
    none = f"no {names}" if len(kinds) == 1 else "none of these"
    return f"This comes from {names}, and {none} is configured. `collabtui init` adds one."


def reasons(kinds: Collection[str], sources: Sequence[Row]) -> Sequence[str]:
    """Sentences that say why an answer has no rows, and what to do; at least one. Both as for `troubles`."""
    return troubles(kinds, sources) or ["Nothing to tell: what was read has none of it."]


def troubles(kinds: Collection[str], sources: Sequence[Row]) -> Sequence[str]:
    """Sentences that say what is not known for want of a source, and what to do; none where all was read.

    kinds: of the sources that tell of it, none for all. sources: as in `collabtui.answers.sources`.
    """
    if not sources:
        return [NO_SOURCE]
    if (missing := not_connected(kinds, {row["kind"] for row in sources})) is not None:
        return [missing]
    asked = [row for row in sources if not kinds or tells_of(row["kind"], kinds)]
    failed = [row for row in asked if row["error"]]
    never = [row for row in asked if row["ok_at"] is None and not row["error"]]
    told = [f"{plain(row['source'])} could not be read: {error_of(row)}" for row in failed]
    told += [f"{plain(row['source'])} {'is being read' if is_syncing(row) else 'was never synced'}." for row in never]
    if failed:
        told.append("`collabtui doctor` says what to do about it, `collabtui sync` tries again.")
    elif any(not is_syncing(row) for row in never):
        told.append("`collabtui sync` reads what is there.")
    return told


def is_syncing(row: Row) -> bool:
    """Whether the source is being read just now."""
    return bool(row["state"] == "syncing")


def error_of(row: Row) -> str:
    """What ended the last sync of the source, without its name before it."""
    return plain((row["error"] or "unknown").removeprefix(row["source"] + ": "))
