"""Typing a filter: columns and values are told and completed, what is wrong is said, what is found is kept."""

import msgspec
import pytest

from collabtui.faces.tui.filtering.filterline import FilterLine
from connectors.records import Person
from tests.answers.building import HOUR, NOW, nightly, pipeline, ticket
from tests.tui.driving import office_of, opened, press, screen, screen_lines, settled, table


async def typed(pilot, words: str) -> None:
    """Into the filter line, as a hand types."""
    if not pilot.app.focused or not isinstance(pilot.app.focused, FilterLine):
        await pilot.press("slash")
    line = pilot.app.focused
    assert isinstance(line, FilterLine)
    for letter in words:
        line.insert_text_at_cursor(letter)
        await pilot.pause()
    await settled(pilot)


async def test_columns_and_values_are_told_and_completed(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "slash")
        assert "columns: state: pipeline:" in screen(pilot)
        assert "column:text" in screen(pilot), "also where the table has more rows than there is room for"
        await typed(pilot, "sta")
        await press(pilot, "tab")
        shown = table(pilot, "pipelines")
        assert shown.choice.words == "state:"
        assert len(shown._rows) == len(shown.rows), "what has only begun leaves nothing out"
        assert "success" in screen_lines(pilot)[-3]
        await typed(pilot, "suc")
        await press(pilot, "right")
        assert shown.choice.words == "state:success"
        await press(pilot, "enter")
        assert shown.has_focus
        assert {row["state"] for row in shown._rows} == {"success"}
        assert f"{len(shown._rows)} of {len(shown.rows)} · /state:success" in screen(pilot)


async def test_what_cannot_be_asked_is_said_and_the_rows_stay(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await typed(pilot, "elapsed:>x")
        assert "✖ Elapsed takes a length such as 30m" in screen(pilot)
        shown = table(pilot, "pipelines")
        assert len(shown._rows) == len(shown.rows)


async def test_a_hidden_column_and_one_that_is_never_shown_are_asked(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        shown = table(pilot, "pipelines")
        owner = next(row["owner"] for row in shown.rows if row["owner"])
        tag = next(row["tags"][0] for row in shown.rows if row["tags"])
        shown.hide(["owner"])
        await typed(pilot, f'owner:="{owner}"')
        assert {row["owner"] for row in shown._rows} == {owner}
        await press(pilot, "escape")
        await typed(pilot, f"tags:{tag}")
        assert shown._rows == [row for row in shown.rows if tag in row["tags"]]


async def test_a_filter_by_column_is_there_at_the_next_start(office, tmp_path):
    memory = tmp_path / "views.json"
    for keys in (["slash", *"state", "colon", *"suc", "enter"], []):
        async with opened(office, memory=memory).run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await press(pilot, *keys)
            assert {row["state"] for row in table(pilot, "pipelines")._rows} == {"success"}


async def test_mine_is_what_any_of_my_names_has(tmp_path):
    known = [Person(source="air", person_id="u1", name="Ada Low", email="ada@x")]
    records = [
        *known, pipeline("a", owners=("Ada Low",)), pipeline("b", owners=("Bo",)), *nightly("a", HOUR, HOUR, 3),
        ticket(1, NOW - 5 * HOUR, assignee_id="u1"),
    ]  # fmt: skip
    office = office_of(tmp_path, records)
    office.settings = msgspec.structs.replace(office.settings, me="ADA@x")
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        pilot.app._refresh()
        await settled(pilot)
        await typed(pilot, "owner:me")
        assert [row["name"] for row in table(pilot, "pipelines")._rows] == ["a"]


@pytest.mark.parametrize(("size", "down"), [((80, 24), 34), ((200, 60), 0)])
async def test_the_sheet_of_keys_tells_what_the_filter_takes(office, size, down):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark", *["j"] * down)
        assert 'status:"in review"  a text with blanks' in screen(pilot)


async def test_words_of_one_table_stay_with_it(office):
    async with opened(office).run_test(size=(200, 60)) as pilot:
        await settled(pilot)
        await typed(pilot, "mart")
        pilot.app.panes[0]._use(table(pilot, "runs"))
        await press(pilot, "enter")
        assert (table(pilot, "pipelines").choice.words, table(pilot, "runs").choice.words) == ("mart", "")
