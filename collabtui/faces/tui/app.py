"""The app: composes the tabs, asks for their rows, and syncs in the background. Widgets do the rest."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.command import CommandPalette
from textual.events import Event, InputEvent
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.collector import Collector
from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.formats import Row, Viewer
from collabtui.faces.tui.frame.bar import STANDUP, Tab, TopBar
from collabtui.faces.tui.frame.keyline import KeyLine
from collabtui.faces.tui.frame.sheet import Sheet, key_lines, source_lines
from collabtui.faces.tui.frame.status import Freshness, StatusLine
from collabtui.faces.tui.keys import keymap
from collabtui.faces.tui.memory import Memory, keep, recall
from collabtui.faces.tui.opening import NothingToOpenError, Opening
from collabtui.faces.tui.palette.lookup import look_up, own_names
from collabtui.faces.tui.screens.calendar import CalendarScreen
from collabtui.faces.tui.screens.related import RelatedScreen
from collabtui.faces.tui.screens.run import RunScreen
from collabtui.faces.tui.standup.meeting import Meeting
from collabtui.faces.tui.standup.standup import StandupScreen
from collabtui.faces.tui.syncing import Syncing
from collabtui.faces.tui.table.listing import Ref
from collabtui.faces.tui.table.table import Table
from collabtui.faces.tui.tabs.analysts import ANALYSTS
from collabtui.faces.tui.tabs.engineers import ENGINEERS
from collabtui.faces.tui.tabs.leads import LEADS
from collabtui.faces.tui.tabs.pane import Pane
from collabtui.faces.tui.tabs.rowactions import RowActions
from collabtui.faces.tui.tabs.scientists import SCIENTISTS
from collabtui.faces.tui.texts.logscreen import ReadLog
from collabtui.faces.tui.texts.textscreen import ReadCode
from collabtui.faces.tui.texts.ticketscreen import ReadTicket
from collabtui.faces.tui.themes import DARK, THEMES
from collabtui.faces.tui.watching import SEVERITIES, Watching, said

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.faces.tui.syncing import Sync
    from collabtui.warehouse import Warehouse

logger = logging.getLogger(__name__)
ROLES = (ENGINEERS, ANALYSTS, LEADS, SCIENTISTS)
LOOK_S = 1.0
"""How often it is checked whether rows should be asked for again."""
SWITCH_S = 0.0005
"""The screen's thread waits so long at most for one that syncs; a key's way to the screen takes many turns."""
NOT_IN_MEETINGS = ("role", "standup", "focus_next", "focus_previous")
REFRESH_S = 15.0
"""Elapsed times and risks move on even when no sync brings anything."""


class Tabs(Screen[None]):
    """What is there when nothing lies above it. The focus is drawn by the widgets that have or lose it; Textual would
    draw the whole screen anew for it."""

    focused = Reactive[Widget | None](None, repaint=False)


class CollabTui(App[None]):
    """One warehouse on the screen.

    `sync` pulls what is new into it (None: the app only reads) and is told where to report its progress. `clock`
    gives the time, aware; `title` is shown beside it. `role`: whose tab is shown first; None is as the config or the
    memory has it. `memory`: the file that keeps how the app was left; None keeps nothing. `meeting`: the stand-up alone
    is shown, and leaving it ends the app. `read_log`, `read_code` and `read_ticket` ask a source for what is never
    synced.

    Raises `ConfigError` for keys in the settings that cannot be.
    """

    CSS_PATH = "app.tcss"
    TITLE = "collabtui"
    COMMANDS = {lambda: _palette().Everything}  # noqa: RUF012 - declared so by Textual
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (130, "-wide")]  # noqa: RUF012 - declared so by Textual
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "role('engineers')", "Engineers", show=False, id="engineers"),
        Binding("2", "role('analysts')", "Analysts", show=False, id="analysts"),
        Binding("3", "role('leads')", "Leads", show=False, id="leads"),
        Binding("4", "role('scientists')", "Scientists", show=False, id="scientists"),
        Binding("5,d", "standup", "Stand-up, for a shared screen", show=False, id="standup"),
        Binding("r", "sync", "Sync now", id="sync"),
        Binding("i", "sources", "Sources in full", show=False, id="sources"),
        Binding("n", "calendar", "Runs to come, hour by hour", show=False, id="calendar"),
        Binding("t", "theme", "Next theme", show=False, id="theme"),
        Binding("ctrl+p,colon", "command_palette", "Command palette", show=False, id="palette"),
        Binding("question_mark", "keys", "Keys", id="keys"),
        Binding("q,ctrl+c", "quit", "Quit", id="quit"),
    ]

    def __init__(
        self,
        warehouse_path: Path,
        settings: "Settings",
        *,
        clock: Callable[[], datetime],
        sync: "Sync | None" = None,
        read_log: ReadLog | None = None,
        read_code: ReadCode | None = None,
        read_ticket: ReadTicket | None = None,
        title: str = "",
        role: str | None = None,
        memory: Path | None = None,
        meeting: Meeting | None = None,
    ) -> None:
        super().__init__()
        self._meeting = meeting
        self._settings, self._clock = settings, clock
        self._zone = ZoneInfo(settings.timezone) if settings.timezone else None
        self._label, self._kinds = title, frozenset(source.kind for source in settings.sources)
        self._me: Sequence[str] = (settings.me,) if settings.me else ()
        self._reader = Reader(warehouse_path, settings, clock)
        self._news_at_s = self._asked_at_s = self._read_at_s = 0.0
        self._memory_path, self._memory = memory, recall(memory)
        self._watching = Watching(self._memory.watches)
        self._collector = Collector()
        self.freshness = Freshness()
        """Of the sources; all screens tell of it."""
        self._syncing = Syncing(sync, self.freshness, self._note_news)
        self._opening = Opening(self._reader, self._viewer, self.freshness, read_log, read_code, read_ticket)
        self.set_keymap(keymap(settings.keys, [*self.BINDINGS, *Pane.BINDINGS, *RowActions.BINDINGS, *Table.BINDINGS]))
        for theme in THEMES.values():  # before the stylesheet is read, which names their colours
            self.register_theme(theme)
        self.theme = THEMES.get(settings.theme or self._memory.theme or "", DARK).name
        names = [role.name for role in ROLES]
        asked = [role, settings.role, self._memory.role]
        self.panes: list[Pane] = []
        """The tabs, in their order."""
        self._role = next(name for name in (*asked, names[0]) if name in names)
        self.keys_before_palette: Mapping[str, ActiveBinding] = {}

    def get_default_screen(self) -> Screen[None]:
        """The tabs' own."""
        return Tabs(id="_default")

    def compose(self) -> ComposeResult:
        """The tabs' line, the tab, the sources' line, the keys' line."""
        yield TopBar(ROLES, self._viewer, self._label)
        with ContentSwitcher(initial=self._role):
            for role in ROLES:
                pane = Pane(role, self._reader, self._viewer)
                self.panes.append(pane)
                yield pane
        yield StatusLine(self.freshness)
        yield KeyLine()

    def on_mount(self) -> None:
        """The tables are as they were left, and the first tab is shown, or the stand-up."""
        self._collector.begin()
        for table in self._tables():
            if (view := self._memory.views.get(table.listing.name)) is not None:
                table.restore(view)
        self.action_role(self._role)
        if self._meeting is not None:
            self.action_standup()

    def on_ready(self) -> None:
        """The first paint is done: now the imports that cost, the first answers, and only then the sync beside them."""
        sys.setswitchinterval(SWITCH_S)
        self._begin()

    async def on_event(self, event: Event) -> None:
        """Keys and the mouse are noticed."""
        if isinstance(event, InputEvent):
            self._collector.used()
        await super().on_event(event)

    @work
    async def _begin(self) -> None:
        drawing = asyncio.to_thread(import_module, "plotext")  # a quarter of a second, else in the first chart's paint
        await asyncio.gather(self._read(), drawing)
        self.set_interval(LOOK_S, self._look)
        if self._syncing.can_sync:
            self._run_sync()
            self.set_interval(self._settings.sync_every_s, self._run_sync)

    def on_unmount(self) -> None:
        """Remember how it was left, and let the reader go."""
        views = {table.listing.name: table.view for table in self._tables()}
        theme = next(name for name, theme in THEMES.items() if theme.name == self.theme)
        watches = tuple(self._watching.watches)
        self._collector.end()
        keep(self._memory_path, Memory(role=self._role, theme=theme, views=views, watches=watches))
        self._reader.close()

    def _viewer(self) -> Viewer:
        is_syncing, watched = self._syncing.is_running, self._watching.keys
        return Viewer(self._clock(), self._zone, is_syncing, watched, me=self._me, kinds=self._kinds)

    # --- rows ---

    def _look(self) -> None:
        self._collector.look()
        if self._news_at_s > self._asked_at_s or time.monotonic() - self._read_at_s >= REFRESH_S:
            self._refresh()

    @work(exclusive=True, group="rows")
    async def _refresh(self) -> None:
        await self._read()

    async def _read(self) -> None:
        await self._tell_news()  # before the rows, which show what is still watched
        self._asked_at_s = time.monotonic()
        await asyncio.gather((self._shown_meeting() or self._pane()).reload(), self._reload_sources())
        self._read_at_s = time.monotonic()

    async def _reload_sources(self) -> None:
        try:
            self.freshness.show(await self._reader.ask(_sources, lane="detail"))
            if self._me:  # names are known better as more is synced
                self._me = await self._reader.ask(own_names, lane="detail")
        except Exception as e:
            logger.exception("the sources could not be read")
            self.freshness.fail(str(e) or type(e).__name__)

    # --- watches ---

    @on(Pane.WatchAsked)
    @work(group="watch")
    async def _watch_asked(self, event: Pane.WatchAsked) -> None:
        try:
            self.notify(await self._watching.toggle(event.row, self._reader), markup=False, timeout=5)
        except Exception as e:
            logger.exception("it could not be watched")
            self.notify(f"it could not be watched: {e}", severity="error", markup=False)
        self._note_news()
        self._refresh()

    async def _tell_news(self) -> None:
        try:
            found = await self._watching.news(self._reader)
        except Exception:
            logger.exception("what is watched could not be read")  # the sources' line says what is wrong
            return
        for news in found:
            self._note_news()
            self.bell()
            self.notify(said(news, self._viewer()), severity=SEVERITIES[news.outcome], markup=False, timeout=30)

    @work(group="sync")
    async def _run_sync(self) -> None:
        await self._syncing.run()

    def _note_news(self) -> None:
        """There may be something new to read."""
        self._news_at_s = time.monotonic()

    # --- what is related ---

    @on(Pane.Asked)
    def _related_asked(self, event: Pane.Asked) -> None:
        self._show_related(event.about)

    def _show_related(self, about: Ref) -> None:
        self.push_screen(RelatedScreen(about, self._reader, self._viewer))

    def _shown_at_home(self, about: Ref | None) -> None:
        if about is not None:
            self._show_home(about)

    @on(RelatedScreen.HomeAsked)
    def _home_asked(self, event: RelatedScreen.HomeAsked) -> None:
        self._show_home(event.about)

    @work
    async def _show_home(self, about: Ref) -> None:
        """Show a thing in its own tab; where it is not in the list there, one stays where one is."""
        pane, asked_on = self._home(about), self.screen
        if not pane.has(about):
            await pane.reload()
        if self.screen is not asked_on:  # one has gone on meanwhile
            return
        if pane.has(about):
            self.action_role(pane.role.name)
            pane.find(about)
        else:
            told = f"{plain(about.name)} is not in the list of {pane.role.title.lower()}"
            self.notify(told, severity="warning", markup=False)

    def _home(self, about: Ref) -> Pane:
        return next(p for p in self.panes for listing in p.role.listings if listing.home_of == about.kind)

    # --- what the palette leads to ---

    @on(Pane.FirstRead)
    def _first_read(self) -> None:
        if isinstance(self.screen, CommandPalette):
            _palette().search_again(self)

    async def look_up(self, words: str) -> Sequence[Row]:
        """Tickets that these words may mean, as `collabtui.answers.find` has them; typing never waits for the rows."""
        return await self._reader.ask(partial(look_up, about=words), lane="find")

    def has_row(self, about: Ref) -> bool:
        """Whether a thing is a row of the list where its kind is at home."""
        return self._home(about).has(about)

    def show(self, about: Ref) -> None:
        """Show a thing in its own list, or what is related to it where it is not there."""
        if self.has_row(about):
            self._show_home(about)
        else:
            self._show_related(about)

    # --- actions ---

    def _tables(self) -> Iterator[Table]:
        return (table for pane in self.panes for table in pane.tables)

    def go_to(self, role: str, listing: str, key: tuple[object, ...]) -> None:
        """Show a row in its tab."""
        self.action_role(role)
        self._pane().go_to(listing, key)

    def _pane(self) -> Pane:
        return next(pane for pane in self.panes if pane.role.name == self._role)

    @on(Pane.Entered)
    def _entered(self, event: Pane.Entered) -> None:
        self._open(lambda: self._opening.of_row(event.screen, event.row))

    @on(RunScreen.Coded)
    def _coded(self, event: RunScreen.Coded) -> None:
        self._open(lambda: self._opening.code(event.source, event.pipeline_id))

    @on(Pane.WordsAsked)
    def _words_asked(self, event: Pane.WordsAsked) -> None:
        self._open(lambda: self._opening.words(event.about))

    def _open(self, make: Callable[[], Screen[None]]) -> None:
        try:
            self.push_screen(make())
        except NothingToOpenError as e:
            self.notify(str(e), severity="warning", timeout=3)

    @on(Tab.Clicked)
    def _tab_clicked(self, event: Tab.Clicked) -> None:
        if event.role == STANDUP:
            self.action_standup()
        else:
            self.action_role(event.role)

    def action_role(self, name: str) -> None:
        """Show a role's tab, wherever one is."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self._role = name
        self.query_one(ContentSwitcher).current = name
        self.query_one(TopBar).mark(name)
        self._pane().enter()
        is_old = self._pane().asked_at_s < max(self._news_at_s, time.monotonic() - REFRESH_S)
        if self._read_at_s and is_old:
            self._refresh()

    def action_standup(self) -> None:
        """Show what the stand-up talks about; leaving it leads back."""
        meeting = StandupScreen(self._meeting or Meeting(), self._settings, self._reader, self._viewer, self.freshness)
        self.push_screen(meeting, self._stood_up)
        if self._read_at_s:
            self._refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Tabs are not changed behind the stand-up, which has nothing that takes the focus."""
        return action not in NOT_IN_MEETINGS or not self.is_meeting

    @property
    def is_meeting(self) -> bool:
        """Whether the stand-up is shown, alone or beneath something: nothing leads away from it but leaving it."""
        return self._shown_meeting() is not None

    def _shown_meeting(self) -> StandupScreen | None:
        return next((screen for screen in self.screen_stack if isinstance(screen, StandupScreen)), None)

    def _stood_up(self, _: None) -> None:
        if self._meeting is not None:
            self.exit()
        else:
            self._refresh()

    def action_sync(self) -> None:
        """Sync now, unless it is on its way."""
        if not self._syncing.can_sync:
            self.notify("this view only reads; `collabtui sync` brings what is new", severity="warning")
        else:
            self._run_sync()

    def action_theme(self) -> None:
        """From dark to light to colour-blind and back."""
        names = [theme.name for theme in THEMES.values()]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def action_command_palette(self) -> None:
        """Everything that one can do or go to, by name."""
        self.keys_before_palette = dict(self.screen.active_bindings)
        super().action_command_palette()

    def action_keys(self) -> None:
        """Show the keys that hold here."""
        self.push_screen(Sheet("Keys", key_lines(self, self.screen.active_bindings)))

    def action_calendar(self) -> None:
        """Show the runs to come; a pipeline that is chosen there is shown in its tab."""
        self.push_screen(CalendarScreen(self._reader, self._viewer, self.freshness), self._shown_at_home)

    def action_sources(self) -> None:
        """Show how every source is, errors in full."""
        self.push_screen(Sheet("Sources", source_lines(self.freshness.sources, self._viewer())))


def _sources(warehouse: "Warehouse", settings: "Settings", now: datetime) -> list[dict[str, Any]]:
    from collabtui.answers.sources import sources

    return sources(warehouse, settings, now).sources.to_dicts()


def _palette() -> ModuleType:
    """Imported when the palette is first opened."""
    from collabtui.faces.tui.palette import palette

    return palette
