"""What may go wrong this week: deliveries, epics, teams, pools, and what is off already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collabtui.answers.anomalies import anomalies
from collabtui.answers.cycles import Key
from collabtui.answers.pools import pools
from collabtui.answers.standup.items import RISKS, Item, Numbers
from collabtui.answers.standup.words import Words, length
from collabtui.chances import percent
from collabtui.config import Settings
from collabtui.warehouse import Warehouse

Row = Mapping[str, Any]
DELIVERIES = ("late", "failed", "at risk")
EPICS = ("overdue", "at risk")


@dataclass(frozen=True)
class Risks:
    """Items, the worst of each kind first, and how many there are of each."""

    items: list[Item]
    numbers: Numbers


def risks(
    warehouse: Warehouse,
    settings: Settings,
    now: datetime,
    deliveries: Sequence[Row],
    epics: Sequence[Row],
    teams: Sequence[Row],
    team_of: Mapping[Key, str | None],
    words: Words,
) -> Risks:
    """What the answers of these names call late, at risk, overloaded or full, and the anomalies that go on."""
    due = [row for row in deliveries if row["state"] in DELIVERIES]
    due.sort(key=lambda row: (DELIVERIES.index(row["state"]), -(row["p_late"] or 0.0)))
    kinds = {
        "deliveries": [_delivery(row, team_of, words) for row in due],
        "epics": [epic_item(RISKS, row, words) for row in epics if row["state"] in EPICS],
        "teams": [_team(row) for row in teams if row["state"] == "overloaded"],
        "pools": [_pool(row) for row in pools(warehouse, settings, now).pools.to_dicts() if row["state"] == "full"],
        "anomalies": [
            Item(RISKS, _team_off(row, team_of), "anomalies", "off", f"{row['subject']}: {row['text']}")
            for row in anomalies(warehouse, settings, now).anomalies.to_dicts()
            if row["until_at"] is None
        ],
    }
    items = [item for mine in kinds.values() for item in mine]
    return Risks(items, [(RISKS, None, kind, len(mine)) for kind, mine in kinds.items()])


def delivery_text(row: Row, words: Words) -> str:
    """mart/revenue 38 % to miss 08:00, P85 08:12: what matters most first, for small screens cut the end."""
    due = words.at(row["deadline_at"]) if row["deadline_at"] is not None else None
    parts = [f"due {due}"] if due is not None else []
    if due is not None and row["p_late"] is not None and row["state"] not in ("on time", "late"):
        may_fail = " (it may fail)" if (row["p_fail"] or 0.0) > row["p_late"] / 2 else ""
        parts = [f"{percent(row['p_late'])} to miss {due}{may_fail}"]
    parts += [f"P85 {words.at(row['p85_at'])}"] if row["p85_at"] is not None else []
    return f"{row['name']} {', '.join(parts)}"


def epic_item(page: str, row: Row, words: Words) -> Item:
    """ING-3 Schema registry 64 % to miss 14 Mar, P85 20 Mar."""
    due = words.day(row["due_on"])
    is_told = row["p_late"] is not None and row["state"] == "at risk"
    first = f"{percent(row['p_late'])} to miss {due}" if is_told else f"due {due}"
    last = f"P85 {words.day(row['p85_on'])}" if row["p85_on"] is not None else "P85 not within two years"
    text = f"{row['epic_key']} {row['title'] or ''}".strip()
    return Item(page, row["team"], "epics", row["state"], f"{text} {first}, {last}")


def _delivery(row: Row, team_of: Mapping[Key, str | None], words: Words) -> Item:
    because = f": {row['reason']}" if row["state"] in ("failed", "late") and row["reason"] else ""
    team = team_of.get((row["source"], row["pipeline_id"]))
    return Item(RISKS, team, "deliveries", row["state"], f"{delivery_text(row, words)}{because}")


def _team(row: Row) -> Item:
    text = f"{row['team']}: {row['load'] * 100:.0f} tickets come for each 100 finished"
    return Item(RISKS, row["team"], "teams", "overloaded", text)


def _pool(row: Row) -> Item:
    text = f"{row['pool']}: a slot more saves {length(row['slot_more_p50_min'] * 60)} a day (P50)"
    return Item(RISKS, None, "pools", "full", text)


def _team_off(row: Row, team_of: Mapping[Key, str | None]) -> str | None:
    if row["subject_type"] == "team":
        team: str = row["subject"]
        return team
    return team_of.get((row["source"], row["subject"])) if row["subject_type"] == "pipeline" else None
