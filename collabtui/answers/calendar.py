"""The runs to come in the next days: when each is due and lands, and how many of them are in flight in which hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from collabtui.answers.calendar_load import ASKED_BY, Hour, asked_of_pools, by_pool, in_flight, pools_told
from collabtui.answers.carried import SEED, chance_late
from collabtui.answers.coming import Coming, Name, coming
from collabtui.answers.cycles import Key
from collabtui.answers.deadlines import with_deadlines
from collabtui.answers.landings import Landings, landings
from collabtui.answers.past import history
from collabtui.config import Settings, zone
from collabtui.warehouse import Warehouse, reads
from collabtui.warehouse.columns import to_us
from forecasting.distribution import Floats
from forecasting.failing import Failing
from forecasting.landing import landing
from forecasting.lineage import Carried, Length, Waiting, carried

DAYS_AHEAD = 7
HOUR = timedelta(hours=1)
TIMES = ("due_at", "p50_at", "p85_at", "p95_at", "deadline_at")
LEVELS = (0.50, 0.85, 0.95)

RUNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String, "pipeline_id": pl.String, "name": pl.String, "run_id": pl.String,
    "due_at": pl.Datetime("us", "UTC"), "p50_at": pl.Datetime("us", "UTC"), "p85_at": pl.Datetime("us", "UTC"),
    "p95_at": pl.Datetime("us", "UTC"), "deadline_at": pl.Datetime("us", "UTC"), "p_late": pl.Float64,
    "basis": pl.String, "pools": pl.String, "slot_hours": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Calendar:
    """runs: those in flight and those due until the end of the last day, by when they are due: source, pipeline_id,
    name, run_id (null: to come), due_at, p50_at, p85_at, p95_at (when it lands; null where it never did), deadline_at,
    p_late (0 to 1), basis (how its time is known: in flight, schedule, data: when what it waits for has landed, past:
    guessed from its past runs), pools (those that its runs of that weekday use, the most used first), slot_hours (that
    one takes of them).
    hours: those of the viewer's clock, from the one that is now to the end of the last day: day_on, hour (0 to 23),
    from_at, until_at, in_flight (runs that are in flight in it, from when they are due to their P50), begin (runs that
    are due in it).
    pools: source, pool, slots (null: no limit or not known), from_at (of its hour), slots_asked (on average of that
    hour; the slot-hours of each run spread evenly from when it is due to its P50), is_over (more than it has: tasks
    will wait). Hours in which nothing is asked of it are left out.
    """

    now: datetime
    runs: pl.DataFrame
    hours: pl.DataFrame
    pools: pl.DataFrame


def calendar(warehouse: Warehouse, settings: Settings, now: datetime, *, days_ahead: int = DAYS_AHEAD) -> Calendar:
    """Today and the days after it, `days_ahead` in all. The next run of each pipeline is said as elsewhere
    (`landings`); later ones take as long as one of their weekday would now. Who asks of the same moment again gets the
    same.
    """
    kept = ("calendar", repr(settings), days_ahead)
    return warehouse.kept(kept, lambda: _calendar(warehouse, settings, now, days_ahead), at=now)


def runs_in(found: Calendar, from_at: datetime) -> pl.DataFrame:
    """The runs that are counted as in flight in the hour that begins then; none where it is not one of its hours."""
    hour = found.hours.filter(pl.col("from_at") == from_at).select("from_at", "until_at")
    moment = pl.duration(microseconds=1)  # what never landed is in flight for a moment
    end = pl.max_horizontal("p50_at", pl.col("due_at") + moment)
    in_it = (pl.col("due_at") < pl.col("until_at")) & (end > pl.col("from_at"))
    return found.runs.join(hour, how="cross").filter(in_it).drop("from_at", "until_at")


def _calendar(warehouse: Warehouse, settings: Settings, now: datetime, days_ahead: int) -> Calendar:
    found, feeds = landings(warehouse, settings, now), reads.upstream_pipelines(warehouse)
    hours = _hours(settings, now, days_ahead)
    expected = _expected(warehouse, found, now, days_ahead)
    lasts = {key: timedelta(seconds=by_day[None].length.p50_s) for key, by_day in expected.items()}
    runs = coming(found, feeds, settings, now, hours[-1][3], lasts)
    frame = _landing(found, runs, expected, settings, now)
    asked = asked_of_pools(warehouse)
    frame = frame.with_columns(weekday=pl.col("due_at").dt.weekday().cast(pl.Int64) - 1)
    frame = frame.join(pools_told(asked), on=ASKED_BY, how="left", maintain_order="left")
    names = found.pipelines.select("source", "pipeline_id", "name")
    frame = frame.join(names, on=["source", "pipeline_id"], how="left", maintain_order="left")
    edges = [hour[2] for hour in hours] + [hours[-1][3]]
    pools = by_pool(warehouse, frame, asked, edges)
    return Calendar(now, frame.select(*RUNS), in_flight(frame, hours, edges), pools)


def _hours(settings: Settings, now: datetime, days: int) -> list[Hour]:
    """The hours of the clock, from this one on: day, hour, from, until. One that clocks repeat is two hours long."""
    where = zone(settings.timezone) if settings.timezone else None
    here = now.astimezone(where)
    at = now.replace(second=0, microsecond=0) - timedelta(minutes=here.minute)
    last = here.date() + timedelta(days=days - 1)
    found: list[Hour] = []
    while (local := at.astimezone(where)).date() <= last:
        if found and found[-1][:2] == (local.date(), local.hour):
            found[-1] = (*found[-1][:3], at + HOUR)
        else:
            found.append((local.date(), local.hour, at, at + HOUR))
        at += HOUR
    return found


# --- when they land ---


@dataclass(frozen=True)
class _Usual:
    """How long a run takes from when it is due, and how likely it is to fail."""

    length: Length
    fails: Failing

    @cached_property
    def ends_us(self) -> tuple[int, int, int]:
        """The length in microseconds."""
        p50, p85, p95 = (round(s * 1e6) for s in (self.length.p50_s, self.length.p85_s, self.length.p95_s))
        return p50, p85, p95

    @cached_property
    def drawn_s(self) -> Floats:
        """The length draw by draw, shortest first."""
        return np.sort(self.length.drawn(np.random.default_rng(SEED)))

    def chance_late(self, allowed_us: int | None, p_fail: float) -> float | None:
        """As `chance_late`, of a run that may take so long."""
        if allowed_us is None:
            return None
        in_time = float(np.searchsorted(self.drawn_s, allowed_us / 1e6, side="right")) + 0.5
        return 1 - in_time / (self.drawn_s.size + 1) * (1 - p_fail)


Expected = Mapping[int | None, _Usual]
"""By weekday; of None: of any."""


def _expected(warehouse: Warehouse, found: Landings, now: datetime, days: int) -> Mapping[Key, Expected]:
    """Of each pipeline that ever landed, a run of each of the days ahead, at the hour of its next one."""
    hours = found.next.select("source", "pipeline_id", pl.col("due_at").dt.hour()).rows()
    rows = [
        (source, pipeline_id, datetime.combine(now.date() + timedelta(days=n), time(hour), tzinfo=now.tzinfo))
        for n in range(min(days, 7))
        for source, pipeline_id, hour in hours
    ]
    schema = {name: RUNS[name] for name in ("source", "pipeline_id", "due_at")}
    unknown = pl.lit(None, pl.Float64)
    asked = pl.DataFrame(rows, schema=schema, orient="row").with_columns(elapsed_s=unknown, allowed_s=unknown)
    told = warehouse.kept(("expected", *rows), lambda: landing(history(warehouse), asked))
    lengths: dict[Key, dict[int | None, _Usual]] = {}
    columns = ("source", "pipeline_id", "due_at", "p50_s", "p85_s", "p95_s", "p_fail", "p_fail_usual", "failing_stays")
    for source, pipeline_id, due_at, p50_s, p85_s, p95_s, *fails in told.select(*columns).iter_rows():
        if p50_s is not None:
            mine = lengths.setdefault((source, pipeline_id), {})
            mine[due_at.weekday()] = mine[None] = _Usual(Length(p50_s, p85_s, p95_s), Failing(*fails))
    return lengths


def _landing(
    found: Landings, runs: Sequence[Coming], expected: Mapping[Key, Expected], settings: Settings, now: datetime
) -> pl.DataFrame:
    """The runs with when they land, their deadlines and the chance to miss these."""
    first = {(row["source"], row["pipeline_id"]): row for row in found.next.iter_rows(named=True)}
    plain = pl.DataFrame(
        [(*run.key, "scheduled", run.due_at, None) for run in runs],
        schema={"source": pl.String, "pipeline_id": pl.String, "run_type": pl.String,
                "due_at": pl.Datetime("us", "UTC"), "start_at": pl.Datetime("us", "UTC")}, orient="row",
    )  # fmt: skip
    plain = with_deadlines(plain, found.rules, found.cycles, settings.timezone or "UTC")
    times = plain.select(pl.col("due_at", "deadline_at").to_physical()).rows()
    drawn, now_us = _drawn(runs, first, expected, now), to_us(now)
    quantiles = _quantiles(drawn)
    rows: list[tuple[object, ...]] = []
    for run, (due_us, deadline_us) in zip(runs, times, strict=True):
        usual = _of_day(expected, run)
        if not run.place:
            row = first[run.key]
            told = (None if row[name] is None else to_us(row[name]) for name in TIMES)
            rows.append((*run.key, row["run_id"], *told, row["p_late"], run.basis))
        elif usual is None:
            rows.append((*run.key, None, due_us, None, None, None, deadline_us, None, run.basis))
        elif (lands := drawn.get(run.name)) is not None:
            starts_us, *ends_us = (now_us + round(s * 1e6) for s in quantiles[run.name])
            deadline_at = None if deadline_us is None else now + timedelta(microseconds=deadline_us - now_us)
            late = chance_late(lands.lands_s, deadline_at, usual.fails.ahead(run.place + 1), now)
            rows.append((*run.key, None, starts_us, *ends_us, deadline_us, late, run.basis))
        else:
            allowed_us = None if deadline_us is None else deadline_us - due_us
            late = usual.chance_late(allowed_us, usual.fails.ahead(run.place + 1))
            rows.append((*run.key, None, due_us, *(due_us + us for us in usual.ends_us), deadline_us, late, run.basis))
    names = [name for name in RUNS if name not in ("name", "pools", "slot_hours")]
    schema = {name: pl.Int64 if name in TIMES else RUNS[name] for name in names}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col(TIMES).cast(RUNS["due_at"]))
    return frame.sort("due_at", "source", "pipeline_id", maintain_order=True)


def _quantiles(drawn: Mapping[Name, Carried]) -> Mapping[Name, Sequence[float]]:
    """When each starts (P50) and lands (P50, P85, P95), seconds from now."""
    if not drawn:
        return {}
    starts = np.median(np.stack([one.starts_s for one in drawn.values()]), axis=1)
    lands = np.quantile(np.stack([one.lands_s for one in drawn.values()]), LEVELS, axis=1)
    return dict(zip(drawn, np.vstack([starts, lands]).T.tolist(), strict=True))


def _of_day(expected: Mapping[Key, Expected], run: Coming) -> _Usual | None:
    mine = expected.get(run.key, {})
    return mine.get(run.due_at.weekday()) or mine.get(None)


def _drawn(
    runs: Sequence[Coming], first: Mapping[Key, Mapping[str, Any]], expected: Mapping[Key, Expected], now: datetime
) -> Mapping[Name, Carried]:
    """Later runs that wait for others or are waited for, draw by draw."""
    awaited = {name for run in runs for name in run.on}
    landing_first: dict[Name, Length] = {}
    waiting: dict[Name, Waiting[Name]] = {}
    for run in runs:
        if not run.place:
            ends = [first[run.key][name] for name in ("p50_at", "p85_at", "p95_at")]
            if run.name in awaited and ends[0] is not None:
                landing_first[run.name] = Length(*(max((at - now).total_seconds(), 0.0) for at in ends))
        elif run.on or run.name in awaited:
            usual = _of_day(expected, run)
            if usual is not None:
                earliest_s = 0.0 if run.on else (run.due_at - now).total_seconds()
                waiting[run.name] = Waiting(usual.length, run.on, earliest_s)
    return carried(landing_first, waiting, np.random.default_rng(SEED))
