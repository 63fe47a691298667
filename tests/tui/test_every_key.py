"""Every key that holds on every screen does something, and nothing falls over."""

import pytest

from tests.tui.driving import opened, settled

ENDS = {"q", "ctrl+c", "ctrl+q"}
ROLES = {"1": "engineers", "2": "analysts", "3": "leads", "4": "scientists"}


def keys_of(pilot) -> list[str]:
    return [key for key, known in pilot.app.screen.active_bindings.items() if known.enabled and key not in ENDS]


async def back(pilot, role: str) -> None:
    """To where one was: out of screens, sheets, the filter, zooms and scopes."""
    while len(pilot.app.screen_stack) > 1:
        await pilot.press("escape")
        await pilot.pause()
    await pilot.press("escape", "escape", "escape", role)


@pytest.mark.parametrize("role", ROLES, ids=ROLES.values())
async def test_every_key_of_a_tab(office, role):
    async with opened(office).run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await back(pilot, role)
        keys = keys_of(pilot)
        assert {"j", "slash", "z", "enter", "question_mark", "C", "ctrl+p"} <= set(keys)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            assert pilot.app.is_running, key
            await back(pilot, role)
        await settled(pilot)
        assert pilot.app.query_one("ContentSwitcher").current == ROLES[role]


@pytest.mark.parametrize(
    ("keys", "screen"),
    [
        (["question_mark"], "Sheet"), (["i"], "Sheet"), (["C"], "Columns"), (["ctrl+p"], "CommandPalette"),
        (["x"], "RelatedScreen"), (["d"], "StandupScreen"), (["enter", "enter"], "RunScreen"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)  # fmt: skip
async def test_every_key_of_what_opens(office, keys, screen):
    async def open_it(pilot) -> None:
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        assert type(pilot.app.screen).__name__ == screen

    async with opened(office).run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await open_it(pilot)
        for key in keys_of(pilot):
            await pilot.press(key)
            await pilot.pause()
            assert pilot.app.is_running, key
            if type(pilot.app.screen).__name__ != screen:
                await back(pilot, "1")
                await open_it(pilot)
