"""The app: composes the tabs, asks for their rows, and syncs in the background. Widgets do the rest."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher, Footer

from collabtui.faces.tui.analysts import ANALYSTS
from collabtui.faces.tui.bar import Tab, TopBar
from collabtui.faces.tui.engineers import ENGINEERS
from collabtui.faces.tui.formats import Row, Viewer
from collabtui.faces.tui.leads import LEADS
from collabtui.faces.tui.pane import Pane
from collabtui.faces.tui.reading import Reader
from collabtui.faces.tui.run import RunScreen, same_task
from collabtui.faces.tui.sheet import Sheet, key_lines, source_lines
from collabtui.faces.tui.status import StatusLine
from collabtui.faces.tui.textscreen import LogScreen, ReadCode, ReadLog, TextScreen
from collabtui.faces.tui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.sync import SyncProgress
    from collabtui.warehouse import Warehouse

    Sync = Callable[[Callable[[SyncProgress], None]], Awaitable[Any]]

logger = logging.getLogger(__name__)
ROLES = (ENGINEERS, ANALYSTS, LEADS)
LOOK_S = 1.0
"""How often it is checked whether rows should be asked for again."""
ONLY_READS = "this view only reads the warehouse: it cannot ask the source"
REFRESH_S = 15.0
"""Elapsed times and risks move on even when no sync brings anything."""


class CollabTui(App[None]):
    """One warehouse on the screen.

    `sync` pulls what is new into it (None: the app only reads) and is told where to report its progress. `clock`
    gives the time, aware; `title` is shown beside it. `read_log` and `read_code` ask a source for what is never synced.
    """

    CSS_PATH = "app.tcss"
    TITLE = "collabtui"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (130, "-wide")]  # noqa: RUF012 - declared so by Textual
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1,e", "role('engineers')", "Engineers", show=False),
        Binding("2,a", "role('analysts')", "Analysts", show=False),
        Binding("3,l", "role('leads')", "Leads", show=False),
        Binding("r", "sync", "Sync now"),
        Binding("i", "sources", "Sources in full", show=False),
        Binding("t", "theme", "Light or dark", show=False),
        Binding("question_mark", "keys", "Keys"),
        Binding("q,ctrl+c", "quit", "Quit"),
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
        title: str = "",
    ) -> None:
        super().__init__()
        self._read_log, self._read_code = read_log, read_code
        self._settings, self._clock, self._sync = settings, clock, sync
        self._zone = ZoneInfo(settings.timezone) if settings.timezone else None
        self._label = title
        self._readers = [Reader(warehouse_path, settings, clock) for _ in range(3)]
        self._is_syncing = sync is not None  # it begins with the app
        self._has_news = False
        self._read_at_s = 0.0
        for theme in (DARK, LIGHT):  # before the stylesheet is read, which names their colours
            self.register_theme(theme)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        """The tabs' line, the tab, the sources' line, the keys' line."""
        rows, aside = (reader.ask for reader in self._readers[:2])
        yield TopBar(ROLES, self._viewer, self._label)
        with ContentSwitcher(initial=ROLES[0].name):
            for role in ROLES:
                yield Pane(role, rows, aside, self._viewer)
        yield StatusLine()
        yield Footer()

    def on_mount(self) -> None:
        """The first tab is shown."""
        self.action_role(ROLES[0].name)

    def on_ready(self) -> None:
        """The first paint is done: now the imports that cost, the first answers, and only then the sync beside them."""
        self._begin()

    @work
    async def _begin(self) -> None:
        await self._read()
        self.set_interval(LOOK_S, self._look)
        if self._sync is not None:
            self._sync_once()
            self.set_interval(self._settings.sync_every_s, self._run_sync)

    def on_unmount(self) -> None:
        """Let the readers go."""
        for reader in self._readers:
            reader.close()

    def _viewer(self) -> Viewer:
        return Viewer(self._clock(), self._zone, self._is_syncing)

    # --- rows ---

    def _look(self) -> None:
        if self._has_news or time.monotonic() - self._read_at_s >= REFRESH_S:
            self._refresh()

    @work(exclusive=True, group="rows")
    async def _refresh(self) -> None:
        await self._read()

    async def _read(self) -> None:
        self._has_news = False
        self._read_at_s = time.monotonic()
        await asyncio.gather(self._pane().reload(), self._reload_sources())
        self._read_at_s = time.monotonic()

    async def _reload_sources(self) -> None:
        line = self.query_one(StatusLine)
        try:
            line.show(await self._readers[1].ask(_sources))
        except Exception as e:
            logger.exception("the sources could not be read")
            line.fail(str(e) or type(e).__name__)

    # --- sync ---

    def _run_sync(self) -> None:
        if not self._is_syncing:
            self._is_syncing = True
            self._sync_once()

    @work(group="sync")
    async def _sync_once(self) -> None:
        line = self.query_one(StatusLine)
        try:
            if self._sync is not None:
                await self._sync(self._progress)
        except Exception as e:
            logger.exception("the sync failed")
            line.fail(f"the sync failed: {e or type(e).__name__}")
        finally:
            self._is_syncing = False
            self._has_news = True
            line.done()

    def _progress(self, progress: "SyncProgress") -> None:
        self._has_news = True
        self.query_one(StatusLine).progress(progress)

    # --- actions ---

    def _pane(self) -> Pane:
        return self.query_one(f"#{self.query_one(ContentSwitcher).current}", Pane)

    @on(Pane.Entered)
    def _entered(self, event: Pane.Entered) -> None:
        if event.screen == "run":
            self.push_screen(RunScreen(event.row, self._readers[2].ask, self._viewer))
        elif event.screen == "log":
            self._open_log(event.row)

    @on(RunScreen.Coded)
    def _coded(self, event: RunScreen.Coded) -> None:
        if (read := self._read_code) is None:
            self.notify(ONLY_READS, severity="warning")
            return
        source, pipeline_id = event.source, event.pipeline_id
        name = f"code of {pipeline_id}"
        self.push_screen(TextScreen(name, lambda take: read(take, source=source, pipeline_id=pipeline_id)))

    def _open_log(self, row: Row) -> None:
        if self._read_log is None:
            self.notify(ONLY_READS, severity="warning")
        elif not row["try_number"] and row["start_at"] is None:
            self.notify("it has not begun: there is no log yet", severity="warning", timeout=3)
        else:
            ask = self._readers[2].ask
            self.push_screen(LogScreen(row, self._read_log, lambda: ask(lambda w, s, now: same_task(w, s, now, row))))

    @on(Tab.Clicked)
    def _tab_clicked(self, event: Tab.Clicked) -> None:
        self.action_role(event.role)

    def action_role(self, name: str) -> None:
        """Show a role's tab, wherever one is."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.query_one(ContentSwitcher).current = name
        self.query_one(TopBar).mark(name)
        self._pane().enter()
        if self._read_at_s:
            self._refresh()

    def action_sync(self) -> None:
        """Sync now, unless it is on its way."""
        if self._sync is None:
            self.notify("this view only reads; `collabtui sync` brings what is new", severity="warning")
        else:
            self._run_sync()

    def action_theme(self) -> None:
        """From dark to light and back."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_keys(self) -> None:
        """Show the keys that hold here."""
        self.push_screen(Sheet("Keys", key_lines(self, self.screen.active_bindings)))

    def action_sources(self) -> None:
        """Show how every source is, errors in full."""
        self.push_screen(Sheet("Sources", source_lines(self.query_one(StatusLine).sources, self._viewer())))


def _sources(warehouse: "Warehouse", settings: "Settings", now: datetime) -> list[dict[str, Any]]:
    from collabtui.answers.sources import sources

    return sources(warehouse, settings, now).sources.to_dicts()
