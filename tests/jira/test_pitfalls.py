"""What went wrong in other people's Jira connectors, by the projects that reported it, held away from ours."""

from datetime import timedelta

import pytest

from collabtui.demo.faults import Fault
from collabtui.demo.jira_site import POINTS
from tests.jira.conftest import Server


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "UTC", "Pacific/Auckland"])
@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
async def test_01_02_03_the_account_s_zone_loses_no_update(tmp_path, zone, deployment):
    """airbyte#48492, devlake#4902, tap-jira#15: a UTC cursor sent as a date that Jira reads in the account's zone."""
    server = Server(tmp_path, deployment=deployment, account_zone=zone)
    key = server.ticket()
    await server.sync()
    for _ in range(3):
        server.now += timedelta(minutes=20)
        server.site.edit(key, "summary", f"at {server.now}", at=server.now - timedelta(seconds=30), by="ada")
        await server.sync()
        assert server.rows("SELECT title FROM ticket") == [(f"at {server.now}",)]


async def test_03_an_account_without_a_zone_reaches_back_a_day(tmp_path):
    """beads#3788: where the zone is unknown, a day more is asked for."""
    server = Server(tmp_path, deployment="Server", account_zone="America/Los_Angeles")
    key = server.ticket()
    await server.sync()
    server.now += timedelta(minutes=20)
    server.site.edit(key, "summary", "new", at=server.now - timedelta(minutes=1), by="ada")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("connectors.jira.connector.account_zone", lambda _: None)
        await server.sync()
    assert server.rows("SELECT title FROM ticket") == [("new",)]


async def test_04_there_is_no_upper_bound_that_busy_tickets_run_ahead_of(server):
    """insight#1739, #3447: a ticket that is touched again during the pull is in the next one."""
    key = server.ticket()
    await server.sync()
    for n in range(3):
        server.now += timedelta(minutes=3)
        server.site.edit(key, "summary", f"busy {n}", at=server.now, by="ada")
        await server.sync()
        assert server.rows("SELECT title FROM ticket") == [(f"busy {n}",)]


async def test_05_rows_that_shift_between_pages_are_not_skipped(server, monkeypatch):
    """tap-jira#109: offset paging skips rows when earlier ones go or move."""
    monkeypatch.setattr("connectors.jira.connector.PAGE", 10)
    keys = [server.ticket(f"ticket {n}", ago_min=10 + n * 3) for n in range(60)]
    left = iter(keys[:25])

    def between() -> None:
        server.site.delete(next(left))
        server.ticket("made meanwhile", ago_min=0)

    server.faults.add([Fault("search", "change", times=15, change=between)])
    assert (await server.sync()).error is None
    assert set(server.keys()) >= set(keys[25:])


async def test_06_08_all_pages_are_read(server):
    """devlake#4903, mcp-atlassian#848: only the first hundred."""
    keys = [server.ticket(f"ticket {n}", ago_min=n) for n in range(350)]
    await server.sync()
    assert sorted(server.keys()) == sorted(keys)


async def test_06_a_server_that_gives_less_than_asked_for(tmp_path):
    """oikb#69: advancing by the size that was asked for."""
    for deployment in ("Cloud", "Server"):
        server = Server(tmp_path / deployment, deployment=deployment, most_results=7)
        keys = [server.ticket(f"ticket {n}", ago_min=n % 3) for n in range(40)]
        await server.sync()
        assert sorted(server.keys()) == sorted(keys)


async def test_07_a_token_that_repeats_ends_with_an_error(tmp_path):
    """kingfisher#460, jira-assistant#418: an endless loop."""
    server = Server(tmp_path, repeats_token=True, most_results=7)
    for n in range(40):
        server.ticket(f"bulk {n}", ago_min=30)
    result = await server.sync()
    assert "the same page token came twice" in result.error


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
async def test_09_change_logs_are_whole(tmp_path, deployment):
    """airbyte#33040, jira#712: change logs are cut short in a search."""
    server = Server(tmp_path, deployment=deployment, embedded_histories=5)
    key = server.ticket(ago_min=5000)
    for n in range(60):
        status = ("In Progress", "In Review")[n % 2]
        server.site.transition(key, status, at=server.now - timedelta(minutes=4000 - n), by="ada")
    await server.sync()
    assert server.rows("SELECT count(*) AS n FROM transition") == [(60,)]


async def test_10_deleted_tickets_are_noticed(server):
    """devlake#7534, #9030: deleted tickets stay for ever."""
    keys = [server.ticket(f"ticket {n}") for n in range(3)]
    await server.sync()
    server.site.delete(keys[1])
    server.now += timedelta(hours=2)
    await server.sync()
    assert server.keys() == [keys[0], keys[2]]
    assert server.rows("SELECT count(*) AS n FROM ticket") == [(3,)]  # marked, not deleted


async def test_10_a_project_that_is_no_longer_visible_is_not_taken_for_deleted(server):
    """insight#2510: lost permission looks like deletion."""
    key, hidden = server.ticket(project="DATA"), server.ticket(project="PLAT")
    await server.sync()
    server.site.hidden.add("PLAT")
    server.now += timedelta(hours=2)
    await server.sync()
    assert sorted(server.keys()) == sorted([key, hidden])


async def test_11_an_increment_takes_nothing_away(server):
    """devlake#8198: an incremental run wiped the old rows."""
    keys = [server.ticket(f"ticket {n}", ago_min=1000 + n) for n in range(30)]
    await server.sync()
    server.now += timedelta(hours=3)
    server.site.edit(keys[3], "summary", "changed", at=server.now, by="ada")
    await server.sync()
    assert len(server.keys()) == 30


