"""One epic closely: how likely each week is to be its last, what if, and how many of its tickets by the due date."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate

import polars as pl

from collabtui.answers.epics import day_after, open_epics, weeks_until
from collabtui.answers.ledger import deliveries_past
from collabtui.answers.throughput import Flow, first_day
from collabtui.config import Settings
from collabtui.warehouse import Warehouse
from forecasting.delivery import Work, delivery, done_by, finish, histogram, scaled
from forecasting.futures import Futures
from forecasting.record import record

SCOPE_PERCENT = 20
NO_MORE = "no more added"


@dataclass(frozen=True)
class Epic:
    """what_if: what (as it is, one person more, one person less, scope +20 %, scope −20 %, no more added), open
    (tickets then), p50_on, p85_on, p95_on (null: not within two years), p_late (null without a due date), days (that
    P85 is later than as it is; negative is earlier; null where either is not known). Without people who finished
    something lately there is no one more or less; nothing is added to what does not grow.
    weeks: week_on (its first day), p (that the epic is done in that week), p_done (that it is done by its end), is_late
    (whether it begins after due_on); until all but 1 % of what is done within two years.
    open: tickets of now; doing: how many of them are in progress. by_due_p50, by_due_p85, by_due_p95: so many of those
    open are done by the end of due_on with a certainty of 50, 85, 95 %, what is added later not counted; null without
    a due date to come, or a forecast.
    active: people of its team who finished something in eight weeks. kept: how the forecasts of epics did that were
    shown, in words; null before one came true. reason: why there is no forecast, else null.
    """

    now: datetime
    what_if: pl.DataFrame
    weeks: pl.DataFrame
    open: int
    doing: int
    due_on: date | None
    by_due_p50: int | None
    by_due_p85: int | None
    by_due_p95: int | None
    active: int
    kept: str | None
    reason: str | None


WHAT_IF: dict[str, type[pl.DataType]] = {
    "what": pl.String, "open": pl.Int64, "p50_on": pl.Date, "p85_on": pl.Date, "p95_on": pl.Date,
    "p_late": pl.Float64, "days": pl.Int64,
}  # fmt: skip
WEEKS: dict[str, type[pl.DataType]] = {
    "week_on": pl.Date, "p": pl.Float64, "p_done": pl.Float64, "is_late": pl.Boolean,
}  # fmt: skip


def epic(warehouse: Warehouse, settings: Settings, now: datetime, *, source: str, epic_id: str) -> Epic:
    """The open epic of that id. All is asked of the same futures of its team, those that `epics` asks."""
    known = open_epics(warehouse, settings, now, of=(source, epic_id))
    if not known.epics.height:
        return _nothing(now, None, 0, "no such open epic")
    row = known.epics.row(0, named=True)
    work, due_on, flow = known.work(row), row["due_on"], known.flows.get(row["team"])
    active = flow.active if flow else 0
    if not work.remaining:
        return _nothing(now, due_on, active, "nothing of it is open")
    if flow is None or flow.futures.is_idle:
        return _nothing(now, due_on, active, "its team has not finished anything in two years")
    first = first_day(settings, now)
    allowed = weeks_until(due_on, first)
    needed = finish(flow.futures, work)
    what_if, weeks = _what_if(flow, work, allowed, first), _weeks(histogram(needed), due_on, first)
    p50, p85, p95 = (None,) * 3 if allowed is None or allowed <= 0 else done_by(flow.futures, work, allowed)
    past = deliveries_past(warehouse, now)
    kept = record(past, by="epic").words if past.height else None
    return Epic(now, what_if, weeks, work.remaining, row["doing"], due_on, p50, p85, p95, active, kept, None)


def variants(flow: Flow, work: Work) -> dict[str, tuple[Futures, Work]]:
    """What may be otherwise, by name: the team and the work then; as it is comes first."""
    team = flow.futures
    people = {"one person more": (flow.staffed(1), work), "one person less": (flow.staffed(-1), work)}
    return {
        "as it is": (team, work),
        **(people if flow.active else {}),
        f"scope +{SCOPE_PERCENT} %": (team, scaled(work, 1 + SCOPE_PERCENT / 100)),
        f"scope −{SCOPE_PERCENT} %": (team, scaled(work, 1 - SCOPE_PERCENT / 100)),
        **({NO_MORE: (team, replace(work, growth_a_week=0.0))} if work.growth_a_week else {}),
    }


def _what_if(flow: Flow, work: Work, allowed: float | None, first: date) -> pl.DataFrame:
    rows = []
    for what, (team, then) in variants(flow, work).items():
        found = delivery(team, then, allowed_weeks=allowed)
        dates = [day_after(weeks, first) for weeks in found.weeks]
        rows.append((what, then.remaining, *dates, found.p_late))
    frame = pl.DataFrame(rows, schema={name: kind for name, kind in WHAT_IF.items() if name != "days"}, orient="row")
    return frame.with_columns(days=(pl.col("p85_on") - pl.col("p85_on").first()).dt.total_days())


def _weeks(chances: list[float], due_on: date | None, first: date) -> pl.DataFrame:
    starts = [first + timedelta(weeks=n) for n in range(len(chances))]
    late = [due_on is not None and start > due_on for start in starts]
    return pl.DataFrame(
        {"week_on": starts, "p": chances, "p_done": list(accumulate(chances)), "is_late": late}, schema=WEEKS
    )


def _nothing(now: datetime, due_on: date | None, active: int, reason: str) -> Epic:
    empty, no_weeks = pl.DataFrame(schema=WHAT_IF), pl.DataFrame(schema=WEEKS)
    return Epic(now, empty, no_weeks, 0, 0, due_on, None, None, None, active, None, reason)
