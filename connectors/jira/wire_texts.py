"""What Jira sends of what people wrote about a ticket."""

from typing import Any

import msgspec

from connectors.jira.wire import Page, User


class Description(msgspec.Struct):
    """The field of a ticket: a document (Cloud), wiki text (Data Center)."""

    description: Any = None


class Described(msgspec.Struct):
    """GET /issue/{id}?fields=description. The fields are missing where the ticket has no such field."""

    fields: Description = msgspec.field(default_factory=Description)


class Visibility(msgspec.Struct):
    """To whom alone a comment is shown: a group, or a role of the project."""

    value: str = ""


class Comment(msgspec.Struct):
    """A comment; its body is a document (Cloud) or wiki text (Data Center)."""

    id: str
    body: Any = None
    author: User | None = None
    created: str | None = None
    updated: str | None = None
    visibility: Visibility | None = None


class Comments(Page):
    """GET /issue/{id}/comment."""

    comments: list[Comment] = msgspec.field(default_factory=list)
