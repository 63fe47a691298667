"""The runs to come on a screen of their own: the hours of the week, and the runs of one of them."""

import sqlite3
from datetime import timedelta

import pytest

from collabtui.answers.calendar import calendar
from collabtui.faces.tui.charts.weekgrid import DAY_CELLS, WeekGrid
from collabtui.faces.tui.screens.calendar import CalendarScreen
from tests.answers.building import HOUR, NOW, nightly, pipeline, task_run
from tests.tui.driving import office_of, opened, press, screen, screen_lines, settled
from tests.tui.test_every_key import back, keys_of
from tests.tui.test_hostile import FORBIDDEN, HOSTILE, hostile_settings  # noqa: F401 - a fixture

SIZES = [(80, 24), (200, 60)]


@pytest.fixture(params=SIZES, ids=["80x24", "200x60"])
def size(request):
    return request.param


def two_at_three(**more) -> list:
    """Two pipelines at three each night; it is noon."""
    known = []
    for name in ("orders", "stock"):
        nights = nightly(name, 3 * HOUR, HOUR * 1.5, 20)
        next_at = NOW.replace(hour=3) + timedelta(days=1)
        known += [pipeline(name, **{"schedule": "0 3 * * *", "next_run_at": next_at, **more}), *nights]
        known += [task_run(night, "copy", HOUR * 0, HOUR, pool="tight") for night in nights]
    return known


def rows(pilot) -> list[str]:
    return [row["name"] for row in pilot.app.screen._pane.tables[0]._rows]


async def test_the_arrows_move_through_the_week_and_the_runs_of_the_hour_are_listed(tmp_path, size):
    async with opened(office_of(tmp_path, two_at_three())).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, CalendarScreen)
        assert "No run is expected" in screen(pilot)
        assert "Wed 11 Mar 12:00–13:00  0 in flight, 0 begin" in screen(pilot)
        await press(pilot, "j", *["left"] * 9)
        assert "Thu 12 Mar 03:00–04:00  2 in flight, 2 begin" in screen(pilot)
        assert "tight 1.3 slots" in screen(pilot)
        assert rows(pilot) == ["orders", "stock"]
        assert "● schedule" in screen(pilot)
        thursday = next(line for line in screen_lines(pilot) if line.startswith("Thu 12"))
        assert thursday.split()[2:9] == ["·", "·", "·", "2", "2", "·", "·"], "they land at half past four"
        await press(pilot, "l", "k")
        assert "Wed 11 Mar 12:00" in screen(pilot), "what is over cannot be chosen"
        await press(pilot, "b")
        assert "Thu 12 Mar 03:00" in screen(pilot)
        await press(pilot, "G")
        assert "Tue 17 Mar 23:00" in screen(pilot)


async def test_another_number_is_counted(tmp_path, size):
    async with opened(office_of(tmp_path, two_at_three())).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "n", "c")
        assert "runs that begin" in screen_lines(pilot)[0]
        thursday = next(line for line in screen_lines(pilot) if line.startswith("Thu 12"))
        assert thursday.split()[5:7] == ["2", "·"]
        await press(pilot, "c")
        assert "slots of tight" in screen_lines(pilot)[0]
        await press(pilot, "c", "tab", "c")
        assert "runs that begin" in screen_lines(pilot)[0], "from the list, too"


@pytest.mark.parametrize("width", [60, 70, 80, 100, 130])
async def test_the_heading_says_what_the_sign_means_at_any_width(office, width):
    async with opened(office).run_test(size=(width, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "n")
        for counted in ("runs in flight", "runs that begin", "slots of default_pool (24)", "slots of warehouse (7)"):
            heading = screen_lines(pilot)[0].rstrip()
            assert counted in heading
            assert "Europe/Berlin" in heading
            assert heading.endswith(("! too few slots", "! more than there are slots"))
            await press(pilot, "c")


async def test_where_a_day_is_too_wide_it_shows_the_hours_about_the_chosen_one(tmp_path):
    def grid() -> list[str]:
        lines = [line.rstrip() for line in screen_lines(pilot)]
        assert [line[:6] for line in lines[2:9]] == [f"{day} {n}" for day, n in zip(days, range(11, 18), strict=True)]
        return lines

    days = ("Wed", "Thu", "Fri", "Sat", "Sun", "Mon", "Tue")
    async with opened(office_of(tmp_path, two_at_three())).run_test(size=(60, 15)) as pilot:
        await settled(pilot)
        await press(pilot, "n", "b")
        assert grid()[1].split() == [*(f"{hour:02d}" for hour in range(16)), "16›"]
        assert grid()[3].split()[2:9] == ["·", "·", "·", "2", "2", "·", "·"]
        await press(pilot, "G")
        assert grid()[1].split() == ["‹07", *(f"{hour:02d}" for hour in range(8, 24))]
        assert "Tue 17 Mar 23:00" in screen(pilot)
        await pilot.click(pilot.app.screen.query_one(WeekGrid), offset=(DAY_CELLS + 1, 2))
        await settled(pilot)
        assert "Thu 12 Mar 07:00" in screen(pilot), "the first hour that is shown"


async def test_enter_opens_the_pipeline_in_the_engineers_tab(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "n", "b", "enter", "j", "j")
        chosen = pilot.app.screen._pane.tables[0].selected
        await press(pilot, "enter")
        assert pilot.app.query_one("ContentSwitcher").current == "engineers"
        assert pilot.app.panes[0].tables[0].selected["pipeline_id"] == chosen["pipeline_id"]


async def test_escape_leads_from_the_list_to_the_grid_and_out(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "n", "b", "enter", "escape")
        assert pilot.app.screen.query_one(WeekGrid).has_focus
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, CalendarScreen)


