"""Which column of a table somebody means who types its name."""

import re
from collections.abc import Sequence

from collabtui.faces.tui.table.listing import Column

LEAST_OF_NAME, LEAST_OF_WORD = 2, 3
"""So many letters a beginning of a name has, and a word of a frame's column: `a:b` is no column "After"."""


def handle(column: Column) -> str:
    """How the column is called in the filter: its heading in small letters without blanks."""
    return column.title.casefold().replace(" ", "-")


def columns_of(columns: Sequence[Column], name: str) -> Sequence[Column]:
    """Those that the name may mean: by heading, by what else they are called, by the frame's column, or by a beginning
    of one of these, or a word of the frame's column: `late` is p_late. None where it means none; several where it does
    not tell them apart.
    """
    asked = _letters(name)
    if not asked:
        return ()
    for names in (_heading, _also, _key):
        if found := [column for column in columns if asked in map(_letters, names(column))]:
            return found
    return [column for column, _ in beginning(columns, name)] or [
        column for column in columns if len(asked) >= LEAST_OF_WORD and asked in column.name.casefold().split("_")
    ]


def beginning(columns: Sequence[Column], name: str) -> Sequence[tuple[Column, str]]:
    """Those of which a name begins so, and that name: by heading, else by what else they are called."""
    asked = _letters(name)
    if len(asked) < LEAST_OF_NAME:
        return ()
    for names in (_heading, _also, _key):
        named = [(column, whole) for column in columns for whole in names(column)]
        if found := [(column, whole) for column, whole in named if _letters(whole).startswith(asked)]:
            return found
    return ()


def _heading(column: Column) -> Sequence[str]:
    return (handle(column),)


def _also(column: Column) -> Sequence[str]:
    return column.also


def _key(column: Column) -> Sequence[str]:
    return (column.name.casefold(),)


def _letters(name: str) -> str:
    """Without what one need not type: "Came/w" is camew."""
    return re.sub(r"[\W_]", "", name.casefold())
