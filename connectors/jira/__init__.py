"""Tickets with every status change, sprints, boards and people of one Jira Cloud or Data Center."""

from connectors.jira.connector import JiraConnector, JiraOptions

__all__ = ["JiraConnector", "JiraOptions"]