async def test_the_mouse_chooses_an_hour_and_opens_a_run(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "n")
        grid = pilot.app.screen.query_one(WeekGrid)
        await pilot.click(grid, offset=(DAY_CELLS + 5 * grid._width + 1, 2))
        await settled(pilot)
        assert "Thu 12 Mar 05:00" in screen(pilot)
        await pilot.click("#coming", offset=(5, 3))
        await settled(pilot)
        chosen = pilot.app.screen._pane.tables[0].selected
        await pilot.click("#coming", offset=(5, 3), times=2)
        await settled(pilot)
        assert pilot.app.panes[0].tables[0].selected["pipeline_id"] == chosen["pipeline_id"]


async def test_it_says_what_the_answer_says(office, warehouse):
    said = calendar(warehouse, office.settings, office.now).hours
    async with opened(office).run_test(size=(200, 60)) as pilot:
        await settled(pilot)
        await press(pilot, "n")
        for day, hours in said.group_by("day_on", maintain_order=True):
            line = next(line for line in screen_lines(pilot) if line.startswith(f"{day[0]:%a %d} "))
            shown = [number for number in line.split()[2:] if number != "·"]
            assert shown == [str(n) for n in hours["in_flight"] if n]


async def test_an_hour_that_is_chosen_stays_chosen_when_time_passes(tmp_path):
    office = office_of(tmp_path, two_at_three())
    clock = [NOW]
    app = opened(office)
    app._reader._clock = lambda: clock[0]
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "n", "b", "enter", "j")
        clock[0] = NOW + HOUR * 2
        pilot.app.screen._load()
        await settled(pilot)
        assert "Thu 12 Mar 03:00" in screen(pilot)
        assert pilot.app.screen._pane.tables[0].selected["name"] == "stock"


async def test_where_the_warehouse_cannot_be_read_it_says_so(tmp_path, monkeypatch):
    def fails(*_, **__):
        raise RuntimeError("[b]the disk[/b] is gone")

    async with opened(office_of(tmp_path, two_at_three())).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        monkeypatch.setattr("collabtui.answers.calendar.calendar", fails)
        await press(pilot, "n")
        assert "✖ [b]the disk[/b] is gone" in screen(pilot)


async def test_every_key_of_it(office):
    async with opened(office).run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await press(pilot, "n")
        keys = keys_of(pilot)
        assert {"left", "h", "b", "c", "enter", "question_mark", "escape"} <= set(keys)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            assert pilot.app.is_running, key
            if not isinstance(pilot.app.screen, CalendarScreen):
                await back(pilot, "1")
                await press(pilot, "n")


async def test_its_keys_are_in_the_sheet_and_it_is_in_the_palette(office):
    async with opened(office).run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark")
        assert "n  Runs to come, hour by hour" in screen(pilot)
        await press(pilot, "escape", "n", "question_mark")
        for words in ("Busiest hour", "What is counted", "The hour's runs", "Next day"):
            assert words in screen(pilot)
        await press(pilot, "escape", "escape", "ctrl+p")
        await pilot.press(*"hour by")
        await settled(pilot)
        assert "Runs to come, hour by hour" in screen(pilot)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
async def test_hostile_names_come_out_plain(office, hostile_settings, size):  # noqa: F811 - the fixture
    with sqlite3.connect(hostile_settings.warehouse) as db:
        db.execute("UPDATE pool SET name = ? WHERE name = 'warehouse'", [HOSTILE[1]])
        db.execute("UPDATE task_run SET pool = ? WHERE pool = 'warehouse'", [HOSTILE[1]])
    db.close()
    async with opened(office, settings=hostile_settings).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "n", "b")
        seen = ""
        for keys in (["c"], ["c"], ["c"], ["c"], ["enter"], ["j"], ["j"], ["j"], ["z"], ["j"]):
            await press(pilot, *keys)
            lines = screen_lines(pilot)
            assert len(lines) == size[1]
            assert not [line for line in lines if any(c in line for c in FORBIDDEN)]
            seen += "\n".join(lines)
        assert "[bold red]" in seen or "漢字" in seen


async def test_without_any_pipeline_it_says_what_to_do(tmp_path):
    async with opened(office_of(tmp_path, [])).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "n", "b", "enter", "enter", "escape", "c")
        assert "No run is expected" in screen(pilot)


def test_how_the_calendar_looks(office, snap_compare):
    async def go_there(pilot) -> None:
        await settled(pilot)
        await press(pilot, "n", "b")

    assert snap_compare(opened(office), terminal_size=(100, 30), run_before=go_there)
