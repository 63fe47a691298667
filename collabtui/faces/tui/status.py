"""The line at the bottom: how fresh every source is, and how far a running sync is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.formats import STATES, Row, age, number

if TYPE_CHECKING:  # sync comes with connectors and httpx, 0.3 s
    from collabtui.sync import SyncProgress

WORST_FIRST = ("failed", "stale", "never", "syncing", "fresh")


class StatusLine(Static):
    """● airflow 2 min ago  ▲ git stale, 3 h ago  ✖ jira failed: …  ⟳ airflow runs 1,200 of 100,000."""

    def __init__(self) -> None:
        super().__init__()
        self._sources: Sequence[Row] = ()
        self._syncing: dict[str, SyncProgress] = {}
        self._trouble: str | None = None

    @property
    def sources(self) -> Sequence[Row]:
        """The sources as last shown."""
        return self._sources

    def show(self, sources: Sequence[Row]) -> None:
        """The sources' states as the warehouse knows them."""
        self._sources, self._trouble = sources, None
        self._say()

    def fail(self, trouble: str) -> None:
        """The warehouse, or the sync as a whole, is in trouble."""
        self._trouble = trouble
        self._say()

    def progress(self, progress: "SyncProgress") -> None:
        """How far one source's sync is."""
        if progress.state == "running":
            self._syncing[progress.source] = progress
        else:
            self._syncing.pop(progress.source, None)
        self._say()

    def done(self) -> None:
        """No sync is running any more."""
        self._syncing.clear()
        self._say()

    def _say(self) -> None:
        parts: list[tuple[str, str]] = []
        if self._trouble is not None:
            parts.append((f"✖ {plain(self._trouble)}  ", "$bad"))
        for source in sorted(self._sources, key=lambda row: _rank(row["state"])):
            parts += _source(source, self._syncing.get(source["source"]))
        if not self._sources and not self._syncing and self._trouble is None:
            parts.append(("no source has been synced yet; r syncs now", "$muted"))
        known = {row["source"] for row in self._sources}
        for name, progress in self._syncing.items():
            if name not in known:
                parts += [(f"⟳ {plain(name)} {_how_far(progress)}  ", "$busy")]
        self.update(Content.assemble(*parts), layout=False)


def _source(row: Row, progress: "SyncProgress | None") -> list[tuple[str, str]]:
    name = plain(row["source"])
    if progress is not None:
        return [(f"⟳ {name} ", "$busy"), (f"{_how_far(progress)}  ", "$muted")]
    sign, tone = STATES.get(row["state"], ("○", "muted"))
    when = age(row["age_s"])
    words = when if row["state"] == "fresh" else f"{plain(row['state'])}, {when}"
    if row["state"] == "failed":
        words = f"failed: {plain((row['error'] or 'unknown').removeprefix(row['source'] + ': '))}"
    elif row["state"] == "never":
        words = "never synced"
    return [(f"{sign} {name} ", f"${tone}"), (f"{words}  ", "$muted" if row["state"] == "fresh" else f"${tone}")]


def _how_far(progress: "SyncProgress") -> str:
    if not progress.done:
        return f"{plain(progress.stream)}…"
    total = f" of {number(progress.total)}" if progress.total is not None else ""
    return f"{plain(progress.stream)} {number(progress.done)}{total}"


def _rank(state: str) -> int:
    return WORST_FIRST.index(state) if state in WORST_FIRST else len(WORST_FIRST)
