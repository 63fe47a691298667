"""How values look on the screen. Nothing is computed here but words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from collabtui.faces.plain import plain

# A state is a mark and a word, never a colour alone.
MARKS = {
    "late": ("▲", "bad"), "failed": ("✖", "bad"), "running": ("▶", "busy"), "queued": ("…", "busy"),
    "success": ("✔", "good"), "paused": ("‖", "dim"), "never ran": ("·", "dim"), "landed": ("✔", "good"),
    "landed late": ("✔", "warn"), "on time": ("●", "good"), "at risk": ("▲", "warn"), "unknown": ("?", "dim"),
    "overdue": ("▲", "bad"), "no date": ("·", "dim"), "ready to close": ("✔", "good"), "steady": ("●", "good"),
    "growing": ("▲", "warn"), "overloaded": ("✖", "bad"), "fresh": ("●", "good"), "stale": ("▲", "warn"),
    "syncing": ("⟳", "busy"), "never": ("·", "dim"),
}  # fmt: skip
BLOCKS = {"success": "▂", "failed": "█"}


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and which of the table's tones it has (see `FrameTable`)."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Viewer:
    """Where the viewer is: times are shown in this zone, days relative to `now`."""

    zone: tzinfo
    now: datetime

    @classmethod
    def at(cls, zone: str | None, now: datetime) -> "Viewer":
        """In the zone of this name, or the system's."""
        return cls(ZoneInfo(zone) if zone else datetime.now().astimezone().tzinfo or UTC, now)

    def clock(self, at: datetime | None) -> str:
        """The time of day today, with the weekday within a week, with the date otherwise."""
        if at is None:
            return ""
        here, today = at.astimezone(self.zone), self.now.astimezone(self.zone).date()
        days = abs((here.date() - today).days)
        shape = "%H:%M" if days == 0 else "%a %H:%M" if days < 7 else "%d %b %H:%M"
        return here.strftime(shape)

    def name(self) -> str:
        """The zone's short name now."""
        return self.now.astimezone(self.zone).strftime("%Z")


def state(value: str | None) -> Cell:
    """A state with its mark."""
    mark, tone = MARKS.get(value or "unknown", ("?", "dim"))
    return Cell(f"{mark} {value or 'unknown'}", tone)


def words(value: str | None) -> Cell:
    """Text from outside."""
    return Cell(plain(value or ""))


def length(seconds: float | None) -> str:
    """A length of time in two digits or so."""
    if seconds is None:
        return ""
    sign, size = "-" if seconds < 0 else "", abs(seconds)
    if size < 60:
        return f"{sign}{size:.0f}s"
    if size < 3600:
        return f"{sign}{size / 60:.0f}m"
    if size < 48 * 3600:
        return f"{sign}{int(size // 3600)}h{int(size % 3600 // 60):02d}"
    return f"{sign}{size / 86400:.0f}d"


def chance(value: float | None) -> Cell:
    """A chance in percent; never 0 or 100, for nothing is that sure."""
    if value is None:
        return Cell("", "dim")
    shown = "<1%" if value < 0.01 else ">99%" if value > 0.99 else f"{value:.0%}"
    return Cell(shown, "bad" if value >= 0.5 else "warn" if value >= 0.2 else "")


def day(value: date | None) -> str:
    """A date."""
    return "" if value is None else f"{value:%d %b %Y}"


def number(value: float | None) -> str:
    """A count or a median of counts."""
    return "" if value is None else f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def share(value: float | None) -> str:
    """A rate in percent."""
    return "" if value is None else f"{value:.0%}"


def recent(states: Sequence[str] | None) -> Cell:
    """The last runs, oldest first: low for those that landed, high for those that failed."""
    return Cell("".join(BLOCKS.get(s, "·") for s in states or ()))


def bar(done: int, total: int, width: int = 10) -> str:
    """A progress bar."""
    filled = round(width * done / total) if total else 0
    return "█" * filled + "░" * (width - filled)
