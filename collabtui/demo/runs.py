"""The simulated scheduler: runs start, wait for slots, fail, are tried again, land, and start what depends on them."""

import math
import random
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import simpy

from collabtui.demo.airflow_site import AirflowSite, SiteRun, SiteTaskInstance, Try
from collabtui.demo.company import Plan

Process = Generator[Any, Any, None]
POOLS = {"default_pool": 24, "warehouse": 7}
RETRY_S = 180.0
DAY_S = 86_400


class Scheduler:
    """Runs all plans on one simulated clock. `broken`: by pipeline, the task that fails until somebody mends it."""

    def __init__(
        self,
        env: simpy.Environment,
        site: AirflowSite,
        plans: list[Plan],
        rng: random.Random,
        origin: datetime,
    ) -> None:
        self.env = env
        self.site = site
        self.rng = rng
        self.origin = origin
        self.on_failure: Callable[[SiteRun, SiteTaskInstance], None] = lambda run, instance: None
        """Who is told of a failed run and the task that failed."""
        self._now_s, self._now = 0.0, origin
        self.plans = {plan.dag.dag_id: plan for plan in plans}
        self.broken: dict[str, str] = {}
        self.slow: dict[str, float] = {}
        self._slots = {name: simpy.Resource(env, slots) for name, slots in POOLS.items()}
        self._waiting: dict[str, set[str]] = {p.dag.dag_id: set(p.dag.scheduled_by) for p in plans}
        site.pools = dict(POOLS)
        for plan in plans:
            site.dags[plan.dag.dag_id] = plan.dag

    def now(self) -> datetime:
        """The simulated time, to the millisecond; asked for several times at each."""
        if self._now_s != self.env.now:
            self._now_s = self.env.now
            self._now = self.origin + timedelta(milliseconds=round(self.env.now * 1000))
        return self._now

    def start(self, hourly_from_s: float) -> None:
        """Let the clocks of all schedules begin; the hourly ones later: their history is shorter."""
        for plan in self.plans.values():
            if plan.every_s is not None:
                from_s = hourly_from_s if plan.every_s < DAY_S else 0.0
                self.env.process(self._clock(plan, plan.every_s, from_s))

    def _clock(self, plan: Plan, every_s: int, from_s: float) -> Process:
        due = plan.first_s + math.ceil(max(0.0, from_s - plan.first_s) / every_s) * every_s
        plan.dag.next_at = self.origin + timedelta(seconds=due)
        yield self.env.timeout(due - self.env.now)
        self.broken.pop(plan.dag.dag_id, None)  # before it ran nobody could have noticed
        while True:
            due += every_s
            plan.dag.next_at = self.origin + timedelta(seconds=due)
            self.trigger(plan.dag.dag_id, "scheduled")
            yield self.env.timeout(due - self.env.now)

    def trigger(self, dag_id: str, run_type: str) -> SiteRun:
        """A run of this pipeline is due now."""
        now = self.now()
        run = self.site.add_run(self.plans[dag_id].dag, run_type, now, now if run_type == "scheduled" else None)
        self.env.process(self._run(run))
        return run

    def _run(self, run: SiteRun) -> Process:
        yield self.env.timeout(self.rng.uniform(2, 20))
        run.state, run.start_at = "running", self.now()
        self.site.touch(run, self.now())
        plan = self.plans[run.dag.dag_id]
        pace = self._pace(plan)
        done = {task.task_id: self.env.event() for task in run.dag.tasks}
        upstream: dict[str, list[str]] = {task.task_id: [] for task in run.dag.tasks}
        for task in run.dag.tasks:
            for follower in task.downstream:
                upstream[follower].append(task.task_id)
        by_task: dict[str, list[SiteTaskInstance]] = {}
        for instance in run.tasks:
            by_task.setdefault(instance.task.task_id, []).append(instance)
        for task_id, instances in by_task.items():
            before = [done[name] for name in upstream[task_id]]
            self.env.process(self._task(run, instances, before, done[task_id], plan, pace))
        succeeded = True
        for event in done.values():
            succeeded = (yield event) and succeeded
        run.end_at = self.now()
        run.state = "success" if succeeded else "failed"
        self.site.touch(run, self.now())
        if run.state == "failed":
            self.on_failure(run, next(i for i in run.tasks if i.now.state == "failed"))

    def _task(
        self,
        run: SiteRun,
        instances: list[SiteTaskInstance],
        before: list[simpy.Event],
        done: simpy.Event,
        plan: Plan,
        pace: float,
    ) -> Process:
        is_ready = True
        for event in before:
            is_ready = (yield event) and is_ready
        if not is_ready:
            for instance in instances:
                instance.now.state, instance.now.start_at, instance.now.end_at = "upstream_failed", None, None
                self.site.touch(run, self.now(), instance)
            done.succeed(False)
            return
        others = [self.env.process(self._try(run, instance, plan, pace)) for instance in instances[1:]]
        yield from self._try(run, instances[0], plan, pace)
        yield from others
        succeeded = all(instance.now.state == "success" for instance in instances)
        done.succeed(succeeded)
        task_id = instances[0].task.task_id
        if succeeded and task_id in run.dag.produces:
            self._written(run.dag.produces[task_id], run, task_id)

    def _try(self, run: SiteRun, instance: SiteTaskInstance, plan: Plan, pace: float) -> Process:
        task, rng = instance.task, self.rng
        while True:
            current = instance.now
            current.state, current.scheduled_at = "queued", self.now()
            current.queued_at = self.now() + timedelta(seconds=rng.uniform(0.1, 0.9))
            self.site.touch(run, self.now(), instance)
            with self._slots[task.pool].request() as slot:
                yield slot
                yield self.env.timeout(rng.expovariate(1 / 3) + 1.0)
                current.state, current.start_at = "running", self.now()
                self.site.touch(run, self.now(), instance)
                seconds = plan.minutes[task.task_id] * 60 * pace * math.exp(rng.gauss(0, 0.12))
                is_broken = self.broken.get(run.dag.dag_id) == task.task_id
                fails = is_broken or rng.random() < plan.fails
                yield self.env.timeout(seconds * (rng.uniform(0.1, 0.6) if fails else 1.0))
            current.end_at = self.now()
            self.site.touch(run, self.now(), instance)
            if not fails:
                current.state = "success"
                return
            if current.number > task.retries:
                current.state = "failed"
                return
            current.state = "failed"
            instance.tries.append(Try(current.number + 1, "up_for_retry"))
            yield self.env.timeout(RETRY_S)

    def _pace(self, plan: Plan) -> float:
        """Mondays are heavy, weekends light, and data grows; the end of a month is heavy for finance."""
        now = self.now().astimezone(UTC)
        weekday = (1.45, 1.05, 1.0, 1.0, 1.1, 0.75, 0.7)[now.weekday()]
        growth = 1 + plan.growth * self.env.now / (365 * DAY_S)
        month_end = 1.5 if now.day <= 2 and "finance" in plan.dag.dag_id else 1.0
        return weekday * growth * month_end * self.slow.get(plan.dag.dag_id, 1.0)

    def _written(self, uri: str, run: SiteRun, task_id: str) -> None:
        """A dataset was written: pipelines that now have all that they wait for are started."""
        event = self.site.add_event(uri, self.now(), run, task_id)
        for dag_id, missing in self._waiting.items():
            if uri in missing:
                missing.discard(uri)
                if not missing:
                    self._waiting[dag_id] = set(self.plans[dag_id].dag.scheduled_by)
                    event.created.append(self.trigger(dag_id, "asset_triggered"))
