"""What a stand-up talks about."""

from datetime import UTC, datetime, time

import msgspec
import pytest

from collabtui.answers import ANSWERS
from collabtui.answers.standup import standup
from collabtui.answers.standup.since import last_standup, since_of
from collabtui.config import Deadline, Settings, Team
from collabtui.faces.report import render
from collabtui.ledger import KEEP
from collabtui.warehouse import Warehouse
from collabtui.warehouse.columns import to_us
from connectors.base import Batch
from connectors.records import Person, Status, Transition
from tests.answers.building import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    filled,
    link,
    nightly,
    pipeline,
    run,
    settings,
    ticket,
)  # fmt: skip

PEOPLE = [Person(source="air", person_id="a", name="Ada Obi")]


def told(answer, page: str = "changes", team: str | None = None) -> list[tuple[str, str]]:
    """State and text of each line."""
    of_page = answer.items.filter(page=page)
    mine = of_page if team is None else of_page.filter(team=team)
    return list(mine.select("what", "text").iter_rows())


def numbers(answer, page: str = "changes", team: str | None = None) -> dict[str, int | None]:
    return {row[2]: row[3] for row in answer.numbers.iter_rows() if row[:2] == (page, team)}


def week_of_work(done: int = 40) -> list:
    """Tickets that took a day each, one finished every twelve hours."""
    statuses = [Status(source="air", status_id="2", name="Doing", category="indeterminate")]
    tickets = [ticket(100 + n, NOW - n * DAY / 2 - DAY, NOW - n * DAY / 2 - HOUR) for n in range(done)]
    return [*statuses, *tickets, *(begun(100 + n, NOW - n * DAY / 2 - DAY) for n in range(done))]


def begun(number: int, at: datetime, status: str = "Doing") -> Transition:
    return Transition(
        source="air", ticket_id=str(number), history_id=f"{number}{status}", ordinal=0, at=at, to_status=status,
        to_status_id="2",
    )  # fmt: skip


# --- since when ---


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-03-11 09:20", "2026-03-10 09:15"),  # during today's
        ("2026-03-11 07:00", "2026-03-10 09:15"),
        ("2026-03-09 09:20", "2026-03-06 09:15"),  # Monday: Friday's
        ("2026-04-07 09:20", "2026-04-02 09:15"),  # after Easter
    ],
)
def test_the_last_stand_up_was_on_the_working_day_before(tmp_path, now, since):
    berlin = Settings(warehouse=tmp_path / "w.db", timezone="Europe/Berlin", country="DE")
    at = since_of(now, berlin, datetime(2027, 1, 1, tzinfo=UTC))
    assert last_standup(berlin, at) == since_of(since, berlin, at)


def test_when_the_team_meets_is_in_the_config(tmp_path):
    early = msgspec.structs.replace(settings(tmp_path), standup=time(8, 30))
    assert last_standup(early, NOW) == datetime(2026, 3, 10, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [("2d", NOW - 2 * DAY), ("36h", NOW - 36 * HOUR), ("2026-03-09", datetime(2026, 3, 9, tzinfo=UTC)),
     ("2026-03-09T09:15+01:00", datetime(2026, 3, 9, 8, 15, tzinfo=UTC))],
)  # fmt: skip
def test_since_is_a_length_or_a_time(tmp_path, text, at):
    assert since_of(text, settings(tmp_path), NOW) == at


@pytest.mark.parametrize(("text", "says"), [("monday", "neither a length"), ("2027-01-01", "still to come")])
def test_what_since_cannot_be_is_told(tmp_path, text, says):
    with pytest.raises(ValueError, match=says):
        since_of(text, settings(tmp_path), NOW)


# --- what changed ---


