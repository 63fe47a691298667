"""What people make their own: role, theme, columns, order, keys; and the palette that finds everything."""

import msgspec
import pytest

from collabtui.config import ConfigError, parse
from collabtui.faces.tui.app import ROLES, CollabTui
from collabtui.faces.tui.screens.calendar import RUNS as COMING
from collabtui.faces.tui.screens.related import RELATIONS
from collabtui.faces.tui.screens.run import TASKS
from tests.tui.driving import opened, press, screen, settled, table


def with_settings(office, **more):
    return msgspec.structs.replace(office.settings, **more)


async def test_the_config_names_the_first_role_and_the_command_line_another(office):
    settings = with_settings(office, role="leads")
    for role, shown in ((None, "leads"), ("analysts", "analysts")):
        async with opened(office, settings=settings, role=role).run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            assert pilot.app.query_one("ContentSwitcher").current == shown


async def test_the_app_is_as_it_was_left(office, tmp_path):
    memory = tmp_path / "views.json"
    async with opened(office, memory=memory).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "s", "s", "S", "t", "C", "j", "j", "space", "escape")
        assert "Last runs" not in screen(pilot)
        await pilot.press("slash", *"mart")
        await press(pilot, "enter", "2")
    async with opened(office, memory=memory).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        assert pilot.app.query_one("ContentSwitcher").current == "analysts"
        assert pilot.app.theme == "collabtui-light"
        await press(pilot, "1")
        assert "by pipeline ↓" in screen(pilot)
        assert "/mart" in screen(pilot)
        assert "Last runs" not in screen(pilot)


async def test_the_sheet_of_columns_says_what_each_means(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "C")
        assert "Next P85     next week at least so many, 85 % sure" in screen(pilot)
        assert "Done/w       finished tickets a week, mean of eight" in screen(pilot)


@pytest.mark.parametrize(
    "listing",
    [*(listing for role in ROLES for listing in role.listings), TASKS, RELATIONS, COMING],
    ids=lambda listing: listing.name,
)
def test_what_a_column_means_has_room_beside_its_name(listing):
    room = 76 - len("│ ▐X▌ ") - len(" │") - 2 - max(len(column.title) for column in listing.columns)
    for column in listing.columns:
        assert 0 < len(f"(no room) {column.means}") <= room, column.means


async def test_what_the_config_says_counts_more_than_how_the_app_was_left(office, tmp_path):
    memory = tmp_path / "views.json"
    async with opened(office, memory=memory).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "t", "2")
    settings = with_settings(office, role="leads", theme="colour-blind")
    async with opened(office, memory=memory, settings=settings).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert pilot.app.theme == "collabtui-colour-blind"
        assert pilot.app.query_one("ContentSwitcher").current == "leads"


async def test_a_memory_that_cannot_be_read_is_forgotten(office, tmp_path):
    memory = tmp_path / "views.json"
    memory.write_text('{"views": 7}')
    async with opened(office, memory=memory).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert table(pilot, "pipelines").selected is not None
    assert b"pipelines" in memory.read_bytes()


async def test_keys_can_be_changed_and_the_sheet_tells_it(office):
    settings = with_settings(office, keys={"zoom": "Z, f2", "leads": "ctrl+l"})
    async with opened(office, settings=settings).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "z")
        assert not pilot.app.query_one("#engineers").has_class("-zoomed")
        await press(pilot, "Z")
        assert pilot.app.query_one("#engineers").has_class("-zoomed")
        await press(pilot, "Z", "ctrl+l")
        assert pilot.app.query_one("ContentSwitcher").current == "leads"
        await press(pilot, "question_mark")
        assert "^l" in "\n".join(str(line) for line in pilot.app.screen._lines)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"fly": "f"}, "fly is nothing that a key does; there are"),
        ({"zoom": "zz"}, "no key is called that"),
        ({"zoom": "q"}, "q would be both"),
    ],
)
def test_keys_that_cannot_be_are_told_at_the_start(office, keys, told):
    with pytest.raises(ConfigError, match=told):
        CollabTui(office.settings.warehouse, with_settings(office, keys=keys), clock=lambda: office.now)


def test_a_role_or_theme_that_is_none_is_told(tmp_path):
    for data in ({"role": "boss"}, {"theme": "pink"}):
        with pytest.raises(ValueError, match="is none of"):
            parse(data, folder=tmp_path)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
async def test_the_palette_finds_what_one_can_do_and_every_row(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "ctrl+p")
        await pilot.pause(0.3)
        assert "Filter" in screen(pilot)
        await pilot.press(*"mart_rev")
        await pilot.pause(0.5)
        await settled(pilot)
        await press(pilot, "enter")
        await pilot.pause(0.3)
        await press(pilot, "enter")
        assert table(pilot, "pipelines").selected["name"] == "mart_revenue"


async def test_themes_go_round_and_keep_their_signs(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        signs = [line[:14] for line in screen(pilot).splitlines()[2:8]]
        seen = []
        for _ in range(3):
            await press(pilot, "t")
            seen.append(pilot.app.theme)
            assert [line[:14] for line in screen(pilot).splitlines()[2:8]] == signs
        assert seen == ["collabtui-light", "collabtui-colour-blind", "collabtui-dark"]


async def test_people_can_be_put_away_and_stay_so(office, tmp_path):
    memory = tmp_path / "views.json"
    async with opened(office, memory=memory).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "tab", "tab")
        assert table(pilot, "people").has_focus
        await press(pilot, "p")
        assert "People" not in screen(pilot)
        assert table(pilot, "bottlenecks").has_focus
        await press(pilot, "shift+tab")
        assert table(pilot, "tickets").has_focus
    async with opened(office, memory=memory).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        assert "People" not in screen(pilot)
        await press(pilot, "p")
        assert "People 12" in screen(pilot)
