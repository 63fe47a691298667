"""Jira's times: as it prints them, and as its query language reads them."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LATEST_S = 253_402_300_799


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
    return minute(at) + timedelta(minutes=1)


def in_jql(at: datetime, zone: ZoneInfo | None) -> str:
    """A time for JQL, cut to the minute.

    JQL reads dates in the account's zone, so on Data Center they are written in it; Cloud (`zone` None) also takes
    milliseconds since 1970, which no zone can shift.
    """
    if zone is None:
        return str(int(minute(at).timestamp() * 1000))
    return f'"{at.astimezone(zone):%Y-%m-%d %H:%M}"'
