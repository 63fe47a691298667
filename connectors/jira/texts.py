"""What people wrote about a ticket, read when somebody wants to see it: its description, then its comments.

Cloud is asked for its own document format, not for version 2's wiki text, which it makes of that format: there a
mention is an account id without a name, and what wiki text has no marks for is lost.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote

from connectors.base import SourceError
from connectors.http import HttpError
from connectors.jira import wire_texts
from connectors.jira.adf import adf_text
from connectors.jira.api import Api
from connectors.jira.times import parse_time

EDITED = timedelta(minutes=1)
"""A comment that was changed so soon after it was written counts as written then."""
HEADING = "── "
"""How the line begins that says who wrote a comment, and when."""


async def ticket_text(api: Api, ticket_id: str, zone: tzinfo | None) -> AsyncGenerator[bytes, None]:
    """Description and comments, oldest first, as UTF-8 text; times on this zone's clock, None is the machine's own.

    Raises `SourceError`, which says what to do where there is none to be had.
    """
    path = f"{api.path}/issue/{quote(ticket_id, safe='')}"
    try:
        issue = await api.http.get(path, wire_texts.Described, {"fields": "description"})
        yield _piece(adf_text(issue.fields.description) or "No description.")
        count = 0
        async with aclosing(api.comments(path)) as pages:
            async for comments in pages:
                count += len(comments)
                yield b"".join(_piece(*_comment(comment, zone)) for comment in comments)
        if not count:
            yield _piece("", "No comments.")
    except HttpError as e:
        raise _with_advice(e) from e


def _piece(*parts: str) -> bytes:
    return "".join(f"{part}\n" for part in parts).encode(errors="replace")


def _comment(comment: wire_texts.Comment, zone: tzinfo | None) -> Iterator[str]:
    """A line that says who wrote it and when, and its text."""
    author = comment.author
    who = (author.display_name or author.name or author.id if author else "") or "somebody unknown"
    told = [who, _at(comment.created, zone)]
    if _is_edited(comment):
        told.append(f"edited {_at(comment.updated, zone)}")
    if comment.visibility is not None:
        told.append(f"only for {comment.visibility.value}")
    yield ""
    yield HEADING + " · ".join(filter(None, told))
    yield adf_text(comment.body)


def _at(told: str | None, zone: tzinfo | None) -> str:
    at = _time(told)
    return f"{at.astimezone(zone):%a %d %b %Y %H:%M %Z}" if at is not None else told or ""


def _is_edited(comment: wire_texts.Comment) -> bool:
    created, updated = _time(comment.created), _time(comment.updated)
    return created is not None and updated is not None and updated - created > EDITED


def _time(told: str | None) -> datetime | None:
    try:
        return parse_time(told) if told else None
    except ValueError:
        return None


def _with_advice(error: HttpError) -> SourceError:
    advice = {
        401: "the login is wrong or has run out",
        403: "the login may not read this ticket",
        404: "it was deleted, or the login may not see it",
    }.get(error.status, "Jira's own log says why; try again in a while")
    return SourceError(f"{error}; {advice}")
