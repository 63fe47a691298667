"""What is related to a row, and to what is related to that: a trail to follow and to come back on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.formats import STATES, Line, Part, Row, Viewer, age, state, status, text
from collabtui.faces.tui.frame.keyline import KeyLine
from collabtui.faces.tui.table.columns import text_column
from collabtui.faces.tui.table.listing import RELATED, Column, Description, Listing, Ref, Role
from collabtui.faces.tui.tabs.forecasts import fields
from collabtui.faces.tui.tabs.pane import Pane

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

SIGNS: Mapping[str, str] = {
    "pipeline": "▷", "dataset": "▤", "ticket": "□", "epic": "◇", "commit": "±", "person": "@", "team": "#",
}  # fmt: skip
WHO: Mapping[str, str] = {
    "pipeline": "owner", "ticket": "assigned to", "epic": "assigned to", "commit": "author", "person": "e-mail",
}  # fmt: skip
HOMES = ("pipeline", "ticket", "epic", "person", "team")
"""Kinds that have a list of their own in a tab."""
SHORT_HASH = 7
SHOWN_STEPS = 4
TEXT_LINES = 30


def called(kind: str, name: str) -> str:
    """What people call it in a word: of a commit the first digits of its hash."""
    return plain(name[:SHORT_HASH] if kind == "commit" else name)


def describe(row: Row, _: None, viewer: Viewer) -> Description:
    """Who, when, and all there is to read."""
    at = f"{viewer.at(row['at'])}, {viewer.ago(row['at'])}" if row["at"] is not None else None
    known = _state(row) if row["state"] is not None else ()
    lines: list[Line] = [
        (*_kind(row), Part(" · "), Part(plain(row["relation"]), "strong"), *((Part(" · "), *known) if known else ())),
        text(row["name"]),
        fields((WHO.get(row["kind"], "who"), row["who"]), ("when", at), ("source", row["source"] or None)),
        *(text(line) for line in (row["text"] or "").splitlines()[:TEXT_LINES]),
    ]
    return Description(called(row["kind"], row["key"]), lines)


def _kind(row: Row) -> Line:
    return (Part(f"{SIGNS[row['kind']]} {row['kind']}", "muted"),)


def _state(row: Row) -> Line:
    """A pipeline's state, or a ticket's status by what it counts as."""
    if row["category"] is None or row["state"] is None or row["state"] in STATES:
        return state(row["state"])
    return status(row["state"], row["category"])


def _name(row: Row) -> Line:
    if row["kind"] in ("ticket", "epic", "commit"):
        return (Part(f"{called(row['kind'], row['key'])} ", "strong"), *text(row["name"]))
    return text(row["name"], "strong")


RELATIONS = Listing(
    name="relations",
    title="Related",
    order="likely causes first",
    key=("kind", "source", "id"),
    label="key",
    empty="Nothing is known to be related: no commit touched its files, no ticket names it; or it is gone.",
    describe=describe,
    opens=RELATED,
    is_readable=True,
    note=lambda rows: ", ".join(dict.fromkeys(f"{row['relation']} {row['cut']}" for row in rows if row["cut"])),
    about=lambda row: Ref(row["kind"], row["source"], row["id"], row["key"]),
    columns=(
        Column(name="kind", title="Kind", width=10, cell=lambda row, _: _kind(row), means="what it is"),
        text_column("relation", "Relation", 17, tone="muted", means="how it is related"),
        Column(
            name="name",
            title="Name",
            width=24,
            grows=True,
            shows_more=True,
            cell=lambda row, _: _name(row),
            means="what people call it",
        ),
        Column(
            name="state",
            title="State",
            width=13,
            priority=1,
            shows_more=True,
            cell=lambda row, _: _state(row),
            means="how it is",
        ),
        Column(
            name="at",
            title="When",
            width=10,
            right=True,
            cell=lambda row, viewer: _when(row, viewer),
            means="when it last changed",
        ),
        text_column("who", "Who", 16, 2, tone="muted", is_people=True, means="who did it, or has it"),
    ),
)


def _when(row: Row, viewer: Viewer) -> Line:
    return text(None) if row["at"] is None else (Part(age((viewer.now - row["at"]).total_seconds())),)


def read(warehouse: "Warehouse", settings: "Settings", now: datetime, *, about: Ref) -> Mapping[str, Sequence[Row]]:
    """What is related to it; nothing where it is gone since."""
    from collabtui.answers.related import related
    from collabtui.config import ConfigError

    try:
        found = related(warehouse, settings, now, kind=about.kind, source=about.source, id=about.id)
    except ConfigError:
        return {"relations": []}
    return {"relations": found.related.to_dicts()}


class RelatedScreen(ModalScreen[None]):
    """One table at a time: Enter goes on, Esc comes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", "Back"),
        Binding("h", "home", "In its tab"),
        Binding("t", "app.theme", "Next theme", show=False),
        Binding("question_mark", "app.keys", "Keys"),
        Binding("q", "dismiss", "Close"),
        Binding("ctrl+c", "app.quit", "Quit", show=False),
    ]

    @dataclass
    class HomeAsked(Message):
        """This is to be shown in its own tab."""

        about: Ref

    def __init__(self, about: Ref, reader: Reader, viewer: Callable[[], Viewer]) -> None:
        super().__init__()
        self._trail = [about]
        self._reader, self._viewer = reader, viewer

    def compose(self) -> ComposeResult:
        """The trail, what is related to its end, and the keys."""
        yield Static(id="trail")
        role = Role("related", "Related", (RELATIONS,), partial(read, about=self._trail[-1]))
        yield Pane(role, self._reader, self._viewer, lane="related")  # never behind the answers of a tab
        yield KeyLine()

    def on_mount(self) -> None:
        """The first step."""
        self._go(self._trail)

    @work(exclusive=True)
    async def _go(self, trail: list[Ref], select: Ref | None = None) -> None:
        """Show what is related to the end of this trail, from the first row on, or from `select`."""
        self._trail = trail
        self.query_one("#trail", Static).update(_crumbs(trail))
        pane = self.query_one(Pane)
        await pane.begin(partial(read, about=trail[-1]))
        if select is not None:
            pane.find(select)

    @on(Pane.Asked)
    def _asked(self, event: Pane.Asked) -> None:
        event.stop()
        self._go([*self._trail, event.about])

    @on(Pane.Left)
    def _left(self, event: Pane.Left) -> None:
        event.stop()
        self.action_back()

    def action_back(self) -> None:
        """To where one came from."""
        *before, last = self._trail
        if before:
            self._go(before, last)
        else:
            self.dismiss(None)

    def action_home(self) -> None:
        """Show the selected thing in the tab where it has its own row."""
        about = self.query_one(Pane).about
        if about is None:
            return
        if about.kind in HOMES:
            self.post_message(self.HomeAsked(about))
        else:
            self.notify(f"a {about.kind} has no tab of its own; o opens it in the browser", timeout=3)


def _crumbs(trail: Sequence[Ref]) -> Content:
    names = [called(step.kind, step.name) for step in trail]
    shown = names if len(names) <= SHOWN_STEPS else [names[0], "…", *names[1 - SHOWN_STEPS :]]
    *before, last = shown
    earlier = "".join(f"{name} › " for name in before)
    return Content.assemble((" what is related to ", "$muted"), (earlier, ""), (last, "bold $primary"))
