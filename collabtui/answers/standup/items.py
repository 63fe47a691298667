"""The lines of a stand-up, and what is left of many."""

from collections.abc import Iterable
from typing import NamedTuple

CHANGES, RISKS, TEAM = "changes", "risks", "team"
LISTED = 7
"""So many of a kind are told on a page; the rest are counted."""
Numbers = list[tuple[str, str | None, str, int | None]]


class Item(NamedTuple):
    """A row of `Standup.items`."""

    page: str
    team: str | None
    kind: str
    what: str
    text: str
    person: str | None = None
    things: int = 1


def shortened(items: Iterable[Item]) -> list[Item]:
    """The first of each kind on each page; one more row says how many are left, unless that is one."""
    pages: dict[tuple[str, str | None, str], list[Item]] = {}
    for item in items:
        pages.setdefault((item.page, item.team if item.page == TEAM else None, item.kind), []).append(item)
    found: list[Item] = []
    for (page, team, kind), mine in pages.items():
        shown = mine if len(mine) <= LISTED + 1 else mine[:LISTED]
        found += shown
        if left := len(mine) - len(shown):
            found.append(Item(page, team, kind, mine[-1].what, f"and {left} more", None, left))
    return found
