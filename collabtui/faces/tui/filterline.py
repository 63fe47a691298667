"""The line in which one types words that rows must have."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class FilterLine(Input):
    """It is there while one types. Enter keeps the words, Esc lets go of them; both submit it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Keep the words"),
        Binding("escape", "clear", "Clear the filter"),
    ]

    def __init__(self) -> None:
        super().__init__(
            placeholder="words to look for · Enter keeps them · Esc clears", classes="filter", compact=True
        )

    def open(self, words: str) -> None:
        """Begin with these words. What is typed next is for it, at once."""
        self.value = words
        self.display = True
        self.screen.set_focus(self)

    async def action_clear(self) -> None:
        """No words."""
        self.value = ""
        await self.action_submit()
