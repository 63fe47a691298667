"""How times and lengths are said in a meeting: short."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from collabtui.config import Settings, zone


@dataclass(frozen=True)
class Words:
    """now, and the zone in which times are said: None is the system's."""

    now: datetime
    zone: tzinfo | None

    @classmethod
    def of(cls, settings: Settings, now: datetime) -> "Words":
        """Those of the viewer."""
        return cls(now, zone(settings.timezone) if settings.timezone else None)

    def at(self, at: datetime) -> str:
        """07:12 today, Tue 07:12 within days, 2 Mar 07:12 beyond."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone).date()
        if local.date() == today:
            return f"{local:%H:%M}"
        is_near = abs(local.date() - today) <= timedelta(days=6)
        return f"{local:%a %H:%M}" if is_near else f"{self.day(local.date())} {local:%H:%M}"

    def day(self, on: date) -> str:
        """2 Mar, or 2 Mar 2027 in another year."""
        year = "" if on.year == self.now.astimezone(self.zone).year else f" {on.year}"
        return f"{on.day} {on:%b}{year}"


def length(seconds: float) -> str:
    """25 min, 3.5 h, 20 h, 2.5 d, 12 d."""
    minutes = abs(seconds) / 60
    if minutes < 90:
        return f"{minutes:.0f} min"
    size, unit = (minutes / 60, "h") if minutes < 1440 else (minutes / 1440, "d")
    return f"{size:.1f}".removesuffix(".0") + f" {unit}" if size < 10 else f"{size:.0f} {unit}"
