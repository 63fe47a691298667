"""A meeting: how long it is, when its pages turn, and what of a page can be read from the back of the room."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from collabtui.faces.tui.formats import Row, Tone

ROOM = 7
"""So many lines are on a page."""
SHORTEST_S, STEP_S, LONGEST_S = 5, 5, 600


@dataclass(frozen=True)
class Meeting:
    """How long it is, how often the page turns, whether names are shown at first (None: as the config says), and since
    when something is a change (None: the last one). `wall` counts seconds, of real time also in the demo.
    """

    minutes: int = 15
    every_s: int = 30
    has_names: bool | None = None
    since: datetime | None = None
    wall: Callable[[], float] = time.monotonic


class Clock:
    """How much of the meeting is left, and when the next page comes."""

    def __init__(self, meeting: Meeting) -> None:
        self._wall = meeting.wall
        self._ends_s = meeting.wall() + meeting.minutes * 60
        self.every_s = meeting.every_s
        self.is_paused = False
        self.turned()

    @property
    def left_s(self) -> float:
        """Until the end of the meeting; negative when it is over time."""
        return self._ends_s - self._wall()

    @property
    def turns_in_s(self) -> float:
        """Until the next page; 0 when it is due, and the whole time while pages do not turn."""
        return self.every_s if self.is_paused else max(0.0, self._turned_s + self.every_s - self._wall())

    def turned(self) -> None:
        """A page begins."""
        self._turned_s = self._wall()

    def pause(self) -> None:
        """Stop turning, or go on: the page that is shown then begins."""
        self.is_paused = not self.is_paused
        self.turned()

    def slower(self, by: int) -> None:
        """Turn so many steps of five seconds later, or sooner."""
        self.every_s = min(max(self.every_s + by * STEP_S, SHORTEST_S), LONGEST_S)


def time_left(seconds: float) -> tuple[str, str, Tone]:
    """The digits, what they mean as sign and word, and its tone: 14:59 left, 2:05 over time."""
    whole = int(-(-seconds // 1))  # 14:59.3 is still 15:00
    minutes, rest = divmod(abs(whole), 60)
    digits = f"{minutes}:{rest:02d}"
    if whole < 0:
        return f"+{digits}", "▲ over time", "bad"
    return digits, "◷ left", "muted"


@dataclass(frozen=True)
class Page:
    """One page: `key` tells it from the others also after a refresh; `more` things of it are not among the rows."""

    key: tuple[str, str | None]
    title: str
    numbers: Sequence[tuple[str, int | None]]
    rows: Sequence[Row]
    more: int


def chosen(rows: Sequence[Row], room: int = ROOM) -> tuple[Sequence[Row], int]:
    """The rows that are read, something of every kind, in their order; and how many things are left out."""
    kinds: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row["things"] == 1:
            kinds.setdefault(row["kind"], []).append(place)
    in_turn = sorted((depth, place) for places in kinds.values() for depth, place in enumerate(places))
    kept = {place for _, place in in_turn[:room]}
    left = sum(row["things"] for place, row in enumerate(rows) if place not in kept)
    return [rows[place] for place in sorted(kept)], left
