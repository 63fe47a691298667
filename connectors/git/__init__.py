"""Commits, file changes, branches and tags of one Git repository, by running git."""

from connectors.git.connector import GitConnector, GitOptions

__all__ = ["GitConnector", "GitOptions"]
