"""Jira's times: as it prints them, and as its query language reads them."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LATEST_S = 253_402_300_799
_MINUTE = timedelta(minutes=1)


def parse_time(value: str | int | float) -> datetime:
    """A time as Jira prints it: "2018-01-04T23:45:31.000+0000", or (bulk change logs) seconds or milliseconds.

    Raises `ValueError`.
    """
    if isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return at.astimezone(UTC)
    seconds = value / 1000 if abs(value) > 1e11 else value
    if not math.isfinite(seconds) or abs(seconds) > _LATEST_S:
        raise ValueError(f"{value!r} is no time")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def minute(at: datetime) -> datetime:
    """The start of its minute: JQL knows no shorter time."""
    return at.replace(second=0, microsecond=0)


def next_minute(at: datetime) -> datetime:
    """The start of the minute after it."""
    return minute(at) + _MINUTE


@dataclass(frozen=True)
class JqlTime:
    """How an account's queries read times, to the minute.

    With a `zone` they are read on its clock; without one they are written as milliseconds since 1970, which no zone
    can shift. `slack`: so far off they may be read, where the zone is a guess.
    """

    zone: ZoneInfo | None = None
    slack: timedelta = timedelta()

    def since(self, at: datetime) -> str:
        """A time that is read as `at` or earlier."""
        return self._text(minute(at - self.slack), -1)

    def until(self, at: datetime) -> str:
        """A time that is read as `at` or later."""
        later = at + self.slack
        return self._text(later if later == minute(later) else next_minute(later), 1)

    def _text(self, at: datetime, direction: int) -> str:
        if self.zone is None:
            return str(int(at.timestamp() * 1000))
        local = at.astimezone(self.zone)
        first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
        if first != second and first is not None and second is not None:
            # clocks are put back and show this time twice: step out of that hour, to the side that loses nothing
            local = local.replace(tzinfo=None) + direction * (first - second)
        return f'"{local:%Y-%m-%d %H:%M}"'
