"""One series and all that is known of its forecast: history, what was mended, champion, rivals, intervals, backtest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cached_property, lru_cache

import polars as pl

from collabtui.answers.ledger import KINDS
from collabtui.answers.series import LANDING, MEASURES, Measure, by_step, measured
from collabtui.config import ConfigError, Settings
from collabtui.warehouse import Warehouse, ledger_reads
from forecasting.clock import begin, begins, begun, following
from forecasting.panel import Forecasts, column, forecast
from forecasting.processes import Progress
from forecasting.record import record
from forecasting.series import Regular, regular
from forecasting.workdays import Place, named_holidays

HORIZON = {"hour": 24, "day": 14, "week": 8}
SLOT = {"hour": "%u %H", "day": "%u"}
"""The hours of a week, or its days: those that a pipeline never ran in are closed,"""
KEPT = 16
FEWEST_WEEKS = 3
"""once it has been known for so long."""
SHOWN = tuple(column(level) for level in (0.025, 0.10, 0.50, 0.85, 0.90, 0.95, 0.975))


@dataclass(frozen=True)
class Lab:
    """series, what, unit and every as in `collabtui.answers.series`.

    history: at (when the hour, day or week begins), value (null: missing), is_mended, is_closed.
    ahead: step (1 is the first after the history), at, p2_5, p10, p50, p85, p90, p95, p97_5; p10 to p90 is the 80 %
    interval, p2_5 to p97_5 the 95 % one; of counts whole numbers, outwards. Only what begins from now on: of the hour,
    day or week that goes on some is known, and the model does not know it. so_far: what has been counted in that one;
    None of what is not counted.
    mended: kind, at, count, what, days, text (see `forecasting.series.Regular`); nothing odd, no row.
    rivals: candidate, family, mase, weight (see `forecasting.rivals`). backtest: known_at (the last that was known),
    at, value, told. about: one row, as `forecasting.panel.Forecasts.series`, and kept: how what was shown of its
    subject did ("landing, before the start: 84 of the last 100 came no later than their P85, 85 % should"; null where
    nothing was scored).
    """

    now: datetime
    series: str
    what: str
    unit: str
    every: str
    so_far: int | None
    history: pl.DataFrame
    ahead: pl.DataFrame
    mended: pl.DataFrame
    rivals: pl.DataFrame
    backtest: pl.DataFrame
    about: pl.DataFrame


@dataclass(frozen=True)
class _Panel:
    """A panel to be forecast, equal to another one of the same values."""

    series: pl.DataFrame
    horizon: int
    progress: Progress
    cancelled: Callable[[], bool]

    @cached_property
    def _digest(self) -> bytes:
        return self.series.hash_rows().to_numpy().tobytes()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Panel) and (self.horizon, self._digest) == (other.horizon, other._digest)

    def __hash__(self) -> int:
        return hash((self.horizon, self._digest))


def lab(
    warehouse: Warehouse,
    settings: Settings,
    now: datetime,
    *,
    about: str,
    also: Sequence[str] = (),
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Lab:
    """The series of that name. It is forecast with all of its kind, which takes seconds once after a sync.

    also: "arima", "prophet": further rivals, of this series alone. Raises `ConfigError` where there is no such series,
    and `forecasting.processes.CancelledError`.
    """
    measure, every, events = _kind_of(warehouse, settings, now, about)
    zone = settings.timezone or "UTC"
    hour = now.replace(minute=0, second=0, microsecond=0)
    found = warehouse.kept(
        ("lab", repr(settings), measure.what, every),
        lambda: _regular(warehouse, settings, now, measure, every),
        at=hour,
    )
    history = found.series.filter(pl.col("id") == about)
    forecasts = _forecasts(_Panel(found.series, HORIZON[every], progress, cancelled))
    if also:
        forecasts = forecast(
            history, HORIZON[every], also=also, holidays=_holidays(settings, history), workers=1,
            progress=progress, cancelled=cancelled,
        )  # fmt: skip
    mine = pl.col("id") == about
    times = history["time"]
    back = forecasts.backtest.filter(mine)
    return Lab(
        now, about, measure.what, measure.unit, every, _so_far(measure, every, events.filter(mine), zone, now),
        history.select(pl.col("time").alias("at"), "value", "is_mended", "is_closed"),
        _ahead(measure, forecasts.quantiles.filter(mine).join(_steps(times, every, zone), on="step"), now),
        found.report.filter(mine).drop("id"),
        forecasts.rivals.filter(mine).drop("id"),
        pl.DataFrame({
            "known_at": times.gather(back["known"] - 1), "at": times.gather(back["known"] + back["step"] - 1),
            "value": back["value"], "told": back["told"],
        }),
        forecasts.series.filter(mine).select(
            pl.exclude("id"), pl.lit(_kept(warehouse, measure, events.filter(mine)), dtype=pl.String).alias("kept")
        ),
    )  # fmt: skip


def _so_far(measure: Measure, every: str, events: pl.DataFrame, zone: str, now: datetime) -> int | None:
    if measure.how != "count":
        return None
    return events.filter(pl.col("time") >= begin(now, every, zone)).height


def _ahead(measure: Measure, told: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """What is to come as a whole; a count is no fraction, and an interval holds no less for that."""
    told = told.filter(pl.col("at") >= now).select("step", "at", *SHOWN)
    if measure.how != "count":
        return told
    below, above = SHOWN[: SHOWN.index("p50")], SHOWN[SHOWN.index("p50") + 1 :]
    return told.with_columns(pl.col(below).floor(), pl.col("p50").round(), pl.col(above).ceil())


def _kept(warehouse: Warehouse, measure: Measure, events: pl.DataFrame) -> str | None:
    """How the forecasts of this series' subject did that were shown, in words."""
    if measure.question is None:
        return None
    source, subject = events.select("source", "subject").row(0)
    if measure.question == LANDING:
        scored = ledger_reads.scored_of(warehouse, LANDING, source, subject)
    else:
        scored = ledger_reads.scored_values(warehouse, measure.question).filter(
            pl.col("subject") == subject, pl.col("source").eq_missing(source)
        )
    found = record(scored)
    if not found.count:
        return None
    held = f"{found.held[1]} of the last {found.count} came no later than their P85, 85 % should"
    if found.within is not None:
        held = f"{found.within} of the last {found.count} were within P15–P85, 70 % should be"
    return f"{KINDS[measure.question][0]}: {held}"


