"""The detail pane: what is known of the selected row in words, and its chart beneath."""

from collections.abc import Mapping, Sequence

from rich.text import Text
from textual.app import ComposeResult, RenderResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.charts import Chart, draw
from collabtui.faces.tui.formats import Line, Viewer
from collabtui.faces.tui.listing import Description
from collabtui.faces.tui.themes import tones


class Plot(Widget):
    """One chart in all the room there is."""

    def __init__(self) -> None:
        super().__init__()
        self._chart: Chart | None = None
        self._viewer: Viewer | None = None

    def show(self, chart: Chart | None, viewer: Viewer) -> None:
        """Draw this chart instead of the last; None draws nothing."""
        if (chart, viewer.zone) != (self._chart, self._viewer and self._viewer.zone):
            self._chart, self._viewer = chart, viewer
            self.refresh()

    def render(self) -> RenderResult:
        """About 5 ms at 100x20, and only when the chart, the size or the theme changes."""
        if self._chart is None or self._viewer is None:
            return ""
        return draw(self._chart, *self.size, self._viewer, self.app.theme_variables) or ""


class Detail(Vertical):
    """Words and chart of one row."""

    def compose(self) -> ComposeResult:
        """Words above, chart beneath."""
        yield Static(id="facts")
        yield Plot()

    def show(self, description: Description, viewer: Viewer) -> None:
        """Say this, instead of the last."""
        self.border_title = Content(plain(description.title))
        self.query_one("#facts", Static).update(_words(description.lines, self.app.theme_variables))
        self.query_one(Plot).show(description.chart, viewer)

    def clear(self) -> None:
        """Nothing is selected."""
        self.border_title = Content("")
        self.query_one("#facts", Static).update("")


def _words(lines: Sequence[Line], variables: Mapping[str, str]) -> Text:
    styles = tones(variables)
    return Text("\n").join(Text.assemble(*((part.text, styles[part.tone]) for part in line)) for line in lines)
