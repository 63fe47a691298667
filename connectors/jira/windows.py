"""Tickets in windows of their creation time, newest first.

Windows instead of pages: a ticket's creation never changes, so tickets that are made, changed or deleted during the
pull shift nothing, and a pull that was stopped goes on at the time it had reached.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

import msgspec

from connectors.base import SourceError
from connectors.jira import wire
from connectors.jira.api import Api, LostPageError
from connectors.jira.times import next_minute, parse_time

RESTARTS = 3
"""So often a window is begun anew before its pages count as broken."""


@dataclass(frozen=True)
class Window:
    """Tickets, and the time before which the rest was created (None where nothing was found)."""

    issues: Sequence[wire.Issue]
    until: datetime | None


def project_clause(keys: Sequence[str]) -> str:
    """JQL: in one of these projects."""
    quoted = ", ".join(f'"{key}"' for key in keys)  # a key may be a word of JQL's own
    return f"project in ({quoted})"


def query(clauses: Sequence[str]) -> str:
    """JQL that is bounded (Cloud refuses others) and in an order that stays."""
    return " AND ".join(clauses or ['created >= "1970-01-02"']) + " ORDER BY created DESC, key DESC"


async def windows(
    api: Api,
    clauses: Sequence[str],
    fields: Sequence[str],
    page_size: int,
    *,
    until: datetime | None = None,
    changelog: bool = False,
) -> AsyncGenerator[Window, None]:
    """The tickets created before `until`, newest first. `fields` must hold "created".

    Every page is a query of its own that begins where the last one ended, to the minute, so that the tickets of one
    minute may come twice. Only where a page holds no more than one minute the server's own paging goes on; where
    that breaks, the window is begun anew.
    """
    restarts = 0
    while True:
        jql = query([*clauses, f"created <= {api.times.until(until)}"] if until else clauses)
        try:
            async with aclosing(api.search(jql, fields, page_size, changelog=changelog)) as pages:
                async for page in pages:
                    reached = _reached(page.issues, until, api.http.source)
                    yield Window(page.issues, reached)
                    if page.is_last:
                        return
                    if reached != until:
                        until, restarts = reached, 0
                        break
        except LostPageError as e:
            restarts += 1
            if restarts > RESTARTS:
                raise SourceError(f"{e}; the window was begun anew {RESTARTS} times: sync again later") from e


def _reached(issues: Sequence[wire.Issue], until: datetime | None, source: str) -> datetime | None:
    """The end of the minute in which the oldest of these was created; `until` where there are none."""
    try:
        times = [parse_time(msgspec.json.decode(issue.fields, type=wire.WhenCreated).created) for issue in issues]
    except (msgspec.DecodeError, ValueError) as e:
        raise SourceError(f"{source}: search: a ticket without a time of creation: {e}") from e
    reached = min((next_minute(at) for at in times), default=until)
    return min(reached, until) if reached and until else reached