def _steps(times: pl.Series, every: str, zone: str) -> pl.DataFrame:
    """When each step after the last time begins, by the viewer's clock: step, at."""
    at = following(times[-1], HORIZON[every], every, zone) if len(times) else times.clear()
    return pl.DataFrame({"step": range(1, at.len() + 1), "at": at}, schema_overrides={"step": pl.Int64})


def _kind_of(warehouse: Warehouse, settings: Settings, now: datetime, name: str) -> tuple[Measure, str, pl.DataFrame]:
    """The measure and step of a series, and the events of all that are like it."""
    known: list[str] = []
    for measure in MEASURES:
        for every, events in by_step(measure, measured(measure, warehouse, settings, now)):
            names = events["id"].unique().to_list()
            if name in names:
                return measure, every, events
            known += names
    near = get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f"; near to it: {', '.join(near)}" if near else ""
    raise ConfigError(f"there is no series {name!r}{hint} (collabtui show series lists them)")


def _regular(warehouse: Warehouse, settings: Settings, now: datetime, measure: Measure, every: str) -> Regular:
    """All series of a kind that have a value as often."""
    zone = settings.timezone or "UTC"
    events = measured(measure, warehouse, settings, now)
    events = dict(by_step(measure, events)).get(every, events.clear())
    closed = _closed(events, every, zone) if measure.every is None else None
    return regular(events, every, how=measure.how, zone=zone, closed=closed, least=0.0, until=now, unit=measure.unit)


@lru_cache(maxsize=KEPT)
def _forecasts(panel: _Panel) -> Forecasts:
    """A sync brings news every few minutes, and a new hour, day or week seldom: what is the same is forecast once."""
    return forecast(panel.series, panel.horizon, progress=panel.progress, cancelled=panel.cancelled)


def _closed(events: pl.DataFrame, every: str, zone: str) -> pl.DataFrame | None:
    """The hours or days in which a series never had an event, week after week: id, time."""
    if every not in SLOT:
        return None
    began = events.select("id", begun(events["time"], every, zone))
    span = began.group_by("id").agg(first=pl.col("time").min(), last=pl.col("time").max())
    long = span.filter(pl.col("last") - pl.col("first") >= timedelta(weeks=FEWEST_WEEKS))
    each = [
        begins(first, last, every, zone).alias("time").to_frame().select(pl.lit(name).alias("id"), "time")
        for name, first, last in long.iter_rows()
    ]
    grid = pl.concat([began.clear(), *each])
    slot = pl.col("time").dt.convert_time_zone(zone).dt.strftime(SLOT[every]).alias("slot")
    used = began.select("id", slot).unique()
    return grid.with_columns(slot).join(used, on=["id", "slot"], how="anti").select("id", "time")


def _holidays(settings: Settings, history: pl.DataFrame) -> pl.DataFrame | None:
    """The country's, for Prophet: past and to come."""
    if settings.country is None:
        return None
    first, last = history["time"].dt.year().min(), history["time"].dt.year().max()
    if not isinstance(first, int) or not isinstance(last, int):
        return None
    found = named_holidays(Place(settings.country, settings.region), range(first, last + 2))
    return pl.DataFrame(
        {"name": list(found.values()), "date": list(found)}, schema={"name": pl.String, "date": pl.Date}
    )
