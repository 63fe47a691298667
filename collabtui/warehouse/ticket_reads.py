"""What is said of tickets closely: of each other, of their sprints, of one alone; and those that words find."""

from collections.abc import Sequence

import polars as pl

from collabtui.warehouse.related_reads import Key
from collabtui.warehouse.store import Warehouse

IS_BLOCKER = "(l.label LIKE '%blocked by%' OR l.type = 'Blocks' AND l.direction = 'inward')"
IS_OPEN = "coalesce(o.status_category, 'new') != 'done'"


def blockers(warehouse: Warehouse) -> pl.DataFrame:
    """Tickets that wait for others which are not done: source, ticket_id, blocked_by ("WH-9, WH-12").

    Jira's own link type and those that are called the same; tickets that were never read are not told.
    """
    return warehouse.frame(
        f"""SELECT l.source, l.ticket_id, group_concat(DISTINCT o.ticket_key) AS blocked_by
           FROM ticket_link l JOIN ticket o ON o.source = l.source AND o.ticket_key = l.other_key
           WHERE l.gone_at IS NULL AND o.gone_at IS NULL AND {IS_OPEN} AND {IS_BLOCKER}
           GROUP BY l.source, l.ticket_id"""  # noqa: S608
    ).with_columns(pl.col("blocked_by").cast(pl.String).str.replace_all(",", ", ", literal=True))


def links(warehouse: Warehouse, source: str, ticket_id: str) -> list[tuple[str, str]]:
    """The links of a ticket: what they say ("blocks"), and the other's key."""
    sql = (
        "SELECT coalesce(label, type), other_key FROM ticket_link WHERE source = ? AND ticket_id = ? AND gone_at ISNULL"
    )
    return [(label, key) for label, key in warehouse.rows(sql, [source, ticket_id])]


def linked(warehouse: Warehouse, source: str, ticket_id: str) -> pl.DataFrame:
    """The links of a ticket, those that block it first: label ("blocks"), ticket_key, is_blocker (it is open, and
    blocks this one), and where the other was read title, status, status_category.
    """
    return warehouse.frame(
        f"""SELECT coalesce(l.label, l.type) AS label, l.other_key AS ticket_key, o.title, o.status, o.status_category,
             coalesce(o.ticket_key NOTNULL AND {IS_OPEN} AND {IS_BLOCKER}, 0) AS is_blocker
           FROM ticket_link l LEFT JOIN ticket o
             ON o.source = l.source AND o.ticket_key = l.other_key AND o.gone_at IS NULL
           WHERE l.source = ? AND l.ticket_id = ? AND l.gone_at IS NULL
           ORDER BY is_blocker DESC, label, o.status_category = 'done', l.other_key""",  # noqa: S608
        [source, ticket_id],
    ).with_columns(pl.col("is_blocker").cast(pl.Boolean))


def sprints(warehouse: Warehouse) -> pl.DataFrame:
    """The sprint of each ticket that is or was in one: source, ticket_id, sprint (its name), sprint_state (active,
    future, closed), sprint_end_at. Of several the one that goes on, else the next one, else the last.
    """
    order = "s.state = 'active' DESC, s.state = 'future' DESC"
    return warehouse.frame(
        f"""SELECT source, ticket_id, sprint, sprint_state, sprint_end_at FROM (
             SELECT m.source, m.ticket_id, s.name AS sprint, s.state AS sprint_state, s.end_at AS sprint_end_at,
               row_number() OVER (PARTITION BY m.source, m.ticket_id ORDER BY {order},
                 CASE WHEN s.state = 'future' THEN s.start_at ELSE -s.start_at END, s.sprint_id) AS place
             FROM ticket_sprint m JOIN sprint s USING (source, sprint_id)
             WHERE m.gone_at IS NULL AND s.gone_at IS NULL) WHERE place = 1"""  # noqa: S608
    ).with_columns(pl.col("sprint", "sprint_state").cast(pl.String))


