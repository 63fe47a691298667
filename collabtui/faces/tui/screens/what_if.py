"""What if of one epic on a screen of its own: sliders, and what they make of its dates at once."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.answering import plainly
from collabtui.faces.tui.asking.reading import Reader
from collabtui.faces.tui.charts.canvas import Canvas
from collabtui.faces.tui.formats import NONE, STATES, Line, Part, Row, Tone, Viewer, number, percent, risk
from collabtui.faces.tui.frame.keyline import KeyLine
from collabtui.faces.tui.screens.slider import Slider
from collabtui.faces.tui.tabs.detail import Plot, words

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

logger = logging.getLogger(__name__)
NOTICED_S = 0.3
"""What takes longer says that it is on its way."""
MOST_LESS, MOST_MORE = 2, 3
LATEST_WEEK = 8
COLUMN = 15
BEYOND = "beyond 2 years"
AS_IT_IS = "as it is"
LEGEND: Line = (
    Part("chance to be done in a week: ", "muted"), Part("█ in time", "good"), Part(" "), Part("▒ too late", "bad"),
    Part("  ○ as it is", "strong"),
)  # fmt: skip


def asked(
    warehouse: "Warehouse",
    settings: "Settings",
    _now: datetime,
    *,
    at: datetime,
    source: str,
    epic_id: str,
    people: int,
    scope_percent: int,
    grows: bool,
    from_week: int,
) -> Row:
    """What the plan makes of the epic, as all was `at` that moment: nothing but the plan makes a difference."""
    from collabtui.answers.planned import Plan, planned

    plan = Plan(people, scope_percent, grows, from_week)
    return plainly(planned(warehouse, settings, at, source=source, epic_id=epic_id, plan=plan))


@dataclass(frozen=True)
class PlanChart:
    """The chance of each week to be the last: label, as it is, under the plan, and whether it is too late."""

    weeks: Sequence[tuple[str, float, float, bool]]

    def draw_on(self, canvas: Canvas, _viewer: Viewer) -> bool:
        """Bars of what would be; rings of what is."""
        high = max((p for _, *both, _ in self.weeks for p in both), default=0.0) * 1.1
        if not high:
            return False
        canvas.limits((-0.6, len(self.weeks) - 0.4), (0.0, high))
        for place, (label, as_it_is, then, is_late) in enumerate(self.weeks):
            if then > 0:
                marker, color = ("▒", "bad") if is_late else ("█", "good")
                canvas.box((place - 0.5, place + 0.5), (0.0, then), marker, color)
            canvas.spot(place, None, f"week from {label} · done in it: {percent(then)}, as it is {percent(as_it_is)}")
        canvas.points([*range(len(self.weeks))], [as_it_is for _, as_it_is, _, _ in self.weeks], "○", "strong")
        canvas.share_ticks(high)
        canvas.label_ticks([label for label, *_ in self.weeks])
        return True


class WhatIfScreen(Screen[None]):
    """Sliders for one epic (`source` and `epic_id` of the row). Nothing of it is stored."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "turn(1)", "Next slider", show=False),
        Binding("up,k", "turn(-1)", "Slider before", show=False),
        Binding("0,r", "put_back", "As it is"),
        Binding("escape,q,f", "dismiss", "Back"),
    ]

    def __init__(self, row: Row, reader: Reader, viewer: Callable[[], Viewer]) -> None:
        super().__init__()
        self._row, self._reader, self._viewer = row, reader, viewer
        self._at = viewer().now
        self._found: Row | None = None
        self._people = Slider(
            "people", range(-MOST_LESS, MOST_MORE + 1), 0, lambda step: _more(step) if step else AS_IT_IS
        )
        self._scope = Slider("open tickets", (0,), 0, lambda _: AS_IT_IS)
        self._grows = Slider("scope grows", (False, True), True, lambda grows: AS_IT_IS if grows else "no more")
        self._from_week = Slider("work goes on", range(LATEST_WEEK + 1), 0, _begins)

    def compose(self) -> ComposeResult:
        """Which epic, its sliders, the dates, what is assumed, the chart, the keys' line."""
        yield Static(self._crumb(), id="crumb")
        with Vertical(id="planned"):
            with Vertical(id="plan"):
                yield from (self._people, self._scope, self._grows, self._from_week)
                yield Static(id="dates")
                yield Static(id="assumed")
            with Vertical(id="outlook"):
                yield Static(id="caption")
                yield Plot()
        yield KeyLine()

    def on_mount(self) -> None:
        """As it is, first."""
        self._people.focus()
        self._ask()

    def _crumb(self) -> Content:
        row = self._row
        state, (sign, tone) = plain(row["state"]), STATES.get(row["state"], ("○", "muted"))
        return Content.assemble(
            ("what if ", "$muted"), (f"{plain(row['epic_key'])} ", "bold"), (f"{sign} {state}", f"${tone}"),
            f"  {plain(row['title'] or '')}  ", (plain(row["team"] or ""), "$muted"),
        )  # fmt: skip

    # --- the sliders ---

    def action_turn(self, by: int) -> None:
        """To the next slider."""
        sliders = list(self.query(Slider))
        at = next((place for place, slider in enumerate(sliders) if slider.has_focus), 0)
        sliders[(at + by) % len(sliders)].focus()

    def action_put_back(self) -> None:
        """All as it is."""
        for slider in self.query(Slider):
            slider.put_back()

    @on(Slider.Moved)
    def _moved(self) -> None:
        self._ask()

    # --- what they make of it ---

    @work(exclusive=True, group="plan")
    async def _ask(self) -> None:
        """The newest plan; one that is on its way is given up."""
        question = partial(
            asked, at=self._at, source=self._row["source"], epic_id=self._row["epic_id"], people=self._people.step,
            scope_percent=self._scope.step, grows=self._grows.step, from_week=self._from_week.step,
        )  # fmt: skip
        waits = asyncio.get_running_loop().call_later(NOTICED_S, self._say, (Part("⟳ working it out…", "busy"),))
        try:
            found = await self._reader.ask(question, lane="detail")  # whose warehouse knows the tickets
        except Exception as e:
            logger.exception("what if could not be worked out")
            self._say((Part(f"✖ it could not be worked out: {plain(str(e) or type(e).__name__)}", "bad"),))
            return
        finally:
            waits.cancel()
        self._show(found)

    def _show(self, found: Row) -> None:
        viewer, self._found = self._viewer(), found
        self._people.tell(self._people_steps(found), partial(_people, found["active"]))
        counts = {scope["scope_percent"]: scope["open"] for scope in found["scopes"]}
        self._scope.tell(tuple(counts), partial(_scope, counts))
        self._grows.tell((False, True) if found["growth_week"] else (True,), partial(_grows, found["growth_week"]))
        if found["reason"] is not None:
            self._say((Part(f"no forecast: {found['reason']}. Esc leads back", "warn"),))
        else:
            self._say(*dates(found, viewer))
        self._static("assumed", self._assumed())
        weeks = [(f"{w['week_on']:%d %b}", w["as_it_is"], w["then"], w["is_late"]) for w in found["weeks"]]
        self.query_one(Plot).show(PlanChart(weeks), viewer)
        self._pointed(Plot.Pointed(""))

    @staticmethod
    def _people_steps(found: Row) -> range:
        """Nobody leaves who is not there; without anybody nobody comes either."""
        return range(-min(MOST_LESS, found["active"]), MOST_MORE + 1 if found["active"] else 1)

    def _say(self, *lines: Line) -> None:
        self._static("dates", *lines)

    def _static(self, name: str, *lines: Line) -> None:
        self.query_one(f"#{name}", Static).update(self._words(lines))

    def _words(self, lines: Sequence[Line]) -> Text:
        return words(lines, self.app.theme_variables)

    def _assumed(self) -> Line:
        """In words, as far as it matters for this plan."""
        people, weeks = self._people.step, self._from_week.step
        said = [
            "weeks like the past ones, the same part of them for this epic",
            *(["what is in progress takes as long as work of its age does"] if self._begun else []),
            *(["who is new brings nothing at first, after 12 weeks up to a full share"] if people > 0 else []),
            *(["who leaves is missing at once"] if people < 0 else []),
            *(["what is added halves every 3 weeks"] if self._grows.step and self._growth else []),
            *([f"nobody is at it for {_weeks(weeks)}"] if weeks else []),
        ]
        return (Part(f"Nothing is stored. Assumed: {'; '.join(said)}.", "muted"),)

    @property
    def _growth(self) -> float:
        return float(self._found["growth_week"]) if self._found else 0.0

    @property
    def _begun(self) -> int:
        return int(self._found["begun"]) if self._found else 0

    @on(Plot.Pointed)
    def _pointed(self, event: Plot.Pointed) -> None:
        self._static("caption", (Part(plain(event.words), "strong"),) if event.words else LEGEND)


