"""What helps while one types a filter: which columns and values there are, and how the last word goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from collabtui.faces.plain import plain
from collabtui.faces.tui.filtering.comparing import TAKES
from collabtui.faces.tui.filtering.filterwords import NOT, quoted
from collabtui.faces.tui.filtering.naming import beginning, columns_of, handle
from collabtui.faces.tui.filtering.sifting import EMPTY, ME, Sieve
from collabtui.faces.tui.table.listing import Column

EXAMPLES: Sequence[tuple[str, str]] = (
    ("late mart", "rows with both words, or else their letters"),
    ("state:failed", "a column with that text; its first letters do"),
    ("state:=late", "that text and no more"),
    ('status:"in review"', "a text with blanks"),
    ("owner:-", "the column is empty"),
    ("owner:me", 'yours: me = "…" in the config names you'),
    ("days:>10 miss:>20%", "more than that; also < >= <="),
    ("ran:>2h", "longer than that: 90s, 30m, 2h, 3d, 1w"),
    ("due:<1d", "so near to now, before or after"),
    ("due:<+2h", "before that moment; also -1d, 14:00, today"),
    ("!test -owner:ada", "rows without that"),
)
"""What one can type, and what it means."""
SHORTLY = "column:text · column:>2h · column:- is empty · !word leaves out"
MOST_SHOWN = 24


@dataclass(frozen=True)
class Help:
    """A line to read, and what the words are once they are completed; empty where nothing is to be completed."""

    line: str = SHORTLY
    is_trouble: bool = False
    completed: str = ""


def helped(words: str, sieve: Sieve) -> Help:
    """How these words may go on; why they cannot be asked comes first."""
    last = sieve.parse(words).last
    begin = last + (words[last : last + 1] in tuple(NOT))
    word = words[begin:]
    name, colon, rest = word.partition(":")
    meant = columns_of(sieve.columns, name) if colon else ()
    if meant:
        found = _values(words, begin + len(name) + 1, rest, meant[0], sieve)
    elif not words:
        found = Help(
            " ".join(["columns:", *(f"{handle(column)}:" for column in sieve.columns if handle(column) != "»")])
        )
    else:
        found = _names(words[:begin], word, sieve.columns)
    trouble = sieve.trouble(words)
    return Help(f"✖ {trouble}", is_trouble=True, completed=found.completed) if trouble else found


def _names(before: str, word: str, columns: Sequence[Column]) -> Help:
    names = [f"{name}:" for _, name in beginning(columns, word)]
    return Help(" ".join(names), completed=before + names[0]) if names else Help()


def _values(words: str, begin: int, rest: str, column: Column, sieve: Sieve) -> Help:
    """The values that the column has, or what can be compared with them."""
    kind = sieve.kind(column)
    if kind is None:
        return Help(f"{column.title}: no row has any")
    if kind != "text":
        return Help(f"{column.title}: > < >= <= and {TAKES[kind]}")
    sign = "=" if rest.startswith("=") else ""
    typed = rest[len(sign) :].removeprefix('"').casefold()
    if typed == EMPTY:
        return Help(f"{column.title}: is empty")
    known = [ME, *sieve.values(column)] if column.is_people else sieve.values(column)
    values = [value for value in known if typed in value.casefold()]
    values.sort(key=lambda value: not value.casefold().startswith(typed))
    line = " · ".join(plain(value) for value in values[:MOST_SHOWN])
    first = next((value for value in values if value.casefold().startswith(typed)), None) if typed else None
    if first is None or first.casefold() == typed:
        return Help(line or f"{column.title}: none has it")
    return Help(line, completed=words[:begin] + sign + quoted(first))
