"""The simulated people: they take tickets, commit, wait for reviews, break and mend pipelines, go on holiday."""

import random
from collections import deque
from collections.abc import Generator
from datetime import date, datetime, timedelta
from typing import Any

import simpy

from collabtui.demo.airflow_site import SiteRun, SiteTaskInstance
from collabtui.demo.commits import DemoCommit
from collabtui.demo.company import Person, Team
from collabtui.demo.jira_site import FLAGGED, POINTS, JiraSite
from collabtui.demo.runs import Scheduler
from collabtui.demo.worktime import DAY_H, after_work, is_frozen, is_workday

Process = Generator[Any, Any, None]
BREAKS = 0.018
"""The chance that a commit to a pipeline breaks it."""
TOPICS = ("null handling", "late rows", "a duplicate key", "the time zone", "partition pruning", "the retry policy",
          "a schema change", "column types", "the unit tests", "slow joins", "alerts", "the backfill", "access rights",
          "naming", "the data contract", "freshness checks", "currency rounding", "the lookup table")  # fmt: skip
VERBS = ("Handle", "Fix", "Document", "Speed up", "Clean up", "Test", "Rework", "Investigate", "Add", "Review")


class Work:
    """What the people of all teams do, on the same clock as the pipelines."""

    def __init__(
        self, env: simpy.Environment, site: JiraSite, scheduler: Scheduler, teams: tuple[Team, ...], rng: random.Random
    ) -> None:
        self.env = env
        self.site = site
        self.scheduler = scheduler
        self.teams = teams
        self.rng = rng
        self.commits: list[DemoCommit] = []
        self._queues: dict[str, deque[str]] = {team.project: deque() for team in teams}
        self._urgent: dict[str, deque[str]] = {team.project: deque() for team in teams}
        self._epics: dict[str, list[str]] = {team.project: [] for team in teams}
        self._themes = {team.project: deque(team.themes) for team in teams}
        self._children: dict[str, int] = {}
        self._fixes: dict[str, str] = {}
        self._changed_for: dict[str, str] = {}
        """Of each pipeline the ticket that it was changed for last."""
        self._versions: dict[str, int] = {}
        self._sprints: dict[str, int] = {}
        self._dags = {t.owner: [d for d in scheduler.site.dags.values() if d.owner == t.owner] for t in teams}
        self._off = {p.account: self._holidays() for team in teams for p in team.people}
        self._set_up()

    def _set_up(self) -> None:
        for team in self.teams:
            self.site.add_project(team.project, team.name)
            board = self.site.add_board(f"{team.name} board", "scrum" if team.is_scrum else "kanban", team.project)
            for person in team.people:
                self.site.add_user(person.account, person.name, person.email)
            for _ in range(3):
                self._new_epic(team)
            for _ in range(25):
                self._new_ticket(team)
            self.env.process(self._requests(team))
            if team.is_scrum:
                self.env.process(self._sprint_clock(team, board))
            for n, person in enumerate(team.people):
                self.env.process(self._person(team, person, n))
        self.env.process(self._releases())

    def _holidays(self) -> set[date]:
        """A few weeks off in a year and a bit."""
        days: set[date] = set()
        first = self.scheduler.origin.date()
        for _ in range(4):
            start = first + timedelta(days=self.rng.randrange(0, 440))
            days |= {start + timedelta(days=n) for n in range(self.rng.choice((5, 7, 12)))}
        return days

    # --- where work comes from ---

    def _requests(self, team: Team) -> Process:
        """Somebody wants something, some two or three times a working day."""
        while True:
            hours = self.rng.expovariate(1 / 2.6)
            yield self._until(after_work(self.scheduler.now(), hours, ()))
            self._new_ticket(team)

    def _new_ticket(self, team: Team) -> str:
        rng, now = self.rng, self.scheduler.now()
        summary = f"{rng.choice(VERBS)} {rng.choice(TOPICS)} in {rng.choice(self._dags[team.owner]).dag_id}"
        kind = rng.choices(("Story", "Task", "Bug"), (5, 3, 2))[0]
        epics = [e for e in self._epics[team.project] if self._children[e] < 45]
        parent = rng.choice(epics) if epics and rng.random() < 0.55 else None
        by = rng.choice(team.people).account
        key = self.site.create(team.project, kind, summary, at=now, by=by, parent=parent, labels=[team.owner])
        if team.is_scrum:
            self.site.issues[self.site.ids[key]].fields[POINTS] = float(rng.choice((1, 2, 3, 5, 8)))
        if parent is not None:
            self._children[parent] += 1
        self._queues[team.project].append(key)
        return key

    def _new_epic(self, team: Team) -> None:
        themes = self._themes[team.project]
        themes.rotate(-1)
        now = self.scheduler.now()
        due = (now + timedelta(days=self.rng.randrange(70, 160))).date().isoformat()
        by = team.people[0].account
        key = self.site.create(team.project, "Epic", themes[-1], at=now, by=by, duedate=due)
        self.site.transition(key, "In Progress", at=now + timedelta(minutes=5), by=by)
        self._children[key] = 0
        self._epics[team.project].append(key)

    def incident(self, run: SiteRun, instance: SiteTaskInstance) -> None:
        """A run failed: its team gets an urgent bug, one for each broken pipeline."""
        dag_id = run.dag.dag_id
        if dag_id in self._fixes.values():
            return
        team = next(t for t in self.teams if t.owner == run.dag.owner)
        now = self.scheduler.now()
        summary = f"{dag_id} fails in {instance.task.task_id}"
        key = self.site.create(team.project, "Bug", summary, at=now, by=team.people[0].account,
                               priority={"id": "1", "name": "Highest"}, labels=["incident"])  # fmt: skip
        if (cause := self._changed_for.get(dag_id)) is not None and cause in self.site.ids:
            self.site.link(cause, key, "Problem/Incident", at=now, by=team.people[0].account)
        self._fixes[key] = dag_id
        self._urgent[team.project].append(key)

    def _sprint_clock(self, team: Team, board: int) -> Process:
        """Two weeks each, from Monday."""
        now = self.scheduler.now()
        yield self._until(now + timedelta(days=(7 - now.weekday()) % 7))
        number = 0
        while True:
            number += 1
            start = self.scheduler.now()
            sprint_id = board * 1000 + number
            name, dates = f"{team.project} sprint {number}", {"startDate": start, "endDate": start + timedelta(days=14)}
            self.site.set_sprint(sprint_id, board, name, "active", dates)
            self._sprints[team.project] = sprint_id
            yield self._until(start + timedelta(days=14))
            self.site.set_sprint(sprint_id, board, name, "closed", {**dates, "completeDate": self.scheduler.now()})

    # --- how it is done ---

    def _person(self, team: Team, person: Person, n: int) -> Process:
        off = self._off[person.account]
        yield self._until(after_work(self.scheduler.now(), 0.2 * n, off))
        while True:
            now = self.scheduler.now()
            queue = self._urgent[team.project] or self._queues[team.project]
            if not queue or not is_workday(now.date(), off):
                yield self._until(after_work(now + timedelta(minutes=30), 0.5, off))
                continue
            key = queue.popleft()
            if key not in self._fixes and self.rng.random() < 0.15 and queue:
                queue.append(key)
                key = queue.popleft()
            yield from self._do(team, person, key, off)

    def _do(self, team: Team, person: Person, key: str, off: set[date]) -> Process:
        rng, account = self.rng, person.account
        self.site.assign(key, account, at=self.scheduler.now(), by=account)
        self.site.transition(key, "In Progress", at=self.scheduler.now(), by=account)
        if team.project in self._sprints:
            self.site.put_into_sprint(key, self._sprints[team.project], at=self.scheduler.now(), by=account)
        effort_h = 2.0 if key in self._fixes else min(4.5 * DAY_H, rng.lognormvariate(1.75, 0.75))
        if rng.random() < 0.05:
            yield from self._blocked(key, account, off)
        for part in range(rng.choice((1, 1, 2, 3))):
            yield self._until(after_work(self.scheduler.now(), effort_h / 2 if part < 2 else 1.0, off))
            self._commit(team, person, key)
        if rng.random() < 0.012 and key not in self._fixes:
            others = [t.project for t in self.teams if t.project != team.project]
            key = self.site.move(key, rng.choice(others), at=self.scheduler.now(), by=account)
        self.site.transition(key, "In Review", at=self.scheduler.now(), by=account)
        self.env.process(self._review(team, key, rng.choice(team.people)))

    def _blocked(self, key: str, account: str, off: set[date]) -> Process:
        self.site.transition(key, "Blocked", at=self.scheduler.now(), by=account)
        self.site.edit(key, FLAGGED, [{"id": "1", "value": "Impediment"}], at=self.scheduler.now(), by=account)
        yield self._until(after_work(self.scheduler.now(), self.rng.uniform(6, 20), off))
        self.site.edit(key, FLAGGED, [], at=self.scheduler.now(), by=account)
        self.site.transition(key, "In Progress", at=self.scheduler.now(), by=account)

    def _review(self, team: Team, key: str, reviewer: Person) -> Process:
        off = self._off[reviewer.account]
        yield self._until(after_work(self.scheduler.now(), self.rng.uniform(0.5, 7), off))
        while is_frozen(self.scheduler.now().date()) and key not in self._fixes:
            yield self._until(after_work(self.scheduler.now() + timedelta(hours=12), 1, off))
        self.site.transition(key, "Done", at=self.scheduler.now(), by=reviewer.account)
        fixed = self._fixes.pop(key, None)
        if fixed is not None:
            self.scheduler.broken.pop(fixed, None)
            if not self.scheduler.plans[fixed].dag.is_paused:
                self.scheduler.trigger(fixed, "manual")
        parent = self.site.issues[self.site.ids[key]].fields.get("parent")
        if parent is not None:
            self._close_epic(team, parent["key"], reviewer)

    def _close_epic(self, team: Team, epic: str, by: Person) -> None:
        """An epic is done when it is large enough and all its tickets are."""
        if epic not in self._epics[team.project] or self._children[epic] < 30:
            return
        children = [i for i in self.site.issues.values() if (i.fields.get("parent") or {}).get("key") == epic]
        if all(i.fields["status"]["name"] == "Done" for i in children):
            self.site.transition(epic, "Done", at=self.scheduler.now(), by=by.account)
            self._epics[team.project].remove(epic)
            self._new_epic(team)

    def _commit(self, team: Team, person: Person, key: str) -> None:
        """A change to one of the team's pipelines; three in four name the ticket, a few break something."""
        rng = self.rng
        summary = self.site.issues[self.site.ids[key]].fields["summary"]
        named = self._fixes.get(key) or summary.rpartition(" in ")[2]
        dag = self.scheduler.site.dags.get(named) or rng.choice(self._dags[team.owner])
        folder, suffix = rng.choice((("dags", "py"), ("dags", "py"), ("sql", "sql")))
        message = f"{key}: {summary}\n" if rng.random() < 0.75 or key in self._fixes else f"{summary}\n"
        self._changed_for[dag.dag_id] = key
        self._change(person, message, f"{folder}/{dag.dag_id}.{suffix}", branch=rng.random() < 0.2)
        if suffix == "py" and key not in self._fixes and rng.random() < BREAKS:
            self.break_pipeline(dag.dag_id)

    def _change(self, person: Person, message: str, path: str, *, branch: bool = False) -> None:
        """A commit that changes one line of a pipeline's file."""
        version = self._versions[path] = self._versions.get(path, 0) + 1
        mark = "--" if path.endswith(".sql") else "#"
        lines = [f"{mark} {path.partition('/')[2].partition('.')[0]}, step {n}" for n in range(20 + version % 60)]
        lines[version % len(lines)] = f"{mark} {message.strip()} ({version})"
        self.commits.append(
            DemoCommit(self.scheduler.now(), person, message, path, "\n".join(lines) + "\n", branch=branch)
        )

    def rework(self, dag_id: str) -> None:
        """Somebody changes a pipeline for the newest ticket that is open and names it, else for the newest at all."""
        naming = [i for i in self.site.issues.values() if i.fields["summary"].endswith(f" in {dag_id}")]
        if not naming:
            return
        issue = max(naming, key=lambda i: (i.fields["status"]["name"] != "Done", i.created))
        team = next(t for t in self.teams if t.owner == self.scheduler.site.dags[dag_id].owner)
        person = team.people[0]
        self._changed_for[dag_id] = issue.key
        self._change(person, f"{issue.key}: {issue.fields['summary']}\n", f"dags/{dag_id}.py")

    def break_pipeline(self, dag_id: str) -> None:
        """From now on its first own task fails, until the incident's ticket is done."""
        tasks = self.scheduler.plans[dag_id].dag.tasks
        self.scheduler.broken[dag_id] = tasks[min(1, len(tasks) - 1)].task_id

    def _releases(self) -> Process:
        """A tag on the first of every month."""
        while True:
            now = self.scheduler.now()
            yield self._until((now.replace(day=1, hour=10) + timedelta(days=32)).replace(day=1))
            person = self.teams[1].people[0]
            at = self.scheduler.now()
            version = f"{at:v%Y.%m}"
            self.commits.append(DemoCommit(at, person, f"Release {version}\n", "VERSION", f"{version}\n", tag=version))

    def _until(self, at: datetime) -> simpy.Timeout:
        return self.env.timeout(max(0.0, (at - self.scheduler.now()).total_seconds()))
