"""What the simulated people write about their tickets: it follows from what happened, so it is the same at any time."""

import random
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from collabtui.demo.company import TIMEZONE
from collabtui.demo.jira_documents import (
    Document,
    bullets,
    code,
    document,
    heading,
    link,
    mention,
    paragraph,
    tasks,
    warning,
)
from collabtui.demo.jira_site import Issue, JiraSite, Said, Told

ZONE = ZoneInfo(TIMEZONE)
AIRFLOW = "http://airflow.demo"
CAUSES = (
    "the partner has not answered which of the two feeds is right", "the access to the new schema was not granted yet",
    "the change of the contract upstream is not merged", "the test environment is full until Thursday",
)  # fmt: skip
WHY = (
    "Finance compares these numbers with the ledger every Monday, and last week they were off by 0.4 %.",
    "It was found in the stand-up: two reports show different totals for the same day.",
    "It costs us about an hour of reruns a week, and the on-call has asked for it twice.",
    "The source announced a change for next month; until then both forms have to work.",
)
STEPS = (
    "reproduce it with yesterday's data", "agree on the expected numbers with the owner",
    "change the model and its tests", "backfill the last 14 days", "tell the consumers in the channel",
)  # fmt: skip
REMARKS = (
    "Please add a test for an empty batch; the rest reads well.", "One join is done twice, else fine.",
    "Could the threshold move into the config? Not in this ticket, though.", "Nothing to add. Nice and small.",
)  # fmt: skip


def told(site: JiraSite, issue: Issue) -> Told:
    """Its description, and a comment for each thing that happened to it and was worth one."""
    rng = random.Random(issue.id)  # noqa: S311 - to be the same every time
    summary: str = issue.fields["summary"]
    if issue.fields["issuetype"]["name"] == "Epic":
        return Told(_epic(summary), ())
    failed, _, task = summary.partition(" fails in ")
    pipeline = failed if task else summary.rpartition(" in ")[2]
    description = _incident(site, issue, failed, task) if task else _planned(issue, summary, pipeline, rng)
    return Told(description, list(_comments(site, issue, pipeline, rng, is_incident=bool(task))))


def _epic(summary: str) -> Document:
    return document(
        heading("Goal"), paragraph(f"{summary}: one place that all teams trust, delivered before the due date."),
        heading("Not part of it"), bullets("history older than two years", "new dashboards"),
    )  # fmt: skip


def _planned(issue: Issue, summary: str, pipeline: str, rng: random.Random) -> Document:
    is_done = issue.fields["status"]["name"] == "Done"
    steps = sorted(rng.sample(range(len(STEPS)), 3))
    return document(
        paragraph(f"{summary}. ", rng.choice(WHY)),
        paragraph("Where it shows: ", link(pipeline, f"{AIRFLOW}/dags/{pipeline}"), "."),
        heading("Steps"),
        tasks([STEPS[n] for n in steps], are_done=is_done),
        code(f"SELECT count(*), count(DISTINCT id)\nFROM {pipeline}\nWHERE loaded_on = current_date"),
    )


def _incident(site: JiraSite, issue: Issue, pipeline: str, task: str) -> Document:
    causes = [
        site.issues[site.ids[other["inwardIssue"]["key"]]]
        for other in issue.fields["issuelinks"]
        if "inwardIssue" in other and other["type"]["name"] == "Problem/Incident"
    ]
    since = [paragraph(f"It began after {cause.key}: {cause.fields['summary']}.") for cause in causes]
    began = f"{issue.created.astimezone(ZONE):%d %b %H:%M}"
    return document(
        warning(f"{task} fails since {began}, whatever the retries. All that waits is late."),
        paragraph("The log of its last try: ", link(pipeline, f"{AIRFLOW}/dags/{pipeline}"), "."),
        *since,
    )


def _comments(site: JiraSite, issue: Issue, pipeline: str, rng: random.Random, *, is_incident: bool) -> Iterator[Said]:
    blocked_at: datetime | None = None
    asked = issue.fields["reporter"]
    for history in issue.histories:
        status = next((item for item in history["items"] if item["field"] == "status"), None)
        if status is None:
            continue
        at, by = datetime.fromisoformat(history["created"]), history["author"]["accountId"]
        cause, remark = rng.choice(CAUSES), rng.choice(REMARKS)
        match status["fromString"], status["toString"]:
            case _, "Blocked":
                blocked_at = at
                who = mention(asked["accountId"], asked["displayName"])
                yield Said(at, by, document(paragraph("Blocked: ", cause, ". ", who, ", can you ask again?")))
            case "Blocked", _ if blocked_at is not None:
                since = f"Blocked since {blocked_at.astimezone(ZONE):%a %d %b %H:%M}; that is settled, I go on."
                yield Said(at, by, document(paragraph(since)))
            case _, "In Review":
                yield Said(
                    at, by, document(paragraph("Ready for review: "), bullets(f"dags/{pipeline}.py", "its tests"))
                )
            case _, "Done" if is_incident:
                yield Said(at, by, document(paragraph(f"Fixed. {pipeline} was started again by hand.")))
            case _, "Done":
                yield Said(at, by, document(paragraph(remark), paragraph("Merged.")))
