"""The line on top: the tabs, and what time it is where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.formats import Viewer
from collabtui.faces.tui.table.listing import Role

TICK_S = 1.0
STANDUP = "standup"


class Tab(Static):
    """The name of a role or of the stand-up with its number; a click goes there."""

    @dataclass
    class Clicked(Message):
        """The tab of this role was clicked, or that of the stand-up."""

        role: str

    def __init__(self, place: int, role: str, title: str) -> None:
        super().__init__(Content.assemble((f"{place} ", "$muted"), title), id=f"tab-{role}")
        self._role = role

    def on_click(self) -> None:
        """Go there."""
        self.post_message(self.Clicked(self._role))


class TopBar(Horizontal):
    """Tabs on the left; title, time and zone on the right."""

    def __init__(self, roles: Sequence[Role], viewer: Callable[[], Viewer], title: str) -> None:
        super().__init__()
        self._roles, self._viewer, self._title = roles, viewer, plain(title)

    def compose(self) -> ComposeResult:
        """A line."""
        for place, role in enumerate(self._roles, 1):
            yield Tab(place, role.name, role.title)
        yield Tab(5, STANDUP, "Stand-up")
        yield Static(id="clock")

    def on_mount(self) -> None:
        """The clock goes on."""
        self.tell_time()
        self.set_interval(TICK_S, self.tell_time)

    def on_resize(self) -> None:
        """There may be less room for the time."""
        self.call_after_refresh(self.tell_time)

    def tell_time(self) -> None:
        """Show the time of now: with zone and day where they have room beside the tabs."""
        clock = self.query_one("#clock", Static)
        told = [self._told(day, zone=zone) for day, zone in (("%a %d %b ", True), ("%a %d %b ", False), ("", False))]
        fits = (content for content in told if content.cell_length <= clock.content_size.width)
        clock.update(next(fits, told[-1]), layout=False)  # a layout would draw all of the screen

    def _told(self, day: str, *, zone: bool) -> Content:
        viewer = self._viewer()
        title = f"{self._title}  " if self._title else ""
        parts = [(title, "$warn"), (f"{viewer.here(viewer.now):{day}%H:%M}", "bold")]
        return Content.assemble(*parts, *([(f" {viewer.zone_name}", "$muted")] if zone else []))

    def mark(self, name: str) -> None:
        """The tab of this role is the one that is shown."""
        for tab in self.query(Tab):
            tab.set_class(tab.id == f"tab-{name}", "-current")
