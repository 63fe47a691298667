"""What a Jira has besides tickets: projects, statuses, boards with their columns, sprints, and where its fields are."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from connectors import records
from connectors.base import Batch, Replace
from connectors.jira import wire
from connectors.jira.api import Api
from connectors.jira.tickets import CustomFields
from connectors.jira.times import parse_time
from connectors.jira.windows import windows

SPRINT_PAGE = 1000


@dataclass(frozen=True)
class Catalogue:
    """What was found: `batches` to write, `visible` project keys, ids of the fields that boards estimate in, and ids of
    the sprints under way.
    """

    batches: Sequence[Batch]
    visible: Sequence[str]
    estimates: Sequence[str]
    open_sprints: Sequence[str]


async def custom_fields(api: Api, estimates: Sequence[str]) -> CustomFields:
    """Where story points, sprints, epic links and flags stand on this server."""
    return CustomFields.found_in(await api.fields(), estimates)


async def read(api: Api, source: str, open_before: Sequence[str]) -> Catalogue:
    """Projects, statuses, boards and sprints, and who is in the sprints that are under way or were (`open_before`)."""
    projects, statuses, found_boards = await asyncio.gather(api.projects(), api.statuses(), api.boards())
    boards = found_boards or []
    configurations = await asyncio.gather(*(api.board_configuration(board.id) for board in boards))
    sprints_of = await asyncio.gather(*(_sprints(api, board) for board in boards))
    sprints = {sprint.id: (sprint, board) for board, found in zip(boards, sprints_of, strict=True) for sprint in found}
    rows: list[records.Record] = [
        records.Project(source=source, project_key=project.key, name=project.name) for project in projects
    ]
    rows += [
        records.Status(source=source, status_id=s.id, name=s.name, category=s.status_category.key)
        for s in statuses
        if s.status_category
    ]
    rows += [_board(source, board, c) for board, c in zip(boards, configurations, strict=True)]
    rows += [_sprint(source, sprint, board) for sprint, board in sprints.values()]
    open_now = [str(sprint.id) for sprint, _ in sprints.values() if sprint.state.lower() == "active"]
    known = {str(number) for number in sprints}
    asked = dict.fromkeys([*open_now, *(sprint for sprint in open_before if sprint in known)])
    estimations = [c.estimation for c in configurations if c and c.estimation]
    return Catalogue(
        batches=[
            Batch(stream="boards", records=rows, done=len(boards), total=len(boards)),
            *[await _members(api, source, sprint) for sprint in asked],
        ],
        visible=[project.key for project in projects],
        estimates=[estimation.field.field_id for estimation in estimations if estimation.field],
        open_sprints=open_now,
    )


async def _sprints(api: Api, board: wire.Board) -> list[wire.Sprint]:
    return [] if board.type == "kanban" else await api.sprints(board.id) or []


async def _members(api: Api, source: str, sprint_id: str) -> Batch:
    """Who is in a sprint: to be moved in or out does not always touch a ticket."""
    ids: dict[str, None] = {}
    async with aclosing(windows(api, [f"sprint = {sprint_id}"], ["created"], SPRINT_PAGE)) as found:
        async for window in found:
            ids |= dict.fromkeys(issue.id for issue in window.issues)
    return Batch(
        stream="sprints",
        replaces=[Replace(record_type=records.TicketSprint, where={"source": source, "sprint_id": sprint_id})],
        records=[records.TicketSprint(source=source, ticket_id=i, sprint_id=sprint_id) for i in ids],
    )


def _board(source: str, board: wire.Board, configuration: wire.BoardConfiguration | None) -> records.Board:
    config = configuration.column_config if configuration else None
    return records.Board(
        source=source,
        board_id=str(board.id),
        name=board.name,
        type=board.type,
        project_key=board.location.project_key if board.location else None,
        columns=[(column.name, [s.id for s in column.statuses]) for column in config.columns] if config else [],
    )


def _sprint(source: str, sprint: wire.Sprint, board: wire.Board) -> records.Sprint:
    return records.Sprint(
        source=source,
        sprint_id=str(sprint.id),
        board_id=str(sprint.origin_board_id or board.id),
        name=sprint.name,
        state=sprint.state.lower(),
        start_at=parse_time(sprint.start_date) if sprint.start_date else None,
        end_at=parse_time(sprint.end_date) if sprint.end_date else None,
        complete_at=parse_time(sprint.complete_date) if sprint.complete_date else None,
        goal=sprint.goal,
    )
