"""The command palette: everything that a key does here, every row of every tab, and any ticket; in a meeting only what
a key does there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Input, OptionList

from collabtui.faces.plain import plain
from collabtui.faces.tui.filtering.finding import places, with_letters, with_words
from collabtui.faces.tui.formats import Row
from collabtui.faces.tui.palette.lookup import Lookup
from collabtui.faces.tui.table.listing import Listing, Ref, row_key

if TYPE_CHECKING:
    from collabtui.faces.tui.app import CollabTui

MOST = 60
SHOWN = 120
"""A name is shown to so many characters."""
MOVES = ("move", "page", "go", "turn(", "scroll")
"""Actions that hands do without thinking; they come last."""
SAME, BEGINS, HAS, TICKET, LETTERS = 1.0, 0.9, 0.7, 0.5, 0.3
"""What comes first: what is called so, begins so, has the words, or only their letters. Tickets that are in no list
stand behind rows, but for the one of that key."""
STEP = 0.001


@dataclass(frozen=True)
class Item:
    """Something to choose: its name on one line, and what is said beneath it."""

    name: str
    act: Callable[[], object]
    help: str

    @property
    def folded(self) -> str:
        """Its name in which words are looked for."""
        return self.name.casefold()


class Everything(Provider):
    """Actions by what the `?` page calls them; rows by their names; tickets that are in no list by key and title."""

    def __init__(self, screen: Screen[object], match_style: Style | None = None) -> None:
        super().__init__(screen, match_style)
        self._lookup = Lookup(self._app.look_up, partial(search_again, self._app))

    @property
    def _app(self) -> "CollabTui":
        return cast("CollabTui", self.app)

    async def startup(self) -> None:
        """Tabs that were not shown yet are read now; nobody waits for them."""
        for pane in () if self._app.is_meeting else self._app.panes:
            if not pane.is_asked:
                self._app.run_worker(pane.reload(), group="palette")

    async def shutdown(self) -> None:
        """The palette is closed."""
        self._lookup.close()

    async def discover(self) -> Hits:
        """Before anything is typed: what one can do."""
        for item in self._actions():
            yield DiscoveryHit(Content(item.name), item.act, text=item.name, help=item.help)

    async def search(self, query: str) -> Hits:
        """All that has these words; where nothing has, what has their letters close together."""
        folded = query.casefold()
        words = folded.split()
        items = [*self._actions(), *self._rows()]
        found = with_words(items, words, lambda item: item.folded)
        for score, item in sorted(((_score(item, folded), item) for item in found), key=lambda pair: -pair[0])[:MOST]:
            yield self._hit(item, score, words)
        tickets = await self._tickets(query)
        for place, (key, item) in enumerate(tickets):
            yield self._hit(item, SAME if key.casefold() == folded else TICKET - STEP * place, words)
        if not found and not tickets:
            for place, item in enumerate(with_letters(items, words, lambda item: item.folded)[:MOST]):
                yield self._hit(item, LETTERS - STEP * place, words)

    def _hit(self, item: Item, score: float, words: Sequence[str]) -> Hit:
        name = item.name if len(item.name) <= SHOWN else f"{item.name[: SHOWN - 1]}…"
        shown, folded = Content(name), name.casefold()
        if len(folded) == len(name) and self.match_style is not None:
            for place in {place for word in words for place in places(word, folded)}:
                shown = shown.stylize(self.match_style, place, place + 1)
        return Hit(score, shown, item.act, text=name, help=item.help)

    def _actions(self) -> Iterator[Item]:
        seen: set[str] = set()
        known_keys = self._app.keys_before_palette.items()
        for key, known in sorted(known_keys, key=lambda item: item[1].binding.action.startswith(MOVES)):
            name = known.binding.description
            if not known.enabled or not name or name in seen:
                continue
            seen.add(name)
            act = partial(self._app.run_action, known.binding.action, default_namespace=known.node)
            yield Item(name, act, self._app.get_key_display(Binding(key, "")))

    def _rows(self) -> Iterator[Item]:
        for pane in () if self._app.is_meeting else self._app.panes:
            for table in (table for table in pane.tables if not table.is_away):
                listing = table.listing
                where = f"{pane.role.title}, {listing.title.lower()}"
                for row in table.rows:
                    go = partial(self._app.go_to, pane.role.name, listing.name, row_key(listing, row))
                    yield Item(_called(listing, row), go, where)

    async def _tickets(self, query: str) -> Sequence[tuple[str, Item]]:
        """Those that are no rows, with their keys."""
        found: list[tuple[str, Item]] = []
        if self._app.is_meeting:
            return found
        for row in await self._lookup.tickets(query):
            about = Ref(row["kind"], row["source"], row["id"], row["key"])
            if not self._app.has_row(about):
                says = " · ".join(filter(None, (row["name"], row["state"], row["who"])))
                name, where = plain(f"{row['key']}  {says}"), f"{row['kind']}, in no list: what is related to it"
                found.append((row["key"], Item(name, partial(self._app.show, about), where)))
        return found


def search_again(app: "CollabTui") -> None:
    """More is known than when the palette looked; one who chooses among what it found is left alone."""
    if isinstance(app.screen, CommandPalette):
        line = app.screen.query_one(Input)
        if line.value.strip() and not app.screen.query_one(OptionList).highlighted:
            app.screen.post_message(Input.Changed(line, line.value))


def _called(listing: Listing, row: Row) -> str:
    return plain("  ".join(str(row[name]) for name in listing.called or (listing.label,) if row[name] is not None))


def _score(item: Item, folded: str) -> float:
    """Of names that fit as well the shorter first."""
    name = item.folded
    is_called_so = folded in (name, name.partition("  ")[0])
    fit = SAME if is_called_so else BEGINS if name.startswith(folded) else HAS
    return fit - STEP * min(len(name), SHOWN)
