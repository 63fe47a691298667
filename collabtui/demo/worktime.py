"""Working hours of the simulated people: nine to five in Berlin, no weekends, no holidays."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from collabtui.demo.company import TIMEZONE

ZONE = ZoneInfo(TIMEZONE)
OPENS_H, CLOSES_H = 9, 17
DAY_H = CLOSES_H - OPENS_H


def is_workday(day: date, off: Collection[date]) -> bool:
    """Whether somebody with these days off works then."""
    return day.weekday() < 5 and day not in off


def after_work(at: datetime, hours: float, off: Collection[date]) -> datetime:
    """When so many hours of work that begin at `at` are done."""
    local = at.astimezone(ZONE)
    left = timedelta(hours=hours)
    while True:
        opens = local.replace(hour=OPENS_H, minute=0, second=0, microsecond=0)
        closes = opens.replace(hour=CLOSES_H)
        begin = max(local, opens)
        if is_workday(local.date(), off) and begin < closes:
            if left <= closes - begin:
                return (begin + left).astimezone(UTC)
            left -= closes - begin
        local = (opens + timedelta(days=1)).replace(hour=0)


def is_frozen(day: date) -> bool:
    """Whether a release freezes work: the last week of each quarter."""
    return day.month % 3 == 0 and day.day >= 25
