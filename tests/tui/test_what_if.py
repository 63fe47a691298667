"""What if of one epic: sliders on a screen of its own, and what they make of its dates."""

from datetime import date

import pytest

from collabtui.faces.tui.screens.slider import NAME_CELLS, Slider
from collabtui.faces.tui.screens.what_if import WhatIfScreen
from tests.answers.building import DAY, NOW, ticket
from tests.answers.test_epic import one_left, team_of_four
from tests.tui.driving import office_of, opened, press, screen, screen_lines, settled, table
from tests.tui.test_every_key import back, keys_of

SIZES = [(80, 24), (200, 60)]


@pytest.fixture(params=SIZES, ids=["80x24", "200x60"])
def size(request):
    return request.param


async def into_the_first_epic(pilot) -> None:
    await settled(pilot)
    await press(pilot, "3", "tab", "f")
    assert isinstance(pilot.app.screen, WhatIfScreen)


def line_of(pilot, name: str) -> str:
    return next(line for line in screen_lines(pilot)[1:] if line.split("│")[0].strip(" ▸").startswith(name))


async def test_sliders_move_by_keys_and_the_dates_with_them(tmp_path, size):
    """Four people, thirty tickets, ten a week."""
    office = office_of(tmp_path, team_of_four(title="Move the lake", due_on=date(2026, 4, 1)))
    async with opened(office).run_test(size=size) as pilot:
        await into_the_first_epic(pilot)
        row = pilot.app.panes[2].tables[1].selected
        at_first = screen(pilot)
        assert "4 as it is" in line_of(pilot, "people")
        assert pilot.app._viewer().day(row["p85_on"]) in line_of(pilot, "P85"), "as the list says"
        assert "the same day" in line_of(pilot, "P85")
        assert "Nothing is stored" in at_first
        assert "█" in at_first.split("too late")[1]
        await press(pilot, "left", "h")
        assert "−2: 2 instead of 4" in line_of(pilot, "people")
        assert "later" in line_of(pilot, "P85")
        assert "who leaves is missing at once" in " ".join(screen(pilot).split())
        await press(pilot, "0")
        assert screen(pilot) == at_first
        await press(pilot, "j", "l", "l")
        assert "+20 %" in line_of(pilot, "open tickets")
        assert "36" in [line for line in screen_lines(pilot) if "open tickets" in line][1]
        await press(pilot, "j", "j", "right", "right")
        assert "in 2 weeks" in line_of(pilot, "work goes on")
        assert "nobody is at it for 2 weeks" in " ".join(screen(pilot).split())
        await press(pilot, "r")
        assert screen(pilot).replace("▸", " ") == at_first.replace("▸", " ")


async def test_few_tickets_are_counted_one_by_one(tmp_path, size):
    """One ticket is left: a tenth of it is none."""
    async with opened(office_of(tmp_path, one_left(0.1))).run_test(size=size) as pilot:
        await into_the_first_epic(pilot)
        assert "what is in progress takes as long as work of its age does" in " ".join(screen(pilot).split())
        assert "1 as it is" in line_of(pilot, "open tickets")
        await press(pilot, "j", "l")
        assert "+100 %: 2 instead of 1" in line_of(pilot, "open tickets")
        assert "later" in line_of(pilot, "P85")


async def test_a_due_date_in_another_year_stands_apart_from_its_chances(tmp_path):
    office = office_of(tmp_path, team_of_four(due_on=date(2027, 2, 28)))
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await into_the_first_epic(pilot)
        assert "miss 28 Feb 2027 " in line_of(pilot, "miss")
        assert "open tickets".ljust(len("miss 28 Feb 2027 ")) + "30" in screen(pilot), "all numbers begin in one column"


async def test_closing_leads_back_to_the_epic(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "j", "j")
        chosen = table(pilot, "epics").selected
        await press(pilot, "f", "l", "escape")
        assert table(pilot, "epics").has_focus
        assert table(pilot, "epics").selected["epic_key"] == chosen["epic_key"]


