"""The analysts' line of time, how fresh data is, and being told when it lands."""

import asyncio
from datetime import timedelta

import pytest

from collabtui.faces.tui.app import CollabTui
from collabtui.faces.tui.charts.timeline import Scale, axis, bar
from collabtui.faces.tui.formats import Viewer
from tests.answers.building import HOUR, NOW
from tests.conftest import Office, open_office
from tests.tui.driving import opened, press, screen, settled, table

VIEWER = Viewer(NOW)
SCALE = Scale(NOW - 5 * HOUR, NOW + 5 * HOUR, NOW + timedelta(days=6, hours=12))


def line(**times) -> str:
    row = {
        "scale": SCALE,
        "state": "on time",
        **dict.fromkeys(("p50_at", "p95_at", "deadline_at", "landed_at")),
        **times,
    }
    return "".join(part.text for part in bar(row, VIEWER, 100))


def test_the_line_shows_now_the_band_the_deadline_and_what_landed():
    shown = line(p50_at=NOW + HOUR, p95_at=NOW + 2 * HOUR, deadline_at=NOW + 3 * HOUR)
    assert len(shown) == 100
    assert [shown.index(sign) for sign in "│▒┃┊"] == [35, 42, 56, 70]
    assert shown.count("▒") == 8
    landed = line(p50_at=NOW + HOUR, landed_at=NOW - HOUR, deadline_at=NOW - HOUR / 2)
    assert [landed.index(sign) for sign in "●┃"] == [28, 31]
    assert "▒" not in landed


def test_what_is_days_away_stands_right_and_what_is_beyond_is_not_there():
    assert line(deadline_at=NOW + timedelta(days=3)).index("┃") > 80
    assert "┃" not in line(deadline_at=NOW + timedelta(days=30))
    assert line(p50_at=NOW + HOUR, p95_at=NOW + timedelta(days=30)).endswith("▒")
    assert line(p50_at=NOW - 9 * HOUR, p95_at=NOW + HOUR).startswith("▒"), "it should have landed long ago"


@pytest.mark.parametrize("width", [1, 5, 28, 46, 120])
def test_header_and_line_are_as_wide_as_the_column(width):
    row = {"scale": SCALE, "state": "late", "p50_at": NOW, "p95_at": None, "deadline_at": NOW, "landed_at": None}
    assert len(axis(row, VIEWER, width)) == width
    assert sum(len(part.text) for part in bar(row, VIEWER, width)) == width


async def test_wide_screens_have_the_line_and_narrow_ones_the_times(office):
    async with opened(office).run_test(size=(200, 50)) as pilot:
        await settled(pilot)
        await press(pilot, "2")
        shown = table(pilot, "deliveries")
        assert shown._widths["timeline"] >= 40
        assert all(sign in screen(pilot) for sign in "│┃▒●┊")
        assert "on the line" in screen(pilot)
        assert "data last updated" in screen(pilot)
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "2")
        assert "timeline" not in table(pilot, "deliveries")._widths
        assert "P95" in screen(pilot)


@pytest.fixture
def moving(tmp_path) -> Office:
    """A team whose time may pass."""
    return open_office(tmp_path, history=timedelta(days=20))


async def test_one_is_told_when_what_one_waits_for_has_landed(moving):
    office = moving
    app = CollabTui(office.settings.warehouse, office.settings, clock=lambda: office.now)
    rung = []
    app.bell = lambda: rung.append(1)
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "2")
        table(pilot, "deliveries").select(lambda row: row["state"] == "on time")
        await press(pilot, "w")
        waited = table(pilot, "deliveries").selected
        assert f"watching {waited['name']}: you are told" in _toasts(pilot)
        assert f"◉ {waited['name']}" in screen(pilot)
        assert not rung
        await press(pilot, "3")  # it is told wherever one is
        await asyncio.to_thread(office.later, timedelta(hours=3))
        app._refresh()
        await settled(pilot)
        assert rung == [1]
        assert f"{waited['name']} landed" in _toasts(pilot)
        await press(pilot, "2")
        assert "◉" not in screen(pilot)


async def test_what_landed_while_the_app_was_closed_is_told_at_the_next_start(moving, tmp_path):
    office, memory = moving, tmp_path / "views.json"
    async with opened(office, memory=memory).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "2")
        table(pilot, "deliveries").select(lambda row: row["state"] == "on time")
        await press(pilot, "w")
        waited = table(pilot, "deliveries").selected["name"]
    await asyncio.to_thread(office.later, timedelta(hours=3))
    async with opened(office, memory=memory).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        assert f"{waited} landed" in _toasts(pilot)
    async with opened(office, memory=memory).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        assert not _toasts(pilot)


async def test_w_twice_is_no_watch_and_a_team_cannot_be_waited_for(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "w")
        assert "◉" in screen(pilot)
        await press(pilot, "w")
        assert "◉" not in screen(pilot)
        await press(pilot, "3", "w")
        assert "one waits for deliveries" in _toasts(pilot)


def _toasts(pilot) -> str:
    return "\n".join(notification.message for notification in pilot.app._notifications)
