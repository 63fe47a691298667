"""Schedules that are written as cron texts: when they are due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from cronsim import CronSim, CronSimError

PRESETS = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@quarterly": "0 0 1 */3 *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
FIELDS = 5
"""Airflow has the seconds of a sixth elsewhere."""


@dataclass(frozen=True)
class Cron:
    """When it is due, on the clock of its zone. What clocks skip is due when they are changed."""

    text: str

    @classmethod
    def of(cls, text: str | None) -> "Cron | None":
        """From "30 6 * * MON-FRI" or "@daily"; None where it is no such text."""
        cron = PRESETS.get((text or "").strip(), text or "")
        if len(cron.split()) != FIELDS:
            return None
        try:
            CronSim(cron, datetime.now(UTC))
        except CronSimError:
            return None
        return cls(cron)

    def fits(self, at: datetime, zone: tzinfo) -> bool:
        """Whether it is due at that moment by the clock of this zone."""
        return any(moment == at for moment in self.times(at - timedelta(seconds=1), at, zone))

    def times(self, after: datetime, until: datetime, zone: tzinfo) -> Iterator[datetime]:
        """When it is due later than `after` and not later than `until`, in UTC."""
        day, last = after.astimezone(UTC).date(), until.astimezone(UTC).date()
        while day <= last:
            yield from (at for at in _of_day(self.text, zone, day) if after < at <= until)
            day += timedelta(days=1)


@lru_cache(maxsize=4096)
def _of_day(text: str, zone: tzinfo, day: date) -> Sequence[datetime]:
    """When it is due on a day of UTC: each minute the days of the same week are asked for."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = []
    for moment in CronSim(text, (begin - timedelta(seconds=1)).astimezone(zone)):
        at = moment.astimezone(UTC)
        if at >= begin + timedelta(days=1):
            break
        found.append(at)
    return found
