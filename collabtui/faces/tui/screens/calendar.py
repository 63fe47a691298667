"""The runs to come on a screen of their own: how busy each hour of the week will be, and the runs of one of them."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from collabtui.answers import ANSWERS
from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.charts.weekgrid import Cell, Hour, WeekGrid
from collabtui.faces.tui.formats import Line, Part, Row, Tone, Viewer, number, text
from collabtui.faces.tui.frame.keyline import KeyLine
from collabtui.faces.tui.frame.status import Freshness, StatusLine
from collabtui.faces.tui.table.columns import risk_column, text_column, time_column
from collabtui.faces.tui.table.listing import Column, Description, Listing, Read, Ref, Role, about
from collabtui.faces.tui.tabs.forecasts import deadline, fields
from collabtui.faces.tui.tabs.pane import DEBOUNCE_S, Pane

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

logger = logging.getLogger(__name__)
REFRESH_S = 15.0
LANE = "detail"
"""Its warehouse knows the runs, and it is not kept by the tabs' tables."""
CRUMB_PADDING = 2
IN_FLIGHT, BEGIN = "runs in flight", "runs that begin"
BASES: Mapping[str, tuple[str, Tone, str]] = {
    "in flight": ("▶ in flight", "busy", "it is in flight"),
    "schedule": ("● schedule", "", "its schedule says when"),
    "data": ("↳ its data", "", "it begins when the last of what it waits for has landed"),
    "past": ("≈ a guess", "warn", "guessed from its past runs: its schedule cannot be read, or it has none"),
}
"""How the time of a run is known: in a column, and in a sentence."""


@dataclass(frozen=True)
class Busy:
    """What was asked `at` that moment: the facts of each hour, and how many slots are asked of each pool (source, pool,
    slots) in the hours in which some are.
    """

    at: datetime
    hours: Mapping[Hour, Row]
    pools: Mapping[tuple[str, str, int | None], Mapping[datetime, Row]]


def read(warehouse: "Warehouse", settings: "Settings", now: datetime) -> Busy:
    """The week to come."""
    from collabtui.answers.calendar import calendar

    found = calendar(warehouse, settings, now)
    pools: dict[tuple[str, str, int | None], dict[datetime, Row]] = {}
    for row in found.pools.to_dicts():
        pools.setdefault((row["source"], row["pool"], row["slots"]), {})[row["from_at"]] = row
    return Busy(now, {(row["day_on"], row["hour"]): row for row in found.hours.to_dicts()}, pools)


def runs_of_hour(
    warehouse: "Warehouse", settings: "Settings", _now: datetime, *, at: datetime, from_at: datetime
) -> Mapping[str, Sequence[Row]]:
    """The runs in flight in the hour that begins then, as was said `at` that moment."""
    from collabtui.answers.calendar import calendar, runs_in

    return {RUNS.name: runs_in(calendar(warehouse, settings, at), from_at).to_dicts()}


def nothing_yet(_warehouse: "Warehouse", _settings: "Settings", _now: datetime) -> Mapping[str, Sequence[Row]]:
    """Before an hour is chosen."""
    return {RUNS.name: ()}


def describe(row: Row, _known: None, viewer: Viewer) -> Description:
    """When it is due and lands, how that is known, and what it asks of the pools."""
    bands = " · ".join(f"{name.upper()} {viewer.at(row[f'{name}_at'])}" for name in ("p50", "p85", "p95"))
    lands = (Part(f"lands {bands}", "strong"),) if row["p50_at"] else (Part("it never landed: no forecast", "muted"),)
    _, tone, words = BASES[row["basis"]]
    lines: list[Line] = [
        (Part(f"due {viewer.at(row['due_at'])}: "), Part(words, tone or "muted")),
        lands,
        deadline(row, viewer),
        fields(
            ("pools", row["pools"]),
            ("slot-hours", number(round(row["slot_hours"], 1)) if row["slot_hours"] is not None else None),
        ),
    ]
    return Description(row["name"], lines)