def test_what_failed_is_told_until_a_run_succeeds(tmp_path):
    records = [
        pipeline("broken", owners=("data",)), pipeline("old"), pipeline("repaired"), pipeline("again"),
        *nightly("broken", 2 * HOUR, HOUR, 5, state="failed"),
        run("old", NOW - 9 * DAY, HOUR, state="failed"),
        run("repaired", NOW - 2 * HOUR, HOUR, state="failed"), run("repaired", NOW - HOUR, MINUTE),
        run("again", NOW - 2 * HOUR, HOUR, state="failed"), run("again", NOW - MINUTE, None),
    ]  # fmt: skip
    known = settings(tmp_path, teams=[Team(name="Platform", owners=["data"])])
    answer = standup(filled(tmp_path, records), known, NOW)
    assert told(answer) == [
        ("failed", "again 11:00, is running again"), ("failed", "broken 03:00, not repaired"),
        ("failed", "old 2 Mar 13:00, not repaired"),
    ]  # fmt: skip
    assert numbers(answer)["failed"] == 3
    assert told(answer, "team", "Platform") == [("failed", "broken 03:00, not repaired")]


def kept(warehouse: Warehouse, question: str, subject: str, made_at: datetime, *times: datetime) -> None:
    """A forecast that was shown: P50, P85, P95 and perhaps the deadline."""
    p50, p85, p95, deadline = (to_us(at) for at in (*times, *([NOW + 99 * DAY] if len(times) == 3 else [])))
    made = (question, "air", subject, to_us(made_at), "blend", 30)
    warehouse.write(KEEP, [(*made, p50, p85, p95, deadline, None, None, None)])


def test_what_landed_late_or_early_against_its_forecast(tmp_path):
    from collabtui.ledger import settle

    due = NOW - 4 * HOUR
    landings = {"missed": 90, "late": 80, "early": 10, "usual": 42, "hardly": 63}
    runs = [run(name, due, minutes * MINUTE) for name, minutes in landings.items()]
    warehouse = filled(tmp_path, [*map(pipeline, landings), *runs])
    for name in landings:
        times = [due + minutes * MINUTE for minutes in (40, 60, 70)]
        by = [due + 75 * MINUTE] if name == "missed" else []
        kept(warehouse, "landing ahead", f"{name}\n{to_us(due)}", due - HOUR, *times, *by)
        kept(warehouse, "landing", f"{name}\n{run(name, due, None).run_id}", due, *times)
    settle(warehouse, settings(tmp_path), NOW)
    answer = standup(warehouse, settings(tmp_path), NOW)
    assert told(answer) == [
        ("landed late", "missed 09:30, 15 min after its deadline, 30 min after its P85"),
        ("after P85", "late 09:20, 20 min after its P85"),
        ("early", "early 08:10, 30 min before its P50"),
    ]
    assert told(standup(warehouse, settings(tmp_path), NOW, since=NOW - HOUR)) == []


def test_a_missed_deadline_is_told_where_no_forecast_was_kept(tmp_path):
    records = [pipeline("p"), *nightly("p", 6 * HOUR, HOUR, 12)]
    known = settings(tmp_path, [Deadline(pipeline="p", by="06:30")])
    answer = standup(filled(tmp_path, records), known, NOW)
    assert told(answer) == [("landed late", "p 07:00, 30 min after its deadline")]


def test_an_epic_slipped_where_its_p85_is_later_than_at_the_last_stand_up(tmp_path):
    records = [
        ticket(1, NOW - 90 * DAY, is_epic=True, title="Lake"), ticket(2, NOW - 90 * DAY, is_epic=True, title="Mart"),
        *(ticket(10 + n, NOW - 9 * DAY, epic_id="12"[n % 2], status_category="new") for n in range(20)),
        *week_of_work(200),
    ]  # fmt: skip
    warehouse = filled(tmp_path, records)
    assert numbers(standup(warehouse, settings(tmp_path), NOW))["slipped"] is None, "nothing was kept by then"
    kept(warehouse, "delivery", "1", NOW - 9 * DAY, *(NOW + n * DAY for n in (1, 300, 301)))
    kept(warehouse, "delivery", "1", NOW - 2 * DAY, *(NOW.replace(hour=0) + n * DAY for n in (1, 2, 3)))
    kept(warehouse, "delivery", "2", NOW - 2 * DAY, *(NOW + n * DAY for n in (200, 300, 301)))
    answer = standup(warehouse, settings(tmp_path), NOW)
    ((what, text),) = told(answer)
    assert what == "slipped"
    assert text.startswith("P-1 Lake: P85 ")
    assert text.endswith(", was 12 Mar")
    assert numbers(answer)["slipped"] == 1


