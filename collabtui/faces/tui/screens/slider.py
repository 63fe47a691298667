"""A slider: one of several steps, moved by arrow keys, by h and l, and by the mouse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

NAME_CELLS, SAID_CELLS, MARGIN = 16, 30, 2
MOST_TRACK = 49


class Slider(Widget, can_focus=True):
    """A name, a track with a mark where things are as they are, and the step in words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "slide(-1)", "Less"),
        Binding("right,l", "slide(1)", "More"),
    ]

    place = reactive(0)

    @dataclass
    class Moved(Message):
        """It stands at another step."""

        slider: "Slider"

    def __init__(self, name: str, steps: Sequence[Any], start: Any, say: Callable[[Any], str]) -> None:
        """`start`: the step where things are as they are. `say`: a step in words."""
        super().__init__()
        self._title, self._steps, self._start, self._say = name, steps, steps.index(start), say
        self._is_held = False
        self.set_reactive(Slider.place, self._start)

    @property
    def step(self) -> Any:
        """The step where it stands."""
        return self._steps[self.place]

    def tell(self, steps: Sequence[Any], say: Callable[[Any], str]) -> None:
        """It has these steps and words from now on; it stays at its step, or is put back where that is no more."""
        at, start = self.step, self._steps[self._start]
        self._steps, self._say, self._start = steps, say, steps.index(start)
        self.set_reactive(Slider.place, steps.index(at) if at in steps else self._start)
        self.refresh()
        if at not in steps:
            self.post_message(self.Moved(self))

    def put_back(self) -> None:
        """To where things are as they are."""
        self.place = self._start

    def validate_place(self, place: int) -> int:
        """There is nothing beyond the ends."""
        return max(0, min(place, len(self._steps) - 1))

    def watch_place(self) -> None:
        """Tell who asks."""
        self.post_message(self.Moved(self))

    def action_slide(self, by: int) -> None:
        """Take the next step that way."""
        self.place += by

    # --- the mouse ---

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """The handle goes where the mouse is, and with it."""
        self._is_held = True
        self.capture_mouse()
        self._go_to(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """It is drawn along."""
        if self._is_held:
            self._go_to(event.x)

    def on_mouse_up(self) -> None:
        """It is let go."""
        self._is_held = False
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves it, too."""
        event.stop()
        self.place += 1

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.place -= 1

    def _go_to(self, x: int) -> None:
        inside = x - NAME_CELLS
        if -1 <= inside <= self._track and len(self._steps) > 1:
            self.place = round(inside * (len(self._steps) - 1) / (self._track - 1))

    # --- drawing ---

    @property
    def _track(self) -> int:
        """How many cells long it is."""
        return max(5, min(MOST_TRACK, self.size.width - NAME_CELLS - SAID_CELLS - MARGIN))

    def _cell(self, place: int) -> int:
        return round(place * (self._track - 1) / (len(self._steps) - 1)) if len(self._steps) > 1 else 0

    def render(self) -> RenderResult:
        """Name, track, words."""
        cells = ["─"] * (self._track if len(self._steps) > 1 else 1)
        cells[self._cell(self._start)] = "┼"
        handle = self._cell(self.place)
        tone = "$primary" if self.has_focus else "$foreground"
        marker = "▸ " if self.has_focus else "  "
        said = self._say(self.step)
        return Content.assemble(
            (f"{marker}{self._title}".ljust(NAME_CELLS), f"bold {tone}" if self.has_focus else "$muted"),
            ("".join(cells[:handle]), "$muted"), ("●", f"bold {tone}"),
            ("".join(cells[handle + 1 :]).ljust(self._track - handle - 1 + MARGIN), "$muted"),
            (said, "$foreground" if self.place == self._start else "bold $strong"),
        )  # fmt: skip

    def watch_has_focus(self, _: bool) -> None:
        self.refresh()
