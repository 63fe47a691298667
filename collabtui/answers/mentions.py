"""Which tickets name which pipelines and datasets."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from collabtui.warehouse import Warehouse
from collabtui.warehouse.related_reads import Key, ticket_texts

WORDS = (re.compile(r"[\w.\-]+"), re.compile(r"[\w.:/\-]+"))
"""Names as pipelines have them, and as datasets have them."""
TELLING = re.compile(r"[_.\-/\d]")
"""Without one of these a name is an ordinary word: "orders" in a title need not be the pipeline."""


def words_of(text: str) -> set[str]:
    """All that could be a name in a text, folded to one case."""
    return {word.strip(".:/-") for pattern in WORDS for word in pattern.findall(text.casefold())}


def named_in(names: Iterable[str], title: str, marks: str) -> set[str]:
    """Those of the names that a ticket's title tells, or its labels and components (`marks`).

    A name is a whole word; one that is an ordinary word counts only as a label or component.
    """
    labels, words = words_of(marks), words_of(title)
    return {
        name
        for name in names
        if (folded := name.casefold().strip(".:/-")) in labels or (folded in words and TELLING.search(folded))
    }


def mentioning(warehouse: Warehouse, name: str, *, is_open: bool) -> list[Key]:
    """The tickets (source, ticket_id), open or done, that name this one."""
    return [
        (source, ticket_id)
        for source, ticket_id, title, marks in ticket_texts(warehouse, is_open=is_open, part=name)
        if named_in([name], title, marks)
    ]


def open_tickets(warehouse: Warehouse, names: frozenset[str]) -> Mapping[str, int]:
    """How many open tickets name each of these, in one reading of all."""

    def count() -> Mapping[str, int]:
        by_word: dict[str, set[str]] = defaultdict(set)
        for name in names:
            by_word[name.casefold().strip(".:/-")].add(name)
        counted: Counter[str] = Counter()
        for _, _, title, marks in ticket_texts(warehouse, is_open=True):
            words = (words_of(title) | words_of(marks)) & by_word.keys()
            if words:
                counted.update(named_in({name for word in words for name in by_word[word]}, title, marks))
        return counted

    return warehouse.kept(("open_tickets", names), count)