def dates(found: Row, viewer: Viewer) -> Sequence[Line]:
    """A line for each quantile and the chance to miss the due date: as it is, then, and the difference."""
    miss = f"  miss {viewer.day(found['due_on'])} " if found["due_on"] else ""
    wide = max(COLUMN, len(miss))
    head: Line = (Part(" " * wide), Part(AS_IT_IS.ljust(COLUMN), "muted"), Part("then", "muted"))
    lines = [head]
    for row in found["dates"]:
        before, after = (_day(row[name], viewer) for name in ("as_it_is_on", "then_on"))
        lines.append((
            Part(f"  {row['quantile']}".ljust(wide), "muted"), Part(before.ljust(COLUMN)),
            Part(after.ljust(COLUMN), "strong"), _difference(row["days"]),
        ))  # fmt: skip
    counts = (found["as_it_is_open"], found["then_open"])
    lines.append((Part("  open tickets".ljust(wide), "muted"), *(Part(number(n).ljust(COLUMN)) for n in counts)))
    if found["due_on"] is None:
        return [*lines, (Part("  no due date", "muted"),)]
    late = (part for share in (found["as_it_is_late"], found["then_late"]) for part in risk(share))
    chances = (Part(part.text.ljust(COLUMN), part.tone) for part in late)
    return [*lines, (Part(miss.ljust(wide), "muted"), *chances)]


