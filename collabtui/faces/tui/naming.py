"""Which column of a table somebody means who types its name."""

import re
from collections.abc import Sequence

from collabtui.faces.tui.listing import Column

LEAST_OF_NAME, LEAST_OF_KEY = 2, 3
"""So many letters a beginning of a heading has, and a word of a frame's column: `a:b` is no column "After"."""


def handle(column: Column) -> str:
    """How the column is called in the filter: its heading in small letters without blanks."""
    return column.title.casefold().replace(" ", "-")


def columns_of(columns: Sequence[Column], name: str) -> Sequence[Column]:
    """Those that the name may mean: by heading, by what else they are called, by the frame's column, or by a beginning
    of the heading, or a word of the frame's column: `late` is p_late. None where it means none; several where it does
    not tell them apart.
    """
    asked = _letters(name)
    if not asked:
        return ()
    for names in (_heading, _also, _key):
        if found := [column for column in columns if asked in names(column)]:
            return found
    return beginning(columns, asked) or [
        column for column in columns if len(asked) >= LEAST_OF_KEY and asked in column.name.casefold().split("_")
    ]


def beginning(columns: Sequence[Column], name: str) -> Sequence[Column]:
    """Those whose heading begins so."""
    asked = _letters(name)
    if len(asked) < LEAST_OF_NAME:
        return ()
    return [column for column in columns if _letters(column.title).startswith(asked)]


def _heading(column: Column) -> Sequence[str]:
    return (_letters(column.title),)


def _also(column: Column) -> Sequence[str]:
    return column.also


def _key(column: Column) -> Sequence[str]:
    return (_letters(column.name),)


def _letters(name: str) -> str:
    """Without what one need not type: "Came/w" is camew."""
    return re.sub(r"[\W_]", "", name.casefold())
