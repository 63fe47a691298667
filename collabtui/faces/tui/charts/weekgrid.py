"""A week as a grid, a line a day and a column an hour: a number in each, the darker the more.

Where it is too narrow for all hours of a day it shows those about the chosen one, and ‹ and › say that there are more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.message import Message
from textual.widget import Widget

Hour = tuple[date, int]
"""A day and the hour of its clock, 0 to 23."""
DAY_CELLS, LEAST_CELLS, MOST_CELLS = 7, 3, 7
HOURS = 24
DARKEST = 0.85
MOST_SHOWN = 99


@dataclass(frozen=True)
class Cell:
    """A number, and whether it is more than there is room for."""

    value: float
    is_over: bool = False


class WeekGrid(Widget, can_focus=True):
    """One hour is chosen, by arrow keys, by h, j, k and l, or by a click."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(0,-1)", "Hour before", show=False),
        Binding("right,l", "move(0,1)", "Next hour", show=False),
        Binding("down,j", "move(1,0)", "Next day", show=False),
        Binding("up,k", "move(-1,0)", "Day before", show=False),
        Binding("home,g", "go(0)", "This hour", show=False),
        Binding("end,G", "go(-1)", "Last hour", show=False),
        Binding("b", "busiest", "Busiest hour"),
    ]

    @dataclass
    class Chosen(Message):
        """Another hour is chosen."""

        hour: Hour

    def __init__(self) -> None:
        super().__init__()
        self._hours: Sequence[Hour] = ()
        self._cells: Mapping[Hour, Cell] = {}
        self._words = "◷ reading the warehouse…"
        self.hour: Hour | None = None
        """The one that is chosen."""

    def show(self, hours: Sequence[Hour], cells: Mapping[Hour, Cell]) -> None:
        """Show these hours, oldest first; one without a cell has nothing. What is chosen stays, if it can."""
        self._hours, self._cells = hours, cells
        if self.hour not in hours:
            self.hour = hours[0] if hours else None
        self.refresh(layout=True)

    def fail(self, words: str) -> None:
        """Say why there is nothing; what is there stays."""
        self._words = words
        self.refresh()

    # --- moving ---

    def action_move(self, days: int, hours: int) -> None:
        """So many lines down and columns to the right, as far as there are hours."""
        if self.hour is None:
            return
        if hours:
            place = self._hours.index(self.hour) + hours
            self._choose(self._hours[max(0, min(place, len(self._hours) - 1))])
            return
        all_days = self._days
        day = all_days[max(0, min(all_days.index(self.hour[0]) + days, len(all_days) - 1))]
        self._choose(self._nearest(day, self.hour[1]))

    def action_go(self, place: int) -> None:
        """To the first hour, or the last."""
        if self._hours:
            self._choose(self._hours[place])

    def action_busiest(self) -> None:
        """To the hour with most."""
        if self._cells:
            self._choose(max(self._hours, key=lambda hour: self._cells[hour].value if hour in self._cells else -1))

    def on_click(self, event: events.Click) -> None:
        """The hour that is clicked."""
        place = event.get_content_offset(self)
        if place is None or not self._hours or place.y < 1 or place.x < DAY_CELLS:
            return
        day, hour = place.y - 1, self._columns.start + (place.x - DAY_CELLS) // self._width
        if day < len(self._days) and (self._days[day], hour) in self._hours:
            self._choose((self._days[day], hour))

    def _choose(self, hour: Hour) -> None:
        if hour != self.hour:
            self.hour = hour
            self.refresh()
            self.post_message(self.Chosen(hour))

    @property
    def _days(self) -> Sequence[date]:
        return list(dict.fromkeys(day for day, _ in self._hours))

    def _nearest(self, day: date, hour: int) -> Hour:
        """That hour of the day, or the one next to it: clocks skip hours, and today's first are over."""
        return min((known for known in self._hours if known[0] == day), key=lambda known: abs(known[1] - hour))

    # --- drawing ---

    @property
    def _width(self) -> int:
        return max(LEAST_CELLS, min(MOST_CELLS, (self.size.width - DAY_CELLS) // HOURS))

    @property
    def _columns(self) -> range:
        """The hours that there is room for: a page of the day, which holds the chosen one."""
        count = max(1, min(HOURS, (self.size.width - DAY_CELLS) // self._width))
        chosen = self.hour[1] if self.hour is not None else 0
        first = min(chosen // count * count, HOURS - count)
        return range(first, first + count)

    def get_content_height(self, *_: object) -> int:
        """A line for the hours, and one a day."""
        return 1 + max(1, len(self._days))

    def render(self) -> RenderResult:
        """A number a cell, so that nothing is told by the shade alone."""
        variables = self.app.theme_variables
        muted, width = Style(color=variables["muted"]), self._width
        if not self._hours:
            return Text(f" {self._words}", style=Style(color=variables["bad" if "✖" in self._words else "muted"]))
        most = max((cell.value for cell in self._cells.values()), default=0.0)
        columns = self._columns
        hours = " ".join(f"{hour:02d}".rjust(width - 1) for hour in columns)
        before, after = "‹" if columns.start else " ", "›" if columns.stop < HOURS else " "
        lines = [Text(f"{before:>{DAY_CELLS}}{hours}{after}", muted)]
        for day in self._days:
            is_chosen = self.hour is not None and day == self.hour[0]
            name = Text(f"{day:%a %d} ", Style(color=variables["strong"], bold=True) if is_chosen else muted)
            lines.append(name.append_text(Text.assemble(*(self._drawn((day, hour), most) for hour in columns))))
        return Text("\n").join(lines)

    def _drawn(self, hour: Hour, most: float) -> tuple[str, Style]:
        variables, width = self.app.theme_variables, self._width
        cell = self._cells.get(hour)
        is_chosen, known = hour == self.hour, hour in self._hours
        shown = "·" if known else " "
        style = Style(color=variables["muted"])
        if cell is not None and cell.value > 0:
            share = cell.value / most
            ground = Color.parse(variables["background"]).blend(Color.parse(variables["band"]), DARKEST * share)
            shown = f"{cell.value:.0f}" if width > LEAST_CELLS or cell.value < MOST_SHOWN + 0.5 else f"{MOST_SHOWN}"
            style = Style(color=variables["bad" if cell.is_over else "strong"], bgcolor=ground.hex, bold=cell.is_over)
        if is_chosen:
            style += Style(color=variables["background"], bgcolor=variables["primary" if self.has_focus else "muted"])
        is_cut = cell is not None and width == LEAST_CELLS and cell.value >= MOST_SHOWN + 0.5
        sign = "!" if cell is not None and cell.is_over else "+" if is_cut else " "
        return shown.rjust(width - 1) + sign, style

    def watch_has_focus(self, _: bool) -> None:
        self.refresh()
