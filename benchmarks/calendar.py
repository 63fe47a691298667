"""The runs to come walked forward: the slot-hours of the days ahead, and the runs further ahead that fail.

Each day the calendar of the demo is asked for the whole days ahead, against what was held then; beside it what was held
on the same weekday a week before. Of each past run of the demo and of the seeded Airflows, the chance to fail that was
said so many runs before it, against the chance of the run that was next then.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.histories import history
from benchmarks.measure import Measurement
from collabtui.answers.calendar import DAYS_AHEAD, calendar
from collabtui.answers.past import HISTORY_RUNS
from collabtui.warehouse import Warehouse
from forecasting.failing import failing
from tests.conftest import SHOWN_AT, Office, open_office

WALKED_DAYS = 14
FEWEST_RUNS = 30
AHEAD = (5, 20)
DAY = timedelta(days=1)
SEEDED = {"runs": 8_000, "dags": 40}
Days = Mapping[tuple[str, date], float]
"""Slot-hours by pool and day of the viewer's clock."""
Past = tuple[Sequence[bool], float]
"""Which runs of a pipeline failed, oldest first, and how far apart they are, in seconds."""


def run() -> Iterator[Measurement]:
    """How far off days and weeks were, in percent of what was held; Brier scores as ratios."""
    with tempfile.TemporaryDirectory() as folder:
        office = open_office(Path(folder))
        said: list[tuple[date, Days]] = []
        for _ in range(WALKED_DAYS):
            said.append((office.now.date(), _said(office)))
            office.later(DAY)
        office.later(DAYS_AHEAD * DAY)
        yield from _slot_hours(said, _held(office))
        yield from _failures("the demo", _ended(office))
    seeded = history(SHOWN_AT, **SEEDED).runs.filter(pl.col("state").is_in(["success", "failed"])).sort("n")
    yield from _failures("seeded Airflows", _by_pipeline(seeded, "id"))


# --- what is asked of pools ---


def _said(office: Office) -> Days:
    warehouse = Warehouse(office.settings.warehouse)
    found = calendar(warehouse, office.settings, office.now)
    warehouse.close()
    hours = (pl.col("until_at") - pl.col("from_at")).dt.total_hours()
    whole = found.hours.filter(pl.col("day_on") > pl.col("day_on").min())
    days = found.pools.join(whole, on="from_at").group_by("pool", "day_on").agg((pl.col("slots_asked") * hours).sum())
    return {(pool, day): asked for pool, day, asked in days.iter_rows()}


def _held(office: Office) -> Days:
    warehouse = Warehouse(office.settings.warehouse)
    tries = warehouse.frame("SELECT pool, start_at, end_at, pool_slots FROM task_run WHERE end_at >= start_at")
    warehouse.close()
    day = pl.col("start_at").dt.convert_time_zone(office.settings.timezone or "UTC").dt.date()
    took = (pl.col("end_at") - pl.col("start_at")).dt.total_microseconds() / 3.6e9 * pl.col("pool_slots").fill_null(1)
    return {(pool, on): held for pool, on, held in tries.group_by("pool", day.alias("on")).agg(took.sum()).iter_rows()}


def _slot_hours(said: Sequence[tuple[date, Days]], held: Days) -> Iterator[Measurement]:
    for pool in sorted({pool for _, days in said for pool, _ in days}):
        asked = [(on, day, hours) for on, days in said for (name, day), hours in days.items() if name == pool]
        ours = np.array([hours for *_, hours in asked])
        came = np.array([held.get((pool, day), 0.0) for _, day, _ in asked])
        before = np.array([held.get((pool, day - 7 * DAY), 0.0) for _, day, _ in asked])
        off, naive = np.abs(ours - came).sum(), np.abs(before - came).sum()
        note = f"the same weekday a week before: {100 * naive / came.sum():.1f} %"
        yield Measurement(f"calendar: {pool}, slot-hours of a day off", 100 * off / came.sum(), 5.0, "%", note)
        total = 100 * abs(ours.sum() / came.sum() - 1)
        yield Measurement(f"calendar: {pool}, slot-hours of the days ahead off", total, 3.0, "%")


# --- what fails ---


def _ended(office: Office) -> Sequence[Past]:
    warehouse = Warehouse(office.settings.warehouse)
    runs = warehouse.frame(
        "SELECT pipeline_id, state, due_at FROM run WHERE state IN ('success', 'failed') ORDER BY due_at"
    )
    warehouse.close()
    return _by_pipeline(runs, "pipeline_id")


def _by_pipeline(runs: pl.DataFrame, name: str) -> Sequence[Past]:
    return [
        (
            (part["state"] == "failed").to_list(),
            float(part["due_at"].diff().dt.total_microseconds().median() or 0) / 1e6,
        )
        for _, part in runs.group_by(name, maintain_order=True)
    ]


def _failures(of: str, pipelines: Sequence[Past]) -> Iterator[Measurement]:
    """The mean of (chance - outcome)², each chance from the runs that answers would have known."""
    for ahead in AHEAD:
        pairs = []
        for failed, every_s in pipelines:
            for n in range(FEWEST_RUNS, len(failed) - ahead + 1):
                found = failing(failed[max(0, n - HISTORY_RUNS) : n], every_s)
                pairs.append((found.ahead(ahead), found.ahead(1), failed[n + ahead - 1]))
        chances, nexts, came = np.array(pairs, dtype=np.float64).T
        ours, as_next = float(((chances - came) ** 2).mean()), float(((nexts - came) ** 2).mean())
        name = f"calendar: {of}, run {ahead} ahead fails, Brier / the next run's"
        yield Measurement(name, ours / as_next, 1.0, "x", f"{ours:.5f}")