async def test_12_a_moved_ticket_is_one_ticket_and_its_old_key_finds_it(server):
    """sentry#123198, ejira#40: stale keys and duplicates."""
    old = server.ticket(project="DATA")
    await server.sync()
    server.now += timedelta(minutes=10)
    new = server.site.move(old, "PLAT", at=server.now, by="ada")
    await server.sync()
    assert server.keys() == [new]
    assert server.rows(
        "SELECT a.ticket_key AS old, t.ticket_key FROM ticket_alias a JOIN ticket t USING (source, ticket_id)"
    ) == [(old, new)]


async def test_13_14_cloud_is_asked_by_its_new_search_with_a_bound(cloud):
    """jira-cli#893, raycast#21425: the removed search answers 410, an unbounded query 400."""
    cloud.ticket()
    assert (await cloud.sync()).error is None
    assert "POST /rest/api/3/search" not in cloud.faults.requests


@pytest.mark.parametrize("fault", [
    {"status": 429}, {"status": 429, "retry_after": "0", "html": True}, {"status": 503, "retry_after": "0"},
    {"status": 502, "html": True}, {"kind": "cut"},
], ids=str)  # fmt: skip
async def test_15_too_many_requests_are_waited_for(server, fault):
    """devlake#2932, jira#1657: 429 is fatal, or its web page is read as JSON."""
    key = server.ticket()
    server.faults.add([Fault("search", times=2, **fault), Fault("myself", times=1, **fault)])
    assert (await server.sync()).error is None
    assert server.keys() == [key]


async def test_15_a_server_that_stays_broken_is_an_error_of_its_own(server):
    server.faults.add([Fault("search", status=500, html=True, times=99)])
    result = await server.sync()
    assert "500" in result.error
    assert "Something went wrong" in result.error
    assert "<" not in result.error


async def test_16_many_custom_fields_do_not_make_a_long_url(server):
    """airbyte#16065: the fields are in a body, and only those that we read."""
    server.site.fields += [
        {"id": f"customfield_{n}", "key": f"customfield_{n}", "name": f"Field {n}", "custom": True} for n in range(2000)
    ]
    server.ticket()
    assert (await server.sync()).error is None


@pytest.mark.parametrize("status", [400, 403, 404, 422])
async def test_17_one_bad_board_stops_nothing(server, status):
    """airbyte#8963, estuary#4848."""
    key = server.ticket()
    bad = server.site.add_board("Bad", "scrum", "DATA")
    good = server.site.add_board("Good", "scrum", "DATA")
    server.site.set_sprint(3, good, "Sprint 3", "closed", {})
    server.faults.add([Fault(f"board/{bad}/", status=status, times=2)])
    assert (await server.sync()).error is None
    assert server.keys() == [key]
    assert server.rows("SELECT name FROM sprint") == [("Sprint 3",)]


async def test_18_there_is_no_request_for_each_ticket(server):
    """airbyte#24315: ten hours for 20 MB."""
    for n in range(300):
        key = server.ticket(f"ticket {n}", ago_min=300 + n)
        server.site.transition(key, "In Progress", at=server.now - timedelta(minutes=n), by="ada")
    await server.sync()
    assert len(server.faults.requests) < 25


async def test_19_story_points_are_found_whatever_their_id(server):
    """hygieia#224, quality-time#1409: hard-coded field ids."""
    for field in server.site.fields:
        if field["id"] == POINTS:
            field |= {"id": "customfield_777", "name": "Story Points",
                      "schema": {"custom": "com.atlassian.jira.plugin.system.customfieldtypes:float"}}  # fmt: skip
    key = server.ticket()
    server.site.edit(key, "customfield_777", 8, at=server.now, by="ada")
    await server.sync()
    assert server.rows("SELECT story_points FROM ticket") == [(8.0,)]


async def test_20_changes_of_the_same_second_are_all_there(server):
    """jira-client#14: keyed by time, the second change of a second was lost."""
    key = server.ticket()
    for status in ("In Progress", "In Review", "Done"):
        server.site.transition(key, status, at=server.now, by="ada")
    await server.sync()
    assert [s for (s,) in server.rows("SELECT to_status FROM transition ORDER BY history_id")] == [
        "In Progress", "In Review", "Done",
    ]  # fmt: skip


async def test_times_in_bulk_change_logs_may_be_numbers(tmp_path):
    server = Server(tmp_path, epoch_changes=True)
    key = server.ticket()
    server.site.transition(key, "In Progress", at=server.now, by="ada")
    await server.sync()
    assert server.rows("SELECT at FROM transition") == [(server.now,)]


async def test_a_search_index_that_lags_loses_nothing(tmp_path):
    server = Server(tmp_path, index_lag=timedelta(minutes=2))
    server.ticket("old")
    await server.sync()
    server.now += timedelta(minutes=10)
    server.ticket("too new for the index", ago_min=1)
    await server.sync()
    assert len(server.keys()) == 1
    server.now += timedelta(minutes=10)
    await server.sync()
    assert len(server.keys()) == 2


async def test_a_stranger_is_stopped_before_an_empty_answer_is_believed(server, monkeypatch):
    server.ticket()
    await server.sync()
    monkeypatch.setenv("TEST_JIRA_TOKEN", "revoked")
    server.now += timedelta(hours=2)
    assert "401" in (await server.sync()).error
    assert len(server.keys()) == 1
