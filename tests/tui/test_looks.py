"""How the tabs look: pictures to compare with. `pytest --snapshot-update` draws them anew."""

import pytest
from textual.widgets import Input

from tests.tui.driving import opened, press, settled

ROLES = {"engineers": "1", "analysts": "2", "leads": "3"}


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
@pytest.mark.parametrize("role", ROLES)
def test_a_tab(office, snap_compare, role, size):
    async def go_there(pilot) -> None:
        await settled(pilot)
        await press(pilot, ROLES[role])

    assert snap_compare(opened(office), terminal_size=size, run_before=go_there)


@pytest.mark.parametrize("keys", ["z", "slash m a r t", "question_mark", "enter", "t"])
def test_a_state_of_the_engineers_tab(office, snap_compare, keys):
    async def go_there(pilot) -> None:
        await settled(pilot)
        for line in pilot.app.query(Input):
            line.cursor_blink = False  # a picture must not depend on when it is taken
        await press(pilot, *keys.split())

    assert snap_compare(opened(office), terminal_size=(100, 30), run_before=go_there)
