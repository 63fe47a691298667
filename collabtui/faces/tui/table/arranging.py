"""The rows of a table as they are shown: chosen, and in order."""

from collections.abc import Sequence
from typing import Any

from collabtui.faces.tui.filtering.sifting import Sieve
from collabtui.faces.tui.formats import Row
from collabtui.faces.tui.table.listing import Choice, Order


def arranged(sieve: Sieve, order: Order, choice: Choice) -> Sequence[Row]:
    """The chosen rows in order; rows without a value come last either way."""
    chosen = sieve.sift(choice)
    if (name := order.column) is None:
        return chosen[::-1] if order.is_reversed else chosen
    known = [row for row in chosen if row[name] is not None]
    known.sort(key=lambda row: _sortable(row[name]), reverse=order.is_reversed)
    return known + [row for row in chosen if row[name] is None]


def _sortable(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    return len(value) if isinstance(value, list) else value