def test_a_run_slipped_where_it_will_land_later_than_was_said_before(tmp_path):
    past = [run("p", NOW - n * DAY, HOUR) for n in range(1, 20)]
    late = run("p", NOW - 50 * MINUTE, None)
    warehouse = filled(tmp_path, [pipeline("p"), *past, late])
    known = settings(tmp_path, [Deadline(pipeline="p", after_interval="90m")])
    times = [late.due_at + n * MINUTE for n in (10, 20, 30)]
    kept(warehouse, "landing ahead", f"p\n{to_us(late.due_at)}", late.due_at - DAY, *times)
    ((what, text),) = told(standup(warehouse, known, NOW))
    assert what == "slipped"
    assert text.startswith("p: P85 12:")
    assert text.endswith(", was 11:30, due 12:40")


# --- tickets ---


def test_tickets_that_are_blocked_ageing_and_done(tmp_path):
    records = [
        *PEOPLE, *week_of_work(),
        ticket(1, NOW - 9 * DAY, title="Stuck", status="Blocked", assignee_id="a"), begun(1, NOW - 9 * DAY),
        begun(1, NOW - 3 * DAY, "Blocked"),
        ticket(2, NOW - 9 * DAY, title="Flag", is_flagged=True, status="Open", status_category="new"),
        ticket(3, NOW - 9 * DAY, title="Old", assignee_id="a"), begun(3, NOW - 8 * DAY),
        ticket(4, NOW - 9 * DAY, title="Young"), begun(4, NOW - HOUR),
    ]  # fmt: skip
    answer = standup(filled(tmp_path, records), settings(tmp_path), NOW)
    assert told(answer) == [
        ("blocked", "3 d · P-1 Stuck"), ("blocked", "P-2 Flag"), ("ageing", "8 d · P-3 Old"),
    ]  # fmt: skip
    assert numbers(answer) == {"done": 3, "failed": None, "landed late": None, "slipped": None, "blocked": 2}
    team = told(answer, "team", "P")
    assert team[:4] == [
        ("blocked", "3 d · P-1 Stuck"), ("blocked", "P-2 Flag"), ("ageing", "8 d · P-3 Old"),
        ("in progress", "60 min · P-4 Young"),
    ]  # fmt: skip
    assert team[4:7] == [("done", f"P-10{n} Ticket 10{n}") for n in range(3)]
    assert [what for what, _ in team[7:]] == ["next week"]
    shown = numbers(answer, "team", "P")
    assert (shown["done"], shown["in progress"], shown["blocked"]) == (3, 3, 2)
    assert 0 < shown["next week P85"] <= shown["next week P50"]


def test_work_in_progress_waits_for_what_it_is_linked_to_until_that_is_done(tmp_path):
    records = [
        ticket(1, NOW - 2 * DAY, title="Waits"), begun(1, NOW - DAY), link(1, 7), link(1, 8), link(1, 9),
        ticket(2, NOW - 2 * DAY, title="Blocks", status="Open"), link(2, 7, direction="outward", label="blocks"),
        ticket(3, NOW - 2 * DAY, title="Later", status="Open", status_category="new"), link(3, 7),
        ticket(7, NOW - 2 * DAY, status="Open", status_category="new"),
        ticket(8, NOW - 2 * DAY, status="Open", status_category="new"),
        ticket(9, NOW - 9 * DAY, status="Done", status_category="done"),
    ]  # fmt: skip
    answer = standup(filled(tmp_path, records), settings(tmp_path), NOW)
    assert [text for kind, text in told(answer) if kind == "blocked"] == ["P-1 Waits, blocked by P-7, P-8"]


