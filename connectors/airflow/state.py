"""What the Airflow connector has to remember between two pulls: its cursor."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from connectors.airflow.wire import DagRun, TaskInstance

ENDED = frozenset({"success", "failed"})
OVERLAP = timedelta(minutes=2)
"""How far before the last sync's start an increment reaches back: rows that were being written then."""

Retried = tuple[str, str, str, int, int]
"""A task instance and how many tries it has had."""


class State(msgspec.Struct, omit_defaults=True):
    """The cursor.

    `product`: the server's version. `history_until`: the first load goes on before this time; None when it is
    complete. `history_from`: the server's time when the last complete knowledge began; increments ask for what was
    touched since. `catalogue_at`, `events_at`, `tasks_at`: the server's times of those reads. `dag_versions`: by
    DAG, the version its tasks were read at; `tasks_due`: DAGs whose tasks are to be read. `open`: runs that had not
    ended. `retried`: task instances of the overlap whose earlier tries are known. `done`: runs loaded so far.
    """

    product: str = ""
    history_from: datetime | None = None
    history_until: datetime | None = None
    catalogue_at: datetime | None = None
    events_at: datetime | None = None
    tasks_at: datetime | None = None
    dag_versions: dict[str, int] = {}
    tasks_due: list[str] = []
    open: list[tuple[str, str]] = []
    retried: list[Retried] = []
    done: int = 0

    @property
    def since(self) -> datetime | None:
        """What was touched from here on may not be known."""
        return None if self.history_from is None else self.history_from - OVERLAP

    def note(self, rows: Sequence[DagRun]) -> None:
        """Remember what these runs tell: which are open, and whether a DAG is new or has a new version."""
        self.forget(row.key for row in rows)
        for row in rows:
            if row.state not in ENDED:
                self.open.append(row.key)
            if row.dag_id not in self.dag_versions:
                self.catalogue_at = None
            if row.dag_version > self.dag_versions.get(row.dag_id, -1):
                self.dag_versions[row.dag_id] = row.dag_version
                if row.dag_id not in self.tasks_due:
                    self.tasks_due.append(row.dag_id)

    def forget(self, keys: Iterable[tuple[str, str]]) -> None:
        """These runs are not open, or no longer there."""
        forgotten = set(keys)
        self.open = [key for key in self.open if key not in forgotten]

    def retried_lately(self, rows: Sequence[TaskInstance]) -> list[Retried]:
        """Those with earlier tries that the next increment may answer once more."""
        since = self.since
        return [
            row.tried
            for row in rows
            if row.try_number > 1 and (row.end_date is None or since is None or row.end_date >= since)
        ]
