"""The ways people go through the app."""

import msgspec
import pytest
from textual import events

from collabtui.answers import ANSWERS
from collabtui.faces.tui.table.table import Table
from tests.answers.building import DAY, NOW
from tests.answers.test_epic import one_left
from tests.tui.driving import office_of, opened, press, screen, screen_lines, settled, table

SIZES = [(80, 24), (160, 45)]


@pytest.fixture(params=SIZES, ids=["80x24", "160x45"])
def size(request):
    return request.param


@pytest.mark.parametrize(
    ("key", "name", "first"),
    [("1", "engineers", "pipelines"), ("2", "analysts", "deliveries"), ("3", "leads", "teams")],
)
async def test_each_role_sees_its_first_table(office, size, key, name, first):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, key)
        assert pilot.app.query_one("ContentSwitcher").current == name
        shown = table(pilot, first)
        assert shown.has_focus
        assert shown.selected is not None
        assert shown.listing.title in screen(pilot)
        assert str(shown.selected[shown.listing.label])[:12] in screen(pilot)


async def test_the_rows_are_those_of_the_answer(office, warehouse):
    answer = ANSWERS["pipelines"]
    expected = answer.frame(answer.ask(warehouse, office.settings, office.now))["name"].to_list()
    async with opened(office).run_test(size=(200, 60)) as pilot:
        await settled(pilot)
        text = screen(pilot)
        places = [text.index(name) for name in expected[:10]]
        assert places == sorted(places)


async def test_enter_leads_from_a_pipeline_to_its_runs_and_escape_back(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "j", "j")
        chosen = table(pilot, "pipelines").selected
        await press(pilot, "enter")
        runs = table(pilot, "runs")
        assert runs.has_focus
        assert runs.selected["pipeline_id"] == chosen["pipeline_id"]
        assert f"of {chosen['pipeline_id']}" in screen(pilot)
        assert screen(pilot).count(chosen["pipeline_id"]) > 2
        await press(pilot, "escape")
        assert table(pilot, "pipelines").has_focus
        assert table(pilot, "pipelines").selected == chosen


