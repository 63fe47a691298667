"""One epic if it were planned otherwise: other people, another scope, a later beginning; beside how it is."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import zip_longest

import polars as pl

from collabtui.answers.epics import OpenEpics, day_after, open_epics, weeks_until
from collabtui.answers.throughput import Flow, first_day
from collabtui.config import Settings
from collabtui.warehouse import Warehouse
from forecasting.delivery import Delivery, Work, delivery, finish, from_week, histogram, scaled
from forecasting.futures import Futures

SCOPE_PERCENTS = range(-50, 101, 10)
"""So many percent more open tickets may be planned, or less."""


@dataclass(frozen=True)
class Plan:
    """What is otherwise: people more in the team (less: negative), percent more open tickets (less: negative), whether
    scope goes on growing, and the week from now in which work on it begins (0: it goes on at once).
    """

    people: int = 0
    scope_percent: int = 0
    grows: bool = True
    from_week: int = 0


AS_IT_IS = Plan()


@dataclass(frozen=True)
class Planned:
    """dates: quantile (P50, P85, P95), as_it_is_on, then_on (null: not within two years), days (that then is later;
    negative is earlier; null where either is not known).
    weeks: week_on (its first day), as_it_is and then (the chance to be done in that week), is_late (whether it begins
    after due_on); until all but 1 % of what is done within two years.
    scopes: scope_percent, open: each number of open tickets that a plan may come to, at least one, the fewest first.
    The chance to miss due_on, null without one: as_it_is_late, then_late. Tickets: as_it_is_open, then_open; begun: how
    many of them are in progress and last as long as work of their age does, instead of waiting for their share.
    growth_week: tickets that are added in a week now. active: people of the team who finished something in eight weeks;
    without any nobody is added or taken away. reason: why there is no forecast, else null.
    """

    now: datetime
    dates: pl.DataFrame
    weeks: pl.DataFrame
    scopes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame([(0, 0)], schema=SCOPES, orient="row"))
    due_on: date | None = None
    as_it_is_late: float | None = None
    then_late: float | None = None
    as_it_is_open: int = 0
    then_open: int = 0
    begun: int = 0
    growth_week: float = 0.0
    active: int = 0
    reason: str | None = None


DATES: dict[str, type[pl.DataType]] = {
    "quantile": pl.String, "as_it_is_on": pl.Date, "then_on": pl.Date, "days": pl.Int64,
}  # fmt: skip
WEEKS: dict[str, type[pl.DataType]] = {
    "week_on": pl.Date, "as_it_is": pl.Float64, "then": pl.Float64, "is_late": pl.Boolean,
}  # fmt: skip
SCOPES: dict[str, type[pl.DataType]] = {"scope_percent": pl.Int64, "open": pl.Int64}


def planned(
    warehouse: Warehouse, settings: Settings, now: datetime, *, source: str, epic_id: str, plan: Plan = AS_IT_IS
) -> Planned:
    """Both from the same futures of its team, so that they differ by the plan and not by chance.

    Who asks of the same moment again gets these futures again: all but the first take a few milliseconds.
    """
    known = _known(warehouse, settings, now, source, epic_id)
    row = next(known.epics.iter_rows(named=True), None)
    if row is None:
        return _nothing(now, "there is no such open epic any more")
    work, flow = known.work(row), known.flows.get(row["team"])
    if not work.remaining:
        return _nothing(now, "nothing of it is open")
    if flow is None or flow.futures.is_idle:
        return _nothing(now, "its team has not finished anything in two years")
    if not flow.active:
        plan = replace(plan, people=0)
    first, due_on = first_day(settings, now), row["due_on"]
    allowed = weeks_until(due_on, first)
    before = flow.futures, work
    after = _under(plan, flow, work)
    as_it_is, then = (delivery(team, tickets, allowed_weeks=allowed) for team, tickets in (before, after))
    return Planned(
        now, _dates(as_it_is, then, first), _weeks(before, after, first, due_on), _scopes(work), due_on,
        as_it_is.p_late, _late(then, due_on), work.remaining, after[1].remaining, work.remaining - work.waiting,
        work.growth_a_week, flow.active,
    )  # fmt: skip


def _known(warehouse: Warehouse, settings: Settings, now: datetime, source: str, epic_id: str) -> OpenEpics:
    return warehouse.kept(
        ("planned", repr(settings), source, epic_id),
        lambda: open_epics(warehouse, settings, now, of=(source, epic_id)),
        at=now,
    )


def _under(plan: Plan, flow: Flow, work: Work) -> tuple[Futures, Work]:
    """The team and the work under that plan."""
    then = scaled(work, 1 + plan.scope_percent / 100)
    return (
        from_week(flow.staffed(plan.people), plan.from_week),
        then if plan.grows else replace(then, growth_a_week=0.0),
    )


def _scopes(work: Work) -> pl.DataFrame:
    """Of the percents that come to the same whole tickets the one that is the nearest to them."""
    nearest: dict[int, tuple[float, int, int]] = {}
    for percent in SCOPE_PERCENTS:
        count, exact = scaled(work, 1 + percent / 100).remaining, work.remaining * (1 + percent / 100)
        off = (round(abs(count - exact), 6), abs(percent), percent)
        nearest[count] = min(nearest.get(count, off), off)
    rows = [(percent, count) for count, (*_, percent) in sorted(nearest.items()) if count]
    return pl.DataFrame(rows, schema=SCOPES, orient="row")


def _late(found: Delivery, due_on: date | None) -> float | None:
    """Where nobody is left it is certain to be missed."""
    return 1.0 if due_on is not None and found.weeks[0] is None else found.p_late


def _dates(as_it_is: Delivery, then: Delivery, first: date) -> pl.DataFrame:
    rows = [
        (name, day_after(weeks, first), day_after(weeks_then, first))
        for name, weeks, weeks_then in zip(("P50", "P85", "P95"), as_it_is.weeks, then.weeks, strict=True)
    ]
    frame = pl.DataFrame(rows, schema={name: kind for name, kind in DATES.items() if name != "days"}, orient="row")
    return frame.with_columns(days=(pl.col("then_on") - pl.col("as_it_is_on")).dt.total_days())


def _weeks(before: tuple[Futures, Work], after: tuple[Futures, Work], first: date, due_on: date | None) -> pl.DataFrame:
    chances = (
        histogram(finish(team, work)) if work.remaining and not team.is_idle else [] for team, work in (before, after)
    )
    rows = []
    for n, (as_it_is, then) in enumerate(zip_longest(*chances, fillvalue=0.0)):
        week_on = first + timedelta(weeks=n)
        rows.append((week_on, as_it_is, then, due_on is not None and week_on > due_on))
    return pl.DataFrame(rows, schema=WEEKS, orient="row")


def _nothing(now: datetime, reason: str) -> Planned:
    return Planned(now, pl.DataFrame(schema=DATES), pl.DataFrame(schema=WEEKS), reason=reason)
