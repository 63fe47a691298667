"""How every view looks: pictures to compare with. `pytest --snapshot-update` draws them anew."""

import pytest
from textual.widgets import Input

from collabtui.faces.tui.standup.meeting import Meeting
from collabtui.faces.tui.themes import THEMES
from tests.tui.driving import opened, press, screen, settled

VIEWS = {
    "engineers": "1",
    "analysts": "2",
    "leads": "3",
    "scientists": "4",
    "stand-up": "space",
    "run": "tab enter",
    "related": "x j",
    "what-if": "3 tab f right",
    "runs to come": "n right",
}
"""The keys that lead there; the stand-up is a command too, and begins with its clock standing still."""
SIZES = {"80x24": (80, 24), "160x45": (160, 45), "240x67": (240, 67)}
"""A small terminal, a laptop's, and 4K."""


def meeting(view) -> dict[str, Meeting]:
    return {"meeting": Meeting(wall=lambda: 0.0)} if view == "stand-up" else {}


@pytest.fixture
def pictured(office, snap_compare):
    """Compare what these keys lead to with its picture."""

    def compare(keys, size, theme=None, **how) -> bool:
        async def go_there(pilot) -> None:
            if theme is not None:
                pilot.app.theme = THEMES[theme].name
            await settled(pilot)
            for line in pilot.app.query(Input):
                line.cursor_blink = False  # a picture must not depend on when it is taken
            await press(pilot, *keys.split())

        return snap_compare(opened(office, **how), terminal_size=size, run_before=go_there)

    return compare


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_in_three_sizes(pictured, view, size):
    assert pictured(VIEWS[view], SIZES[size], **meeting(view))


@pytest.mark.parametrize("theme", ["light", "colour-blind"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_in_the_other_themes(pictured, view, theme):
    assert pictured(VIEWS[view], (100, 30), theme, **meeting(view))


@pytest.mark.parametrize("keys", ["z", "slash m a r t", "question_mark", "enter"])
def test_a_state_of_the_engineers_tab(pictured, keys):
    assert pictured(keys, (100, 30))


async def test_no_colour_is_drawn_where_none_is_wanted(office, monkeypatch):
    """https://no-color.org: shades of grey, and every state is a sign and a word."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(office).run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
        styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
        colors = {color.get_truecolor() for style in styles for color in (style.color, style.bgcolor) if color}
        assert len(colors) > 3
        assert all(color.red == color.green == color.blue for color in colors)
        assert "✖ failed" in screen(pilot)