def facts(warehouse: Warehouse, source: str, ticket_id: str) -> pl.DataFrame:
    """What its source says of a ticket, one row, none where there is no such: ticket_key, title, type, priority,
    reporter, assignee, due_on, story_points, labels, is_flagged, status, status_category, created_at, url, parent_key,
    parent_title (of the ticket or epic that it is part of; null where that was never read).
    """
    who = "(SELECT coalesce(min(p.name), {0}) FROM person p WHERE p.source = t.source AND p.person_id = {0} "
    who += "AND p.gone_at IS NULL)"
    return warehouse.frame(
        f"""SELECT t.ticket_key, t.title, t.type, t.priority, {who.format("t.reporter_id")} AS reporter,
             {who.format("t.assignee_id")} AS assignee, t.due_on, t.story_points, t.labels, t.is_flagged, t.status,
             t.status_category, t.created_at, t.url, o.ticket_key AS parent_key, o.title AS parent_title
           FROM ticket t LEFT JOIN ticket o
             ON o.source = t.source AND o.ticket_id = coalesce(t.parent_id, t.epic_id) AND o.gone_at IS NULL
           WHERE t.source = ? AND t.ticket_id = ? AND t.gone_at IS NULL""",  # noqa: S608
        [source, ticket_id],
    )


def sub_tasks(warehouse: Warehouse, source: str, ticket_id: str) -> pl.DataFrame:
    """The sub-tasks of a ticket, those that are open first, then as they were made: ticket_key, title, status,
    status_category.
    """
    return warehouse.frame(
        """SELECT ticket_key, title, status, status_category FROM ticket
           WHERE source = ? AND parent_id = ? AND is_subtask AND gone_at IS NULL
           ORDER BY status_category IS 'done', created_at, ticket_key""",
        [source, ticket_id],
    )


def moves_of(warehouse: Warehouse, source: str, ticket_id: str) -> pl.DataFrame:
    """The status changes of one ticket in their order: at, from_status, to_status, to_category."""
    return warehouse.frame(
        """SELECT x.at, x.from_status, x.to_status, s.category AS to_category FROM transition x
           LEFT JOIN status s ON s.source = x.source AND s.status_id = x.to_status_id
           WHERE x.source = ? AND x.ticket_id = ? ORDER BY x.at, CAST(x.history_id AS INTEGER), x.ordinal""",
        [source, ticket_id],
    )


def called(warehouse: Warehouse, key: str, limit: int) -> list[Key]:
    """Tickets (source, ticket_id) of this key, now or once, then those whose key begins so, newest first."""
    is_it = "SELECT source, ticket_id FROM {} WHERE ticket_key = ?1 AND gone_at IS NULL"
    begin_so = "ticket_key > ?1 AND ticket_key < ?1 || char(0x10FFFF) AND gone_at IS NULL"
    sql = (
        f"SELECT * FROM ({is_it.format('ticket')} UNION {is_it.format('ticket_alias')}) UNION ALL "  # noqa: S608 - our own names
        f"SELECT * FROM (SELECT source, ticket_id FROM ticket WHERE {begin_so} ORDER BY {_CHANGED} DESC) LIMIT ?2"
    )
    return list(dict.fromkeys((source, found) for source, found in warehouse.rows(sql, [key.upper(), limit])))


def titled(warehouse: Warehouse, words: Sequence[str], limit: int) -> list[Key]:
    """Tickets (source, ticket_id) with each of these words somewhere in title or key, in any case; newest first."""
    params: list[str | int] = [limit]
    conditions = ["gone_at IS NULL"]
    for word in words:
        some = _cases(word)
        numbers = range(len(params) + 1, len(params) + len(some) + 1)
        conditions.append(f"({' OR '.join(_HAS.format(number) for number in numbers)})")
        params += some
    where = " AND ".join(conditions)
    sql = f"SELECT source, ticket_id FROM ticket WHERE {where} ORDER BY {_CHANGED} DESC LIMIT ?1"  # noqa: S608
    return [(source, found) for source, found in warehouse.rows(sql, params)]


_CHANGED = "coalesce(updated_at, created_at)"
_HAS = "title LIKE ?{0} ESCAPE '!' OR ticket_key LIKE ?{0} ESCAPE '!'"


def _cases(word: str) -> list[str]:
    """What LIKE looks for: it takes letters for the same in either case only as far as ASCII goes."""
    cases = [word] if word.isascii() else dict.fromkeys((word, word.lower(), word.upper(), word.capitalize()))
    return [f"%{_literal(case)}%" for case in cases]


def _literal(text: str) -> str:
    """For LIKE: its wildcards stand for themselves."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
