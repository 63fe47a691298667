"""A Jira in memory: projects, people, boards, sprints and issues with their change logs, in Jira's own shapes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

POINTS, SPRINT, EPIC_LINK, FLAGGED = "customfield_10016", "customfield_10020", "customfield_10014", "customfield_10021"
FIELDS = (
    {"id": POINTS, "key": POINTS, "name": "Story point estimate", "custom": True,
     "schema": {"type": "number", "custom": "com.pyxis.greenhopper.jira:jsw-story-points", "customId": 10016}},
    {"id": SPRINT, "key": SPRINT, "name": "Sprint", "custom": True,
     "schema": {"type": "array", "items": "json", "custom": "com.pyxis.greenhopper.jira:gh-sprint", "customId": 10020}},
    {"id": EPIC_LINK, "key": EPIC_LINK, "name": "Epic Link", "custom": True,
     "schema": {"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link", "customId": 10014}},
    {"id": FLAGGED, "key": FLAGGED, "name": "Flagged", "custom": True,
     "schema": {"type": "array", "items": "option", "customId": 10021,
                "custom": "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes"}},
    {"id": "summary", "key": "summary", "name": "Summary", "custom": False,
     "schema": {"type": "string", "system": "summary"}},
)  # fmt: skip
STATUSES = (
    ("1", "To Do", "new", 2), ("2", "In Progress", "indeterminate", 4), ("3", "In Review", "indeterminate", 4),
    ("4", "Blocked", "indeterminate", 4), ("5", "Done", "done", 3),
)  # fmt: skip
TYPES = (
    ("1", "Epic", False, 1), ("2", "Story", False, 0), ("3", "Task", False, 0), ("4", "Bug", False, 0),
    ("5", "Sub-task", True, -1),
)  # fmt: skip

LINKS = {"Blocks": ("blocks", "is blocked by"), "Problem/Incident": ("causes", "is caused by")}
"""What each kind of link says outward and inward."""


def stamp(at: datetime) -> str:
    """A time as Jira prints it."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


