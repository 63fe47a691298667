"""What the Airflow connector has to remember between two pulls: its cursor."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from connectors.airflow import wire

ENDED = frozenset({"success", "failed"})


class OpenRun(msgspec.Struct):
    """A run that had not ended when it was last seen."""

    dag_id: str
    run_id: str
    named_at: datetime


class State(msgspec.Struct, omit_defaults=True):
    """The cursor.

    `history_until`: the first load goes on before this time; None when it is complete. `history_from`: the server's
    time when the last complete knowledge began; increments ask for what was touched since. `dag_versions`: by DAG,
    the version its tasks were read at. `tasks_at`, `catalogue_at`, `events_at`: the server's times of those reads.
    """

    product: str = ""
    history_from: datetime | None = None
    history_until: datetime | None = None
    catalogue_at: datetime | None = None
    events_at: datetime | None = None
    tasks_at: datetime | None = None
    open_asked_at: datetime | None = None
    dag_versions: dict[str, int] = {}
    tasks_due: list[str] = []
    open: list[OpenRun] = []
    done: int = 0

    def note(self, rows: Sequence[wire.DagRun]) -> None:
        """Remember what these runs tell: which are open, and whether a DAG is new or has a new version."""
        keys = {(row.dag_id, row.dag_run_id) for row in rows}
        self.open = [run for run in self.open if (run.dag_id, run.run_id) not in keys]
        for row in rows:
            if row.state not in ENDED and row.named_at is not None:
                self.open.append(OpenRun(row.dag_id, row.dag_run_id, row.named_at))
            if row.dag_id not in self.dag_versions:
                self.catalogue_at = None
            if row.dag_version > self.dag_versions.get(row.dag_id, -1):
                self.dag_versions[row.dag_id] = row.dag_version
                if row.dag_id not in self.tasks_due:
                    self.tasks_due.append(row.dag_id)

    def forget(self, keys: set[tuple[str, str]]) -> None:
        """These runs are no longer there."""
        self.open = [run for run in self.open if (run.dag_id, run.run_id) not in keys]

    def open_runs(self) -> Iterator[tuple[tuple[str, str], datetime]]:
        """Keys of the runs that are still going, with the time that names them."""
        for run in self.open:
            yield (run.dag_id, run.run_id), run.named_at
