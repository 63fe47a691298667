"""One module a question: functions of (warehouse, settings, now) that give frozen dataclasses of frames.

`ANSWERS` is what can be asked for by name. The modules behind it (polars, numpy) are imported when they are asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse


@dataclass(frozen=True)
class Question:
    """A question with a name: what it is about, the answer and the frame of it that is its table.

    `columns` are those that people read first; the frame has more. `about`: where the question is about one thing that
    must be named, what that is, and where its names are found. `kinds`: the sources that tell of it, any of which is
    enough; none where that cannot be said.
    """

    name: str
    help: str
    answer: str
    table: str
    columns: tuple[str, ...]
    about: str = ""
    kinds: tuple[str, ...] = ()

    def ask(self, warehouse: "Warehouse", settings: "Settings", now: datetime, **more: Any) -> Any:
        """The answer: the dataclass that its module describes; `more` goes to the module's function."""
        ask: Callable[..., Any] = getattr(import_module(f"collabtui.answers.{self.answer}"), self.answer)
        return ask(warehouse, settings, now, **more)

    def frame(self, answer: Any) -> "pl.DataFrame":
        """The table of the answer."""
        frame: pl.DataFrame = getattr(answer, self.table)
        return frame


AIRFLOW, JIRA, GIT = ("airflow",), ("jira",), ("git",)
ONE_SERIES = "series (collabtui show series lists them)"
ANSWERS = {
    question.name: question
    for question in (
        Question(
            "pipelines", "every pipeline, riskiest first, with the landing of its next run", "pipelines", "pipelines",
            ("state", "name", "p50_at", "p85_at", "p95_at", "deadline_at", "p_late", "last_end_at",
             "typical_duration_s", "success_rate", "owner"), kinds=AIRFLOW,
        ),
        Question(
            "runs", "the newest runs, and when those in flight will land", "runs", "runs",
            ("state", "pipeline_id", "due_at", "start_at", "end_at", "landing_delay_s", "duration_s", "p50_at",
             "p95_at", "p_late", "failed_task"), kinds=AIRFLOW,
        ),
        Question(
            "run-tasks", "one run task by task: how long each held it up, and what is still to come", "run_tasks",
            "tasks", ("state", "task_id", "try_number", "start_at", "took_s", "p50_s", "p85_s", "expected_end_at",
                      "held_s", "slack_s"), 'run (of a pipeline its newest one, or "PIPELINE RUN_ID")', kinds=AIRFLOW,
        ),
        Question(
            "calendar", "the runs to come in the next seven days, and how their times are known", "calendar", "runs",
            ("due_at", "name", "basis", "p50_at", "p85_at", "p95_at", "deadline_at", "p_late", "pools", "slot_hours"),
            kinds=AIRFLOW,
        ),
        Question(
            "calendar-hours", "how many runs are in flight in each hour of the next seven days", "calendar", "hours",
            ("day_on", "hour", "in_flight", "begin"), kinds=AIRFLOW,
        ),
        Question(
            "calendar-pools", "what those runs ask of each pool, hour by hour", "calendar", "pools",
            ("from_at", "pool", "slots", "slots_asked", "is_over"), kinds=AIRFLOW,
        ),
        Question(
            "deliveries", "what data is due today and in the next days", "deliveries", "deliveries",
            ("state", "name", "deadline_at", "landed_at", "p50_at", "p85_at", "p95_at", "p_late", "on_time_rate",
             "updated_at", "reason"), kinds=AIRFLOW,
        ),
        Question(
            "epics", "when every open epic will be delivered", "epics", "epics",
            ("state", "epic_key", "title", "team", "done", "total", "due_on", "p50_on", "p85_on", "p95_on", "p_late"),
            kinds=JIRA,
        ),
        Question(
            "what-if", "when open epics are delivered with one person more or less, or another scope", "what_if",
            "epics", ("epic_key", "title", "what", "open", "due_on", "p50_on", "p85_on", "p95_on", "p_late"),
            kinds=JIRA,
        ),
        Question(
            "capacity", "what each team finishes, has in progress and will finish", "capacity", "teams",
            ("state", "team", "open_tickets", "wip", "wip_age_p85_days", "arrivals_week", "throughput_week", "load",
             "next_week_p85", "next_week_p50", "backlog_weeks_p85"), kinds=JIRA,
        ),
        Question(
            "weeks", "what came to each team and what it finished, week by week, and the weeks to come", "capacity",
            "weeks", ("team", "week_on", "arrivals", "throughput", "open", "p15", "p50", "p85", "arrivals_p50",
                      "arrivals_p85", "open_p50", "open_p85", "age_p50_days"), kinds=JIRA,
        ),
        Question(
            "compute", "how much ran in each pool, and how much will in the days and weeks to come", "compute", "pools",
            ("pool", "slots", "day_hours", "next_day_p50", "next_day_p85", "week_hours", "next_week_p50",
             "next_week_p85", "used_p85", "most_week_hours", "passes_p50_on", "passes_p85_on", "history_n"),
            kinds=AIRFLOW,
        ),
        Question(
            "people", "who has what in progress", "capacity", "people",
            ("person", "team", "wip", "oldest_days", "done_28d"), kinds=JIRA,
        ),
        Question(
            "anomalies", "what is off: longer runs, failures, silence, more or fewer than usual", "anomalies",
            "anomalies", ("since_at", "until_at", "subject_type", "subject", "kind", "text"),
            kinds=AIRFLOW + JIRA + GIT,
        ),
        Question(
            "ledger", "how good the forecasts were that were shown, by kind and model", "ledger", "kinds",
            ("kind", "model", "scored_n", "open_n", "words", "verdict", "held_p50_n", "held_p95_n", "pinball", "unit",
             "mase"), kinds=AIRFLOW + JIRA,
        ),
        Question(
            "ledger-subjects", "the same by pipeline, epic, team and pool, and which drift", "ledger", "subjects",
            ("kind", "about", "scored_n", "words", "verdict", "pinball", "unit", "mase", "drifted_at", "drift"),
            kinds=AIRFLOW + JIRA,
        ),
        Question(
            "tickets", "in progress, to do, and done in the last twelve weeks, ticket by ticket", "tickets", "tickets",
            ("state", "ticket_key", "title", "team", "status", "days", "priority", "type", "due_on", "sprint",
             "blocked_by", "epic", "assignee", "done_on"), kinds=JIRA,
        ),
        Question(
            "flow", "how many tickets were to do, in progress and done, day by day", "flow", "days",
            ("team", "on", "to_do", "in_progress", "done"), kinds=JIRA,
        ),
        Question(
            "flow-teams", "how long tickets take: cycle times and flow efficiency of each team", "flow", "teams",
            ("team", "wip", "finished_n", "unknown_n", "p50_days", "p85_days", "p95_days", "efficiency", "waiting"),
            kinds=JIRA,
        ),
        Question(
            "cycle-times", "how long each ticket took that was finished in the last twelve weeks", "flow",
            "cycle_times", ("ticket_key", "title", "team", "days", "older_than", "done_at", "epic", "assignee"),
            kinds=JIRA,
        ),
        Question(
            "ages", "how old each ticket in progress is, against what finished ones took", "flow", "ages",
            ("state", "ticket_key", "title", "team", "status", "days", "older_than", "epic", "assignee"), kinds=JIRA,
        ),
        Question(
            "bottlenecks", "where work and data wait, and what that costs", "bottlenecks", "bottlenecks",
            ("state", "kind", "what", "where", "cost", "sentence"), kinds=AIRFLOW + JIRA,
        ),
        Question(
            "tasks", "of each pipeline the task that costs most landing time", "tasks", "tasks",
            ("name", "task_id", "instant_p50_s", "instant_p95_s", "steady_p50_s", "steady_p95_s", "landing_p50_s",
             "history_n"), kinds=AIRFLOW,
        ),
        Question(
            "statuses", "how long tickets stay in each status, and which of them fill up", "statuses", "statuses",
            ("state", "team", "status", "in_it", "in_it_before", "median_days", "p85_days", "median_days_before",
             "age_p50_days", "age_p85_days", "came_week", "left_week", "share"), kinds=JIRA,
        ),
        Question(
            "work", "what teams and people have open against what they finish", "work", "work",
            ("state", "kind", "name", "team", "wip", "open_tickets", "arrivals_week", "done_week", "load",
             "clear_weeks_p50", "clear_weeks_p85"), kinds=JIRA,
        ),
        Question(
            "pools", "how full each pool is, how long tasks wait for it, and what a slot more saves", "pools", "pools",
            ("state", "pool", "slots", "most_used", "used", "full", "busiest_weekday", "busiest_hour", "waited_day",
             "waited_p50_min", "waited_p95_min", "replayed_p50_min", "slot_more_p50_min", "slot_more_p95_min"),
            kinds=AIRFLOW,
        ),
        Question(
            "hours", "how full each pool is by hour of the week", "pools", "hours",
            ("pool", "weekday", "hour", "used", "full", "waited_min"), kinds=AIRFLOW,
        ),
        Question(
            "series", "every number that changes over time, by hour, day or week", "series", "series",
            ("series", "state", "every", "unit", "points", "last_at", "last_value", "off"), kinds=AIRFLOW + JIRA + GIT,
        ),
        Question(
            "lab", "the forecast of one series: P50, and what 80 and 95 of 100 values stay within", "lab", "ahead",
            ("at", "p2_5", "p10", "p50", "p85", "p90", "p95", "p97_5"), ONE_SERIES,
        ),
        Question(
            "lab-trust", "how that forecast is made, and what it is worth", "lab", "about",
            ("points", "model", "mase", "naive_mase", "naive", "origins", "data_quality", "features", "validation",
             "readiness", "reason", "kept"), ONE_SERIES,
        ),
        Question(
            "lab-rivals", "how each model did on the past of that series", "lab", "rivals",
            ("candidate", "family", "mase", "weight"), ONE_SERIES,
        ),
        Question(
            "lab-mended", "what was mended in that series, and what is odd and was kept", "lab", "mended",
            ("kind", "at", "count", "text"), ONE_SERIES,
        ),
        Question(
            "lab-history", "that series itself, as the models see it", "lab", "history",
            ("at", "value", "is_mended", "is_closed"), ONE_SERIES,
        ),
        Question(
            "lab-backtest", "what would have been forecast for that series, and what came", "lab", "backtest",
            ("known_at", "at", "value", "told"), ONE_SERIES,
        ),
        Question(
            "related", "what is related to a pipeline, dataset, ticket, commit, person or team", "named", "related",
            ("relation", "kind", "key", "name", "state", "at", "who"),
            "pipeline, dataset, ticket, commit, person or team",
        ),
        Question(
            "find", "tickets of all states with these words, or this key", "find", "tickets",
            ("kind", "key", "name", "state", "at", "who"), 'key, or words of a title ("slow joins")', kinds=JIRA,
        ),
        Question(
            "standup", "notes for the stand-up: changes since the last, risks of the week, each team", "standup",
            "items", ("page", "team", "what", "text", "person"), kinds=AIRFLOW + JIRA,
        ),
        Question(
            "sources", "how fresh each source is", "sources", "sources",
            ("source", "kind", "state", "ok_at", "age_s", "error"), kinds=AIRFLOW + JIRA + GIT,
        ),
    )
}  # fmt: skip
