"""What of a Jira arrives in the warehouse."""

from datetime import timedelta

from collabtui.demo.faults import Fault
from collabtui.demo.jira_site import FLAGGED, POINTS
from collabtui.doctor import check_source


async def test_a_ticket_with_all_that_belongs_to_it(server):
    epic = server.ticket("Faster loads", kind="Epic", ago_min=900)
    key = server.ticket("Fix [bold]the[/] load", parent=epic, ago_min=800, duedate="2026-12-01", labels=["etl"])
    board = server.site.add_board("Data", "scrum", "DATA")
    server.site.set_sprint(7, board, "Sprint 7", "active", {"startDate": server.now})
    at = server.now - timedelta(minutes=500)
    server.site.assign(key, "bo", at=at, by="ada")
    server.site.edit(key, POINTS, 3.0, at=at, by="ada")
    server.site.edit(key, FLAGGED, [{"value": "Impediment"}], at=at, by="ada")
    server.site.put_into_sprint(key, 7, at=at, by="ada")
    server.site.transition(key, "In Progress", at=at, by="bo")
    server.site.transition(key, "Done", at=at + timedelta(hours=3), by="bo")
    server.site.link(key, epic, at=at, by="ada")
    assert (await server.sync()).error is None

    row = server.warehouse.frame("SELECT * FROM ticket WHERE ticket_key = ?", [key]).row(0, named=True)
    assert (row["title"], row["status"], row["status_category"]) == ("Fix [bold]the[/] load", "Done", "done")
    assert (row["story_points"], row["is_flagged"], row["labels"], row["epic_key"]) == (3.0, True, ["etl"], epic)
    assert row["resolved_at"] == at + timedelta(hours=3)
    assert str(row["due_on"]) == "2026-12-01"
    assert row["url"] == f"https://jira.demo/browse/{key}"
    assert server.rows("SELECT from_status, to_status, author_id FROM transition ORDER BY at") == [
        ("To Do", "In Progress", "bo"), ("In Progress", "Done", "bo"),
    ]  # fmt: skip
    assert server.rows("SELECT sprint_id FROM ticket_sprint") == [("7",)]
    assert server.rows("SELECT name, state FROM sprint") == [("Sprint 7", "active")]
    assert server.rows("SELECT name, email FROM person ORDER BY name") == [
        ("Ada Obi", "ada@example.com"), ("Bo Ek", "bo@example.com"),
    ]  # fmt: skip
    assert server.rows("SELECT direction, other_key FROM ticket_link ORDER BY 1") == [
        ("inward", key),
        ("outward", epic),
    ]
    assert ("Done", "done") in server.rows("SELECT name, category FROM status")


async def test_a_repeated_sync_asks_two_questions_and_brings_nothing(server):
    server.ticket()
    await server.sync()
    server.now += timedelta(minutes=9)
    result = await server.sync()
    assert result.records == 0
    assert len(server.faults.requests) <= 3


async def test_what_was_touched_since_comes_with_the_next_sync(server):
    old = server.ticket("old", ago_min=5000)
    server.ticket("other", ago_min=4000)
    await server.sync()
    server.now += timedelta(hours=2)
    server.site.transition(old, "In Progress", at=server.now - timedelta(minutes=30), by="ada")
    new = server.ticket("new", ago_min=10)
    await server.sync()
    assert server.rows("SELECT ticket_key, status FROM ticket ORDER BY created_at") == [
        (old, "In Progress"), ("DATA-2", "To Do"), (new, "To Do"),
    ]  # fmt: skip


async def test_a_link_that_was_taken_away_goes(server):
    a, b = server.ticket("a"), server.ticket("b")
    server.site.link(a, b, at=server.now, by="ada")
    await server.sync()
    server.now += timedelta(minutes=1)
    server.site.edit(a, "issuelinks", [], at=server.now, by="ada")
    await server.sync()
    assert server.rows("SELECT direction FROM ticket_link") == [("inward",)]


