"""How values look on the screen: times in the viewer's zone, lengths, chances; and the parts that lines are made of.

Unknown values are a dash, never a guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from collabtui import chances
from collabtui.faces.plain import plain

Row = Mapping[str, Any]
"""One row of an answer's frame."""

Tone = Literal["", "muted", "good", "warn", "bad", "busy", "strong"]
NONE = "–"


class Part(NamedTuple):
    """A stretch of text in one tone."""

    text: str
    tone: Tone = ""


Line = Sequence[Part]

STATES: Mapping[str, tuple[str, Tone]] = {
    "late": ("▲", "bad"),
    "landed late": ("▲", "bad"),
    "overdue": ("▲", "bad"),
    "overloaded": ("▲", "bad"),
    "failed": ("✖", "bad"),
    "upstream_failed": ("✖", "bad"),
    "blocked": ("⊘", "bad"),
    "at risk": ("◆", "warn"),
    "old": ("▲", "bad"),
    "after P85": ("△", "warn"),
    "slipped": ("»", "warn"),
    "ageing": ("◔", "warn"),
    "off": ("≠", "warn"),
    "new level": ("⌐", "warn"),
    "spike": ("↑", "warn"),
    "silent": ("◌", "warn"),
    "stale": ("▲", "warn"),
    "growing": ("↗", "warn"),
    "full": ("■", "warn"),
    "up_for_retry": ("↻", "warn"),
    "running": ("▶", "busy"),
    "in progress": ("▶", "busy"),
    "syncing": ("⟳", "busy"),
    "queued": ("◷", "busy"),
    "success": ("●", "good"),
    "landed": ("●", "good"),
    "fresh": ("●", "good"),
    "on time": ("●", "good"),
    "on track": ("●", "good"),
    "done": ("●", "good"),
    "early": ("▽", "good"),
    "ready to close": ("●", "good"),
    "steady": ("●", "good"),
    "paused": ("‖", "muted"),
    "to do": ("○", "muted"),
}
CATEGORIES: Mapping[str, tuple[str, Tone]] = {
    "new": ("○", ""), "indeterminate": ("▶", "busy"), "done": ("●", "good"),
}  # fmt: skip
"""Of a ticket's status, by what it counts as."""
UNTOLD: tuple[str, Tone] = ("○", "muted")
"""The sign of all other states."""


def state(name: str | None) -> Line:
    """A state as a sign and a word: never by colour alone."""
    if name is None:
        return (Part(NONE, "muted"),)
    sign, tone = STATES.get(name, UNTOLD)
    return (Part(f"{sign} {plain(name)}", tone),)


def status(name: str | None, category: str | None) -> Line:
    """A ticket's status as it is called, with the sign of what it counts as."""
    if name is None:
        return (Part(NONE, "muted"),)
    sign, tone = CATEGORIES.get(category or "", UNTOLD)
    return (Part(f"{sign} {plain(name)}", tone),)


def history(states: Sequence[str] | None) -> Line:
    """Past runs as one sign each, oldest first."""
    if not states:
        return (Part(NONE, "muted"),)
    return tuple(Part(*STATES.get(name, UNTOLD)) for name in states)


def text(value: str | None, tone: Tone = "") -> Line:
    """Text from outside as it is, one line, nothing in it obeyed."""
    return (Part(plain(value), tone),) if value else (Part(NONE, "muted"),)


def number(value: float | None) -> str:
    """1,234 or 3.5."""
    if value is None:
        return NONE
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"


def percent(share: float | None) -> str:
    """A share of one as a percentage, as `collabtui.chances` says it."""
    return NONE if share is None else chances.percent(share)


def risk(share: float | None) -> Line:
    """A chance to be late, in the tone of how bad that is."""
    if share is None:
        return (Part(NONE, "muted"),)
    tone: Tone = "bad" if share >= 0.5 else "warn" if share >= 0.15 else ""
    return (Part(percent(share), tone),)


def length(seconds: float | None) -> str:
    """A length of time in its two largest units: 45s, 3m 20s, 1h 05m, 2d 3h; a minus where it is negative."""
    if seconds is None:
        return NONE
    sign, left = ("−" if round(seconds) < 0 else ""), abs(round(seconds))
    if left < 60:
        return f"{sign}{left}s"
    if left < 3600:
        return f"{sign}{left // 60}m {left % 60:02d}s" if left < 600 else f"{sign}{left // 60}m"
    if left < 86400:
        return f"{sign}{left // 3600}h {left % 3600 // 60:02d}m"
    return f"{sign}{left // 86400}d {left % 86400 // 3600}h"


def days(count: float | None) -> str:
    """A length given in days: 3 d."""
    return NONE if count is None else f"{number(round(count, 1) if count < 10 else round(count))} d"


def stay(seconds: float | None) -> str:
    """How long something stayed somewhere, in one unit: 12 min, 5 h, 2.1 d."""
    if seconds is None:
        return NONE
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 86400 else days(seconds / 86400)


def weeks(count: float | None) -> str:
    """A length given in weeks: 3.5 w."""
    return NONE if count is None else f"{number(round(count, 1))} w"


@dataclass(frozen=True)
class Viewer:
    """Who looks, and when: `zone` None is the system's. `is_syncing`: more facts are on their way. `watched`: the
    pipelines (source, pipeline_id) that the viewer waits for. `me`: what the viewer is called. `kinds`: of the sources
    that are configured.
    """

    now: datetime
    zone: ZoneInfo | None = None
    is_syncing: bool = False
    watched: frozenset[tuple[str, str]] = frozenset()
    me: Sequence[str] = ()
    kinds: frozenset[str] = frozenset()

    @property
    def zone_name(self) -> str:
        """The zone as it is named on the screen."""
        return self.zone.key if self.zone is not None else f"{self.here(self.now).tzname()} (system)"

    def here(self, at: datetime) -> datetime:
        """The time in the viewer's zone."""
        return at.astimezone(self.zone)

    def moment(self, on: date, at: time) -> datetime:
        """That time of that day in the viewer's zone."""
        local = datetime.combine(on, at)
        return (local.replace(tzinfo=self.zone) if self.zone is not None else local.astimezone()).astimezone(UTC)

    def at(self, at: datetime | None) -> str:
        """07:12 today, Sun 07:12 within days, 12 Nov 07:12 beyond, 12 Nov 2025 in another year."""
        if at is None:
            return NONE
        local, today = self.here(at), self.here(self.now)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        if abs(local.date() - today.date()) <= timedelta(days=6):
            return f"{local:%a %H:%M}"
        return f"{local:%d %b %H:%M}" if abs(at - self.now) < timedelta(days=180) else f"{local:%d %b %Y}"

    def brief(self, at: datetime | None) -> str:
        """As `at`, in nine characters: the day alone where it is more than days away."""
        if at is None or abs(self.here(at).date() - self.here(self.now).date()) <= timedelta(days=6):
            return self.at(at)
        return f"{self.here(at):%d %b}" if abs(at - self.now) < timedelta(days=180) else f"{self.here(at):%b %Y}"

    def day(self, on: date | None) -> str:
        """24 Dec, or 24 Dec 2027 in another year."""
        if on is None:
            return NONE
        return f"{on:%d %b}" if on.year == self.here(self.now).year else f"{on:%d %b %Y}"

    def ago(self, at: datetime | None) -> str:
        """2 min ago, or "never"."""
        return "never" if at is None else age((self.now - at.astimezone(UTC)).total_seconds())


def age(seconds: float | None) -> str:
    """How long ago, in one unit."""
    if seconds is None:
        return "never"
    if seconds < 60:
        return "just now"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return "just now"
