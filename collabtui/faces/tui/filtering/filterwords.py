"""What somebody typed into the filter, as words and as demands on columns. Nothing that is typed is an error here."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Sign = Literal["", "=", ">", "<", ">=", "<="]
NOT = "-!"
"""Before a word: rows that have it are left out."""
_OF_COLUMN = re.compile(
    r"""(?P<name>[^\s:"]+):(?P<sign>>=|<=|=|>|<)?(?:"(?P<quoted>(?:[^"]|"")*)(?:"|\Z)|(?P<bare>\S*))"""
)
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Word:
    """A text that rows have somewhere, casefolded; or must not have."""

    text: str
    is_not: bool = False


@dataclass(frozen=True)
class Demand(Generic[T]):
    """What one column must have, or must not: the text, or what compares so with it.

    columns: those that may be meant; more than one cannot be told apart. is_quoted: the text is meant letter by letter.
    """

    columns: Sequence[T]
    name: str
    sign: Sign
    text: str
    is_not: bool = False
    is_quoted: bool = False


@dataclass(frozen=True)
class Typed(Generic[T]):
    """All that rows must meet. last: where the word begins that is being typed, which may be none yet."""

    words: Sequence[Word] = ()
    demands: Sequence[Demand[T]] = ()
    last: int = 0


def parse(text: str, columns_of: Callable[[str], Sequence[T]]) -> Typed[T]:
    """The words of the text, and what it demands of columns: `column:text`, `column:>2h`, `column:"two words"`.

    columns_of: the columns that a name may mean; a word whose name means none is a word like any other. What has been
    begun only, such as `column:` or `!`, demands nothing.
    """
    words: list[Word] = []
    demands: list[Demand[T]] = []
    at = last = 0
    while (found := _WORD.search(text, at)) is not None:
        last = found.start()
        is_not = text[last] in NOT
        begin = last + is_not
        of_column = _OF_COLUMN.match(text, begin)
        columns = columns_of(of_column["name"]) if of_column is not None else ()
        if of_column is not None and columns:
            demands += _demand(of_column, columns, is_not)
            at = of_column.end()
        else:
            at = found.end()
            words += [Word(text[begin:at].casefold(), is_not)] if begin < at else []
        if at == len(text):
            return Typed(words, demands, last)
    return Typed(words, demands, len(text))


def _demand(found: "re.Match[str]", columns: Sequence[T], is_not: bool) -> Sequence[Demand[T]]:
    is_quoted = found["quoted"] is not None
    text = found["quoted"].replace('""', '"') if is_quoted else found["bare"]
    sign: Sign = found["sign"] or ""  # type: ignore[assignment]  # one of them, or none
    return [Demand(columns, found["name"], sign, text, is_not, is_quoted)] if text else []


def quoted(text: str) -> str:
    """The text as it is written after `column:`, so that it is meant letter by letter; as it is where that is clear."""
    is_clear = re.fullmatch(r"""[^\s"=<>-][^\s"]*""", text) is not None
    return text if is_clear else '"' + text.replace('"', '""') + '"'