def _day(on: "datetime | None", viewer: Viewer) -> str:
    return BEYOND if on is None else viewer.day(on)


def _difference(days: int | None) -> Part:
    if days is None:
        return Part(NONE, "muted")
    if not days:
        return Part("the same day", "muted")
    count = f"{number(abs(days))} {'day' if abs(days) == 1 else 'days'}"
    tone: Tone = "good" if days < 0 else "bad"
    return Part(f"▽ {count} earlier" if days < 0 else f"△ {count} later", tone)


def _more(people: int) -> str:
    return f"{people:+d}".replace("-", "−")


def _people(active: int, people: int) -> str:
    """4, or 4 + 1: 5 people."""
    if not active:
        return "nobody finished anything lately"
    return f"{active} as it is" if not people else f"{_more(people)}: {active + people} instead of {active}"


def _scope(counts: dict[int, int], percent_: int) -> str:
    """30 as it is, or −20 %: 24 instead of 30."""
    if not percent_:
        return f"{number(counts[0])} as it is"
    return f"{_more(percent_)} %: {number(counts[percent_])} instead of {number(counts[0])}"


def _grows(growth: float, grows: bool) -> str:
    if not growth:
        return "it does not"
    return f"by {number(round(growth, 1))} a week, as it did" if grows else "no more"


def _begins(week: int) -> str:
    return f"in {_weeks(week)}" if week else "now, as it is"


def _weeks(count: int) -> str:
    return f"{count} {'week' if count == 1 else 'weeks'}"
