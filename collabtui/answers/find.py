"""Which tickets have these words, or this key?"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse, related_reads, ticket_reads
from collabtui.warehouse.related_reads import Thing

MOST = 20
WORDS = 20
"""More were pasted by mistake."""
SHORTEST = 2
"""A letter alone is in nearly every title."""


@dataclass(frozen=True)
class Found:
    """Tickets and epics of all states, at most 20; columns as of `Related.related`: kind (ticket, epic), source, id,
    key, name (the title), state (its status), category (new, indeterminate, done), at (when it was resolved, else
    changed), who (has it), text, url.

    The one of this key first, now or once, then those whose key begins so, then those with all words in title and key;
    of each what changed last first.
    """

    now: datetime
    tickets: pl.DataFrame


def find(warehouse: Warehouse, _: Settings, now: datetime, *, about: str) -> Found:
    """Those that `about` may mean, in any case; none where it has no word of two letters."""
    words = about.split()[:WORDS]
    found: list[tuple[str, str]] = []
    if len(words) == 1 and len(words[0]) >= SHORTEST:
        found = ticket_reads.called(warehouse, words[0], MOST)
    if len(found) < MOST and any(len(word) >= SHORTEST for word in words):
        found = list(dict.fromkeys([*found, *ticket_reads.titled(warehouse, words, MOST)]))[:MOST]
    place = {key: n for n, key in enumerate(found)}
    tickets = sorted(related_reads.tickets(warehouse, found), key=lambda ticket: place[ticket.source, ticket.id])
    frame = warehouse.as_frame(Thing._fields, tickets)
    return Found(now, frame.with_columns(pl.col(name).cast(pl.String) for name in Thing._fields if name != "at"))