async def test_the_filter_narrows_while_one_types_and_escape_clears_it(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        everything = len(table(pilot, "pipelines")._rows)
        await pilot.press("slash", *"mart_re")
        await press(pilot, "enter")
        assert table(pilot, "pipelines").has_focus
        assert "/mart_re" in screen(pilot)
        assert all("mart_re" in row["name"] for row in table(pilot, "pipelines")._rows)
        await press(pilot, "escape")
        assert len(table(pilot, "pipelines")._rows) == everything
        await pilot.press("slash", *"nothing")
        await settled(pilot)
        assert "Nothing matches" in screen(pilot)
        await press(pilot, "escape")
        assert len(table(pilot, "pipelines")._rows) == everything
        assert table(pilot, "pipelines").has_focus


async def test_tables_that_had_no_room_for_rows_take_turns(office):
    async with opened(office, role="leads").run_test(size=(120, 35)) as pilot:
        await settled(pilot)
        for name in ("teams", "epics", "tickets", "people"):
            shown = [one for one in pilot.app.screen.query(Table) if one.region.height > 0]
            assert [one.listing.name for one in shown] == [name]
            assert shown[0].size.height > 5
            await press(pilot, "tab")


async def test_the_filter_belongs_to_the_table_it_was_opened_from(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "tab")
        for leave in ("escape", "enter"):
            await press(pilot, "slash", "m", leave)
            assert table(pilot, "runs").has_focus
            await pilot.pause(0.1)
            assert table(pilot, "runs").has_focus, "hiding the line moves no focus"


async def test_the_keys_of_the_filter_line_are_told(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "slash", "m")
        assert "Keep the words" in screen_lines(pilot)[-1]
        assert "Clear the filter" in screen_lines(pilot)[-1]


async def test_a_sheet_says_that_more_is_beneath(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark")
        assert "↓ more" in screen(pilot)
        await press(pilot, "G")
        assert "↓ more" not in screen(pilot)


async def test_what_is_typed_at_once_after_the_slash_is_for_the_filter(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        for character, key in (("/", "slash"), *((c, c) for c in "mart_e"), ("/", "slash")):
            pilot.app.post_message(events.Key(key, character))
        await settled(pilot)
        assert table(pilot, "pipelines").choice.words == "mart_e/"
        assert pilot.app.query_one("ContentSwitcher").current == "engineers"


async def test_a_pipeline_that_seldom_runs_has_its_runs_too(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("slash", *"ml_train")
        await press(pilot, "enter", "enter")
        assert len(table(pilot, "runs")._rows) > 5


async def test_s_sorts_by_the_next_column_and_shift_s_turns_it_round(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        shown = table(pilot, "pipelines")
        own_order = list(shown._rows)
        await press(pilot, "s", "s")
        names = [row["name"] for row in shown._rows]
        assert names == sorted(names)
        assert "by pipeline ↑" in screen(pilot)
        await press(pilot, "S")
        assert [row["name"] for row in shown._rows] == sorted(names, reverse=True)
        while shown.order.column is not None:
            await press(pilot, "s")
        assert shown._rows == own_order


async def test_what_can_be_much_is_sorted_with_the_most_on_top(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        shown = table(pilot, "pipelines")
        while shown.order.column != "p_late":
            await press(pilot, "s")
        assert "by miss ↓" in screen(pilot)
        risks = [row["p_late"] for row in shown._rows if row["p_late"] is not None]
        assert risks == sorted(risks, reverse=True)


async def test_the_detail_tells_the_forecast_and_its_basis(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "z")
        text = screen(pilot)
        assert "P50" in text
        assert "P95" in text
        assert "runs" in text
        assert "deadline" in text
        await press(pilot, "z")
        assert table(pilot, "pipelines").has_focus


async def test_a_live_refresh_keeps_the_row_the_order_and_the_scroll(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        shown = table(pilot, "pipelines")
        await press(pilot, "s", "s", "pagedown", "j", "j")
        chosen, top = shown.selected["name"], shown.scroll_offset.y
        assert top > 0
        pilot.app._refresh()
        await settled(pilot)
        assert (shown.selected["name"], shown.scroll_offset.y) == (chosen, top)


async def test_a_table_that_nobody_moved_in_follows_its_first_row(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        shown = table(pilot, "pipelines")
        first, *others = shown._all
        shown.show([*others, first], shown.viewer)
        assert shown.selected == others[0]
        await press(pilot, "j", "k")
        shown.show([first, *others], shown.viewer)
        assert shown.selected == first
        await press(pilot, "j")
        shown.show([*others, first], shown.viewer)
        assert shown.selected == others[0]


async def test_the_mouse_selects_opens_sorts_and_turns_tabs(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        shown = table(pilot, "pipelines")
        await pilot.click("#pipelines", offset=(6, 5))
        await settled(pilot)
        chosen = shown.selected
        assert chosen == shown._rows[3]
        await pilot.double_click("#pipelines", offset=(6, 5))
        await settled(pilot)
        assert table(pilot, "runs").choice.scope["pipeline_id"] == chosen["pipeline_id"]
        await pilot.click("#tab-leads")
        await settled(pilot)
        assert pilot.app.query_one("ContentSwitcher").current == "leads"


async def test_the_sheet_of_keys_is_made_of_the_keys_that_hold(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "question_mark")
        text = "\n".join(str(line) for line in pilot.app.screen._lines)
        for words in ("Filter", "Sort", "Open", "Detail", "Sync now", "Leads", "Quit", "failed"):
            assert words in text
        await press(pilot, "escape")
        assert table(pilot, "pipelines").has_focus


async def test_the_footer_tells_how_fresh_every_source_is(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        last = screen(pilot)
        for source in ("airflow", "jira", "repository"):
            assert f"● {source} just now" in last
        await press(pilot, "i")
        assert "last read just now" in screen(pilot)


async def test_an_empty_warehouse_says_what_to_do(office, tmp_path, size):
    settings = msgspec.structs.replace(office.settings, warehouse=tmp_path / "new.db")
    async with opened(office, settings=settings).run_test(size=size) as pilot:
        await settled(pilot)
        assert "collabtui doctor" in screen(pilot).replace("\n", " ")
        assert "never synced" in screen(pilot)


async def test_what_is_no_warehouse_is_told_and_nothing_falls_over(office, tmp_path):
    path = tmp_path / "broken.db"
    path.write_bytes(b"this is no database" * 100)
    settings = msgspec.structs.replace(office.settings, warehouse=path)
    async with opened(office, settings=settings).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        assert str(path)[:20] in screen(pilot).replace("\n", "")
        await press(pilot, "2", "3", "z", "z", "question_mark", "escape")
        assert path.read_bytes() == b"this is no database" * 100


async def test_the_tab_key_goes_through_the_tables(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        for name in ("epics", "tickets", "people", "bottlenecks", "teams"):
            await press(pilot, "tab")
            assert table(pilot, name).has_focus
            assert table(pilot, name).size.height > 3
        await press(pilot, "shift+tab")
        assert table(pilot, "bottlenecks").has_focus


async def test_a_bottleneck_is_told_in_a_sentence_with_what_it_costs(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3", "shift+tab")
        worst = table(pilot, "bottlenecks").selected
        assert worst["cost"] in screen(pilot)
        await press(pilot, "z")
        said = " ".join(screen(pilot).replace("│", " ").split())
        assert worst["sentence"][:40] in said
        assert "From the last" in said


async def test_a_team_says_what_will_be_open_and_when_that_is_more_than_ever(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3", "z")
        said = " ".join(screen(pilot).replace("│", " ").split())
        assert f"in 8 weeks {table(pilot, 'teams').selected['ahead_open_p50']:.0f} open" in said
        assert "best week ever" in said


async def test_an_epics_detail_says_what_if(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "j", "z")
        said = screen(pilot)
        for words in (
            "open now",
            "P85 with one person more",
            "one person less",
            "P85 with scope +20 %",
            "in time",
        ):
            assert words in said
        assert "█" in said.split("too late")[1], "the chart of the weeks"


async def test_an_epics_detail_says_what_is_due_to_what_is_added(tmp_path, size):
    """One ticket is left, and two a week are added."""
    epic = one_left(0.1, added=8, due_on=NOW.date() + 14 * DAY)
    async with opened(office_of(tmp_path, epic)).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "z")
        said = " ".join(screen(pilot).split())
        assert "without what is being added: P85 1" in said
        assert "of the 1 open now by 25 Mar: 1 with 50 %" in said
        assert "done 27 · open 1 · in progress 1" in said


async def test_copying_a_name(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard == table(pilot, "pipelines").selected["name"]
