"""Hours, days and weeks of clocks that are put forward and back."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from forecasting.clock import begin, begins, begun, following

CHANGES = [
    ("Africa/Cairo", datetime(2025, 4, 24, 22, tzinfo=UTC)),
    ("America/Santiago", datetime(2025, 9, 7, 4, tzinfo=UTC)),
    ("America/Havana", datetime(2025, 11, 2, 5, tzinfo=UTC)),  # the first hour of the day comes twice
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # the whole day is left out
    ("Australia/Lord_Howe", datetime(2025, 4, 5, 15, tzinfo=UTC)),  # by half an hour
    ("Australia/Lord_Howe", datetime(2025, 10, 4, 15, 30, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2025, 1, 1, tzinfo=UTC)),  # a quarter of an hour beside the others
    ("Europe/Berlin", datetime(2025, 10, 26, 1, tzinfo=UTC)),
]


def walls(found: pl.Series, zone: str) -> list[str]:
    return found.dt.convert_time_zone(zone).dt.strftime("%d %H:%M").to_list()


@pytest.mark.parametrize(
    ("zone", "at", "every", "told"),
    [
        ("Africa/Cairo", datetime(2025, 4, 24, tzinfo=UTC), "day", ["25 01:00", "26 00:00", "27 00:00"]),
        ("Pacific/Apia", datetime(2011, 12, 29, 12, tzinfo=UTC), "day", ["31 00:00", "01 00:00", "02 00:00"]),
        ("America/Havana", datetime(2025, 11, 1, 12, tzinfo=UTC), "day", ["02 00:00", "03 00:00", "04 00:00"]),
        ("America/Santiago", datetime(2025, 9, 5, tzinfo=UTC), "week", ["08 00:00", "15 00:00", "22 00:00"]),
        ("Australia/Lord_Howe", datetime(2025, 10, 4, 15, tzinfo=UTC), "hour", ["05 02:30", "05 03:00", "05 04:00"]),
        ("Australia/Lord_Howe", datetime(2025, 4, 5, 13, tzinfo=UTC), "hour", ["06 01:00", "06 02:00", "06 03:00"]),
        ("Europe/Berlin", datetime(2025, 10, 25, 23, tzinfo=UTC), "hour", ["26 02:00", "26 02:00", "26 03:00"]),
    ],
)
def test_what_follows_begins_with_its_first_moment(zone, at, every, told):
    assert walls(following(at, 3, every, zone), zone) == told


@hypothesis_settings(deadline=None)
@given(
    st.sampled_from(CHANGES),
    st.lists(st.integers(-9 * 24 * 60, 9 * 24 * 60), min_size=1, max_size=60),
    st.sampled_from(["hour", "day", "week"]),
)
def test_each_moment_belongs_to_the_last_that_has_begun(change, minutes, every):
    zone, around = change
    times = pl.Series("time", [around + timedelta(minutes=m) for m in minutes], dtype=pl.Datetime("us", "UTC"))
    grid = begins(times.min(), times.max(), every, zone).to_list()
    assert grid == sorted(set(grid))
    assert [grid[0], grid[-1]] == [begin(times.min(), every, zone), begin(times.max(), every, zone)]
    for at, began in zip(times, begun(times, every, zone), strict=True):
        assert began == max(one for one in grid if one <= at)
    hours = pl.Series(grid).dt.convert_time_zone(zone).dt.hour()
    assert every == "hour" or (hours <= 1).all()
