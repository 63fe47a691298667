"""Whatever is on the screen says so when its facts are not fresh."""

import msgspec
import pytest

from tests.tui.driving import opened, press, screen_lines, settled

WAYS = {"a run": ["tab", "enter"], "the runs to come": ["n"]}


@pytest.mark.parametrize("keys", WAYS.values(), ids=WAYS)
async def test_screens_above_the_tabs_tell_of_sources_that_are_not_fresh_and_of_no_others(office, keys):
    late = msgspec.structs.replace(office.settings, stale_after_s=-1.0)
    for settings, is_told in ((late, True), (office.settings, False)):
        async with opened(office, settings=settings).run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await press(pilot, *keys)
            assert ("▲ airflow stale" in screen_lines(pilot)[-2]) == is_told
            pilot.app.freshness.fail("the disk is full")
            await settled(pilot)
            assert "✖ the disk is full" in screen_lines(pilot)[-2]
