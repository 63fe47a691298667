"""The line at the bottom: how fresh every source is, and how far a running sync is."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from collabtui.faces.nothing import NO_SOURCE, error_of, tells_of
from collabtui.faces.plain import plain
from collabtui.faces.tui.formats import STATES, UNTOLD, Row, age, number

if TYPE_CHECKING:  # sync comes with connectors and httpx, 0.3 s
    from collabtui.sync import SyncProgress

TROUBLES = ("failed", "stale", "never")
UNREAD = {
    "syncing": ("is being read for the first time", "are being read for the first time"),
    "failed": ("could not be read, i says why", "could not be read, i says why"),
    "never": ("was never read, r syncs now", "were never read, r syncs now"),
}
"""Of one source, and of several."""
WORST_FIRST = ("failed", "stale", "never", "syncing", "fresh")


class Freshness:
    """How fresh every source is, and how far a running sync is: one for all the lines that show it."""

    def __init__(self) -> None:
        self.sources: Sequence[Row] = ()
        """As the warehouse knew them last."""
        self.is_read = False
        """Whether the warehouse was asked for them."""
        self.syncing: dict[str, SyncProgress] = {}
        self.trouble: str | None = None
        self.lines: set[StatusLine] = set()

    def show(self, sources: Sequence[Row]) -> None:
        """The sources' states as the warehouse knows them."""
        self.sources, self.trouble, self.is_read = sources, None, True
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

    only_troubles: it is there while a source is not fresh or is read for the first time, and tells of those alone.
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
    if known.is_read and not known.sources and known.trouble is None:
        parts.append((NO_SOURCE, "$muted"))
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
        elif source["ok_at"] is None and (progress := known.syncing.get(source["source"])) is not None:
            parts += _source(source, progress)
    return parts


def untold(known: Freshness, kinds: Collection[str], *, is_syncing: bool) -> str:
    """What may be missing from an answer that sources of these kinds tell of: those that failed or were never read.

    is_syncing: all of them are about to be read. Empty where each was read.
    """
    names: dict[str, list[str]] = {}
    for row in (row for row in known.sources if tells_of(row["kind"], kinds)):
        what: str | None = None
        if row["ok_at"] is None and (is_syncing or row["state"] == "syncing"):
            what = "syncing"
        elif row["error"]:
            what = "failed"
        elif row["ok_at"] is None:
            what = "never"
        if what is not None:
            names.setdefault(what, []).append(plain(row["source"]))
    return " · ".join(
        f"{STATES.get(what, UNTOLD)[0]} {' and '.join(mine)} {UNREAD[what][len(mine) > 1]}"
        for what, mine in names.items()
    )


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
        words = f"failed: {error_of(row)}"
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
