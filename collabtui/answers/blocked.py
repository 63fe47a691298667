"""Which tickets wait for something else: one meaning of "blocked" for the stand-up and every list."""

import polars as pl

from collabtui.warehouse import Warehouse
from collabtui.warehouse.ticket_reads import blockers

BLOCKED = "(?i)block|impediment|on hold"
"""What a status is called in which tickets wait for something else."""


def with_blocked(warehouse: Warehouse, tickets: pl.DataFrame) -> pl.DataFrame:
    """Tickets (source, ticket_id, status, status_category, is_flagged) with blocked_by (the keys of open tickets that
    its links say block it, "WH-9, WH-12"; else null), says_so (its status is called so) and is_blocked: it is open, and
    its status says so, it is flagged, or it is in progress while another blocks it.
    """
    says_so = pl.col("status").str.contains(BLOCKED).fill_null(value=False)
    is_doing = pl.col("status_category") == "indeterminate"
    is_open = pl.col("status_category").fill_null("new") != "done"
    is_stuck = says_so | pl.col("is_flagged") | (is_doing & pl.col("blocked_by").is_not_null())
    return tickets.join(blockers(warehouse), on=["source", "ticket_id"], how="left").with_columns(
        says_so=says_so, is_blocked=(is_open & is_stuck).fill_null(value=False)
    )
