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


def with_team(tickets: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Add `team` to tickets (project)."""
    names = {project: team_of_project(settings, project) for project in tickets["project"].unique().to_list()}
    return tickets.with_columns(pl.col("project").replace_strict(names, return_dtype=pl.String).alias("team"))