RUNS = Listing(
    name="coming",
    title="Runs of the hour",
    order="by when they are due",
    key=("source", "pipeline_id", "due_at"),
    about=about("pipeline", "source", "pipeline_id", "name"),
    label="name",
    empty="No run is expected to be in flight in this hour.",
    kinds=ANSWERS["calendar"].kinds,
    describe=describe,
    enters="pipeline",
    columns=(
        time_column("due_at", "Due", 0, means="when it is due to begin"),
        text_column("name", "Pipeline", 18, grows=1, means="the pipeline that runs"),
        Column(
            name="basis",
            title="Known by",
            width=11,
            shows_more=True,
            cell=lambda row, _: (Part(*BASES[row["basis"]][:2]),),
            means="how it is known that it will run then",
        ),
        time_column("p50_at", "P50", 0, means="lands by then in half of the cases"),
        time_column("p85_at", "P85", 5, means="lands by then in 85 of 100 cases"),
        time_column("p95_at", "P95", 1, means="lands by then in 95 of 100 cases"),
        time_column("deadline_at", "Deadline", 2, means="by when it has to land"),
        risk_column(2),
        Column(
            name="pools",
            title="Pools",
            width=18,
            priority=4,
            cell=lambda row, _: text(row["pools"], "muted"),
            means="the pools that its tasks take slots of",
        ),
    ),
)


class HourPane(Pane):
    """The runs of the hour."""

    async def follow(self, read: Read) -> None:
        """Ask this from now on; what is selected, sorted and filtered stays."""
        self._read = read
        await self.reload()

    def action_turn_chart(self) -> None:
        """The grid is its chart."""
        if isinstance(self.screen, CalendarScreen):
            self.screen.action_measure()


