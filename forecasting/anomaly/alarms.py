"""Alarms: what was off, since when, how far, in words; and one of them for each event."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

KINDS = ("silence", "failing", "level shift", "spike")
"""The first tell more: of two alarms for one event that of the kind named first is kept."""
STOPS = ("silence", "failing")
NEAR = 4
"""What happens within so many usual gaps of an event belongs to it."""
SETTLED = 14
"""After so many usual gaps a new level is nothing new."""
ALARMS: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String, "what": pl.String, "kind": pl.String, "since": pl.Datetime("us", "UTC"),
    "until": pl.Datetime("us", "UTC"), "size": pl.Float64, "text": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Alarm:
    """One event in one series: since when, until when (None: it goes on), how far (a factor) and in words."""

    id: str
    what: str
    kind: str
    since: datetime
    until: datetime | None
    size: float
    text: str
    gap: timedelta = timedelta(0)
    """How far apart the points of its series usually are."""

    def covers(self, other: "Alarm") -> bool:
        """Whether the other is of the same event: within this one, or beside it.

        A level that goes on is soon what is usual: what comes after its first points is an event of its own.
        """
        near = NEAR * max(self.gap, other.gap)
        settled = self.since + SETTLED * self.gap if self.kind == "level shift" else None
        latest = self.until or settled
        begins = self.since - near <= other.since and (latest is None or other.since <= latest + near)
        ends = self.until is None or (other.until is not None and other.until <= self.until + near)
        return begins and ends


def one_each(alarms: Iterable[Alarm], feeders: Mapping[str, Collection[str]]) -> list[Alarm]:
    """Of one id and one event the alarm that tells most by `KINDS`, else the first given. Newest first.

    feeders: by id those without which nothing of it can come: its silence is theirs where they are silent or failing.
    """
    known: dict[str, list[Alarm]] = {}
    for alarm in sorted(alarms, key=lambda a: KINDS.index(a.kind)):
        mine = known.setdefault(alarm.id, [])
        if not any(other.covers(alarm) for other in mine):
            mine.append(alarm)

    def is_fed_by_trouble(alarm: Alarm) -> bool:
        return alarm.kind == "silence" and any(
            other.kind in STOPS and other.covers(alarm)
            for name in feeders.get(alarm.id, ())
            for other in known.get(name, ())
        )

    kept = [alarm for mine in known.values() for alarm in mine if not is_fed_by_trouble(alarm)]
    return sorted(kept, key=lambda a: a.since, reverse=True)


def frame(alarms: Sequence[Alarm]) -> pl.DataFrame:
    """Alarms as rows of `ALARMS`."""
    rows = [tuple(getattr(alarm, name) for name in ALARMS) for alarm in alarms]
    return pl.DataFrame(rows, schema=ALARMS, orient="row")


def on(at: datetime, zone: str, gap: timedelta = timedelta(days=1)) -> str:
    """Tue 3 Mar; with the time of day where several of a kind come each day."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}" + (f" {local:%H:%M}" if gap < timedelta(hours=20) else "")


def span(since: datetime, until: datetime | None, zone: str, gap: timedelta) -> str:
    """Since Tue 3 Mar; or from Tue 3 Mar to Wed 4 Mar."""
    if until is None:
        return f"since {on(since, zone, gap)}"
    first, last = on(since, zone, gap), on(until, zone, gap)
    return f"on {first}" if first == last else f"from {first} to {last}"


def long(length: timedelta) -> str:
    """40 min, 14 h, 2.5 days."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 60 or 60 < minutes < 90:
        return f"{max(1, minutes)} min"
    if minutes < 48 * 60:
        return f"{minutes / 60:.0f} h"
    return f"{minutes / 1440:.1f}".removesuffix(".0") + " days"


def times(factor: float) -> str:
    """3.1×, 0.4×, 12×."""
    return f"{factor:.0f}×" if factor >= 10 else f"{factor:.1f}×" if factor >= 0.1 else f"{factor:.1g}×"
