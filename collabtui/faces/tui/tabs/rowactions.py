"""What can be done with a row, in whatever table it stands."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message

from collabtui.faces.plain import plain, shortened
from collabtui.faces.tui.formats import Row
from collabtui.faces.tui.table.listing import Ref
from collabtui.faces.tui.table.table import Table

WRITTEN_ABOUT = ("ticket", "epic")
"""Kinds about which people write something."""
TOLD = 60
"""Of a long address so many characters are told."""


class RowActions(Container):
    """A container with rows, one of them selected: it is copied, watched, opened elsewhere, asked about.

    Who has other keys in the keys' line gives what is related and what was written keys itself, in their place there.
    """

    _current: Table
    """The table in use: who has tables sets it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy the name", show=False, id="copy"),
        Binding("Y", "copy_address", "Copy the address", show=False, id="copy_address"),
        Binding("w", "watch", "Tell me when it lands", show=False, id="watch"),
        Binding("o", "browse", "Open in the browser", show=False, id="browse"),
        Binding("f", "what_if", "What if", show=False, id="what_if"),
    ]

    @dataclass
    class WatchAsked(Message):
        """Somebody wants to be told when this lands, or no longer."""

        row: Row

    @dataclass
    class Asked(Message):
        """What is related to this?"""

        about: Ref

    @dataclass
    class WordsAsked(Message):
        """What did people write about this?"""

        about: Ref

    @dataclass
    class Entered(Message):
        """A row that has a screen of its own is to be shown there, and which screen."""

        screen: str
        row: Row

    @property
    def about(self) -> Ref | None:
        """What the selected row is about."""
        row, of_row = self._current.selected, self._current.listing.about
        return of_row(row) if row is not None and of_row is not None else None

    def action_related(self) -> None:
        """Ask what is related to the row."""
        if (about := self.about) is not None:
            self.post_message(self.Asked(about))
        elif self._current.selected is not None:
            self.notify("these rows are related to nothing else", timeout=3)

    def action_read(self) -> None:
        """Show what people wrote about the row."""
        if (about := self.about) is not None and about.kind in WRITTEN_ABOUT:
            self.post_message(self.WordsAsked(about))
        elif about is not None:
            self.notify("only tickets and epics have a description and comments", timeout=3)

    def action_copy(self) -> None:
        """Copy the row's name to the clipboard."""
        if (row := self._current.selected) is not None:
            name = plain(str(row[self._current.listing.label]))
            self.app.copy_to_clipboard(name)
            self.notify(f"copied {name}", markup=False, timeout=2)

    def action_watch(self) -> None:
        """Tell when the row's run lands, or no longer."""
        row = self._current.selected
        if row is None or not self._current.listing.is_watchable or row["pipeline_id"] is None:
            self.notify("one waits for deliveries, pipelines and their runs", severity="warning", timeout=3)
        else:
            self.post_message(self.WatchAsked(row))

    def action_browse(self) -> None:
        """Show the row in a browser, where it came from."""
        if (url := self._address()) is not None:
            self.app.open_url(url)
            self.notify(f"opened in the browser: {shortened(url, TOLD)}", markup=False, timeout=3)  # over ssh, nowhere

    def action_copy_address(self) -> None:
        """Copy where the row came from to the clipboard."""
        if (url := self._address()) is not None:
            self.app.copy_to_clipboard(plain(url))  # a line break in it would be run where it is pasted
            self.notify(f"copied {shortened(url, TOLD)}", markup=False, timeout=2)

    def _address(self) -> str | None:
        """Of the selected row; without one that is said."""
        url = (self._current.selected or {}).get("url")
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            return url
        self.notify("the source gave no address for this row", severity="warning", timeout=3)
        return None

    def action_what_if(self) -> None:
        """Plan the row's epic otherwise."""
        if (row := self._current.selected) is not None:
            self.post_message(self.Entered("what-if", row))