class CalendarScreen(Screen[Ref | None]):
    """The week's hours above, the runs of one of them beneath. Gives the pipeline that is to be shown in its tab."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "list", "The hour's runs"),
        Binding("c", "measure", "What is counted"),
        Binding("escape,q,n", "back", "Back"),
    ]

    def __init__(self, reader: Reader, viewer: Callable[[], Viewer], freshness: Freshness) -> None:
        super().__init__()
        self._reader, self._viewer, self._freshness = reader, viewer, freshness
        self._busy: Busy | None = None
        self._counted = 0
        self._grid = WeekGrid()
        self._pane = HourPane(Role("calendar", "Runs to come", (RUNS,), nothing_yet), reader, viewer, lane=LANE)

    def compose(self) -> ComposeResult:
        """What is counted, the grid, the hour's facts, its runs, what is not fresh, the keys' line."""
        yield Static(id="crumb")
        yield self._grid
        yield Static(id="hour")
        yield self._pane
        yield StatusLine(self._freshness, only_troubles=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """The week is asked for, and again now and then."""
        self._say()
        self._grid.focus()
        self._load()
        self.set_interval(REFRESH_S, self._load)

    # --- what is read ---

    @work(exclusive=True, group="week")
    async def _load(self) -> None:
        try:
            self._busy = await self._reader.ask(read, lane=LANE)
        except Exception as e:
            logger.exception("the runs to come could not be read")
            self._grid.fail(f"✖ {plain(str(e) or type(e).__name__)}")
            return
        self._show()
        self._list()

    def _show(self) -> None:
        """The grid in what is counted now."""
        if (busy := self._busy) is not None:
            name, pool = self._measures()[self._counted]
            cells = {hour: cell for hour, row in busy.hours.items() if (cell := _cell(busy, row, name, pool))}
            self._grid.show(list(busy.hours), cells)
            self._say()

    def _measures(self) -> Sequence[tuple[str, tuple[str, str, int | None] | None]]:
        """What may be counted: runs, or the slots of one pool."""
        pools = self._busy.pools if self._busy is not None else {}
        of_pools = [(f"slots of {plain(pool)}{f' ({slots})' if slots else ''}", key)
                    for key in pools for _, pool, slots in [key]]  # fmt: skip
        return [(IN_FLIGHT, None), (BEGIN, None), *of_pools]

    @work(exclusive=True, group="hour")
    async def _list(self, *, is_other: bool = False) -> None:
        """The runs of the chosen hour: as soon as the cursor rests, from the first on where it is another hour."""
        if is_other:
            await asyncio.sleep(DEBOUNCE_S)
        if self._busy is None or self._grid.hour is None:
            return
        from_at = self._busy.hours[self._grid.hour]["from_at"]
        asked = partial(runs_of_hour, at=self._busy.at, from_at=from_at)
        await (self._pane.begin(asked) if is_other else self._pane.follow(asked))

    # --- what is said ---

    def _say(self) -> None:
        measures, viewer = self._measures(), self._viewer()
        self._counted %= len(measures)
        following = measures[(self._counted + 1) % len(measures)][0]
        counted = _heading(measures[self._counted][0], following, viewer.zone_name, self.size.width - CRUMB_PADDING)
        self.query_one("#crumb", Static).update(counted)
        self.query_one("#hour", Static).update(self._hour_words())

    def on_resize(self) -> None:
        """As many words as there is room for."""
        self._say()

    def _hour_words(self) -> Content:
        """Thu 12 Mar 05:00: 30 in flight, 25 begin · warehouse 6.8 of 7 slots."""
        busy, hour = self._busy, self._grid.hour
        if busy is None or hour is None:
            return Content("")
        row, viewer = busy.hours[hour], self._viewer()
        begins, ends = viewer.here(row["from_at"]), viewer.here(row["until_at"])
        parts: list[str | tuple[str, str]] = [
            (f"{begins:%a %d %b %H:%M}–{ends:%H:%M}", "bold"),
            f"  {number(row['in_flight'])} in flight, {number(row['begin'])} begin",
        ]
        for (_, pool, slots), asked in busy.pools.items():
            if (mine := asked.get(row["from_at"])) is not None:
                of = f" of {number(slots)} slots" if slots else " slots"
                words = f"{plain(pool)} {number(round(mine['slots_asked'], 1))}{of}{' !' if mine['is_over'] else ''}"
                parts += [("  ·  ", "$muted"), (words, "bold $bad" if mine["is_over"] else "$muted")]
        return Content.assemble(*parts)

    # --- going around ---

    @on(WeekGrid.Chosen)
    def _chosen(self) -> None:
        self._say()
        self._list(is_other=True)

    def action_measure(self) -> None:
        """Count something else."""
        self._counted += 1
        self._say()
        self._show()

    def action_list(self) -> None:
        """From the hour to its runs."""
        self._pane.enter()

    @on(Pane.Entered)
    def _entered(self, event: Pane.Entered) -> None:
        event.stop()
        row = event.row
        self.dismiss(Ref("pipeline", row["source"], row["pipeline_id"], row["name"]))

    @on(Pane.Left)
    def _left(self, event: Pane.Left) -> None:
        event.stop()
        self._grid.focus()

    def action_back(self) -> None:
        """To where one came from."""
        self.dismiss(None)


def _heading(counted: str, following: str, zone_name: str, width: int) -> Content:
    """What is counted, what `c` would count, whose clock it is and what the sign says: the first wording that fits."""
    to_come, change, sign = "to come by the hour: ", f"  c: {following}", "  ! too few slots"
    wordings = (
        (to_come, f"{change}  {zone_name}  ! more than there are slots"),
        ("", f"{change}  {zone_name}{sign}"),
        ("", f"  {zone_name}{sign}"),
        ("", sign),
    )
    told = [Content.assemble((before, "$muted"), (counted, "bold"), (after, "$muted")) for before, after in wordings]
    return next((words for words in told if words.cell_length <= width), told[-1])


def _cell(busy: Busy, row: Row, name: str, pool: tuple[str, str, int | None] | None) -> Cell | None:
    if pool is None:
        return Cell(row["in_flight" if name == IN_FLIGHT else "begin"])
    asked = busy.pools[pool].get(row["from_at"])
    return Cell(asked["slots_asked"], asked["is_over"]) if asked is not None else None
