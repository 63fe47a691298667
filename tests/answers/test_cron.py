"""Cron texts: when they are due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collabtui.answers.cron import Cron

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


def times(text: str, *, after: datetime = WEDNESDAY, days: int = 7, zone=UTC) -> list[str]:
    cron = Cron.of(text)
    assert cron is not None
    return [f"{at:%a %d %H:%M}" for at in cron.times(after, after + timedelta(days=days), zone)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("30 6 * * *", ["Thu 12 06:30", "Fri 13 06:30"]),
        ("0 */8 * * *", ["Wed 11 16:00", "Thu 12 00:00"]),
        ("15,45 13 * * *", ["Wed 11 13:15", "Wed 11 13:45"]),
        ("0 9 * * MON-FRI", ["Thu 12 09:00", "Fri 13 09:00", "Mon 16 09:00"]),
        ("0 20 * * 6", ["Sat 14 20:00"]),
        ("0 20 * * 7", ["Sun 15 20:00"]),
        ("0 0 13 * 1", ["Fri 13 00:00", "Mon 16 00:00"]),
        ("0 0 * * 5#2", ["Fri 13 00:00"]),
        ("5/20 12 * * *", ["Wed 11 12:05", "Wed 11 12:25", "Wed 11 12:45", "Thu 12 12:05"]),
        ("@hourly", ["Wed 11 13:00", "Wed 11 14:00"]),
        ("@weekly", ["Sun 15 00:00"]),
        ("0 1 1 mar *", []),
    ],
)
def test_when_it_is_due(text, first):
    assert times(text)[: len(first)] == first
    if not first:
        assert times(text) == []


@pytest.mark.parametrize(
    "text", [None, "", "Asset", "1 day, 0:00:00", "* * * *", "60 * * * *", "*/0 * * * *",
             "5-1 * * * *", "0 0 0 * *", "@once", "0 0 0 * * *", "[bold] 1 2 3 4"],
)  # fmt: skip
def test_what_is_no_cron_text_is_none(text):
    assert Cron.of(text) is None


def test_it_follows_the_clock_of_its_zone():
    assert times("30 6 * * *", zone=BERLIN, days=1) == ["Thu 12 05:30"]
    assert Cron.of("30 6 * * *").fits(datetime(2026, 3, 12, 5, 30, tzinfo=UTC), BERLIN)
    assert not Cron.of("30 6 * * *").fits(datetime(2026, 3, 12, 5, 30, tzinfo=UTC), UTC)


def test_when_clocks_are_changed():
    """On 29 March Berlin skips 02:00 to 03:00, on 25 October it repeats them."""
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert times("30 2 * * *", after=spring, days=1, zone=BERLIN) == ["Sun 29 01:00"]
    assert times("30 2 * * *", after=autumn, days=1, zone=BERLIN) == ["Sun 25 00:30"]
    for begin in (spring, autumn):
        assert len(times("0 * * * *", after=begin, days=1, zone=BERLIN)) == 24
