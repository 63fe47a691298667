"""The stand-up on a shared screen: few words on large pages that turn by themselves."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Digits, Static

from collabtui.answers import ANSWERS
from collabtui.faces.nothing import not_connected
from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.formats import Viewer, number
from collabtui.faces.tui.frame.keyline import KeyLine
from collabtui.faces.tui.frame.status import Freshness, StatusLine, untold
from collabtui.faces.tui.standup.meeting import Clock, Meeting, Page, chosen, time_left
from collabtui.faces.tui.standup.parts import Items, Number, Progress
from collabtui.faces.tui.table.listing import EMPTY

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

logger = logging.getLogger(__name__)
TICK_S = 1.0
NUMBERS = 5
KINDS = ANSWERS["standup"].kinds
IN_DIGITS = "next week"
"""What the numbers of a page say already."""


class StandupScreen(Screen[None]):
    """Pages of one answer: what changed, what is at risk, and each team."""

    CSS_PATH = "standup.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (130, "-wide")]  # noqa: RUF012 - declared so by Textual
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall"), (44, "-huge"), (56, "-giant")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,right,down,l,j,pagedown", "turn(1)", "Next page"),
        Binding("left,up,h,k,pageup", "turn(-1)", "Page before", show=False),
        Binding("home,g", "go(0)", "First page", show=False),
        Binding("end,G", "go(-1)", "Last page", show=False),
        Binding("p", "pause", "Pause"),
        Binding("n", "names", "Names"),
        Binding("plus,equals_sign", "slower(1)", "Turn 5 s later", show=False),
        Binding("minus", "slower(-1)", "Turn 5 s sooner", show=False),
        Binding("escape,q,d,5", "dismiss", "Leave"),
    ]
    has_names = reactive(True, init=False)

    def __init__(
        self,
        meeting: Meeting,
        settings: "Settings",
        reader: Reader,
        viewer: Callable[[], Viewer],
        freshness: Freshness,
    ) -> None:
        super().__init__()
        self._freshness = freshness
        self._reader, self._viewer, self._since = reader, viewer, meeting.since
        self._clock = Clock(meeting)
        self._pages: Sequence[Page] = ()
        self._is_empty = False
        """It was read, and there are no pages."""
        self._place = 0
        self._drawn: tuple[Page, bool, str] | None = None
        starts_with = settings.standup_names if meeting.has_names is None else meeting.has_names
        self.set_reactive(StandupScreen.has_names, starts_with)

    def compose(self) -> ComposeResult:
        """Title and timer, the numbers, the lines; at the bottom how far it is."""
        with Vertical(id="sheet"):
            with Horizontal(id="heading"):
                with Vertical(id="titles"):
                    yield Static(id="title")
                    yield Static(id="when")
                with Vertical(id="timer"):
                    yield Digits(id="left")
                    yield Static(id="left-word")
            with Vertical(id="body"):
                with Horizontal(id="numbers"):
                    for _ in range(NUMBERS):
                        yield Number()
                yield Items()
            yield StatusLine(self._freshness, only_troubles=True)
            yield Static(id="turning")
            yield Progress()
        yield KeyLine()

    def on_mount(self) -> None:
        """The clock goes on."""
        self._say("Reading what changed…")
        self._tick()
        self.set_interval(TICK_S, self._tick)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> "StandupScreen":
        """What changes behind it is not seen: for those regions Textual would draw all of this screen anew."""
        return self if regions else super().refresh(repaint=repaint, layout=layout, recompose=recompose)

    # --- what is read ---

    async def reload(self) -> None:
        """Ask anew; the page that is shown stays, and its time goes on."""
        try:
            found = await self._reader.ask(partial(_read, since=self._since))
        except Exception as e:
            logger.exception("the stand-up could not be read")
            self._pages, self._is_empty = (), False
            self._say(f"✖ The stand-up could not be read: {plain(str(e) or type(e).__name__)}")
            return
        shown = self._pages[self._place].key if self._pages else None
        self._pages = found
        self._place = next((n for n, page in enumerate(self._pages) if page.key == shown), 0)
        self._is_empty = not self._pages
        if self._is_empty:
            self._say(self._nothing())
            return
        self._show()

    def _nothing(self) -> str:
        """Why there are no pages."""
        viewer = self._viewer()
        if (missing := not_connected(KINDS, viewer.kinds)) is not None:
            return missing
        if missing := self._untold():
            return f"Nothing to tell yet: {missing}"
        return "The first sync is on its way…" if viewer.is_syncing else EMPTY

    def _untold(self) -> str:
        return untold(self._freshness, KINDS, is_syncing=self._viewer().is_syncing)

    # --- what is shown ---

    def _say(self, words: str) -> None:
        """Words instead of a page."""
        self._drawn = None
        self.query_one("#title", Static).update(Content("Stand-up"))
        self.query_one("#numbers").display = False
        self.query_one(Items).show((), words)
        self.query_one(Progress).show(0, 0)

    def _show(self) -> None:
        page = self._pages[self._place]
        self._tell_turning()
        self.query_one(Progress).show(len(self._pages), self._place)
        nothing = "" if page.rows else self._untold()
        if (drawn := (page, self.has_names, nothing)) == self._drawn:
            return
        self._drawn = drawn
        self.query_one("#title", Static).update(Content(plain(page.title)))
        self.query_one("#numbers").display = True
        for shown, told in zip(self.query(Number), page.numbers, strict=True):
            shown.show(*told)
        more = f"and {number(page.more)} more" if page.more else ""
        if not page.rows:
            more = f"Nothing to tell yet: {nothing}" if nothing else "● nothing to tell"
        self.query_one(Items).show(page.rows, more, has_person=self.has_names)

    def _tick(self) -> None:
        viewer = self._viewer()
        time = f"{viewer.here(viewer.now):%a %d %b %H:%M} {viewer.zone_name}"
        self.query_one("#when", Static).update(Content(time), layout=False)  # a layout would draw all of the screen
        digits, word, tone = time_left(self._clock.left_s)
        self.query_one("#left", Digits).update(digits)
        self.query_one("#left-word", Static).update(Content.styled(word, f"${tone}"), layout=False)
        self.query_one("#timer").set_class(tone == "bad", "-over")
        if len(self._pages) > 1 and not self._clock.is_paused and self._clock.turns_in_s <= 0:
            self.action_turn(1)
        elif self._is_empty:
            self._say(self._nothing())  # what is not read yet may be by now
        elif self._pages and not self._pages[self._place].rows:
            self._show()
        self._tell_turning()

    def _tell_turning(self) -> None:
        names = "names shown" if self.has_names else "names hidden"
        place = f"{self._place + 1} of {len(self._pages)}"
        turns = f"▶ next in {self._clock.turns_in_s:.0f} s, every {self._clock.every_s} s"
        turning = "‖ paused, p goes on" if self._clock.is_paused else turns
        words = f"{place} · {turning} · {names}" if self._pages else ""
        self.query_one("#turning", Static).update(Content(words), layout=False)

    # --- actions ---

    def action_turn(self, by: int) -> None:
        """Go so many pages on; after the last comes the first."""
        if self._pages:
            self.action_go((self._place + by) % len(self._pages))

    def action_go(self, place: int) -> None:
        """Show this page."""
        if self._pages:
            self._place = place % len(self._pages)
            self._clock.turned()
            self._show()

    @on(Progress.Clicked)
    def _page_clicked(self, event: Progress.Clicked) -> None:
        self.action_go(event.place)

    def action_pause(self) -> None:
        """Stop turning pages, or go on."""
        self._clock.pause()
        self._tell_turning()

    def action_slower(self, by: int) -> None:
        """Turn later, or sooner."""
        self._clock.slower(by)
        self._tell_turning()

    def action_names(self) -> None:
        """Show who has what, or hide it."""
        self.has_names = not self.has_names

    def watch_has_names(self) -> None:
        """At once."""
        if self._pages:
            self._show()


def _read(warehouse: "Warehouse", settings: "Settings", now: datetime, *, since: datetime | None) -> Sequence[Page]:
    from collabtui.answers.standup import standup

    answer = standup(warehouse, settings, now, since=since, has_names=True)
    pages = []
    for name, team, title in answer.pages.iter_rows():
        key = (name, team)
        of_page = answer.items.filter(page=name)
        mine = of_page if team is None else of_page.filter(team=team)
        rows, more = chosen([row for row in mine.to_dicts() if row["kind"] != IN_DIGITS])
        numbers = [(row[2], row[3]) for row in answer.numbers.iter_rows() if row[:2] == key]
        pages.append(Page(key, title, numbers, rows, more))
    return pages
