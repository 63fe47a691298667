"""What tickets say of each other, and those that have words in their keys and titles."""

from collections.abc import Sequence

import polars as pl

from collabtui.warehouse.related_reads import Key
from collabtui.warehouse.store import Warehouse


def blockers(warehouse: Warehouse) -> pl.DataFrame:
    """Tickets that wait for others which are not done: source, ticket_id, blocked_by ("WH-9, WH-12").

    Jira's own link type and those that are called the same; tickets that were never read are not told.
    """
    return warehouse.frame(
        """SELECT l.source, l.ticket_id, group_concat(DISTINCT o.ticket_key) AS blocked_by
           FROM ticket_link l JOIN ticket o ON o.source = l.source AND o.ticket_key = l.other_key
           WHERE l.gone_at IS NULL AND o.gone_at IS NULL AND coalesce(o.status_category, 'new') != 'done'
             AND (l.label LIKE '%blocked by%' OR l.type = 'Blocks' AND l.direction = 'inward')
           GROUP BY l.source, l.ticket_id"""
    ).with_columns(pl.col("blocked_by").cast(pl.String).str.replace_all(",", ", ", literal=True))


def links(warehouse: Warehouse, source: str, ticket_id: str) -> list[tuple[str, str]]:
    """The links of a ticket: what they say ("blocks"), and the other's key."""
    sql = (
        "SELECT coalesce(label, type), other_key FROM ticket_link WHERE source = ? AND ticket_id = ? AND gone_at ISNULL"
    )
    return [(label, key) for label, key in warehouse.rows(sql, [source, ticket_id])]


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
