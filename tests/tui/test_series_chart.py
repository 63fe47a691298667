"""The axis of a series: round times of the viewer's clock, as many as there is room for."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collabtui.faces.tui.charts.canvas import draw
from collabtui.faces.tui.charts.series_chart import Ahead, Known, SeriesChart
from collabtui.faces.tui.formats import Viewer
from collabtui.faces.tui.themes import DARK

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 20, 13, 7, tzinfo=UTC)


def axis(every: str, step: timedelta, *, past: int, ahead: int, width: int, zone: str = "Europe/Berlin") -> list[str]:
    """The labels under a chart of that width."""
    begin = NOW.replace(minute=0) - past * step
    known = [Known(begin + n * step, 10.0 + n % 7) for n in range(past)]
    coming = [Ahead(n + 1, begin + (past + n) * step, 8, 9, 10, 11, 12) for n in range(ahead)]
    drawing = draw(SeriesChart(known, coming, every), width, 20, Viewer(NOW, ZoneInfo(zone)), DARK.variables)
    return re.findall(r"\d\d [A-Z][a-z]+|\S+", drawing.text.plain.rstrip().split("\n")[-1])


@pytest.mark.parametrize("width", [60, 100, 150, 195])
def test_hours_are_told_at_round_times(width):
    labels = axis("hour", HOUR, past=200, ahead=24, width=width)
    assert "now" in labels
    clock = [label for label in labels if ":" in label]
    assert clock
    assert set(clock) <= {"03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"}
    assert any(re.fullmatch(r"\d\d Nov", label) for label in labels), "midnight is told by its day"
    assert len(labels) >= width // 20


def test_many_hours_are_told_by_days():
    labels = axis("hour", HOUR, past=1000, ahead=300, width=100)
    assert all(re.fullmatch(r"\d\d Nov|\d\d Dec|\d\d Oct|now", label) for label in labels)


def test_days_and_weeks_are_told_by_their_day():
    for every, step in (("day", 24 * HOUR), ("week", 168 * HOUR)):
        labels = axis(every, step, past=100, ahead=20, width=100)
        assert "now" in labels
        assert len(labels) >= 5
