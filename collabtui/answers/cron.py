"""Schedules that are written as cron texts: when they are due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

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
        for moment in CronSim(self.text, after.astimezone(zone)):
            if moment > until:
                return
            yield moment.astimezone(UTC)
