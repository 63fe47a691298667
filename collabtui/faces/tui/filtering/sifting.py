"""Which rows have what was typed into the filter. What their texts are is worked out once, however much is typed."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import partial

from collabtui.faces.plain import plain
from collabtui.faces.tui.filtering.comparing import Kind, compared, kind_of
from collabtui.faces.tui.filtering.filterwords import Demand, Typed, Word, parse
from collabtui.faces.tui.filtering.finding import with_letters, with_words
from collabtui.faces.tui.filtering.naming import beginning, columns_of
from collabtui.faces.tui.formats import Row, Viewer
from collabtui.faces.tui.table.listing import Choice, Column

EMPTY = "-"
"""`owner:-` are the rows without one."""
ME = "me"
LOOSELY = 20_000
"""In longer tables letters are looked for in so many rows only: each takes two microseconds of the 50 ms of a key."""


class Sieve:
    """All rows of a table, with the columns that one can ask for, shown or not. None of them changes."""

    def __init__(self, rows: Sequence[Row], columns: Sequence[Column], viewer: Viewer) -> None:
        self.rows, self.columns, self._viewer = rows, columns, viewer
        self._texts: Sequence[str] | None = None
        self._cells: dict[str, Sequence[str]] = {}
        self._kinds: dict[str, Kind | None] = {}
        self._values: dict[str, Sequence[str]] = {}

    def parse(self, words: str) -> Typed[Column]:
        """What was typed, with the columns that it names."""
        return parse(words, partial(columns_of, self.columns))

    def sift(self, choice: Choice) -> Sequence[Row]:
        """The rows that are chosen.

        Words are somewhere in a row; where that is so in none, their letters are in order ("mrev" is in mart_revenue),
        the closest together first. What cannot be asked is left out of account. The beginning of a column's name that
        is still being typed leaves no table empty.
        """
        scope = (choice.scope or {}).items()
        if not choice.words.strip() and not scope:
            return self.rows
        kept: Sequence[int] = range(len(self.rows))
        if scope:
            kept = [at for at in kept if all(self.rows[at][name] == value for name, value in scope)]
        typed = self.parse(choice.words)
        for demand in typed.demands:
            with suppress(ValueError):
                kept = self._meeting(demand, kept)
        found = self._having(typed.words, kept)
        last = choice.words[typed.last :]
        if choice.is_being_typed and not found and ":" not in last and beginning(self.columns, last):
            found = self._having(typed.words[:-1], kept)
        return [self.rows[at] for at in found]

    def trouble(self, words: str) -> str:
        """What of it cannot be asked of these columns, and why; nothing if all can."""
        for demand in self.parse(words).demands:
            try:
                self._meeting(demand, ())
            except ValueError as e:
                return str(e)
        return ""

    def kind(self, column: Column) -> Kind | None:
        """What its values are; None where it has none."""
        if column.name not in self._kinds:
            values = (row.get(column.name) for row in self.rows)
            first = next((value for value in values if value is not None), None)
            self._kinds[column.name] = kind_of(first, column.unit) if first is not None else None
        return self._kinds[column.name]

    def values(self, column: Column) -> Sequence[str]:
        """Its texts, the most frequent first."""
        if column.name not in self._values:
            counted = Counter(text for row in self.rows if isinstance(text := row.get(column.name), str) and text)
            self._values[column.name] = [plain(text) for text, _ in counted.most_common()]
        return self._values[column.name]

    # --- words ---

    def _having(self, words: Sequence[Word], kept: Sequence[int]) -> Sequence[int]:
        if not words:
            return kept
        texts = self._whole()
        without = [word.text for word in words if word.is_not]
        for word in without:
            kept = [at for at in kept if word not in texts[at]]
        asked = [word.text for word in words if not word.is_not]
        return with_words(kept, asked, texts.__getitem__) or with_letters(kept[:LOOSELY], asked, texts.__getitem__)

    def _whole(self) -> Sequence[str]:
        """Of each row all its texts, line by line, casefolded."""
        if self._texts is None:
            self._texts = _folded(self.rows)
        return self._texts

    # --- demands ---

    def _meeting(self, demand: Demand[Column], kept: Sequence[int]) -> Sequence[int]:
        """Those of the rows that meet it. Raises `ValueError` for what cannot be asked."""
        if len(demand.columns) > 1:
            named = " or ".join(column.title for column in demand.columns)
            raise ValueError(f"{plain(demand.name)}: may be {named}")
        (column,) = demand.columns
        if demand.text == EMPTY and not demand.is_quoted and not demand.sign:
            return [at for at in kept if _is_empty(self.rows[at].get(column.name)) is not demand.is_not]
        if demand.sign in ("", "="):
            if _is_me(demand) and not self._viewer.me:
                raise ValueError(f'{ME}: nobody yet; me = "your name" in the config says who that is')
            texts, has = self._of(column) if kept else (), self._test(demand)
            return [at for at in kept if has(texts[at]) is not demand.is_not]
        if (kind := self.kind(column)) is None:
            return kept if demand.is_not else ()
        try:
            compare = compared(demand.sign, demand.text, kind, self._viewer)
        except ValueError as e:
            raise ValueError(f"{column.title} {e}") from None
        values = [(at, self.rows[at].get(column.name)) for at in kept]
        return [at for at, value in values if (value is not None and compare(value)) is not demand.is_not]

    def _test(self, demand: Demand[Column]) -> Callable[[str], bool]:
        asked = [text.casefold() for text in (self._viewer.me if _is_me(demand) else (demand.text,))]
        if not demand.sign:
            return lambda text: any(map(text.__contains__, asked))
        wholes = {_tight(text) for text in asked}
        return lambda text: not wholes.isdisjoint(map(_tight, text.split("\n")))

    def _of(self, column: Column) -> Sequence[str]:
        """The texts of its cells, casefolded: what is shown, and what that is short for."""
        if column.name not in self._cells:
            folded: dict[str, str] = {}
            self._cells[column.name] = [_cell(row, column, self._viewer, folded) for row in self.rows]
        return self._cells[column.name]


def _cell(row: Row, column: Column, viewer: Viewer, folded: dict[str, str]) -> str:
    value = row.get(column.name)
    if isinstance(value, str) and not column.shows_more:
        if value not in folded:  # a hundred thousand runs have five states
            folded[value] = plain(value).casefold()
        return folded[value]
    lines = ["".join(part.text for part in column.cell(row, viewer))]
    if isinstance(value, str):
        lines.append(plain(value))
    elif isinstance(value, datetime):
        lines += f"{viewer.here(value):%Y-%m-%d\n%H:%M}".split("\n")
    elif isinstance(value, date):
        lines.append(value.isoformat())
    elif isinstance(value, list):
        lines += [plain(item) for item in value if isinstance(item, str)]
    return "\n".join(lines).casefold()


def _folded(rows: Sequence[Row]) -> Sequence[str]:
    """Of each row all its texts but the address, line by line, casefolded. A column has values of one kind."""
    texts, lists = [], []
    for name in rows[0] if rows else ():
        value = next((row[name] for row in rows if row[name] is not None), None)
        if isinstance(value, str) and name != "url":
            texts.append(name)
        elif isinstance(value, list):
            lists.append(name)
    said = [[text for name in texts if (text := row[name])] for row in rows]
    for name in lists:
        for lines, row in zip(said, rows, strict=True):
            lines += [item for item in row[name] or () if isinstance(item, str)]
    return ["\n".join(lines).casefold() for lines in said]


def _is_me(demand: Demand[Column]) -> bool:
    return demand.columns[0].is_people and demand.text.casefold() == ME and not demand.is_quoted


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [])


def _tight(text: str) -> str:
    """Without blanks: 3d is what is shown as "3 d"."""
    return text.replace(" ", "")
