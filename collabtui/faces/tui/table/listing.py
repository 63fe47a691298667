"""What a table shows and how its rows are ordered and found: plain descriptions and functions, no widgets."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from collabtui.faces.tui.filtering.comparing import Unit
from collabtui.faces.tui.formats import Line, Row, Viewer

if TYPE_CHECKING:  # 0.4 s that the first paint does not wait for
    from collabtui.config import Settings
    from collabtui.faces.tui.charts.canvas import Titled
    from collabtui.warehouse import Warehouse

Read = Callable[["Warehouse", "Settings", datetime], Mapping[str, Sequence[Row]]]
"""Asks a role's answers, in a thread: the rows of each listing by its name."""
GAP = 2
RELATED = "related"
"""What Enter opens where that is what is related to the row."""
WORDS = "words"
"""What Enter opens where that is what people wrote about the row."""
EMPTY = "Nothing here yet. r syncs now; `collabtui doctor` says what is wrong with a source."


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: `name` is the frame's column it sorts by; `means` says what it tells, in a few words.

    Where the screen is too narrow the columns of the highest `priority` go first; 0 stays. Those that grow share what
    width is left in proportion to `grows`. `drawn` is a cell that depends on its width, and then `heading` its title,
    from any row. A column with `from_width` is shown in tables at least so wide, and takes two fifths of them. Who
    sorts by it sees what is most first, or what is least: `most_first`.

    For the filter: `unit` is what its numbers count, `also` are other names that people call it by, in small letters
    alone; `shows_more`: its cell says more than the text it is of; `is_people`: its texts are names, one of them mine.
    """

    name: str
    title: str
    width: int
    cell: Callable[[Row, Viewer], Line]
    means: str
    priority: int = 0
    right: bool = False
    most_first: bool = False
    grows: int = 0
    drawn: Callable[[Row, Viewer, int], Line] | None = None
    heading: Callable[[Row, Viewer, int], str] | None = None
    from_width: int = 0
    unit: Unit = "number"
    also: Sequence[str] = ()
    shows_more: bool = False
    is_people: bool = False

    def width_in(self, table: int) -> int:
        """How wide it wants to be in a table of so many cells."""
        return max(self.width, table * 2 // 5) if self.from_width else self.width


@dataclass(frozen=True)
class Description:
    """What the detail pane says of one row: lines of words, and charts that one can turn through."""

    title: str
    lines: Sequence[Line]
    charts: "Sequence[Titled]" = ()


@dataclass(frozen=True)
class Progress:
    """How far long work is: `tell` takes what is done and the whole of it; after `is_cancelled` nobody waits for it."""

    tell: Callable[[int, int], None]
    is_cancelled: Callable[[], bool]


class Ref(NamedTuple):
    """What a row is about: kind, source and id as `collabtui.answers.related` has them, and what people call it."""

    kind: str
    source: str
    id: str
    name: str


def about(kind: str, source: str | None, of_id: str, name: str | None = None) -> Callable[[Row], Ref | None]:
    """Rows that are about things of one kind, told by these columns; a row without an id is about nothing."""

    def of_row(row: Row) -> Ref | None:
        if row[of_id] is None:
            return None
        return Ref(kind, row[source] if source else "", row[of_id], row[name or of_id])

    return of_row


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A table of one answer: `key` columns tell a row from all others, `label` is what `y` copies, `called` are the
    columns of what the palette calls it where that is more. `note`: what the title says of the rows beyond their count,
    in which `is_sum` rows, which add up the others, are not. `kinds`: of the sources that tell of the rows.

    `more` asks in a thread for what `describe` needs beyond the row; `work_out`, which also takes a
    `Progress`, is for what takes seconds: until it is done the row is described without it. Both run in another
    process, so they are functions of a module, with the row as `row`. `opens` names the listing that
    Enter leads to, narrowed to `scope` columns of the row. `is_watchable`: its rows are runs of pipelines that one
    may wait for. `about`: what a row is about; `home_of`: the kind of thing that has its own row here.
    `enters`: the screen that Enter opens instead of a listing. `is_plannable`: its rows are epics, of which one may ask
    what if. `is_private`: it tells who has how much, and can be put away. `is_readable`: its rows may be tickets or
    epics, about which people wrote something. `unseen`: what one can filter by although no column shows it.
    """

    name: str
    title: str
    order: str
    """What the rows' own order is called: "riskiest first"."""
    key: Sequence[str]
    label: str
    columns: Sequence[Column]
    empty: str
    describe: Callable[[Row, Any, Viewer], Description]
    more: "Callable[..., Any] | None" = None
    work_out: "Callable[..., Any] | None" = None
    opens: str | None = None
    scope: Sequence[str] = ()
    is_watchable: bool = False
    about: Callable[[Row], Ref | None] | None = None
    home_of: str | None = None
    enters: str | None = None
    called: Sequence[str] = ()
    note: Callable[[Sequence[Row]], str] | None = None
    is_sum: Callable[[Row], bool] | None = None
    kinds: Collection[str] = ()
    is_plannable: bool = False
    is_private: bool = False
    is_readable: bool = False
    unseen: Sequence[Column] = ()


@dataclass(frozen=True)
class Role:
    """A tab: its listings, the first on top."""

    name: str
    title: str
    listings: Sequence[Listing]
    read: Read


@dataclass(frozen=True)
class Order:
    """Sorted by the column of this name; None is the answer's own order."""

    column: str | None = None
    is_reversed: bool = False


@dataclass(frozen=True)
class Choice:
    """Which rows are shown: those that have all `words` as the filter means them, and equal `scope` in its columns.
    `is_being_typed`: more words may come."""

    words: str = ""
    scope: Mapping[str, Any] | None = None
    is_being_typed: bool = False


def row_key(listing: Listing, row: Row) -> tuple[Any, ...]:
    """What tells the row from all others of its listing, also after a refresh."""
    return tuple(row[name] for name in listing.key)


def fitting(columns: Sequence[Column], width: int) -> Mapping[str, int]:
    """The columns that fit into `width` cells and how wide each is, in their order."""
    shown = [c for c in columns if c.from_width <= width]
    while len(shown) > 1 and sum(c.width_in(width) + GAP for c in shown) - GAP > width:
        least = max(shown, key=lambda c: c.priority)
        if least.priority == 0:
            break
        shown.remove(least)
    widths = {c.name: c.width_in(width) for c in shown}
    left = width - sum(widths.values()) - GAP * (len(shown) - 1)
    shares = sum(c.grows for c in shown)
    for column in shown:
        if column.grows:
            more = left * column.grows // shares if left > 0 else left
            widths[column.name] += more
            left, shares = left - more, shares - column.grows
    return {name: max(1, cells) for name, cells in widths.items()}
