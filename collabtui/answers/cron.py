"""Schedules that are written as cron texts: when they are due. Five fields, as Airflow reads them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

PRESETS = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@quarterly": "0 0 1 */3 *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS: Sequence[tuple[int, int, Sequence[str]]] = (
    (0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, MONTHS), (0, 7, WEEKDAYS),
)  # fmt: skip
"""The least and the greatest of each, and the names from the least on."""


@dataclass(frozen=True)
class Cron:
    """When it is due, on the clock of its zone. weekdays: 0 is Sunday. either_day: where both the day of the month and
    the weekday are restricted, one of them is enough.
    """

    minutes: Sequence[int]
    hours: Sequence[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    @classmethod
    def of(cls, text: str | None) -> "Cron | None":
        """From "30 6 * * MON-FRI" or "@daily"; None where it is no such text, or one with seconds, L, W or #."""
        fields = PRESETS.get((text or "").strip(), text or "").split()
        if len(fields) != len(FIELDS):
            return None
        try:
            minutes, hours, days, months, weekdays = (
                _values(field.upper(), *limits) for field, limits in zip(fields, FIELDS, strict=True)
            )
        except ValueError:
            return None
        weekdays = frozenset(day % 7 for day in weekdays)
        either_day = len(days) < 31 and len(weekdays) < 7
        return cls(sorted(minutes), sorted(hours), days, months, weekdays, either_day)

    def fits(self, at: datetime, zone: tzinfo) -> bool:
        """Whether it is due at that moment by the clock of this zone."""
        return any(moment == at for moment in self.times(at - timedelta(seconds=1), at, zone))

    def times(self, after: datetime, until: datetime, zone: tzinfo) -> Iterator[datetime]:
        """When it is due later than `after` and not later than `until`, in UTC. What clocks skip is as much later; what
        they repeat is meant once, unless it is due every hour.
        """
        folds = (0, 1) if len(self.hours) == 24 else (0,)
        day, last = after.astimezone(zone).date(), until.astimezone(zone).date()
        while day <= last:
            if self._is_on(day.day, day.month, day.isoweekday() % 7):
                moments = {
                    datetime.combine(day, time(hour, minute, fold=fold), tzinfo=zone).astimezone(UTC)
                    for hour in self.hours
                    for minute in self.minutes
                    for fold in folds
                }
                yield from (moment for moment in sorted(moments) if after < moment <= until)
            day += timedelta(days=1)

    def _is_on(self, day: int, month: int, weekday: int) -> bool:
        either = any if self.either_day else all
        return month in self.months and either((day in self.days, weekday in self.weekdays))


def _values(field: str, low: int, high: int, names: Sequence[str]) -> frozenset[int]:
    """All that a field like "1-5/2,8" or "MON" stands for. Raises `ValueError` where it is none."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        else:
            start = _value(first, low, names)
            end = _value(last, low, names) if dash else high if step else start
        if not low <= start <= end <= high or (step and not int(step) > 0):
            raise ValueError(field)
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def _value(text: str, low: int, names: Sequence[str]) -> int:
    return low + names.index(text) if text in names else int(text)
