"""Where work and data wait, on facts that one can count by hand."""

from datetime import timedelta
from types import SimpleNamespace

import polars as pl
import pytest
from msgspec.structs import replace

from collabtui.answers.bottlenecks import bottlenecks
from collabtui.answers.capacity import capacity
from collabtui.answers.pipeline import pipeline as detail
from collabtui.answers.pools import pools
from collabtui.answers.statuses import statuses
from collabtui.answers.tasks import tasks
from collabtui.answers.work import work
from connectors.records import Person, Pool, Status, Transition
from tests.answers.building import DAY, HOUR, MINUTE, NOW, filled, nightly, pipeline, settings, task, task_run, ticket

STATUSES = [
    Status(source="air", status_id=number, name=name, category=category)
    for number, name, category in (("1", "To Do", "new"), ("2", "Review", "indeterminate"), ("3", "Done", "done"))
]


def moved(number: int, *path: tuple[float, str, str]) -> list[Transition]:
    """A ticket that moved so many days ago from one status (by id) to another."""
    names = {s.status_id: s.name for s in STATUSES}
    return [
        Transition(
            source="air", ticket_id=str(number), history_id=str(place), ordinal=0, at=NOW - back * DAY,
            from_status_id=before, from_status=names[before], to_status_id=to, to_status=names[to],
        )
        for place, (back, before, to) in enumerate(path)
    ]  # fmt: skip


def asked(*known) -> SimpleNamespace:
    """What is in the way, and the tables behind it."""
    of_pool = pools(*known)
    return SimpleNamespace(
        bottlenecks=bottlenecks(*known).bottlenecks, tasks=tasks(*known).tasks, statuses=statuses(*known).statuses,
        work=work(*known).work, pools=of_pool.pools, hours=of_pool.hours,
    )  # fmt: skip


def test_of_each_pipeline_the_task_that_costs_most_the_worst_first(tmp_path):
    """`slow` takes 50 minutes of an hour in p, `quick` twenty of an hour in q."""
    records = []
    for name, minutes in (("p", 50), ("q", 20)):
        nights = nightly(name, 2 * HOUR, HOUR, 20)
        records += [pipeline(name), task(name, "first", "then"), task(name, "then"), *nights]
        for night in nights:
            records.append(task_run(night, "first", 0 * MINUTE, minutes * MINUTE))
            records.append(task_run(night, "then", minutes * MINUTE, 5 * MINUTE))
    found = asked(filled(tmp_path, records), settings(tmp_path), NOW)
    assert found.tasks.select("name", "task_id").rows() == [("p", "first"), ("q", "first")]
    assert found.tasks["instant_p50_s"].to_list() == pytest.approx([3000, 1200])
    assert found.tasks["share"].to_list() == pytest.approx([50 / 60, 20 / 60])
    first = found.bottlenecks.row(0, named=True)
    assert (first["kind"], first["what"], first["where"], first["cost"]) == ("task", "first", "p", "50 min a run")
    assert first["sentence"].startswith("Without first, p would land 50 min earlier at P50")


def three_at_once(name: str = "small", *, is_told: bool = True, **pool) -> list:
    """Every night three tasks get ready at two and take an hour each, in a pool of two slots: the third waits."""
    nights = nightly("p", 2 * HOUR, 2 * HOUR, 20)
    more = {"pool": name, "pool_slots": 1}
    tries = [
        task_run(
            night, str(n), HOUR if n == 2 else 0 * MINUTE, HOUR, scheduled_at=night.due_at if is_told else None, **more
        )
        for night in nights
        for n in range(3)
    ]
    return [pipeline("p"), Pool(source="air", name=name, **{"slots": 2, **pool}), *nights, *tries]


def test_a_slot_more_saves_what_the_third_task_waits(tmp_path):
    found = asked(filled(tmp_path, three_at_once()), settings(tmp_path), NOW)
    pool = found.pools.row(0, named=True)
    assert (pool["pool"], pool["slots"], pool["most_used"], pool["state"]) == ("small", 2, 2, "full")
    assert (pool["tasks_day"], pool["waited_day"], pool["history_n"]) == (3, 1, 14)
    assert (pool["waited_p50_min"], pool["replayed_p50_min"], pool["slot_more_p50_min"]) == (60, 60, 60)
    assert (pool["busiest_hour"], pool["busiest_full"]) == (2, 1.0)
    assert pool["full"] == pytest.approx(1 / 24)
    assert pool["share"] == pytest.approx(1 / 4)
    two = found.hours.filter((pl.col("hour") == 2) & (pl.col("weekday") == 1)).row(0, named=True)
    assert (two["used"], two["full"], two["waited_min"]) == (2, 1, 60)
    assert "a slot more would save 60 min a day at P50" in found.bottlenecks["sentence"][0]


def test_the_hours_are_those_of_the_viewers_clock(tmp_path):
    known = asked(filled(tmp_path, three_at_once()), replace(settings(tmp_path), timezone="Asia/Tokyo"), NOW)
    assert known.pools["busiest_hour"].to_list() == [11]