async def test_only_the_projects_that_are_asked_for(server):
    server.ticket(project="PLAT")
    key = server.ticket(project="DATA")
    server.options["projects"] = ["DATA"]
    await server.sync()
    assert server.keys() == [key]


async def test_stopped_in_the_middle_it_goes_on_there(server, monkeypatch):
    monkeypatch.setattr("connectors.jira.connector.PAGE", 5)
    for n in range(40):
        server.ticket(f"ticket {n}", ago_min=60 + 7 * n)
    searches = "search/jql" if server.how.deployment == "Cloud" else "/rest/api/2/search"
    server.faults.add([Fault(searches, status=403, skip=5, times=1)])
    assert "403" in (await server.sync()).error
    first = len(server.keys())
    assert 10 < first < 40
    result = await server.sync()
    assert result.error is None
    assert len(server.keys()) == 40
    asked = [r for r in server.faults.requests if searches in r]
    assert len(asked) <= (40 - first) // 4 + 4  # what was there is not read again


async def test_check_says_who_we_are_and_what_is_missing(server):
    server.options["projects"] = ["DATA", "NOPE"]
    diagnosis = await check_source(server.source, {"jira": server.transport})
    assert [f.level for f in diagnosis.findings] == ["ok", "error"]
    assert "project NOPE is not there for Demo Reader" in diagnosis.findings[1].text


async def test_check_with_a_wrong_token(server, monkeypatch):
    monkeypatch.setenv("TEST_JIRA_TOKEN", "wr0ng")
    diagnosis = await check_source(server.source, {"jira": server.transport})
    assert "401" in diagnosis.findings[0].text
    assert "check e-mail and token" in diagnosis.findings[0].text
    assert "wr0ng" not in diagnosis.findings[0].text


async def test_a_field_of_the_wrong_type_is_named_and_the_rest_stays(server):
    good = server.ticket("good", ago_min=10)
    await server.sync()
    server.now += timedelta(minutes=1)
    server.site.edit(good, "summary", 7, at=server.now, by="ada")
    result = await server.sync()
    assert result.error == f"jira: ticket {good}: Expected `str | null`, got `int` - at `$.summary`"
    assert server.keys() == [good]


async def test_a_project_that_comes_in_sight_later_is_read_from_its_beginning(server):
    server.site.hidden.add("PLAT")
    mine, theirs = server.ticket(ago_min=9000), server.ticket(project="PLAT", ago_min=9000)
    await server.sync()
    assert server.keys() == [mine]
    server.site.hidden.discard("PLAT")
    server.now += timedelta(minutes=20)
    assert (await server.sync()).error is None
    assert sorted(server.keys()) == sorted([mine, theirs])


async def test_what_changed_while_a_project_was_out_of_sight_is_made_up_for(server):
    theirs = server.ticket("old", project="PLAT", ago_min=9000)
    await server.sync()
    server.site.hidden.add("PLAT")
    server.now += timedelta(hours=1)
    await server.sync()
    server.site.transition(theirs, "Done", at=server.now, by="ada")
    server.now += timedelta(hours=30)
    await server.sync()
    server.site.hidden.discard("PLAT")
    server.now += timedelta(hours=30)
    assert (await server.sync()).error is None
    assert server.rows("SELECT status, gone_at FROM ticket") == [("Done", None)]


async def test_a_source_that_moves_to_another_server_is_read_anew(server):
    server.ticket(ago_min=9000)
    await server.sync()
    server.options["url"] = "https://jira.elsewhere"
    result = await server.sync()
    assert result.error is None
    assert server.rows("SELECT url FROM ticket")[0][0].startswith("https://jira.elsewhere/")


async def test_only_the_wanted_projects_are_read(server):
    server.options["projects"] = ["PLAT"]
    server.ticket()
    wanted = server.ticket(project="PLAT")
    await server.sync()
    assert server.keys() == [wanted]
    server.now += timedelta(minutes=20)
    server.ticket(ago_min=5)
    later = server.ticket(project="PLAT", ago_min=5)
    await server.sync()
    assert sorted(server.keys()) == sorted([wanted, later])
