"""The line of keys at the very bottom: one widget, where Textual's Footer has one for every key and lays out anew."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

SHEET = "keys"
"""The action that shows every key: it stays in sight where there is no room for all."""


@dataclass(frozen=True)
class Hint:
    """A key that holds here: which, how it is written, what it does in a word or two."""

    key: str
    shown: str
    says: str
    action: str

    @property
    def width(self) -> int:
        """In cells, with the blanks around."""
        return cell_len(self.shown) + cell_len(self.says) + 3


class KeyLine(Widget):
    """The keys that hold here, as many as there is room for; a click presses one."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._hints: list[Hint] = []

    def on_mount(self) -> None:
        """Told whenever other keys hold."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen:
            return
        hints: dict[str, Hint] = {}
        for _, binding, enabled, _ in screen.active_bindings.values():
            if binding.show and enabled and binding.action not in hints:
                shown = self.app.get_key_display(binding)
                hints[binding.action] = Hint(binding.key, shown, binding.description, binding.action)
        if (found := list(hints.values())) != self._hints:
            self._hints = found
            self.refresh()

    def _in_sight(self) -> list[Hint]:
        left = self.size.width - sum(hint.width for hint in self._hints if hint.action == SHEET)
        shown = []
        for hint in self._hints:
            if hint.action != SHEET:
                left -= hint.width
            if left >= 0 or hint.action == SHEET:
                shown.append(hint)
        return shown

    def render(self) -> Content:
        """One line."""
        return Content.assemble(
            *(part for hint in self._in_sight() for part in ((f" {hint.shown} ", "bold $primary"), f"{hint.says} "))
        )

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """As if the key were pressed."""
        right = 0
        for hint in self._in_sight():
            right += hint.width
            if event.x < right:
                self.app.simulate_key(hint.key)
                return
