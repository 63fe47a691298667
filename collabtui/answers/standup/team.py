"""What comes next for a team: what it has to deliver, and how much it will finish."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from collabtui.answers.cycles import Key
from collabtui.answers.standup.items import TEAM, Item
from collabtui.answers.standup.risks import delivery_text, epic_item
from collabtui.answers.standup.words import Words

Row = Mapping[str, Any]
DUE_WITHIN = timedelta(hours=24)
EPICS_WITHIN = timedelta(days=14)
ORDER = ("late", "at risk", "unknown", "on time")
"""What failed is told as a pipeline."""


def coming(
    deliveries: Sequence[Row], epics: Sequence[Row], team_of: Mapping[Key, str | None], words: Words
) -> dict[str, list[Item]]:
    """By team, the data that is due in the next 24 hours and the epics in the next 14 days; the riskiest first."""
    found: dict[str, list[Item]] = {}
    until, until_on = words.now + DUE_WITHIN, (words.now + EPICS_WITHIN).date()
    ahead = [row for row in deliveries if row["landed_at"] is None and row["state"] in ORDER]
    for row in sorted(ahead, key=lambda row: ORDER.index(row["state"])):
        team, at = team_of.get((row["source"], row["pipeline_id"])), row["deadline_at"] or row["p85_at"]
        if team is not None and at is not None and at < until:
            found.setdefault(team, []).append(Item(TEAM, team, "next", row["state"], delivery_text(row, words)))
    for row in epics:
        if row["due_on"] is not None and row["due_on"] <= until_on and row["open"]:
            found.setdefault(row["team"], []).append(epic_item(TEAM, row, words))
    return found


def next_week(row: Row | None) -> list[Item]:
    """How much a team will finish in the next seven days; nothing where that is not known."""
    if row is None or row["next_week_p85"] is None:
        return []
    text = f"at least {row['next_week_p85']} tickets with 85 %, {row['next_week_p50']} with 50 % certainty"
    return [Item(TEAM, row["team"], "next week", "next week", text)]
