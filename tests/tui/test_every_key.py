"""Every key that holds on every screen does something, and nothing falls over."""

import pytest

from tests.tui.driving import opened, settled

ENDS = {"q", "ctrl+c", "ctrl+q"}
ROLES = {"1": "engineers", "2": "analysts", "3": "leads", "4": "scientists"}


def keys_of(pilot) -> list[str]:
    return [key for key, known in pilot.app.screen.active_bindings.items() if known.enabled and key not in ENDS]


async def back(pilot, role: str) -> None:
    """To where one was: out of sheets, screens, filters and zooms."""
    for _ in range(6):
        await pilot.press("escape")
        await settled(pilot)
    await pilot.press(role)
    await settled(pilot)


@pytest.mark.parametrize("role", ROLES, ids=ROLES.values())
async def test_every_key_of_a_tab(office, role):
    async with opened(office).run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await back(pilot, role)
        keys = keys_of(pilot)
        assert {"j", "slash", "z", "enter", "question_mark", "C", "ctrl+p"} <= set(keys)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
            assert pilot.app.is_running, key
            further = [] if len(pilot.app.screen_stack) == 1 else keys_of(pilot)
            for inner in further:  # a sheet or screen that the key has opened: its keys too
                await pilot.press(inner)
                await settled(pilot)
                assert pilot.app.is_running, (key, inner)
                if len(pilot.app.screen_stack) == 1:
                    await pilot.press(key)
                    await settled(pilot)
            await back(pilot, role)
        assert len(pilot.app.screen_stack) == 1
        assert pilot.app.query_one("ContentSwitcher").current == ROLES[role]
