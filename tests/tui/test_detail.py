"""The detail pane at every height: words, caption and chart come to rest."""

import pytest
from textual.widgets import Static

from collabtui.faces.tui.tabs.detail import Detail, Plot
from tests.tui.driving import opened, press, settled


@pytest.mark.parametrize("height", range(20, 32))
async def test_chart_and_caption_come_to_rest(office, height, monkeypatch):
    said = []
    say = Detail._say
    async with opened(office).run_test(size=(80, height)) as pilot:
        await settled(pilot)
        await press(pilot, "z")
        monkeypatch.setattr(Detail, "_say", lambda self, words: (said.append(words), say(self, words)))
        await pilot.pause(0.2)
        assert len(said) < 3
        caption = pilot.app.screen.query_one("#caption").content
        is_drawn = pilot.app.screen.query_one(Plot).size.height >= 6
        assert str(caption).startswith("z has room") is not is_drawn


@pytest.mark.parametrize("height", range(16, 28, 2))
async def test_where_no_chart_is_drawn_the_words_have_its_room(office, height):
    async with opened(office).run_test(size=(80, height)) as pilot:
        await settled(pilot)
        await press(pilot, "4", "z")
        await settled(pilot)
        detail = pilot.app.query_one("#scientists Detail", Detail)
        facts = detail.query_one("#facts", Static)
        if str(detail.query_one("#caption", Static).content).startswith("z has room"):
            wanted = facts.get_content_height(detail.size, pilot.app.size, facts.size.width)
            assert facts.size.height == min(wanted, detail.content_size.height - 1)
        else:
            assert height >= 20
