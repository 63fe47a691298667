"""A sheet of text over the screen: the keys that hold where one stands, or how every source is."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from collabtui.faces.nothing import NO_SOURCE
from collabtui.faces.plain import plain
from collabtui.faces.tui.filtering.helping import EXAMPLES
from collabtui.faces.tui.formats import STATES, Row, Viewer


class Sheet(ModalScreen[None]):
    """A title and lines to read; Esc, q, Enter and the keys that open sheets close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,question_mark,i", "dismiss", "Close"),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
        Binding("g,home", "scroll(-10_000)", "First line", show=False),
        Binding("G,end", "scroll(10_000)", "Last line", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[Content]) -> None:
        super().__init__()
        self._sheet_title, self._lines = title, lines

    def compose(self) -> ComposeResult:
        """One box that scrolls."""
        with VerticalScroll() as box:
            box.border_title = Content(self._sheet_title)
            yield Static(Content("\n").join(self._lines))

    def on_mount(self) -> None:
        """What is beneath is told."""
        box = self.query_one(VerticalScroll)
        for changes in ("scroll_y", "virtual_size"):
            self.watch(box, changes, self._tell_more)

    def on_resize(self) -> None:
        """There may be less room now."""
        self.call_after_refresh(self._tell_more)

    def _tell_more(self) -> None:
        box = self.query_one(VerticalScroll)
        box.border_subtitle = "" if box.scroll_offset.y >= box.max_scroll_y else "↓ more"

    def action_scroll(self, by: int) -> None:
        """Read on."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


def key_lines(app: App[None], active: Mapping[str, ActiveBinding]) -> Sequence[Content]:
    """A line for each thing one can do, then what one can type into a filter and what the signs mean."""
    keys: dict[str, list[str]] = {}
    for key, known in active.items():
        if known.enabled and known.binding.description:
            keys.setdefault(known.binding.description, []).append(app.get_key_display(Binding(key, "")))
    lines = [Content.assemble((f"{' '.join(named):>18}", "bold $busy"), f"  {what}") for what, named in keys.items()]
    if any(known.binding.action == "filter" for known in active.values()):
        typed = [Content.assemble((f"{words:>18}", "bold"), f"  {what}") for words, what in EXAMPLES]
        lines += [Content(""), Content.styled(f"{'/ Filter':>18}  takes", "$muted"), *typed]
    signs = [Content.assemble((f"{sign:>18}", f"${tone}"), f"  {name}") for name, (sign, tone) in STATES.items()]
    return [*lines, Content(""), *signs]


def source_lines(sources: Sequence[Row], viewer: Viewer) -> Sequence[Content]:
    """Every source with its state, when it was last read, and its error in full."""
    if not sources:
        return [Content(NO_SOURCE)]
    lines = []
    for row in sources:
        sign, tone = STATES.get(row["state"], ("○", "muted"))
        lines.append(
            Content.assemble(
                (f"{sign} {plain(row['source'])}", f"bold ${tone}"),
                f" ({plain(row['kind'])}) {plain(row['state'])}, last read {viewer.ago(row['ok_at'])}",
            )
        )
        if row["error"]:
            lines.append(Content.assemble((f"  {plain(row['error'])}", "$bad")))
    return lines
