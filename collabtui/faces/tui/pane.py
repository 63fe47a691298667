"""A role's tab: its tables, the filter line, and the detail of the row that is selected."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.events import DescendantFocus, Key
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input

from collabtui.faces.plain import plain
from collabtui.faces.tui.detail import Detail
from collabtui.faces.tui.formats import Row, Viewer
from collabtui.faces.tui.listing import Choice, Role
from collabtui.faces.tui.reading import Ask
from collabtui.faces.tui.table import Table

logger = logging.getLogger(__name__)
DEBOUNCE_S = 0.06
"""Holding an arrow key down asks for the detail once it rests."""


class Pane(Container):
    """The tables of one role, all of them where there is room, else the one in use."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", priority=True),  # before the next key is given to the table
        Binding("escape", "back", "Back", show=False),
        Binding("z", "zoom", "Detail"),
        Binding("tab", "turn(1)", "Next table"),
        Binding("shift+tab", "turn(-1)", "Previous table", show=False),
        Binding("j,down", "move(1)", "Down", show=False),
        Binding("k,up", "move(-1)", "Up", show=False),
        Binding("y", "copy", "Copy the name", show=False),
        Binding("o", "browse", "Open in the browser", show=False),
    ]
    is_zoomed = reactive(False, init=False, toggle_class="-zoomed")

    @dataclass
    class Entered(Message):
        """Enter on a row that has a screen of its own, and which."""

        screen: str
        row: Row

    def __init__(self, role: Role, ask: Ask, ask_aside: Ask, viewer: Callable[[], Viewer]) -> None:
        super().__init__(id=role.name)
        self.role = role
        self._ask, self._ask_aside, self._viewer = ask, ask_aside, viewer
        self._tables = {listing.name: Table(listing) for listing in role.listings}
        self._current = self._tables[role.listings[0].name]

    def compose(self) -> ComposeResult:
        """Tables above each other, then the filter line; the detail beside or beneath them."""
        with Vertical(classes="tables"):
            yield from self._tables.values()
            yield Input(placeholder="words to look for · Enter keeps them · Esc clears", classes="filter", compact=True)
        yield Detail()

    def on_mount(self) -> None:
        """The first table is in use."""
        self._use(self._current)

    def enter(self) -> None:
        """The tab is shown: the keys go to its table."""
        self._current.focus()

    # --- rows ---

    async def reload(self) -> None:
        """Ask for all rows anew; what is selected, sorted, filtered and scrolled stays."""
        try:
            found = await self._ask(self.role.read)
        except Exception as e:
            logger.exception("%s could not be read", self.role.name)
            for table in self._tables.values():
                table.fail(f"{e}" if str(e) else type(e).__name__)
            return
        viewer = self._viewer()
        for name, rows in found.items():
            self._tables[name].show(rows, viewer)

    @on(Table.Selected)
    def _row_selected(self, event: Table.Selected) -> None:
        if event.table is self._current:
            self._describe()

    @work(exclusive=True, group="detail")
    async def _describe(self) -> None:
        await asyncio.sleep(DEBOUNCE_S)
        table, row, detail = self._current, self._current.selected, self.query_one(Detail)
        if row is None:
            detail.clear()
            return
        listing, known = table.listing, None
        if (more := listing.more) is not None:
            try:
                known = await self._ask_aside(lambda warehouse, settings, now: more(warehouse, settings, now, row))
            except Exception as e:
                logger.exception("the detail of %s could not be read", listing.name)
                self.notify(f"the detail could not be read: {plain(str(e))}", severity="error", markup=False)
        viewer = self._viewer()
        detail.show(listing.describe(row, known, viewer), viewer)

    # --- going around ---

    @on(Table.Opened)
    def _row_opened(self, event: Table.Opened) -> None:
        listing = event.table.listing
        if listing.enters is not None:
            self.post_message(self.Entered(listing.enters, event.row))
            return
        if listing.opens is None:
            self.is_zoomed = not self.is_zoomed
            return
        table = self._tables[listing.opens]
        table.choose(Choice(scope={name: event.row[name] for name in listing.scope}))
        self._use(table)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A click into another table puts it in use."""
        if isinstance(event.widget, Table) and event.widget is not self._current:
            self._use(event.widget)

    def _use(self, table: Table) -> None:
        for other in self._tables.values():
            other.set_class(other is table, "-current")
        self._current = table
        if self.display and not self.query_one(".filter").has_focus:
            table.focus()
        self._describe()

    def action_turn(self, by: int) -> None:
        """Go to the next table."""
        tables = list(self._tables.values())
        self._use(tables[(tables.index(self._current) + by) % len(tables)])

    def action_move(self, by: int) -> None:
        """Select another row from the detail or the filter line."""
        self._current.action_move(by)

    def watch_is_zoomed(self, is_zoomed: bool) -> None:
        """The keys go to what is seen."""
        detail = self.query_one(Detail)
        detail.can_focus = is_zoomed
        (detail if is_zoomed else self._current).focus()

    def action_zoom(self) -> None:
        """The detail takes all the room, or gives it back."""
        self.is_zoomed = not self.is_zoomed

    def action_copy(self) -> None:
        """Copy the row's name to the clipboard."""
        if (row := self._current.selected) is not None:
            name = plain(str(row[self._current.listing.label]))
            self.app.copy_to_clipboard(name)
            self.notify(f"copied {name}", markup=False, timeout=2)

    def action_browse(self) -> None:
        """Show the row in a browser, where it came from."""
        url = (self._current.selected or {}).get("url")
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            self.app.open_url(url)
        else:
            self.notify("the source gave no address for this row", severity="warning", timeout=3)

    def action_back(self) -> None:
        """One step back: out of the detail, then the filter, then the runs of one pipeline."""
        choice = self._current.choice
        if self.is_zoomed:
            self.is_zoomed = False
        elif choice.words:
            self._set_words("")
        elif choice.scope is not None:
            self._current.choose(Choice())
            opener = next(t for t in self._tables.values() if t.listing.opens == self._current.listing.name)
            self._use(opener)

    # --- the filter ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A slash within the filter is a letter of it: data sets are named with them."""
        return not (action == "filter" and self.screen.focused is self.query_one(".filter"))

    def action_filter(self) -> None:
        """Type words that a row must have."""
        line = self.query_one(".filter", Input)
        line.value = self._current.choice.words
        line.display = True
        self.screen.set_focus(line)  # at once: what is typed next is for the filter

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.input.has_focus:
            self._set_words(event.value)

    @on(Input.Submitted)
    def _kept(self) -> None:
        self._close_filter()

    def on_key(self, event: Key) -> None:
        """Esc in the filter line clears it."""
        if event.key == "escape" and self.query_one(".filter").has_focus:
            event.stop()
            event.prevent_default()
            self._set_words("")
            self._close_filter()

    def _close_filter(self) -> None:
        self.query_one(".filter").display = False
        self._current.focus()

    def _set_words(self, words: str) -> None:
        self._current.choose(Choice(words, self._current.choice.scope))
