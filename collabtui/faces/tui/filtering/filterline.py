"""The line in which one types words that rows must have, and beneath it what helps with that."""

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widgets import Input

from collabtui.faces.tui.filtering.helping import Help
from collabtui.faces.tui.themes import tones


class FilterLine(Input):
    """It is there while one types. Enter keeps the words, Esc lets go of them; both submit it.

    ask: what helps with the words so far.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Keep the words"),
        Binding("escape", "clear", "Clear the filter"),
        Binding("tab", "complete", "Complete"),
    ]

    def __init__(self, ask: Callable[[str], Help]) -> None:
        super().__init__(
            placeholder="words, or column:text · Tab completes · Enter keeps · Esc clears",
            classes="filter",
            compact=True,
            suggester=_Completion(ask),
        )
        self._ask, self._help = ask, Help()

    def open(self, words: str) -> None:
        """Begin with these words. What is typed next is for it, at once."""
        self.value = words
        self._help = self._ask(words)
        self.display = True
        self.screen.set_focus(self)

    def watch_value(self, words: str) -> None:
        """Other words, other help."""
        self._help = self._ask(words)

    def render_line(self, y: int) -> Strip:
        """The words; the help is beneath."""
        if y != 1:
            return super().render_line(y)
        line, width = self._help.line, self.content_size.width
        if cell_len(line) > width:
            line = f"{set_cell_size(line, width - 1).rstrip()}…"
        style = self.rich_style + tones(self.app.theme_variables)["bad" if self._help.is_trouble else "muted"]
        return Strip([Segment(set_cell_size(line, width), style)], width)

    def action_complete(self) -> None:
        """The last word goes on as it is most likely meant."""
        if completed := self._help.completed:
            self.value = completed
            self.cursor_position = len(completed)

    async def action_clear(self) -> None:
        """No words."""
        self.value = ""
        await self.action_submit()


class _Completion(Suggester):
    """What Tab would complete, shown behind the cursor where it is a continuation of what stands there."""

    def __init__(self, ask: Callable[[str], Help]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._ask = ask

    async def get_suggestion(self, value: str) -> str | None:
        """The words as completed."""
        completed = self._ask(value).completed
        return completed if completed.startswith(value) else None