def test_names_stand_apart_and_can_be_left_out(tmp_path):
    warehouse = filled(tmp_path, [*PEOPLE, ticket(1, NOW - DAY, assignee_id="a", status="Blocked")])
    known = settings(tmp_path)
    assert standup(warehouse, known, NOW).items["person"].to_list() == ["Ada Obi", "Ada Obi"]
    hidden = msgspec.structs.replace(known, standup_names=False)
    assert standup(warehouse, hidden, NOW).items["person"].to_list() == [None, None]
    assert standup(warehouse, hidden, NOW, has_names=True).items["person"].to_list() == ["Ada Obi", "Ada Obi"]


def test_of_many_of_a_kind_the_last_line_says_how_many(tmp_path):
    stuck = [ticket(n, NOW - DAY, is_flagged=True) for n in range(20)]
    answer = standup(filled(tmp_path, stuck), settings(tmp_path), NOW)
    assert len(told(answer)) == 8
    assert told(answer)[-1] == ("blocked", "and 13 more")
    assert answer.items.filter(page="changes")["things"].sum() == 20
    assert numbers(answer)["blocked"] == 20


# --- risks, and what is due ---


def test_the_risks_of_the_week_are_those_of_the_other_answers(warehouse, office):
    answer = standup(warehouse, office.settings, office.now)
    found = numbers(answer, "risks")
    for name, states in (("deliveries", ("late", "failed", "at risk")), ("epics", ("overdue", "at risk"))):
        frame = ANSWERS[name].frame(ANSWERS[name].ask(warehouse, office.settings, office.now))
        assert found[name] == sum(state in states for state in frame["state"])
    assert found["pools"] == 1
    assert told(answer, "risks")[-2][1].startswith("warehouse: a slot more saves")
    assert "ml_drift: 2 runs in a row failed" in told(answer, "risks")[-1][1]


def test_every_team_has_a_page_with_what_it_has_to_deliver(warehouse, office):
    answer = standup(warehouse, office.settings, office.now)
    assert answer.pages["page"].to_list()[:2] == ["changes", "risks"]
    assert answer.pages["team"].to_list()[2:] == ["Analytics", "Ingest", "Machine Learning", "Warehouse"]
    due = [text for what, text in told(answer, "team", "Analytics") if what == "on time"]
    assert "report/campaign due 08:30" in due[0]


def test_the_notes_are_a_table_to_paste(warehouse, office):
    question = ANSWERS["standup"]
    answer = question.ask(warehouse, office.settings, office.now)
    notes = render(question.frame(answer), form="markdown", zone="Europe/Berlin", columns=question.columns)
    assert notes.startswith("| page | team | what | text | person |\n")
    assert "| changes | Ingest | failed | ingest_payments 06:14, not repaired |" in notes


def test_without_a_ticket_or_a_run_what_is_counted_of_them_is_unknown(tmp_path):
    team = Team(name="T", owners=["ada"])
    found = standup(filled(tmp_path, [pipeline("mart", owners=["ada"])]), settings(tmp_path, teams=[team]), NOW)
    assert numbers(found) == {"done": None, "failed": 0, "landed late": 0, "slipped": None, "blocked": None}
    assert numbers(found, "risks") == {"deliveries": 0, "epics": None, "teams": None, "pools": 0, "anomalies": 0}
    assert numbers(found, "team", "T")["in progress"] is None
    (tmp_path / "other").mkdir()
    found = standup(filled(tmp_path / "other", [ticket(1, NOW - DAY)]), settings(tmp_path), NOW)
    assert numbers(found, "risks") == {"deliveries": None, "epics": 0, "teams": 0, "pools": None, "anomalies": 0}


def test_an_empty_warehouse_has_no_pages(tmp_path):
    answer = standup(Warehouse(tmp_path / "w.db"), settings(tmp_path), NOW)
    assert answer.pages.is_empty()
    assert answer.items.is_empty()


def test_hostile_titles_are_only_text(tmp_path):
    warehouse = Warehouse(tmp_path / "w.db")
    hostile = "[red]\x1b[2J" + "x" * 10_000
    warehouse.apply("air", Batch(stream="all", records=[ticket(1, NOW - DAY, title=hostile, is_flagged=True)]), NOW)
    assert hostile in told(standup(warehouse, settings(tmp_path), NOW))[0][1]
