"""The command palette: everything that a key does here, and every row of every tab."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from collabtui.faces.plain import plain
from collabtui.faces.tui.listing import row_key

if TYPE_CHECKING:
    from collabtui.faces.tui.app import CollabTui
    from collabtui.faces.tui.formats import Row
    from collabtui.faces.tui.pane import Pane
    from collabtui.faces.tui.table import Table

MOST = 60
LEAST_SCORE = 0.2
MOVES = ("move", "page", "go", "turn(", "scroll")
"""Actions that hands do without thinking; they come last."""


class Everything(Provider):
    """Actions by what the `?` page calls them; rows by their names."""

    @property
    def _app(self) -> "CollabTui":
        return cast("CollabTui", self.app)

    async def startup(self) -> None:
        """Tabs that were not shown yet read their rows now."""
        for pane in self._app.panes:
            if not pane.is_read:
                await pane.reload()

    async def discover(self) -> Hits:
        """Before anything is typed: what one can do."""
        for name, keys, act in self._actions():
            yield DiscoveryHit(Content(name), act, text=name, help=keys)

    async def search(self, query: str) -> Hits:
        """What one can do, and the rows, whose names have these letters in this order."""
        matcher = self.matcher(query)
        for name, keys, act in self._actions():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), act, text=name, help=keys)
        async for hit in self._rows(query):
            yield hit

    def _actions(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        seen: set[str] = set()
        known_keys = self._app.keys_before_palette.items()
        for key, known in sorted(known_keys, key=lambda item: item[1].binding.action.startswith(MOVES)):
            name = known.binding.description
            if not known.enabled or not name or name in seen:
                continue
            seen.add(name)
            act = partial(self._app.run_action, known.binding.action, default_namespace=known.node)
            yield name, self._app.get_key_display(Binding(key, "")), act

    async def _rows(self, query: str) -> AsyncIterator[Hit]:
        matcher = self.matcher(query)
        found: list[tuple[float, str, Pane, Table, Row]] = []
        for pane in self._app.panes:
            for table in (table for table in pane.tables if not table.is_away):
                for row in table.rows:
                    name = plain(str(row[table.listing.label]))
                    if (score := matcher.match(name)) > LEAST_SCORE:
                        found.append((score, name, pane, table, row))
        found.sort(key=lambda item: -item[0])
        for score, name, pane, table, row in found[:MOST]:
            where = f"{pane.role.title}, {table.listing.title.lower()}"
            go = partial(self._app.go_to, pane.role.name, table.listing.name, row_key(table.listing, row))
            yield Hit(score, matcher.highlight(name), go, text=name, help=where)
