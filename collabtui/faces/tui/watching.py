"""What somebody waits for, and what is said when it has landed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.formats import Line, Part, Row, Viewer, text
from collabtui.faces.tui.table.listing import Column
from collabtui.watches import News, Watch

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

Key = tuple[str, str]
"""source and pipeline_id."""
SEVERITIES: dict[str, Literal["information", "warning", "error"]] = {
    "landed": "information", "landed late": "warning", "failed": "error", "late": "warning",
}  # fmt: skip


class Watching:
    """What somebody waits for, one run of a pipeline each; `watches` are those of the last time."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        self._watches: dict[Key, Watch] = {(watch.source, watch.pipeline_id): watch for watch in watches}

    @property
    def watches(self) -> Sequence[Watch]:
        """Those that nothing was told of yet."""
        return list(self._watches.values())

    @property
    def keys(self) -> frozenset[Key]:
        """What is watched: source and pipeline_id."""
        return frozenset(self._watches)

    async def toggle(self, row: Row, reader: Reader) -> str:
        """Watch the row's run, or that of its pipeline that ends next; or no more. What to say of that."""
        key = (row["source"], row["pipeline_id"])
        name = plain(row.get("name") or row["pipeline_id"])
        if self._watches.pop(key, None) is not None:
            return f"{name} is no longer watched"
        has_ended = (row.get("landed_at") or row.get("end_at")) is not None
        more = {"run_id": None, "deadline_at": None} if has_ended else _run(row)
        asked = partial(_watch, source=key[0], pipeline_id=key[1], name=name, **more)
        self._watches[key] = await reader.ask(asked, lane="detail")
        what = f"the next run of {name}" if has_ended else name
        return f"watching {what}: you are told when it lands, fails, or is late"

    async def news(self, reader: Reader) -> Sequence[News]:
        """What has become of it since the last time; what has ended is watched no more."""
        if not self._watches:
            return ()
        found = await reader.ask(partial(_watched, watches=self.watches), lane="detail")
        told = []
        for news in found:
            key = (news.watch.source, news.watch.pipeline_id)
            if self._watches.get(key) != news.watch:
                continue  # it was given up meanwhile
            told.append(news)
            if news.outcome == "late":
                self._watches[key] = replace(news.watch, is_told=True)
            else:
                del self._watches[key]
        return told


def _watch(warehouse: "Warehouse", settings: "Settings", now: datetime, **which: Any) -> Watch:
    from collabtui.answers.watched import watch  # in the other process: it needs polars

    return watch(warehouse, settings, now, **which)


def _watched(
    warehouse: "Warehouse", settings: "Settings", now: datetime, *, watches: Sequence[Watch]
) -> Sequence[News]:
    from collabtui.answers.watched import watched

    return watched(warehouse, settings, now, watches=watches)


def _run(row: Row) -> Mapping[str, Any]:
    return {"run_id": row.get("run_id"), "deadline_at": row["deadline_at"]}


def said(news: News, viewer: Viewer) -> str:
    """mart/revenue landed late at 08:12, it was due 08:00."""
    due = f", it was due {viewer.at(news.watch.deadline_at)}" if news.watch.deadline_at is not None else ""
    if news.outcome == "late":
        return f"{news.watch.name} is late: due {viewer.at(news.at)}, and it has not landed"
    return f"{news.watch.name} {news.outcome} at {viewer.at(news.at)}{due}"


def watched_column(name: str, title: str, width: int, *, means: str, also: Sequence[str] = ()) -> Column:
    """A name that grows, with a sign before it where it is watched."""

    def cell(row: Row, viewer: Viewer) -> Line:
        sign = (Part("◉ ", "busy"),) if (row["source"], row["pipeline_id"]) in viewer.watched else ()
        return (*sign, *text(row[name]))

    told = f"{means}; ◉ is watched"
    return Column(name=name, title=title, width=width, grows=True, cell=cell, also=also, means=told)
