"""Task runs as bars on the time of their run: shapes that tell apart what ran, waited, was tried before, is expected.

Rows have what `collabtui.answers.run_tasks` says of a task, its `tries`, and the run's `from_at` and `until_at`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

from collabtui.faces.tui.charts.canvas import NICE_S
from collabtui.faces.tui.formats import STATES, Line, Part, Row, Tone, Viewer

RAN, EXPECTED, EXPECTED_END, WAITED, TRIED, FAILED, NOW = "━", "┄", "╋", "·", "─", "✖", "│"
LEGEND: Line = (
    Part(f"{RAN} ran  {EXPECTED} expected  {EXPECTED_END} usual end  {WAITED} waited  ", "muted"),
    Part(f"{TRIED}{FAILED} earlier try  » critical path", "muted"),
)  # fmt: skip
DAY = timedelta(days=1)


class _Canvas:
    """One line of cells on the run's time."""

    def __init__(self, row: Row, width: int) -> None:
        self._from: datetime = row["from_at"]
        self._per_s = width / max((row["until_at"] - self._from).total_seconds(), 1e-6)
        self._width = width
        self._cells: list[Part] = [Part(" ")] * width

    def place(self, at: datetime) -> int:
        """The cell of a time, the nearest one where that is outside."""
        return min(max(0, int((at - self._from).total_seconds() * self._per_s)), self._width - 1)

    def stretch(self, start: datetime | None, end: datetime | None, shape: str, tone: Tone) -> None:
        """A line from one time to another, at least a cell long; nothing where one is not known."""
        if start is not None and end is not None:
            first, last = self.place(start), self.place(end - timedelta(microseconds=1))
            for n in range(first, max(first, last) + 1):
                self._cells[n] = Part(shape, tone)

    def point(self, at: datetime | None, shape: str, tone: Tone, *, on_empty: bool = False) -> None:
        """A sign at a time, also over what is there unless it is only for an empty cell."""
        if at is not None and not (on_empty and self._cells[self.place(at)].text != " "):
            self._cells[self.place(at)] = Part(shape, tone)

    def line(self) -> Line:
        """Equal neighbours as one part."""
        return tuple(Part(key.text * len(list(same)), key.tone) for key, same in groupby(self._cells))


def bar(row: Row, viewer: Viewer, width: int) -> Line:
    """What a task did and is expected to do, in `width` cells."""
    canvas, tone = _Canvas(row, width), STATES.get(row["state"], ("", "muted"))[1]
    earlier = [one for one in row["tries"] if not one["is_latest"]] if row["parts_n"] == 1 else []
    latest = [one for one in row["tries"] if one["is_latest"]] if earlier else []
    start, end = row["start_at"], row["end_at"]
    canvas.stretch(row["queued_at"], start or end, WAITED, "muted")
    canvas.stretch(end or start or row["expected_start_at"], row["expected_end_at"], EXPECTED, "muted")
    if start is not None:
        canvas.stretch(start, end or viewer.now, WAITED if earlier else RAN, "muted" if earlier else tone)
    for one in earlier:
        canvas.stretch(one["start_at"], one["end_at"], TRIED, "muted")
    for one in latest:
        if one["start_at"] is not None:
            canvas.stretch(one["start_at"], one["end_at"] or viewer.now, RAN, tone)
    for one in earlier:
        canvas.point(one["end_at"], FAILED, "bad")
    expected = row["expected_end_at"]
    if start is not None and end is not None and expected is not None and canvas.place(expected) < canvas.place(end):
        canvas.point(expected, EXPECTED_END, tone)
    if row["is_in_flight"]:
        canvas.point(viewer.now, NOW, "muted", on_empty=True)
    return canvas.line()


def axis(row: Row, viewer: Viewer, width: int) -> str:
    """The times of the run over its bars, each beginning at its cell."""
    canvas, line = _Canvas(row, width), ""
    for at, label in _ticks(row["from_at"], row["until_at"], width, viewer):
        place = canvas.place(at)
        if place + len(label) <= width and (not line or place > len(line)):
            line = line.ljust(place) + label
    return line


def _ticks(start: datetime, end: datetime, width: int, viewer: Viewer) -> Iterator[tuple[datetime, str]]:
    """The beginning, then round times in the viewer's zone."""
    span_s = (end - start).total_seconds()
    form = "%H:%M:%S" if span_s < 600 else "%a %H:%M" if span_s > DAY.total_seconds() else "%H:%M"
    most = max(1, width // 12)
    step_s = next((step for step in NICE_S if span_s / step <= most), NICE_S[-1])
    yield start, f"{viewer.here(start):{form}}"
    local = viewer.here(start)
    passed_s = (local - local.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    at = start + timedelta(seconds=step_s - passed_s % step_s)
    while at < end:
        yield at, f"{viewer.here(at):{form}}"
        at += timedelta(seconds=step_s)
