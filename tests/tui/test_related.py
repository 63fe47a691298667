"""It joins: from what is late to the commit, the ticket, the person, and back."""

import pytest

from collabtui.faces.tui.app import CollabTui
from collabtui.faces.tui.screens.related import RelatedScreen
from connectors.records import FileChange
from tests.answers.building import DAY, HOUR, NOW, commit, filled, nightly, pipeline, settings, ticket, walked
from tests.tui.driving import office_of, opened, press, screen, screen_lines, settled, table

SIZES = [(80, 24), (200, 60)]


@pytest.fixture(params=SIZES, ids=["80x24", "200x60"])
def size(request):
    return request.param


def rows(pilot):
    return pilot.app.screen.query_one("#relations").selected, pilot.app.screen.query_one("#relations")._rows


def told(pilot) -> str:
    """What the app said in passing."""
    return "\n".join(notification.message for notification in pilot.app._notifications)


async def test_from_what_is_late_to_the_ticket_in_three_keys(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        late = table(pilot, "pipelines").selected["name"]
        await press(pilot, "x")
        assert screen_lines(pilot)[0] == f" what is related to {late}"
        commit, _ = rows(pilot)
        assert (commit["kind"], commit["relation"]) == ("commit", "touched by")
        await press(pilot, "enter")
        assert screen_lines(pilot)[0] == f" what is related to {late} › {commit['key'][:7]}"
        ticket, _ = rows(pilot)
        assert (ticket["kind"], ticket["relation"]) == ("ticket", "made for")
        assert f"{ticket['key']} {ticket['name']}"[:20] in screen(pilot)
        await press(pilot, "enter")
        assert screen_lines(pilot)[0].endswith(f"{late} › {commit['key'][:7]} › {ticket['key']}")
        assert "done in" in screen(pilot)


@pytest.mark.parametrize("back", ["escape", "backspace"])
async def test_one_step_back_finds_the_row_one_came_from(office, back):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        chosen = table(pilot, "pipelines").selected
        await press(pilot, "x", "j", "j")
        second, _ = rows(pilot)
        await press(pilot, "enter", back)
        assert rows(pilot)[0] == second
        await press(pilot, back)
        assert not isinstance(pilot.app.screen, RelatedScreen)
        assert table(pilot, "pipelines").has_focus
        assert table(pilot, "pipelines").selected == chosen


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        (["1", "tab"], "touched by"), (["2"], "touched by"), (["3"], "plans"), (["3", "tab"], None),
        (["3", "tab", "tab"], None), (["3", "tab", "tab", "tab"], "works on"),
    ],
)  # fmt: skip
async def test_rows_of_every_table_lead_on(office, keys, first):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, *keys, "x")
        assert isinstance(pilot.app.screen, RelatedScreen)
        chosen, all_rows = rows(pilot)
        assert all_rows
        assert first in (None, chosen["relation"])


async def test_a_row_that_leads_nowhere_says_so(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "tab", "tab", "tab", "x")
        assert not isinstance(pilot.app.screen, RelatedScreen)
        assert "related to nothing else" in told(pilot)


async def test_a_related_row_is_shown_in_its_own_tab(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "x", "slash")
        await pilot.press(*"owned by")
        await press(pilot, "enter")
        owner, _ = rows(pilot)
        await press(pilot, "h")
        assert not isinstance(pilot.app.screen, RelatedScreen)
        assert pilot.app.query_one("ContentSwitcher").current == "leads"
        assert table(pilot, "teams").has_focus
        assert table(pilot, "teams").selected["team"] == owner["key"]


async def test_a_commit_has_no_tab_of_its_own_and_its_hash_is_copied(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "x", "h", "y", "o")
        assert isinstance(pilot.app.screen, RelatedScreen)
        assert "no tab of its own" in told(pilot)
        assert pilot.app.clipboard == rows(pilot)[0]["key"]
        assert "gave no address" in told(pilot)


async def test_the_keys_that_hold_here_are_shown(office):
    async with opened(office).run_test(size=(80, 40)) as pilot:
        await settled(pilot)
        assert "Related" in screen(pilot)
        await press(pilot, "x", "question_mark")
        assert "In its tab" in screen(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, RelatedScreen)


