"""Deliveries on a line of time: the hours of today in which something is due or lands, then the days after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from collabtui.faces.tui.formats import Line, Part, Row, Tone, Viewer

TODAY_SHARE = 0.7
"""Of the width so much is today."""
HOUR_CELLS, DAY_CELLS = 4, 4
HOURS = (1, 2, 3, 6, 12)
LEGEND: Line = (
    Part("on the line: ", "muted"), Part("│ now ", "strong"), Part("┃ deadline ", "warn"), Part("▒ P50–P95 ", "busy"),
    Part("● landed", "good"), Part(" ┊ other days from here on", "muted"),
)  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """Hours from `begin_at` to `end_at`, and from there to `last_at` days, which get less room."""

    begin_at: datetime
    end_at: datetime
    last_at: datetime

    def cell(self, at: datetime, width: int) -> int | None:
        """Where a time stands in so many cells; None before the first and beyond the last."""
        if not self.begin_at <= at < self.last_at:
            return None
        hours = self.days_from(width)
        if at < self.end_at:
            return int((at - self.begin_at) / (self.end_at - self.begin_at) * hours)
        return hours + int((at - self.end_at) / (self.last_at - self.end_at) * (width - hours))

    @staticmethod
    def days_from(width: int) -> int:
        """The cell from which on days stand."""
        return int(width * TODAY_SHARE)


def axis(row: Row, viewer: Viewer, width: int) -> str:
    """The header: hours of today, then the names of the days."""
    scale: Scale = row["scale"]
    hours = (scale.end_at - scale.begin_at) / timedelta(hours=1)
    step = next((step for step in HOURS if hours / step * HOUR_CELLS <= scale.days_from(width)), HOURS[-1])
    first = viewer.here(scale.begin_at)
    marks = [first + timedelta(hours=n) for n in range(int(hours) + 1)]
    named = [(f"{at:%H}", at) for at in marks if at.hour % step == 0 and at < scale.end_at]
    midnight = viewer.here(viewer.now).replace(hour=0, minute=0, second=0, microsecond=0)
    named += [(f"{at:%a}", at) for n in range(1, 8) if (at := midnight + timedelta(days=n)) >= scale.end_at]
    cells, free = [" "] * width, 0
    for words, at in named:
        place = scale.cell(at, width)
        if place is not None and free <= place <= width - len(words):
            cells[place : place + len(words)] = words
            free = place + len(words) + 1
    return "".join(cells)


def bar(row: Row, viewer: Viewer, width: int) -> Line:
    """One delivery: `p50_at` to `p95_at` while it is to come, `deadline_at`, `landed_at`."""
    scale: Scale = row["scale"]
    cells: list[tuple[str, Tone]] = [(" ", "")] * width
    cells[scale.days_from(width)] = ("┊", "muted")

    def put(at: datetime | None, sign: str, tone: Tone) -> None:
        if at is not None and (place := scale.cell(at, width)) is not None:
            cells[place] = (sign, tone)

    if row["landed_at"] is None and row["p50_at"] is not None:
        first = scale.cell(max(row["p50_at"], scale.begin_at), width)
        last = scale.cell(row["p95_at"] or row["p50_at"], width)
        if first is not None:
            last = width - 1 if last is None else last
            cells[first : last + 1] = [("▒", "busy")] * (last - first + 1)
    is_late = row["state"] in ("late", "landed late", "failed")
    put(viewer.now, "│", "strong")
    put(row["deadline_at"], "┃", "bad" if is_late else "warn")
    put(row["landed_at"], "●", "bad" if is_late else "good")
    return [Part("".join(sign for sign, _ in run), tone) for tone, run in groupby(cells, key=lambda cell: cell[1])]
