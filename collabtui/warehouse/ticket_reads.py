"""What tickets say of each other."""

import polars as pl

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