async def test_hostile_text_comes_out_plain(tmp_path):
    evil = "[bold]mart_x[/] \x1b[31m " + "ל" * 5 + " 🎉 " + "x" * 10_000
    known = [
        pipeline("mart_x"), *nightly("mart_x", 2 * HOUR, HOUR, 3), ticket(1, NOW - DAY, title=evil),
        commit(1, NOW - HOUR, evil, subject=evil, body=evil),
        FileChange(source="air", sha=f"{1:040x}", path="mart_x.py"),
    ]  # fmt: skip
    filled(tmp_path, known).close()
    app = CollabTui(tmp_path / "w.db", settings(tmp_path), clock=lambda: NOW)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "x")
        assert "[bold]mart_x[/] ␛[31m" in screen(pilot)
        assert "\x1b" not in screen(pilot)
        await press(pilot, "z")
        assert "[bold]mart_x[/] ␛[31m" in screen(pilot)


async def test_pipelines_tell_their_open_tickets_and_last_commit(office):
    async with opened(office).run_test(size=(200, 60)) as pilot:
        await settled(pilot)
        row = table(pilot, "pipelines").selected
        assert "Last commit" in screen(pilot)
        assert "Tickets" in screen(pilot)
        assert f"last touched by {row['touched_by']}" in screen(pilot)
        assert row["touched_subject"].split()[0] in screen(pilot)


async def test_what_is_cut_says_of_how_many(tmp_path, size):
    parts = [ticket(n, NOW - n * DAY, epic_id="100", epic_key="P-100") for n in range(1, 40)]
    known = office_of(tmp_path, [ticket(100, NOW - 50 * DAY, title="Sales", is_epic=True), *parts])
    async with opened(known).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "x")
        assert "Related 21 · consists of 20 of 39" in screen(pilot)


async def test_what_is_in_no_list_leaves_one_where_one_is(tmp_path, size):
    epic = ticket(100, NOW - 50 * DAY, title="Sales", is_epic=True)
    long_done = [ticket(n, NOW - 300 * DAY, NOW - 200 * DAY, epic_id="100") for n in (1, 2)]
    to_do = ticket(5, NOW - 2 * DAY, status_category="new", status="To Do", epic_id="100")
    walks = [*walked(3, (5, "1"), (3, "2")), *walked(4, (5, "1"), (4, "2"))]
    known = office_of(tmp_path, [epic, *long_done, to_do, *walks])
    async with opened(known).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "tab", "j")
        chosen = table(pilot, "tickets").selected
        await press(pilot, "shift+tab", "x", "j", "h")
        assert isinstance(pilot.app.screen, RelatedScreen)
        assert "P-1 is not in the list of leads" in told(pilot)
        await press(pilot, "escape")
        assert table(pilot, "epics").has_focus
        assert table(pilot, "tickets").selected == chosen


async def test_an_address_is_opened_or_copied_and_told(tmp_path, size, monkeypatch):
    address = "https://jira.example.com/browse/" + "x" * 60 + "/P-3"
    browsed = []
    known = office_of(tmp_path, walked(3, (5, "1"), (3, "2"), url=address))
    app = opened(known)
    monkeypatch.setattr(app, "open_url", browsed.append)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "tab", "o", "Y")
        assert browsed == [pilot.app.clipboard] == [address]
        opened_it, copied = [notification.message for notification in pilot.app._notifications]
        assert opened_it.startswith("opened in the browser: https://jira.example.com/")
        assert copied.startswith("copied https://jira")
        assert opened_it.endswith("xx/P-3")
        assert len(copied) < 80


@pytest.mark.parametrize("address", [None, "javascript:alert(1)", "file:///etc/passwd"])
async def test_what_is_no_address_of_the_web_is_neither_opened_nor_copied(tmp_path, address, monkeypatch):
    app = opened(office_of(tmp_path, walked(3, (5, "1"), (3, "2"), url=address)))
    browsed = []
    monkeypatch.setattr(app, "open_url", browsed.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "tab", "o", "Y")
        assert (browsed, pilot.app.clipboard) == ([], "")
        assert told(pilot).count("gave no address") == 2
