"""The axis of past landings, which stand side by side however far apart they were."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from collabtui.faces.tui.charts.canvas import draw
from collabtui.faces.tui.charts.landing_chart import Landing, LandingChart
from collabtui.faces.tui.formats import Viewer
from collabtui.faces.tui.themes import DARK

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 20, 13, 7, tzinfo=UTC)


def axis(step: timedelta, count: int, width: int) -> list[str]:
    """The labels under a chart of that width."""
    landings = [Landing(NOW - (count - n) * step, 600.0 + n % 7, 900.0, is_bad=False) for n in range(count)]
    drawing = draw(LandingChart(landings, 600, 650, 700, 900), width, 20, Viewer(NOW), DARK.variables)
    return re.findall(r"\d\d [A-Z][a-z]+|\S+", drawing.text.plain.rstrip().split("\n")[-1])


@pytest.mark.parametrize("width", [50, 90, 160])
@pytest.mark.parametrize("step", [HOUR, 6 * HOUR, 24 * HOUR, 168 * HOUR])
def test_no_day_is_told_twice(step, width):
    labels = axis(step, 60, width)
    assert labels[-1] == "next"
    assert len(labels) >= 3
    assert len(set(labels)) == len(labels)


def test_within_two_days_hours_are_told():
    assert all(re.fullmatch(r"\d\d:\d\d|next", label) for label in axis(HOUR, 20, 80))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_landings_have_an_axis_too(count):
    assert axis(HOUR, count, 60)[-1] == "next"
