"""Which team a ticket or a pipeline belongs to."""

from collections.abc import Sequence

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads


def team_of_project(settings: Settings, project: str) -> str:
    """The team that the config gives a project to, else the project itself."""
    return next((team.name for team in settings.teams if project in team.projects), project)


def team_of_pipeline(settings: Settings, owners: Sequence[str], tags: Sequence[str]) -> str | None:
    """The team that the config gives a pipeline to, by owner or tag; None where it says nothing."""
    for team in settings.teams:
        if set(team.owners) & set(owners) or set(team.tags) & set(tags):
            return team.name
    return None


def all_tickets(warehouse: Warehouse, settings: Settings) -> pl.DataFrame:
    """Every ticket with its `team`, epics and sub-tasks too."""
    return warehouse.kept(("all tickets", repr(settings)), lambda: with_team(reads.tickets(warehouse), settings))


def team_tickets(warehouse: Warehouse, settings: Settings) -> pl.DataFrame:
    """The tickets that count as a team's work, with their `team`: no epics, no sub-tasks."""
    is_work = ~pl.col("is_epic") & ~pl.col("is_subtask")
    return warehouse.kept(("team tickets", repr(settings)), lambda: all_tickets(warehouse, settings).filter(is_work))


def named_tickets(warehouse: Warehouse, settings: Settings) -> pl.DataFrame:
    """`team_tickets` with assignee and epic as people call them, epic_id and epic_key both wherever the epic is known:
    tickets name it by id or (older projects) by key.
    """
    return warehouse.kept(("named tickets", repr(settings)), lambda: _named(warehouse, settings))


def _named(warehouse: Warehouse, settings: Settings) -> pl.DataFrame:
    people = reads.people(warehouse).select("source", assignee_id="person_id", assignee="name")
    heads = all_tickets(warehouse, settings).filter("is_epic").select("source", "ticket_id", "ticket_key", "title")
    by_id = heads.select("source", epic_id="ticket_id", key_by_id="ticket_key", title_by_id="title")
    by_key = heads.select("source", epic_key="ticket_key", id_by_key="ticket_id", title_by_key="title")
    return (
        team_tickets(warehouse, settings)
        .join(people, on=["source", "assignee_id"], how="left")
        .join(by_id, on=["source", "epic_id"], how="left")
        .join(by_key, on=["source", "epic_key"], how="left")
        .with_columns(
            assignee=pl.coalesce("assignee", "assignee_id"),
            epic=pl.coalesce("title_by_id", "title_by_key", "epic_key"),
            epic_id=pl.coalesce("epic_id", "id_by_key"),
            epic_key=pl.coalesce("key_by_id", "epic_key"),
        )
    )


def with_team(tickets: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Add `team` to tickets (project)."""
    names = {project: team_of_project(settings, project) for project in tickets["project"].unique().to_list()}
    return tickets.with_columns(pl.col("project").replace_strict(names, return_dtype=pl.String).alias("team"))
