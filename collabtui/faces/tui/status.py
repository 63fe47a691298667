"""The line at the bottom: how fresh every source is, and how far a running sync is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.formats import STATES, Row, age, number

if TYPE_CHECKING:  # sync comes with connectors and httpx, 0.3 s
    from collabtui.sync import SyncProgress

TROUBLES = ("failed", "stale", "never")
WORST_FIRST = ("failed", "stale", "never", "syncing", "fresh")


class Freshness:
    """How fresh every source is, and how far a running sync is: one for all the lines that show it."""

    def __init__(self) -> None:
        self.sources: Sequence[Row] = ()
        """As the warehouse knew them last."""
        self.syncing: dict[str, SyncProgress] = {}
        self.trouble: str | None = None
        self.lines: set[StatusLine] = set()

    def show(self, sources: Sequence[Row]) -> None:
        """The sources' states as the warehouse knows them."""
        self.sources, self.trouble = sources, None
        self._say()

    def fail(self, trouble: str) -> None:
        """The warehouse, or the sync as a whole, is in trouble."""
        self.trouble = trouble
        self._say()

    def progress(self, progress: "SyncProgress") -> None:
        """How far one source's sync is."""
        if progress.state == "running":
            self.syncing[progress.source] = progress
        else:
            self.syncing.pop(progress.source, None)
        self._say()

    def done(self) -> None:
        """No sync is running any more."""
        self.syncing.clear()
        self._say()

    def _say(self) -> None:
        for line in self.lines:
            line.say()


class StatusLine(Static):
    """● airflow 2 min ago  ▲ git stale, 3 h ago  ✖ jira failed: …  ⟳ airflow runs 1,200 of 100,000.

    only_troubles: it is there while a source is not fresh, and tells of those alone.
    """

    def __init__(self, freshness: Freshness, *, only_troubles: bool = False) -> None:
        super().__init__()
        self._freshness, self._only_troubles = freshness, only_troubles
        self._said: list[tuple[str, str]] | None = None

    def on_mount(self) -> None:
        """It follows what is known."""
        self._freshness.lines.add(self)
        self.say()

    def on_unmount(self) -> None:
        """No more."""
        self._freshness.lines.discard(self)

    def say(self) -> None:
        """What is known now."""
        parts = _troubles(self._freshness) if self._only_troubles else _everything(self._freshness)
        if parts != self._said:
            self._said, self.display = parts, bool(parts)
            self.update(Content.assemble(*parts), layout=False)


def _everything(known: Freshness) -> list[tuple[str, str]]:
    parts = _trouble(known)
    for source in sorted(known.sources, key=lambda row: _rank(row["state"])):
        parts += _source(source, known.syncing.get(source["source"]))
    if not known.sources and not known.syncing and known.trouble is None:
        parts.append(("no source has been synced yet; r syncs now", "$muted"))
    names = {row["source"] for row in known.sources}
    for name, progress in known.syncing.items():
        if name not in names:
            parts += [(f"⟳ {plain(name)} {_how_far(progress)}  ", "$busy")]
    return parts


def _troubles(known: Freshness) -> list[tuple[str, str]]:
    parts = _trouble(known)
    for source in sorted(known.sources, key=lambda row: _rank(row["state"])):
        if source["state"] in TROUBLES:
            parts += _source(source, None)
    return parts


def _trouble(known: Freshness) -> list[tuple[str, str]]:
    return [(f"✖ {plain(known.trouble)}  ", "$bad")] if known.trouble is not None else []


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
