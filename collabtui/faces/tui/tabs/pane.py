"""A role's tab: its tables, the filter line, and the detail of the row that is selected."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import DescendantFocus, Resize
from textual.message import Message
from textual.reactive import reactive

from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.filtering.filterline import FilterLine
from collabtui.faces.tui.formats import Row, Viewer
from collabtui.faces.tui.table.choosing import Columns
from collabtui.faces.tui.table.listing import RELATED, WORDS, Choice, Listing, Read, Ref, Role, row_key
from collabtui.faces.tui.table.table import Table
from collabtui.faces.tui.tabs.describing import Describing
from collabtui.faces.tui.tabs.detail import Detail
from collabtui.faces.tui.tabs.rowactions import RowActions

logger = logging.getLogger(__name__)
DEBOUNCE_S = 0.06
"""Holding an arrow key down asks for the detail once it rests."""
LEAST_LINES = 5
"""A table beside others has a border, a heading and three rows."""


class Tables(Vertical):
    """Tables above each other; where that leaves no room for rows, the one in use alone."""

    def __init__(self) -> None:
        super().__init__(classes="tables")

    def on_resize(self, event: Resize) -> None:
        """There may be more room now, or less."""
        self.set_class(event.size.height < LEAST_LINES * len(self.query(Table)), "-cramped")


class Pane(RowActions):
    """The tables of one role, all of them where there is room, else the one in use."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", priority=True, id="filter"),  # before the next key is given to the table
        Binding("escape", "back", "Back", show=False, id="back"),
        Binding("z", "zoom", "Detail", id="zoom"),
        Binding("c", "turn_chart", "Next chart", show=False, id="next_chart"),
        Binding("tab", "turn(1)", "Next table", id="next_table"),
        Binding("shift+tab", "turn(-1)", "Previous table", show=False, id="previous_table"),
        Binding("j,down", "move(1)", "Down", show=False, id="down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="up"),
        Binding("C", "columns", "Choose columns", show=False, id="columns"),
        Binding("x", "related", "Related", id="related"),
        Binding("v", "read", "Comments", id="read"),
        Binding("p", "people", "Put people away, or back", show=False, id="people"),
    ]

    class Left(Message):
        """There is no step back within the tab."""

    class FirstRead(Message):
        """Its rows are there for the first time."""

    is_zoomed = reactive(False, init=False, toggle_class="-zoomed")

    def __init__(self, role: Role, reader: Reader, viewer: Callable[[], Viewer], *, lane: str = "rows") -> None:
        super().__init__(id=role.name)
        self.role, self._read, self._lane = role, role.read, lane
        self._reader, self._viewer = reader, viewer
        self._tables = {listing.name: Table(listing) for listing in role.listings}
        self._current = self._tables[role.listings[0].name]
        self._narrowed_from: dict[Table, Table] = {}
        """Of tables that were narrowed to a row of another one, which other: Esc leads back there."""
        self._detail = Detail()
        self._filter = FilterLine(lambda words: self._current.help(words))
        self._describing = Describing(self._detail, reader, viewer)
        self.asked_at_s = 0.0
        """When its rows were last asked for, by the monotonic clock; 0 before, and where that was given up."""

    @property
    def tables(self) -> Sequence[Table]:
        """From top to bottom."""
        return list(self._tables.values())

    @property
    def is_read(self) -> bool:
        """Whether its rows were ever read."""
        return self._current.viewer is not None

    @property
    def is_asked(self) -> bool:
        """Whether they were read, or are on their way."""
        return self.asked_at_s > 0

    def compose(self) -> ComposeResult:
        """Tables above each other, then the filter line; the detail beside or beneath them."""
        with Tables():
            yield from self._tables.values()
            yield self._filter
        yield self._detail

    def on_mount(self) -> None:
        """The first table is in use."""
        self._use(self._current)

    def enter(self) -> None:
        """The tab is shown: the keys go to its table."""
        self._current.focus()

    def go_to(self, listing: str, key: tuple[object, ...]) -> None:
        """Select a row of one of the tables."""
        table = self._tables[listing]
        self._use(table)
        table.select(lambda row: row_key(table.listing, row) == key)

    # --- rows ---

    async def reload(self) -> Mapping[str, Sequence[Row]]:
        """Ask for all rows anew, and give them; what is selected, sorted, filtered and scrolled stays."""
        asked_at_s = self.asked_at_s = time.monotonic()
        try:
            found = await self._reader.ask(self._read, lane=self._lane)
        except asyncio.CancelledError:
            if self.asked_at_s == asked_at_s:
                self.asked_at_s = 0.0
            raise
        except Exception as e:
            logger.exception("%s could not be read", self.role.name)
            for table in self._tables.values():
                table.fail(f"{e}" if str(e) else type(e).__name__)
            return {}
        viewer, was_read = self._viewer(), self.is_read
        for name, table in self._tables.items():
            table.show(found[name], viewer)
        if not was_read:
            self.post_message(self.FirstRead())
        return found

    async def begin(self, read: Read) -> None:
        """Ask this from now on: from the first row on, nothing filtered or sorted."""
        self._read = read
        self.is_zoomed = False
        for table in self._tables.values():
            table.begin()
        await self.reload()

    @on(Table.Selected)
    def _row_selected(self, event: Table.Selected) -> None:
        if event.table is self._current and not self._describing.is_at(event.table.listing, event.row):
            self._describe()

    @work(exclusive=True, group="detail")
    async def _describe(self) -> None:
        await asyncio.sleep(DEBOUNCE_S)
        if not self._detail.is_attached:  # the app is about to end
            return
        table = self._current
        try:
            await self._describing.describe(table.listing, table.selected)
        except Exception as e:
            logger.exception("the detail of %s could not be read", table.listing.name)
            self.notify(f"the detail could not be read: {plain(str(e))}", severity="error", markup=False)

    # --- going around ---

    @on(Table.Opened)
    def _row_opened(self, event: Table.Opened) -> None:
        listing = event.table.listing
        if listing.enters is not None:
            self.post_message(self.Entered(listing.enters, event.row))
            return
        if listing.opens == RELATED:
            self.action_related()
            return
        if listing.opens == WORDS:
            self.action_read()
            return
        if listing.opens is None:
            self.is_zoomed = not self.is_zoomed
            return
        table = self._tables[listing.opens]
        scope = {name: event.row[name] for name in listing.scope if event.row[name] is not None}
        table.choose(Choice(scope=scope))
        self._narrowed_from[table] = event.table
        self._use(table)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A click into another table puts it in use."""
        if isinstance(event.widget, Table) and event.widget is not self._current:
            self._use(event.widget)

    def _use(self, table: Table) -> None:
        table.is_away = False
        for other in self._tables.values():
            other.set_class(other is table, "-current")
        self._current = table
        if self.display and not self._filter.has_focus:
            table.focus()
        self._describe()

    def action_turn(self, by: int) -> None:
        """Go to the next table."""
        tables = [table for table in self._tables.values() if not table.is_away or table is self._current]
        self._use(tables[(tables.index(self._current) + by) % len(tables)])

    def action_move(self, by: int) -> None:
        """Select another row from the detail or the filter line."""
        self._current.action_move(by)

    def watch_is_zoomed(self, is_zoomed: bool) -> None:
        """The keys go to what is seen."""
        self._detail.can_focus = is_zoomed
        (self._detail if is_zoomed else self._current).focus()

    def action_zoom(self) -> None:
        """The detail takes all the room, or gives it back."""
        self.is_zoomed = not self.is_zoomed

    def action_columns(self) -> None:
        """Choose which columns the table shows."""
        table = self._current

        def chosen(hidden: Sequence[str] | None) -> None:
            if hidden is not None:
                table.hide(hidden)

        self.app.push_screen(Columns(table.listing, table.hidden, table.fitting), chosen)

    def action_turn_chart(self) -> None:
        """The detail shows its next chart."""
        self._detail.turn()

    def find(self, about: Ref) -> bool:
        """Select the row that is about this, whatever was chosen before; whether there is one, else nothing changes."""
        if not self.has(about):
            return False
        table = self._home(about)
        self._use(table)
        return table.select(partial(_is_about, table.listing, about))

    def has(self, about: Ref) -> bool:
        """Whether there is a row that is about this, chosen or not."""
        table = self._home(about)
        return any(_is_about(table.listing, about, row) for row in table.rows)

    def _home(self, about: Ref) -> Table:
        return next((t for t in self._tables.values() if t.listing.home_of == about.kind), self._current)

    def action_people(self) -> None:
        """Who has how much is not for every eye that sees the screen."""
        for table in self._tables.values():
            if table.listing.is_private:
                if not table.is_away and table is self._current:
                    self.action_turn(1)
                table.is_away = not table.is_away

    def action_back(self) -> None:
        """One step back: out of the detail, then the filter, then what belongs to one row of another table."""
        choice = self._current.choice
        if self.is_zoomed:
            self.is_zoomed = False
        elif choice.words:
            self._set_words("")
        elif choice.scope is not None:
            self._current.choose(Choice())
            self._use(self._narrowed_from[self._current])
        else:
            self.post_message(self.Left())

    # --- the filter ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A slash within the filter is a letter of it: data sets are named with them. One table has no next. What if is
        asked of epics, only tickets have comments, and only tables of people can be put away."""
        if action == "what_if":
            return self._current.listing.is_plannable
        if action == "read":
            return self._current.listing.is_readable
        if action == "people":
            return any(table.listing.is_private for table in self._tables.values())
        if action == "turn" and len(self._tables) == 1:
            return False
        return not (action == "filter" and self.screen.focused is self._filter)

    def action_filter(self) -> None:
        """Type words that a row must have."""
        self._filter.open(self._current.choice.words)

    @on(FilterLine.Changed)
    def _typed(self, event: FilterLine.Changed) -> None:
        if event.input.has_focus:
            self._set_words(event.value, is_being_typed=True)

    @on(FilterLine.Submitted)
    def _kept(self) -> None:
        self._set_words(self._current.choice.words)
        self.screen.set_focus(
            self._current
        )  # before the line goes, for else Textual gives its focus to the first table
        self._filter.display = False

    def _set_words(self, words: str, *, is_being_typed: bool = False) -> None:
        choice = Choice(words, self._current.choice.scope, is_being_typed)
        if choice != self._current.choice:
            self._current.choose(choice)


def _is_about(listing: Listing, about: Ref, row: Row) -> bool:
    found = listing.about(row) if listing.about is not None else None
    return found is not None and found[:3] == about[:3]
