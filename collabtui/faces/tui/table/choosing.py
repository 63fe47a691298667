"""A sheet to choose which columns a table shows."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import SelectionList
from textual.widgets.selection_list import Selection

from collabtui.faces.tui.table.listing import Column, Listing


class Columns(ModalScreen[tuple[str, ...]]):
    """A line a column, with what it means: space hides it or shows it. Gives the names of those that are hidden.

    fitting: those that the table has room for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,C", "done", "Done", priority=True),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]

    def __init__(self, listing: Listing, hidden: Sequence[str], fitting: Collection[str]) -> None:
        super().__init__()
        self._listing, self._hidden, self._fitting = listing, hidden, fitting

    def compose(self) -> ComposeResult:
        """One box."""
        box: SelectionList[str] = SelectionList(*(self._choice(column) for column in self._listing.columns))
        box.border_title = f"Columns of {self._listing.title.lower()}"
        box.border_subtitle = "space shows or hides · Esc is done"
        yield box

    def _choice(self, column: Column) -> Selection[str]:
        is_shown = column.name not in self._hidden
        has_room = not is_shown or column.name in self._fitting
        width = max(len(other.title) for other in self._listing.columns)
        means = column.means if has_room else f"(no room) {column.means}"
        return Selection(Content.assemble(f"{column.title:<{width}}", (f"  {means}", "$muted")), column.name, is_shown)

    def action_down(self) -> None:
        """To the next column."""
        self.query_one(SelectionList).action_cursor_down()

    def action_up(self) -> None:
        """To the column before."""
        self.query_one(SelectionList).action_cursor_up()

    def action_done(self) -> None:
        """Back; at least one column stays."""
        shown = self.query_one(SelectionList).selected or [self._listing.columns[0].name]
        self.dismiss(tuple(c.name for c in self._listing.columns if c.name not in shown))
