"""A ticket as Jira sends it becomes records: itself, its people, links, sprints and status changes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from connectors import records
from connectors.base import SourceError
from connectors.jira import wire
from connectors.jira.times import parse_time

POINTS_TEAM_MANAGED = "com.pyxis.greenhopper.jira:jsw-story-points"
SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
NUMBER = "com.atlassian.jira.plugin.system.customfieldtypes:float"
CHECKBOXES = "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes"


class CustomFields(msgspec.Struct):
    """The ids of the custom fields that we read; found in the field list, never assumed."""

    points: list[str] = []
    sprint: list[str] = []
    epic_link: list[str] = []
    flagged: list[str] = []

    @classmethod
    def found_in(cls, fields: Sequence[wire.Field], board_estimates: Sequence[str] = ()) -> "CustomFields":
        """By their types; what boards estimate in comes first among the story points."""

        def named(custom: str, *names: str) -> list[str]:
            return [f.id for f in fields if f.custom == custom and (not names or f.name in names)]

        known = {f.id for f in fields}
        points = [*board_estimates, *named(POINTS_TEAM_MANAGED), *named(NUMBER, "Story Points", "Story points")]
        return cls(
            points=list(dict.fromkeys(p for p in points if p in known)),
            sprint=named(SPRINT),
            epic_link=named(EPIC_LINK),
            flagged=named(CHECKBOXES, "Flagged"),
        )

    @property
    def ids(self) -> list[str]:
        """All of them."""
        return [*self.points, *self.sprint, *self.epic_link, *self.flagged]


def sprint_ids(value: Any) -> Iterator[str]:
    """The sprints in a sprint field: objects, or on older servers Java's text of them ("…Sprint@1f[id=7,…]")."""
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict) and isinstance(item.get("id"), int):
            yield str(item["id"])
        elif isinstance(item, str) and (found := re.search(r"[\[,]id=(\d+)[,\]]", item)):
            yield found.group(1)


class TicketReader:
    """Turns tickets of one source into records."""

    def __init__(self, source: str, base_url: str, custom: CustomFields) -> None:
        self.source = source
        self.base_url = base_url
        self.custom = custom

    def read(self, issue: wire.Issue, histories: Sequence[wire.History]) -> list[records.Record]:
        """All that this ticket tells. Raises `SourceError` that names the ticket and the field."""
        try:
            fields = msgspec.json.decode(issue.fields, type=wire.Fields)
            custom = msgspec.json.decode(issue.fields, type=dict[str, Any])
            return [
                self._ticket(issue, fields, custom),
                *self._people(fields, histories),
                *self._links(issue, fields),
                *self._sprints(issue, custom),
                *self._changes(issue, histories),
            ]
        except (msgspec.DecodeError, ValueError) as e:
            raise SourceError(f"{self.source}: ticket {issue.key}: {e}") from e

    def _ticket(self, issue: wire.Issue, fields: wire.Fields, custom: Mapping[str, Any]) -> records.Ticket:
        parent = fields.parent
        has_epic = parent is not None and (
            parent.fields is None or parent.fields.issuetype is None or parent.fields.issuetype.is_epic
        )
        link = next((custom[i] for i in self.custom.epic_link if isinstance(custom.get(i), str)), None)
        category = fields.status.status_category
        return records.Ticket(
            source=self.source,
            ticket_id=issue.id,
            ticket_key=issue.key,
            project=fields.project.key,
            title=fields.summary,
            type=fields.issuetype.name,
            is_epic=fields.issuetype.is_epic,
            is_subtask=fields.issuetype.subtask,
            status=fields.status.name,
            status_id=fields.status.id,
            status_category=category.key if category else None,
            priority=fields.priority.name if fields.priority else None,
            resolution=fields.resolution.name if fields.resolution else None,
            assignee_id=fields.assignee.id if fields.assignee else None,
            reporter_id=fields.reporter.id if fields.reporter else None,
            created_at=parse_time(fields.created),
            updated_at=_time(fields.updated),
            resolved_at=_time(fields.resolutiondate),
            due_on=date.fromisoformat(fields.duedate) if fields.duedate else None,
            parent_id=parent.id if parent else None,
            epic_id=parent.id if parent and has_epic and not fields.issuetype.subtask else None,
            epic_key=link or (parent.key if parent and has_epic and not fields.issuetype.subtask else None),
            story_points=next((float(custom[i]) for i in self.custom.points if _is_number(custom.get(i))), None),
            is_flagged=any(custom.get(i) for i in self.custom.flagged) if self.custom.flagged else None,
            labels=fields.labels,
            components=[c.name for c in fields.components],
            fix_versions=[v.name for v in fields.fixVersions],
            url=f"{self.base_url}/browse/{issue.key}",
        )

    def _people(self, fields: wire.Fields, histories: Sequence[wire.History]) -> Iterator[records.Person]:
        users = [fields.assignee, fields.reporter, *(h.author for h in histories)]
        for user in {u.id: u for u in users if u is not None and u.id}.values():
            yield records.Person(
                source=self.source,
                person_id=user.id,
                name=user.display_name or user.name or user.id,
                email=user.email_address or None,
                is_active=user.active,
                timezone=user.time_zone,
            )

    def _links(self, issue: wire.Issue, fields: wire.Fields) -> Iterator[records.TicketLink]:
        for link in fields.issuelinks:
            for direction, label, other in (
                ("outward", link.type.outward, link.outward_issue),
                ("inward", link.type.inward, link.inward_issue),
            ):
                if other is not None:
                    yield records.TicketLink(
                        source=self.source,
                        ticket_id=issue.id,
                        type=link.type.name,
                        direction=direction,
                        other_key=other.key,
                        label=label or None,
                    )

    def _sprints(self, issue: wire.Issue, custom: Mapping[str, Any]) -> Iterator[records.TicketSprint]:
        for field in self.custom.sprint:
            for sprint_id in dict.fromkeys(sprint_ids(custom.get(field))):
                yield records.TicketSprint(source=self.source, ticket_id=issue.id, sprint_id=sprint_id)

    def _changes(self, issue: wire.Issue, histories: Sequence[wire.History]) -> Iterator[records.Record]:
        for history in histories:
            for ordinal, item in enumerate(history.items):
                if item.field == "status":
                    yield records.Transition(
                        source=self.source,
                        ticket_id=issue.id,
                        history_id=history.id,
                        ordinal=ordinal,
                        at=parse_time(history.created),
                        author_id=history.author.id if history.author else None,
                        from_status=item.from_name,
                        from_status_id=item.from_id,
                        to_status=item.to_name,
                        to_status_id=item.to,
                    )
                elif item.field == "Key" and item.from_name:
                    yield records.TicketAlias(source=self.source, ticket_key=item.from_name, ticket_id=issue.id)


def _time(value: str | None) -> datetime | None:
    return parse_time(value).astimezone(UTC) if value else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
