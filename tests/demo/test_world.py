"""The simulated team: the same every time, as large as it should be, and its facts cause one another."""

import asyncio
import hashlib
import json
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from collabtui.demo.commits import DemoRepository
from collabtui.demo.demo import Demo
from collabtui.demo.worktime import ZONE, is_frozen
from collabtui.demo.world import World

SHOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    """A year, up to a Wednesday."""
    made = World(20, SHOW)
    made.commits = made.advance(SHOW)
    return made


def moves(world):
    """(ticket, from status, to status, when, by whom)."""
    for issue in world.jira.issues.values():
        for history in issue.histories:
            for item in history["items"]:
                if item["field"] == "status":
                    at = datetime.fromisoformat(history["created"])
                    yield issue, item["fromString"], item["toString"], at, history["author"]["accountId"]


def digest(world, commits) -> str:
    told = hashlib.sha256()
    for run in world.airflow.runs:
        tasks = [(i.task.task_id, i.map_index, i.tries) for i in run.tasks]
        told.update(repr((run.dag.dag_id, run.run_id, run.state, run.start_at, run.end_at, tasks)).encode())
    for issue in world.jira.issues.values():
        told.update(repr((issue.key, issue.fields, issue.histories)).encode())
    told.update(repr(commits).encode())
    return told.hexdigest()


def short(steps: int) -> str:
    """Forty days, advanced in so many steps."""
    made = World(20, SHOW, history=timedelta(days=40), hourly_history=timedelta(days=5))
    commits = []
    for n in range(steps):
        commits += made.advance(SHOW - timedelta(days=3) * (1 - (n + 1) / steps))
    return digest(made, commits)


def test_the_same_seed_gives_the_same_world_however_often_it_is_advanced():
    assert short(1) == short(1)
    assert short(17) == short(1)


def test_it_is_as_large_as_a_real_team(world):
    assert len(world.airflow.dags) == 41
    assert 15_000 < len(world.airflow.runs) < 30_000
    assert 2_500 < len(world.jira.issues) < 4_500
    assert 4_000 < len(world.commits) < 10_000
    assert len(world.jira.users) == 12
    hourly = [run for run in world.airflow.runs if run.dag.schedule == "0 * * * *"]
    assert min(run.run_after for run in hourly) > SHOW - timedelta(days=61)


def test_a_commit_breaks_a_pipeline_and_its_incident_is_mended_by_another(world):
    incidents = [issue for issue in world.jira.issues.values() if "incident" in issue.fields["labels"]]
    assert len(incidents) > 30
    mended = 0
    for issue in incidents:
        dag_id = issue.fields["summary"].split(" fails in ")[0]
        created = datetime.fromisoformat(issue.fields["created"])
        failed = [
            run for run in world.airflow.runs
            if run.dag.dag_id == dag_id and run.state == "failed" and abs(run.end_at - created) < timedelta(seconds=2)
        ]  # fmt: skip
        assert failed, "an incident begins with a failed run"
        mended += any(commit.message.startswith(f"{issue.key}:") for commit in world.commits)
    assert mended > 0.8 * len(incidents)


def test_datasets_start_what_waits_for_them(world):
    for event in world.airflow.events[-500:]:
        for run in event.created:
            assert event.uri in run.dag.scheduled_by
            assert run.run_after == event.at


def test_nobody_works_at_night_on_weekends_or_on_holiday(world):
    by_day: dict[str, set] = {}
    for issue, old, new, at, who in moves(world):
        if issue.fields["issuetype"]["name"] == "Epic":
            continue  # they open when the teams are founded
        local = at.astimezone(ZONE)
        if (old, new) == ("To Do", "In Progress") or new == "Done":
            assert local.weekday() < 5
            assert 9 <= local.hour < 18
        by_day.setdefault(who, set()).add(local.date())
    away = Counter()
    for who, days in by_day.items():
        span = sorted(days)
        away[who] = sum((b - a).days > 6 for a, b in pairwise(span))
    assert sum(away.values()) >= 6, "most people were away for a week or more at least once"


def test_a_release_freezes_work_at_the_end_of_a_quarter(world):
    incidents = {issue.key for issue in world.jira.issues.values() if "incident" in issue.fields["labels"]}
    for issue, _, new, at, _ in moves(world):
        if new == "Done" and issue.key not in incidents and issue.fields["issuetype"]["name"] != "Epic":
            assert not is_frozen(at.date())


def test_the_warehouse_pool_runs_full_on_mondays(world):
    waits: dict[int, list[float]] = {day: [] for day in range(7)}
    for run in world.airflow.runs:
        for instance in run.tasks:
            last = instance.tries[-1]
            if instance.task.pool == "warehouse" and last.queued_at and last.start_at:
                waits[run.run_after.weekday()].append((last.start_at - last.queued_at).total_seconds())
    mean = {day: sum(seconds) / len(seconds) for day, seconds in waits.items()}
    assert mean[0] == max(mean.values())
    assert mean[0] > 1.5 * mean[6]


def test_something_is_wrong_when_one_looks(world):
    last = {run.dag.dag_id: run for run in world.airflow.runs}
    assert last["ingest_payments"].state == "failed"
    assert last["mart_revenue"].state in {"running", "success"}


def test_the_repository_is_a_real_one(world, tmp_path):
    repository = DemoRepository(tmp_path / "demo.git")
    half = len(world.commits) // 2
    repository.write(world.commits[:half])
    repository.write(world.commits[half:])

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(repository.path), *words], check=True, capture_output=True, text=True
        ).stdout

    git("fsck", "--strict")
    assert int(git("rev-list", "--count", "--no-merges", "main")) == len(world.commits)
    assert len(git("tag").split()) >= 11
    assert len(set(git("log", "--format=%ae").split())) == 12


async def test_a_second_start_goes_on_where_the_first_left(tmp_path):
    first = Demo(tmp_path, speed=1000)
    left_at = first.clock()
    await first.advance()
    second = Demo(tmp_path, speed=1)
    assert second.clock() >= left_at
    assert second.settings == first.settings
    await second.advance()
    before = written(tmp_path)
    await Demo(tmp_path, speed=1).advance()
    assert written(tmp_path) == before


def test_a_start_that_was_given_up_ends_at_once_and_the_next_goes_on(tmp_path):
    async def give_up() -> None:
        advancing = asyncio.ensure_future(Demo(tmp_path, speed=0.1).advance())
        while not (tmp_path / "commits.json").exists():
            await asyncio.sleep(0.01)
        advancing.cancel()

    asyncio.run(give_up())
    part = written(tmp_path)
    asyncio.run(Demo(tmp_path, speed=0.1).advance())
    assert 0 < part < written(tmp_path)
    assert written(tmp_path, "--no-merges") == int((tmp_path / "commits.json").read_text())


def written(folder, *which) -> int:
    """How many commits the demo's repository has."""
    count = ["git", "-C", str(folder / "warehouse.git"), "rev-list", "--count", *which, "main"]
    return int(subprocess.run(count, check=True, capture_output=True, text=True).stdout)


def test_what_another_version_of_the_demo_left_is_begun_anew(tmp_path):
    folder = tmp_path / "demo"
    Demo(folder)
    (folder / "warehouse.db").write_text("of this version")
    Demo(folder)
    assert (folder / "warehouse.db").exists()
    note = json.loads((folder / "demo.json").read_text())
    (folder / "demo.json").write_text(json.dumps({**note, "made_by": "another"}))
    Demo(folder)
    assert not (folder / "warehouse.db").exists()
