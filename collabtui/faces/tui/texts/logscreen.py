"""The log of a task run: follows what grows, jumps to errors, turns to other tries and mapped parts."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Protocol

from textual import work
from textual.binding import Binding, BindingType

from collabtui.faces.plain import plain
from collabtui.faces.tui.formats import STATES, Row, Viewer
from collabtui.faces.tui.texts.textfile import TextFile
from collabtui.faces.tui.texts.textscreen import Take, TextScreen

logger = logging.getLogger(__name__)
FOLLOW_S = 3.0
FOLLOW_SHARE = 5.0
"""A log that grows is asked for again after so long, or so many times as long as the last reading took."""
OPEN = frozenset({"running", "restarting", "queued", "scheduled", "deferred"})


class ReadLog(Protocol):
    """Gives the log of one try of a task run."""

    def __call__(
        self, take: Take, *, source: str, pipeline_id: str, run_id: str, task_id: str, map_index: int, try_number: int
    ) -> Awaitable[None]: ...


class LogScreen(TextScreen):
    """The log of a task run: which try and which mapped part can be changed; one that runs is followed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "error", "Next error"),
        Binding("E", "error(True)", "Previous error", show=False),
        Binding("left_square_bracket", "turn(-1)", "Previous try", show=False),
        Binding("right_square_bracket", "turn(1)", "Next try", show=False),
        Binding("left_curly_bracket", "part(-1)", "Previous mapped part", show=False),
        Binding("right_curly_bracket", "part(1)", "Next mapped part", show=False),
        Binding("f", "follow", "Follow"),
    ]

    def __init__(self, row: Row, read_log: ReadLog, again: Callable[[], Awaitable[Row | None]], viewer: Viewer) -> None:
        """`row`: of the task in its run; `again` gives it as it is now (None where it is gone)."""
        super().__init__(row["task_id"], self._fetch_log, viewer)
        self._row, self._read_log, self._again = row, read_log, again
        self._at = _first(row["tries"])

    @property
    def _try(self) -> Row:
        tries: Sequence[Row] = self._row["tries"]
        return tries[min(self._at, len(tries) - 1)]

    async def _fetch_log(self, take: Take) -> None:
        row, one = self._row, self._try
        await self._read_log(
            take, source=row["source"], pipeline_id=row["pipeline_id"], run_id=row["run_id"], task_id=row["task_id"],
            map_index=one["map_index"], try_number=one["try_number"],
        )  # fmt: skip

    def _title(self) -> Sequence[str | tuple[str, str]]:
        row, one = self._row, self._try
        part = f"[{one['map_index']}]" if one["map_index"] >= 0 else ""
        tries = sum(other["map_index"] == one["map_index"] for other in row["tries"])
        others = " ([ ] turn)" if tries > 1 else ""
        sign, tone = STATES.get(one["state"] or "", ("○", "muted"))
        return (
            f"{plain(row['pipeline_id'])} › ", (plain(row["task_id"]) + part, "bold"),
            f" · try {one['try_number']} of {tries}{others} ",
            (f"{sign} {plain(one['state'] or 'to come')}", f"${tone}"),
        )  # fmt: skip

    def _is_growing(self) -> bool:
        return self._try["state"] in OPEN

    @work(exclusive=True, group="text")
    async def load(self) -> None:
        """Read the log, and again while its try runs: the whole, as the beginning may change with the end."""
        view, file = self.view, TextFile()
        view.follows, view.cursor = self._is_growing(), 0
        view.show(file)
        while True:
            began = time.monotonic()
            went_well = await self._read(file)
            if went_well and file is not view.file:
                if file.size != view.file.size:
                    view.show(file)
                else:
                    file.close()
            if not self._is_growing():
                return
            await asyncio.sleep(max(FOLLOW_S, FOLLOW_SHARE * (time.monotonic() - began)))
            if (row := await self._again()) is not None:
                self._row = row
            file = TextFile()

    def action_error(self, backwards: bool = False) -> None:
        """To the next line that tells of an error."""
        self._jump("error", lambda file, line: file.find_error(line, backwards=backwards), backwards=backwards)

    def action_follow(self) -> None:
        """Stay on the last line of what grows, or no longer."""
        if self.view.follows:
            self.view.follows = False
        else:
            self.view.action_go(-1)

    def action_turn(self, by: int) -> None:
        """To another try of the same part."""
        tries: Sequence[Row] = self._row["tries"]
        at = self._at + by
        if 0 <= at < len(tries) and tries[at]["map_index"] == self._try["map_index"]:
            self._at = at
            self.load()
        else:
            self.notify("there is no other try that way", timeout=2)

    def action_part(self, by: int) -> None:
        """To the last try of another mapped part."""
        parts = [place for place, one in enumerate(self._row["tries"]) if one["is_latest"]]
        here = next((n for n, place in enumerate(parts) if place >= self._at), len(parts) - 1)
        if 0 <= here + by < len(parts):
            self._at = parts[here + by]
            self.load()
        else:
            self.notify("there is no other mapped part that way", timeout=2)


def _first(tries: Sequence[Row]) -> int:
    """The try that one most likely wants to see: one that failed for good, else one that runs, else the last."""
    latest = [place for place, one in enumerate(tries) if one["is_latest"]]
    for wanted in ({"failed"}, OPEN):
        for place in latest:
            if tries[place]["state"] in wanted:
                return place
    return (latest or [len(tries) - 1])[0]
