"""How a history is cut: windows of runs by the time that names them, and smaller pieces of a window."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.airflow.wire import DagRun, Page

COUNTED_TO = 50_000
"""Airflow 3 counts no further (`total_entries_limit`)."""


@dataclass(frozen=True)
class Piece:
    """Runs with `after` < `named_at` <= `until` (`after` None: from the beginning) of `dag_ids` (None: of all)."""

    after: datetime | None
    until: datetime
    dag_ids: Sequence[str] | None = None


def is_whole(page: Page, asked: int) -> bool:
    """Whether an answer to a request for `asked` rows holds all there are."""
    return len(page.rows) >= page.total_entries and len(page.rows) < max(asked, COUNTED_TO)


def newest(rows: Sequence[DagRun]) -> tuple[Sequence[DagRun], datetime] | None:
    """Of rows, newest first, that were cut off somewhere: those that are surely there with all of their time, and
    the time that the next window begins with. None where all have the same time.

    The cut may go through runs of the same time: those of the oldest time are left to the next window.
    """
    oldest = rows[-1].named_at
    sure = [row for row in rows if row.named_at != oldest]
    return (sure, oldest) if sure and oldest is not None else None


def halves(piece: Piece, runs: Sequence[DagRun]) -> tuple[Piece, Piece] | None:
    """A piece that holds `runs` as two: by time, or by DAG where there is but one time. None: it is one DAG's."""
    within = [
        run
        for run in runs
        if run.named_at is not None
        and (piece.after is None or run.named_at > piece.after)
        and run.named_at <= piece.until
        and (piece.dag_ids is None or run.dag_id in piece.dag_ids)
    ]
    times = sorted({run.named_at for run in within if run.named_at is not None})
    if len(times) > 1:
        middle = times[(len(times) - 1) // 2]
        return replace(piece, until=middle), replace(piece, after=middle)
    names = sorted({run.dag_id for run in within})
    if len(names) > 1:
        middle_name = len(names) // 2
        return replace(piece, dag_ids=names[:middle_name]), replace(piece, dag_ids=names[middle_name:])
    return None