def test_where_nobody_says_when_tasks_were_ready_no_wait_is_made_up(tmp_path):
    found = asked(filled(tmp_path, three_at_once(is_told=False)), settings(tmp_path), NOW)
    pool = found.pools.row(0, named=True)
    assert (pool["busiest_hour"], pool["busiest_full"]) == (2, 1.0)
    assert {pool[name] for name in ("waited_day", "waited_p50_min", "slot_more_p50_min", "share")} == {None}
    assert "does not say when tasks were ready" in found.bottlenecks["sentence"][0]


def test_a_pool_without_a_limit_is_never_full(tmp_path):
    found = asked(filled(tmp_path, three_at_once(slots=-1)), settings(tmp_path), NOW)
    pool = found.pools.row(0, named=True)
    assert (pool["slots"], pool["full"], pool["slot_more_p50_min"], pool["state"]) == (None, None, None, "steady")
    assert pool["waited_p50_min"] == 60, "something else makes it wait"


def test_a_status_that_fills_up_is_said_to(tmp_path):
    """Thirty tickets came into Review, one a day, and five left it."""
    records = [*STATUSES]
    for n in range(30):
        is_done = n < 5
        records.append(ticket(n, NOW - (n + 9) * DAY, NOW - n * DAY if is_done else None,
                              **({} if is_done else {"status": "Review"})))  # fmt: skip
        records += moved(n, (n + 2, "1", "2"), *([(n, "2", "3")] if is_done else []))
    found = asked(filled(tmp_path, records), settings(tmp_path), NOW)
    review = found.statuses.filter(pl.col("status") == "Review").row(0, named=True)
    assert (review["team"], review["in_it"], review["median_days"], review["history_n"]) == ("P", 25, 2, 5)
    assert (review["state"], review["category"]) == ("growing", "indeterminate")
    told = found.bottlenecks.filter(pl.col("kind") == "status").row(0, named=True)
    assert (told["what"], told["where"], told["state"]) == ("Review", "P", "growing")
    assert "so it grows" in told["sentence"]


def test_who_has_more_on_the_table_than_a_month_of_work_is_named(tmp_path):
    """Ann finishes one ticket a week and has eight; Bob finishes one and has one."""
    people = [Person(source="air", person_id=name.lower(), name=name) for name in ("Ann", "Bob")]
    records = [*people]
    for n in range(20):
        at = NOW - timedelta(weeks=n) - DAY
        records += [ticket(100 + n, at - DAY, at, assignee_id="ann"), ticket(200 + n, at - DAY, at, assignee_id="bob")]
    records += [ticket(300 + n, NOW - 3 * DAY, assignee_id="ann") for n in range(8)]
    records.append(ticket(400, NOW - 3 * DAY, assignee_id="bob"))
    found = asked(filled(tmp_path, records), settings(tmp_path), NOW)
    people = {row["name"]: row for row in found.work.filter(pl.col("kind") == "person").to_dicts()}
    assert (people["Ann"]["open_tickets"], people["Ann"]["done_week"], people["Ann"]["state"]) == (8, 1, "overloaded")
    assert people["Ann"]["clear_weeks_p50"] == pytest.approx(8, abs=1)
    assert people["Bob"]["state"] == "steady"
    team = found.work.filter(pl.col("kind") == "team").row(0, named=True)
    assert (team["name"], team["open_tickets"], team["done_week"]) == ("P", 9, 2)
    assert team["load"] == pytest.approx(24 / 16, abs=0.1)
    assert found.bottlenecks["what"].to_list()[:2] == ["P", "Ann"]


def test_without_facts_nothing_is_in_the_way(tmp_path):
    found = asked(filled(tmp_path, []), settings(tmp_path), NOW)
    assert [getattr(found, name).height for name in ("bottlenecks", "tasks", "statuses", "work", "pools")] == [0] * 5


def test_a_team_has_as_many_weeks_of_work_as_in_the_capacity_answer(office, warehouse):
    teams = work(warehouse, office.settings, office.now).work.filter(pl.col("kind") == "team")
    names = ["open_tickets", "wip", "load"]
    mine = teams.sort("team").select("team", *names, backlog_weeks_p50="clear_weeks_p50")
    theirs = capacity(warehouse, office.settings, office.now).teams.sort("team")
    assert mine.equals(theirs.select("team", *names, "backlog_weeks_p50"))


def test_a_task_costs_as_much_as_in_its_pipelines_detail(office, warehouse):
    row = tasks(warehouse, office.settings, office.now).tasks.row(0, named=True)
    key = {"source": row["source"], "pipeline_id": row["pipeline_id"]}
    first = detail(warehouse, office.settings, office.now, **key).tasks.row(0, named=True)
    assert (first["task_id"], first["instant_p50_s"]) == (row["task_id"], row["instant_p50_s"])
