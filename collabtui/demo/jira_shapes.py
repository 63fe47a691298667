"""How Data Center writes what Cloud writes otherwise: people without account ids, sprints as Java's text of them."""

from collections.abc import Mapping
from typing import Any

from collabtui.demo.jira_site import SPRINT

PEOPLE = frozenset({"assignee", "reporter", "creator", "author"})
SPRINT_PARTS = ("id", "originBoardId", "state", "name", "startDate", "endDate", "completeDate", "goal")


def person(user: Mapping[str, Any]) -> dict[str, Any]:
    """A user, by key and name."""
    account_id = user["accountId"]
    shown = {name: user[name] for name in ("displayName", "emailAddress", "active", "timeZone") if name in user}
    return {"name": account_id, "key": account_id, **shown}


def sprint(shown: Mapping[str, Any]) -> str:
    """A sprint in a ticket's field."""
    names = {"originBoardId": "rapidViewId"}
    values = {names.get(part, part): shown.get(part) or "<null>" for part in SPRINT_PARTS}
    values["state"] = str(values["state"]).upper()
    parts = ",".join(f"{name}={value}" for name, value in values.items())
    return f"com.atlassian.greenhopper.service.sprint.Sprint@1f39f4[{parts},sequence={shown['id']}]"


def fields(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a ticket, or a change log's entry."""
    values = dict(shown)
    for name in PEOPLE & values.keys():
        values[name] = person(values[name]) if values[name] else None
    if values.get(SPRINT):
        values[SPRINT] = [sprint(s) for s in values[SPRINT]]
    return values
