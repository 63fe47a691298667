"""One seeded simulation in which tickets, commits and runs cause one another."""

import gc
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import simpy

from collabtui.demo.airflow_site import AirflowSite
from collabtui.demo.commits import DemoCommit
from collabtui.demo.company import TEAMS, plans
from collabtui.demo.jira_site import JiraSite
from collabtui.demo.jira_texts import told
from collabtui.demo.runs import Process, Scheduler
from collabtui.demo.work import Work

HISTORY = timedelta(days=365)
HOURLY_HISTORY = timedelta(days=60)
BROKEN_SHOW, SLOW_SHOW = "ingest_payments", "mart_revenue"


class World:
    """The company from `origin` on; the same seed and times give the same history, however often it is advanced.

    At `show`, when somebody looks for the first time, there is something to see: a pipeline broke an hour ago, and
    an important mart runs late, each after somebody changed it for a ticket.
    """

    def __init__(
        self, seed: int, show: datetime, history: timedelta = HISTORY, hourly_history: timedelta = HOURLY_HISTORY
    ) -> None:
        self.origin = (show - history).replace(hour=0, minute=0, second=0, microsecond=0)
        self.airflow = AirflowSite()
        self.jira = JiraSite()
        self.jira.told = partial(told, self.jira)
        self._env = simpy.Environment()
        machines, people = random.Random(seed), random.Random(seed + 1)  # noqa: S311 - to be the same every time
        self._scheduler = Scheduler(self._env, self.airflow, plans(), machines, self.origin)
        self._work = Work(self._env, self.jira, self._scheduler, TEAMS, people)
        self._scheduler.on_failure = self._work.incident
        self._scheduler.start((show - hourly_history - self.origin).total_seconds())
        self.airflow.import_errors.append(
            ("dags/legacy_import.py", self.origin, "ModuleNotFoundError: No module named 'legacy_sdk'")
        )
        self._commits_told = 0
        self._stage(show)

    def _stage(self, show: datetime) -> None:
        def at(before: timedelta, act: Callable[[], None]) -> None:
            self._env.process(self._later((show - before - self.origin).total_seconds(), act))

        at(timedelta(hours=3), lambda: self._work.rework(SLOW_SHOW))
        at(timedelta(minutes=71), lambda: self._work.rework(BROKEN_SHOW))
        at(timedelta(minutes=70), lambda: self._work.break_pipeline(BROKEN_SHOW))
        at(timedelta(minutes=41), self._slow_run)

    def _later(self, at_s: float, act: Callable[[], None]) -> Process:
        """Do something at a time of the simulated clock."""
        yield self._env.timeout(max(0.0, at_s - self._env.now))
        act()

    def _slow_run(self) -> None:
        self._scheduler.slow[SLOW_SHOW] = 2.4
        self._scheduler.trigger(SLOW_SHOW, "manual")
        self._env.process(self._later(self._env.now + 600, self._scheduler.slow.clear))

    @property
    def now(self) -> datetime:
        """How far the world has come."""
        return self._scheduler.now()

    def advance(self, to: datetime) -> list[DemoCommit]:
        """Let time pass until `to`; the commits made meanwhile, oldest first."""
        seconds = (to - self.origin).total_seconds()
        if seconds > self._env.now:
            gc.disable()  # a million small objects that all stay: looking for garbage among them doubles the time
            try:
                self._env.run(until=seconds)
            finally:
                gc.enable()
        new = self._work.commits[self._commits_told :]
        self._commits_told = len(self._work.commits)
        return new
