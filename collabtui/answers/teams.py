"""Which team a ticket or a pipeline belongs to."""

from collections.abc import Sequence

import polars as pl

from collabtui.config import Settings


def team_of_project(settings: Settings, project: str) -> str:
    """The team that the config gives a project to, else the project itself."""
    return next((team.name for team in settings.teams if project in team.projects), project)


def team_of_pipeline(settings: Settings, owners: Sequence[str], tags: Sequence[str]) -> str | None:
    """The team that the config gives a pipeline to, by owner or tag; None where it says nothing."""
    for team in settings.teams:
        if set(team.owners) & set(owners) or set(team.tags) & set(tags):
            return team.name
    return None


def with_team(tickets: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Add `team` to tickets (project)."""
    names = {project: team_of_project(settings, project) for project in tickets["project"].unique().to_list()}
    return tickets.with_columns(pl.col("project").replace_strict(names, return_dtype=pl.String).alias("team"))
