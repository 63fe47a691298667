"""Times of log lines in the viewer's zone."""

from datetime import UTC, datetime, timezone
from datetime import timedelta as delta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabtui.faces.tui.formats import Viewer
from collabtui.faces.tui.texts.logtimes import LogTimes

YEAR_S = 366 * 86_400
ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]


def times(zone: str) -> LogTimes:
    return LogTimes(Viewer(datetime(2026, 11, 20, tzinfo=UTC), ZoneInfo(zone)).here)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("[2026-11-20T03:00:00.000+0000] {a.py:1} INFO", "[2026-11-20T04:00:00.000+0100] {a.py:1} INFO"),
        ("[2026-11-20, 23:30:00 UTC] {a.py:1} INFO", "[2026-11-21, 00:30:00 +01:00] {a.py:1} INFO"),
        ("[2026-07-20T03:00:00.123456Z] INFO", "[2026-07-20T05:00:00.123456+02:00] INFO"),
        ("2026-11-20T03:00:00.5+05:30", "2026-11-19T22:30:00.5+01:00"),
        ("2026-11-20 03:00:00,123 +0000 x", "2026-11-20 04:00:00,123 +0100 x"),
    ],
)
def test_each_form_is_kept_and_the_offset_told(written, seen):
    assert times("Europe/Berlin").seen(written) == seen


@pytest.mark.parametrize(
    "written",
    [
        "[2026-11-20T04:00:00.000+0100] the same there",
        "2026-11-20 03:00:00,123 INFO without a zone",
        "[2026-11-20, 03:00:00 CST] a name that means many",
        "[2026-02-31T03:00:00Z]",
        "[2026-11-20T25:00:00Z]",
        "[2026-11-20T03:00:60Z]",
        "[0001-01-01T00:00:00+23:00]",
        "at 2026-11-20T03:00:00Z in the midst",
        "[2026-11-20T03:00:00Zulu]",
        "",
    ],
)
def test_what_is_strange_stays(written):
    assert times("Europe/Berlin").seen(written) == written


def test_of_many_lines_each_is_moved():
    assert times("Asia/Kolkata").seen("2026-11-20T03:00:00Z a\nb\n2026-11-20T04:00:00Z c\n") == (
        "2026-11-20T08:30:00+05:30 a\nb\n2026-11-20T09:30:00+05:30 c\n"
    )


@given(
    seconds=st.integers(10 * YEAR_S, 130 * YEAR_S),
    minutes=st.integers(-14 * 60, 14 * 60),
    zone=st.sampled_from(ZONES),
    form=st.sampled_from(["isoformat", "compact"]),
)
def test_the_instant_stays(seconds, minutes, zone, form):
    at = datetime.fromtimestamp(seconds, UTC)
    there = at.astimezone(timezone(delta(minutes=minutes)))
    written = there.isoformat() if form == "isoformat" else f"{there:%Y-%m-%dT%H:%M:%S.%f%z}"
    seen = times(zone).seen(f"[{written}] x")
    assert seen.endswith("] x")
    told = datetime.fromisoformat(seen[1:-3])
    assert told == at
    assert told.utcoffset() == at.astimezone(ZoneInfo(zone)).utcoffset()


@given(
    text=st.text() | st.from_regex(r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z|[+-]\d{4}|UTC)\]?"),
    zone=st.sampled_from(ZONES),
)
def test_nothing_is_too_strange(text, zone):
    assert times(zone).seen(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("words", ["04:00", "2026-11", "[2026", "T04", "+0100", "utc]", ".123"])
def test_words_that_may_lie_in_a_time(words):
    assert times("UTC").may_lie_in(words)


@pytest.mark.parametrize("words", ["Task failed", "row 7", "zebra", "] {a.py", "ERROR"])
def test_words_that_do_not(words):
    assert not times("UTC").may_lie_in(words)