async def test_sliders_move_by_the_mouse(tmp_path, size):
    async with opened(office_of(tmp_path, team_of_four())).run_test(size=size) as pilot:
        await into_the_first_epic(pilot)
        people, scope = list(pilot.app.screen.query(Slider))[:2]
        await pilot.mouse_down(scope, offset=(NAME_CELLS + scope._track - 1, 0))
        await settled(pilot)
        assert scope.step == 100
        assert scope.has_focus
        await pilot.hover(scope, offset=(NAME_CELLS, 0))
        assert scope.step == -50, "it is drawn along"
        await pilot.mouse_up(scope, offset=(NAME_CELLS, 0))
        await settled(pilot)
        assert "15" in [line for line in screen_lines(pilot) if "open tickets" in line][1]
        await pilot.click(people, offset=(NAME_CELLS + people._track - 1, 0))
        await settled(pilot)
        assert people.step == 3
        assert scope.step == -50, "it was let go"


async def test_the_newest_setting_wins(tmp_path):
    """Keys that are held down do not queue up."""
    async with opened(office_of(tmp_path, team_of_four())).run_test(size=(80, 24)) as pilot:
        await into_the_first_epic(pilot)
        await pilot.press("j", *["l"] * 9, "h")
        await settled(pilot)
        assert "+80 %" in line_of(pilot, "open tickets")
        assert "54" in [line for line in screen_lines(pilot) if "open tickets" in line][1]


async def test_what_if_is_asked_of_epics_alone(office):
    async with opened(office).run_test(size=(80, 60)) as pilot:
        await settled(pilot)
        for keys in (["1"], ["3"], ["3", "tab", "tab"]):
            await press(pilot, *keys, "f")
            assert not isinstance(pilot.app.screen, WhatIfScreen)
        await press(pilot, "3", "tab", "tab", "tab", "tab", "question_mark")
        assert table(pilot, "epics").has_class("-current")
        assert "f  What if" in screen(pilot)


async def test_its_keys_are_in_the_sheet(office):
    async with opened(office).run_test(size=(80, 40)) as pilot:
        await into_the_first_epic(pilot)
        await press(pilot, "question_mark")
        for words in ("Less", "More", "Next slider", "As it is", "Back"):
            assert words in screen(pilot)


async def test_without_a_forecast_it_says_why(tmp_path):
    records = [ticket(1, NOW - DAY, is_epic=True), ticket(2, NOW - DAY, epic_id="1")]
    async with opened(office_of(tmp_path, records)).run_test(size=(80, 24)) as pilot:
        await into_the_first_epic(pilot)
        assert "its team has not finished anything in two years" in screen(pilot)
        await press(pilot, "l", "j", "l")
        assert "its team has not finished anything in two years" in screen(pilot)


async def test_nobody_is_taken_from_a_team_of_one(tmp_path):
    records = team_of_four()
    alone = [r if r.is_epic else ticket(int(r.ticket_id), r.created_at, r.resolved_at, epic_id=r.epic_id,
                                        assignee_id="ada") for r in records]  # fmt: skip
    async with opened(office_of(tmp_path, alone)).run_test(size=(80, 24)) as pilot:
        await into_the_first_epic(pilot)
        await press(pilot, "h", "h", "h")
        assert "−1: 0 instead of 1" in line_of(pilot, "people")
        assert "beyond 2 years" in line_of(pilot, "P50")


async def test_hostile_titles_come_out_plain(tmp_path):
    title = "[bold]x[/] \x1b[31mred\u202e" + "y" * 300
    async with opened(office_of(tmp_path, team_of_four(title=title))).run_test(size=(80, 24)) as pilot:
        await into_the_first_epic(pilot)
        assert "[bold]x[/] ␛" in screen_lines(pilot)[0]
        assert not any(c in screen(pilot) for c in "\x1b\u202e")


def test_how_what_if_looks(office, snap_compare):
    async def go_there(pilot) -> None:
        await settled(pilot)
        await press(pilot, "3", "tab", "j", "f", "l", "j", "l", "l")

    assert snap_compare(opened(office), terminal_size=(100, 30), run_before=go_there)


async def test_every_key_of_it(office):
    async def open_it(pilot) -> None:
        epics = pilot.app.panes[2].tables[1]
        pilot.app.go_to("leads", "epics", (epics.rows[0]["source"], epics.rows[0]["epic_id"]))
        await press(pilot, "f")
        assert isinstance(pilot.app.screen, WhatIfScreen)

    async with opened(office).run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        await open_it(pilot)
        for key in keys_of(pilot):
            await pilot.press(key)
            await pilot.pause()
            assert pilot.app.is_running, key
            if not isinstance(pilot.app.screen, WhatIfScreen):
                await back(pilot, "3")
                await open_it(pilot)
