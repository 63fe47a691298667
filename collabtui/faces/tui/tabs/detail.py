"""The detail pane: what is known of the selected row in words, and its charts beneath, one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult, RenderResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.charts.canvas import MIN_HEIGHT, MIN_WIDTH, Chart, Drawing, Titled, draw
from collabtui.faces.tui.formats import Line, Part, Viewer
from collabtui.faces.tui.table.listing import Description
from collabtui.faces.tui.themes import tones

MOST_CAPTION = 3
"""Lines of the caption, as the stylesheet has it."""
MOST_FACTS = 0.6
"""So much of the room the words have at most above a chart that is drawn."""


class Plot(Widget):
    """One chart in all the room there is; it says what the mouse points at."""

    @dataclass
    class Pointed(Message):
        """The mouse is at this of the chart; empty where it is at nothing."""

        words: str

    def __init__(self) -> None:
        super().__init__()
        self._chart: Chart | None = None
        self._viewer: Viewer | None = None
        self._drawing: Drawing | None = None

    def show(self, chart: Chart | None, viewer: Viewer) -> None:
        """Draw this chart instead of the last; None draws nothing."""
        if (chart, viewer.zone) != (self._chart, self._viewer and self._viewer.zone):
            self._chart, self._viewer = chart, viewer
            self.refresh()

    def clear(self) -> None:
        """Draw nothing."""
        self._chart = None
        self.refresh()

    def render(self) -> RenderResult:
        """About 5 ms at 100x20, and only when the chart, the size or the theme changes."""
        self._drawing = None
        if self._chart is not None and self._viewer is not None:
            self._drawing = draw(self._chart, *self.size, self._viewer, self.app.theme_variables)
        return self._drawing.text if self._drawing is not None else ""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say what is there."""
        self.post_message(self.Pointed(self._drawing.at(event.x, event.y) if self._drawing is not None else ""))

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self.post_message(self.Pointed(""))


class Detail(Vertical):
    """Words and chart of one row."""

    def __init__(self) -> None:
        super().__init__()
        self._charts: Sequence[Titled] = ()
        self._turned_to = ""
        self._viewer: Viewer | None = None

    def compose(self) -> ComposeResult:
        """Words above, then the chart's name or what the mouse points at, chart beneath."""
        yield Static(id="facts")
        yield Static(id="caption")
        yield Plot()

    def show(self, description: Description, viewer: Viewer) -> None:
        """Say this, instead of the last; the chart that one turned to stays where this has it too."""
        self.border_title = Content(plain(description.title))
        self._put("#facts", words(description.lines, self.app.theme_variables))
        self._charts, self._viewer = description.charts, viewer
        self.query_one(Plot).show(self._current.chart if self._current else None, viewer)
        self._say("")

    def clear(self) -> None:
        """Nothing is selected."""
        self.border_title = Content("")
        self._charts = ()
        self.query_one(Plot).clear()
        self._put("#facts", Text())
        self._say("")

    def turn(self) -> None:
        """Show the next chart."""
        if self._current is not None and self._viewer is not None:
            self._turned_to = self._following.name
            self.query_one(Plot).show(self._current.chart, self._viewer)
            self._say("")

    @property
    def _current(self) -> Titled | None:
        chosen = (titled for titled in self._charts if titled.name == self._turned_to)
        return next(chosen, self._charts[0] if self._charts else None)

    @property
    def _following(self) -> Titled:
        names = [titled.name for titled in self._charts]
        return self._charts[(names.index(self._current.name) + 1) % len(names)] if self._current else self._charts[0]

    @on(Plot.Pointed)
    def _pointed(self, event: Plot.Pointed) -> None:
        self._say(event.words)

    def _say(self, pointed_at: str) -> None:
        """What the mouse is at, else the name of the chart and the key for the next; and what its signs mean."""
        first: Line = (Part(plain(pointed_at), "strong"),)
        if self._current is not None and not pointed_at:
            more: Line = (Part(f"  c: {plain(self._following.name)}", "muted"),) if len(self._charts) > 1 else ()
            first = (Part(plain(self._current.name), "strong"), *more)
        lines, is_drawn = [first], False
        if (chart := self._current) is not None:
            fitting = [said for said in ([first, chart.legend], [first]) if self._has_room(said)]
            none: Line = (Part(f"z has room for the chart: {plain(chart.name)}", "muted"),)
            lines, is_drawn = (fitting[0], True) if fitting else ([none], False)
        self._share_room(is_drawn=is_drawn)
        self._put("#caption", words(lines, self.app.theme_variables))

    def on_resize(self) -> None:
        """There may be room for the chart now, or no longer."""
        self._say("")

    def _has_room(self, caption: Sequence[Line]) -> bool:
        """Whether the chart can be read beneath the facts and this caption. Told from the whole room and the words, not
        from how it is shared now: else each would make room for the other, over and over."""
        width, height = self.content_size
        text = words(caption, self.app.theme_variables)
        rows = min(MOST_CAPTION, len(text.wrap(self.app.console, max(1, width))))
        facts = self.query_one("#facts", Static).get_content_height(self.size, self.app.size, width)
        left = height - min(facts, int(MOST_FACTS * height)) - rows
        return width >= MIN_WIDTH and left >= MIN_HEIGHT

    def _share_room(self, *, is_drawn: bool) -> None:
        """Without a chart all room but the caption's line is for the words."""
        height = self.content_size.height
        most = int(MOST_FACTS * height) if is_drawn else max(1, height - 1)
        self.query_one("#facts").styles.max_height = most if self._charts else None
        self.query_one(Plot).visible = is_drawn

    def _put(self, name: str, text: Text) -> None:
        """The same words again lay nothing out anew."""
        if text != (static := self.query_one(name, Static)).content:
            static.update(text)


def words(lines: Sequence[Line], variables: Mapping[str, str]) -> Text:
    """Lines of parts in the tones of the theme."""
    styles = tones(variables)
    return Text("\n").join(Text.assemble(*((part.text, styles[part.tone]) for part in line)) for line in lines)
