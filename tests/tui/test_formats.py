"""How times look: no longer than the columns they stand in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabtui.faces.tui.formats import Viewer

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
VIEWER = Viewer(NOW, ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("days", "brief", "full"),
    [(0, "12:00", "12:00"), (1, "Sun 12:00", "Sun 12:00"), (7, "28 Nov", "28 Nov 12:00"),
     (400, "Dec 2027", "26 Dec 2027")],
)  # fmt: skip
def test_far_times_are_brief_in_a_table_and_whole_beside_it(days, brief, full):
    at = NOW + timedelta(days=days)
    assert (VIEWER.brief(at), VIEWER.at(at)) == (brief, full)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_brief_time_fits_its_column(at):
    assert len(VIEWER.brief(at)) <= 9