@dataclass(frozen=True)
class Said:
    """A comment: a document, or wiki text as it is; `by` is an account id, empty where nobody knows."""

    at: datetime
    by: str
    body: Any
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What people wrote about an issue: its description, and comments, oldest first."""

    description: Any = None
    comments: Sequence[Said] = ()


@dataclass
class Issue:
    """An issue; `fields` as Jira sends them, `histories` oldest first."""

    id: int
    key: str
    fields: dict[str, Any]
    created: datetime
    updated: datetime
    histories: list[dict[str, Any]] = field(default_factory=list)

    def updated_as_of(self, at: datetime) -> datetime:
        """When it was last touched as far as was known at that time."""
        if self.updated <= at:
            return self.updated
        known = (datetime.fromisoformat(history["created"]) for history in reversed(self.histories))
        return next((changed for changed in known if changed <= at), self.created)


class JiraSite:
    """What a Jira knows. Every change takes the time `at` and who made it, and is written into the change log."""

    def __init__(self, url: str = "https://jira.demo") -> None:
        self.url = url
        self.users: dict[str, dict[str, Any]] = {}
        self.projects: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        self.fields: list[dict[str, Any]] = [dict(f) for f in FIELDS]
        self.statuses: dict[str, dict[str, Any]] = {
            name: {"id": number, "name": name, "statusCategory": {"id": category_id, "key": key, "name": key.title()}}
            for number, name, key, category_id in STATUSES
        }
        self.types: dict[str, dict[str, Any]] = {
            name: {"id": number, "name": name, "subtask": subtask, "hierarchyLevel": level}
            for number, name, subtask, level in TYPES
        }
        self.boards: list[dict[str, Any]] = []
        self.estimates: dict[int, str] = {}
        """The field that a board estimates in, where it is another than `POINTS`."""
        self.sprints: dict[int, dict[str, Any]] = {}
        self.issues: dict[int, Issue] = {}
        self.ids: dict[str, int] = {}
        """By key, old keys of moved issues included."""
        self.told: Callable[[Issue], Told] = lambda _: Told()
        """What people wrote about an issue."""
        self._numbers: dict[str, int] = {}
        self._next_id = 10_000
        self._next_history = 100_000

    # --- set-up ---

    def add_user(self, account_id: str, name: str, email: str, zone: str = "Europe/Berlin") -> None:
        """A person."""
        self.users[account_id] = {
            "self": f"{self.url}/rest/api/3/user?accountId={account_id}",
            "accountId": account_id,
            "accountType": "atlassian",
            "displayName": name,
            "emailAddress": email,
            "active": True,
            "timeZone": zone,
        }

    def add_project(self, key: str, name: str) -> None:
        """A project."""
        number = str(10_000 + len(self.projects))
        self.projects[key] = {"id": number, "key": key, "name": name, "self": f"{self.url}/rest/api/3/project/{number}"}

    def add_board(self, name: str, kind: str, project: str) -> int:
        """A board (scrum or kanban) of a project; its id."""
        board_id = len(self.boards) + 1
        self.boards.append({"id": board_id, "name": name, "type": kind, "location": {"projectKey": project}})
        return board_id

    def set_sprint(self, sprint_id: int, board_id: int, name: str, state: str, dates: Mapping[str, datetime]) -> None:
        """A sprint; `dates` may hold startDate, endDate and completeDate."""
        shown = {key: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z" for key, at in dates.items()}
        known = self.sprints.get(sprint_id, {})
        known.update({"id": sprint_id, "name": name, "state": state, "originBoardId": board_id, **shown})
        self.sprints[sprint_id] = known

    # --- what people do ---

    def create(
        self, project: str, kind: str, summary: str, *, at: datetime, by: str, parent: str | None = None, **fields: Any
    ) -> str:
        """A new issue in "To Do"; its key. `fields` are further fields in Jira's shapes."""
        self._next_id += 1
        key = self._next_key(project)
        issue = Issue(self._next_id, key, {}, at, at)
        issue.fields = {
            "summary": summary, "project": self._project_ref(project), "issuetype": self.types[kind],
            "status": self.statuses["To Do"], "priority": {"id": "3", "name": "Medium"}, "resolution": None,
            "resolutiondate": None, "created": stamp(at), "updated": stamp(at), "reporter": self.users.get(by),
            "assignee": None, "labels": [], "components": [], "fixVersions": [], "issuelinks": [], "duedate": None,
            **fields,
        }  # fmt: skip
        if parent is not None:
            issue.fields["parent"] = self._parent_ref(parent)
        self.issues[issue.id] = issue
        self.ids[key] = issue.id
        return key

    def transition(self, key: str, status: str, *, at: datetime, by: str) -> None:
        """Move an issue to a status; done ones are resolved."""
        issue = self.issues[self.ids[key]]
        old, new = issue.fields["status"], self.statuses[status]
        is_done = new["statusCategory"]["key"] == "done"
        changes = {
            "status": new,
            "resolution": {"id": "1", "name": "Done"} if is_done else None,
            "resolutiondate": stamp(at) if is_done else None,
        }
        self.change(key, changes, [_item("status", old["id"], old["name"], new["id"], new["name"])], at=at, by=by)

    def assign(self, key: str, account_id: str | None, *, at: datetime, by: str) -> None:
        """Give an issue to somebody, or to nobody."""
        old = self.issues[self.ids[key]].fields["assignee"] or {}
        new = self.users[account_id] if account_id is not None else {}
        item = _item(
            "assignee", old.get("accountId"), old.get("displayName"), new.get("accountId"), new.get("displayName")
        )
        self.change(key, {"assignee": new or None}, [item], at=at, by=by)

    def edit(self, key: str, name: str, value: Any, *, at: datetime, by: str) -> None:
        """Set any field."""
        old = self.issues[self.ids[key]].fields.get(name)
        item = _item(name, None, str(old) if old is not None else None, None, str(value))
        self.change(key, {name: value}, [item], at=at, by=by)

    def put_into_sprint(self, key: str, sprint_id: int, *, at: datetime, by: str) -> None:
        """Add a sprint to an issue's sprints."""
        sprints = [*(self.issues[self.ids[key]].fields.get(SPRINT) or []), self.sprints[sprint_id]]
        item = _item("Sprint", None, None, str(sprint_id), self.sprints[sprint_id]["name"])
        self.change(key, {SPRINT: sprints}, [item], at=at, by=by)

    def take_out_of_sprint(self, key: str, sprint_id: int, *, at: datetime, by: str) -> None:
        """Remove a sprint from an issue's sprints."""
        sprints = [s for s in self.issues[self.ids[key]].fields.get(SPRINT) or [] if s["id"] != sprint_id]
        item = _item("Sprint", str(sprint_id), self.sprints[sprint_id]["name"], None, None)
        self.change(key, {SPRINT: sprints}, [item], at=at, by=by)

    def link(self, key: str, other: str, kind: str = "Blocks", *, at: datetime, by: str) -> None:
        """Link one issue to another, seen from both ends."""
        outward, inward = LINKS[kind]
        shape = {"name": kind, "outward": outward, "inward": inward}
        for end, direction, there in ((key, "outwardIssue", other), (other, "inwardIssue", key)):
            links = [*self.issues[self.ids[end]].fields["issuelinks"], {"type": shape, direction: {"key": there}}]
            self.change(end, {"issuelinks": links}, [_item("Link", None, None, there, kind)], at=at, by=by)

    def move(self, key: str, project: str, *, at: datetime, by: str) -> str:
        """Move an issue to another project: a new key, the same id; the old key still finds it."""
        issue = self.issues[self.ids[key]]
        new = self._next_key(project)
        old, there = issue.fields["project"], self.projects[project]
        items = [
            _item("project", old["id"], old["name"], there["id"], there["name"]),
            _item("Key", None, issue.key, None, new),
        ]
        issue.key = new
        self.ids[new] = issue.id
        self.change(new, {"project": self._project_ref(project)}, items, at=at, by=by)
        return new

    def hide(self, project: str) -> None:
        """Take away the reader's right to browse a project."""
        self.hidden.add(project)

    def show(self, project: str) -> None:
        """Give it back."""
        self.hidden.discard(project)

    def delete(self, key: str) -> None:
        """Remove an issue and all that was known of it."""
        issue = self.issues.pop(self.ids[key])
        self.ids = {k: i for k, i in self.ids.items() if i != issue.id}

    def change(
        self, key: str, values: Mapping[str, Any], items: Sequence[Mapping[str, Any]], *, at: datetime, by: str
    ) -> None:
        """Set fields and log it."""
        issue = self.issues[self.ids[key]]
        self._next_history += 1
        issue.fields.update(values)
        issue.fields["updated"] = stamp(at)
        issue.updated = at
        issue.histories.append(
            {"id": str(self._next_history), "author": self.users.get(by), "created": stamp(at), "items": list(items)}
        )

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Ready-made issues: `id`, `key` and `fields` in Jira's shapes."""
        for row in rows:
            fields = dict(row["fields"])
            created = datetime.fromisoformat(fields["created"])
            updated = datetime.fromisoformat(fields.get("updated") or fields["created"])
            key, number = row["key"], int(row["id"])
            self.projects.setdefault(fields["project"]["key"], dict(fields["project"]))
            self.issues[number] = Issue(number, key, fields, created, updated)
            self.ids[key] = number
            self._next_id = max(self._next_id, number)
            project, _, count = key.rpartition("-")
            self._numbers[project] = max(self._numbers.get(project, 0), int(count))

    # --- reading ---

    def visible(self) -> list[Issue]:
        """The issues of the projects that are not hidden."""
        return [i for i in self.issues.values() if i.fields["project"]["key"] not in self.hidden]

    def find(self, id_or_key: str) -> Issue | None:
        """An issue by its id, its key or a key it had before it was moved."""
        number = int(id_or_key) if id_or_key.isdigit() else self.ids.get(id_or_key.upper())
        issue = self.issues.get(number) if number is not None else None
        return issue if issue and issue.fields["project"]["key"] not in self.hidden else None

    def _next_key(self, project: str) -> str:
        self._numbers[project] = self._numbers.get(project, 0) + 1
        return f"{project}-{self._numbers[project]}"

    def _project_ref(self, key: str) -> dict[str, Any]:
        return {name: self.projects[key][name] for name in ("id", "key", "name")}

    def _parent_ref(self, key: str) -> dict[str, Any]:
        parent = self.issues[self.ids[key]]
        shown = {name: parent.fields[name] for name in ("summary", "status", "issuetype")}
        return {"id": str(parent.id), "key": parent.key, "fields": shown}


def _item(name: str, old: str | None, old_name: str | None, new: str | None, new_name: str | None) -> dict[str, Any]:
    field_id = {"Key": "issuekey", "Sprint": SPRINT, "Link": "issuelinks"}.get(name, name)
    return {
        "field": name, "fieldId": field_id, "fieldtype": "jira", "from": old, "fromString": old_name, "to": new,
        "toString": new_name,
    }  # fmt: skip
