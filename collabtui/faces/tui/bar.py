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
from collabtui.faces.tui.listing import Role

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

    def tell_time(self) -> None:
        """Show the time of now."""
        viewer = self._viewer()
        time = f"{viewer.here(viewer.now):%a %d %b %H:%M}"
        title = f"{self._title}  " if self._title else ""
        clock = Content.assemble((title, "$warn"), (time, "bold"), (f" {viewer.zone_name}", "$muted"))
        self.query_one("#clock", Static).update(clock, layout=False)  # a layout would draw all of the screen

    def mark(self, name: str) -> None:
        """The tab of this role is the one that is shown."""
        for tab in self.query(Tab):
            tab.set_class(tab.id == f"tab-{name}", "-current")
