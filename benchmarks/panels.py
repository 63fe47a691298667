"""What the forecasts are tried on: the demo's landing times, what statsmodels ships, and a public tracker's tickets."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from collabtui.warehouse import Warehouse
from forecasting.series import regular
from tests.conftest import SHOWN_AT, open_office

TICKETS = Path(__file__).parents[2] / "shared" / "data" / "tickets.jsonl.gz"
START = datetime(2000, 1, 3, tzinfo=UTC)
FEWEST_POINTS = 40
SIMULATED = 30
"""So many series of each kind."""


@dataclass(frozen=True)
class Panel:
    """Series of one kind: `frame` (id, time, value), the steps to forecast, their seasons, and how often to cut."""

    name: str
    frame: pl.DataFrame
    horizon: int
    seasons: tuple[int, ...]
    cuts: int = 4

    def split(self, back: int) -> tuple[pl.DataFrame, dict[str, np.ndarray]]:
        """What was known `back` steps before the end, and the steps that followed; series with enough points."""
        known, truth = [], {}
        for name, rows in self.frame.sort("time").group_by("id", maintain_order=True):
            start = rows.height - back
            if start < FEWEST_POINTS:
                continue
            known.append(rows.head(start))
            truth[str(name[0])] = rows["value"].cast(pl.Float64).to_numpy()[start : start + self.horizon]
        return pl.concat(known) if known else self.frame.clear(), truth


def all_of(folder: Path) -> list[Panel]:
    """Every panel; the demo's warehouse is made in the folder."""
    return [*_demo(folder), *_packages(), *_tickets(), simulated()]


def framed(series: dict[str, np.ndarray], step: timedelta) -> pl.DataFrame:
    """Regular series by name, `step` apart."""
    return pl.concat(
        pl.DataFrame({"id": [name] * len(y), "time": [START + step * n for n in range(len(y))], "value": y})
        for name, y in series.items()
    )


def _demo(folder: Path) -> Iterator[Panel]:
    """Landing delays of the nightly pipelines, day by day, and of the hourly ones."""
    office = open_office(folder, history=timedelta(days=550))
    warehouse = Warehouse(office.settings.warehouse)
    runs = warehouse.frame(
        "SELECT pipeline_id AS id, due_at AS time, (end_at - due_at) / 1e6 AS value FROM run "
        "WHERE state = 'success' AND run_type <> 'manual' AND due_at < ?",
        [int(SHOWN_AT.timestamp() * 1e6)],
    ).with_columns(pl.col("time").cast(pl.Int64).cast(pl.Datetime("us", "UTC")))
    hourly = runs.group_by("id").len().filter(pl.col("len") > 0)["id"]
    hours = runs.filter(pl.col("id").str.starts_with("ingest_") & pl.col("id").is_in(hourly.implode()))
    days = runs.filter(~pl.col("id").str.starts_with("ingest_") & (pl.col("id") != "ml_train_weekly"))
    yield Panel("demo, nightly landings", regular(days, "day", how="last", least=0).series, 14, (7,), cuts=12)
    yield Panel("demo, hourly landings", regular(hours, "hour", how="last", least=0).series, 24, (24, 168), cuts=12)
    warehouse.close()


def _packages() -> Iterator[Panel]:
    """What statsmodels ships: the economy of the United States by quarter, the sea's temperature by month, the carbon
    dioxide of the air by week.
    """
    from statsmodels.datasets import co2, elnino, macrodata

    economy = macrodata.load_pandas().data.drop(columns=["year", "quarter"])
    quarters = {str(name): economy[name].to_numpy(dtype=float) for name in economy.columns}
    yield Panel("economy by quarter", framed(quarters, timedelta(days=91)), 8, (4,), cuts=12)
    sea = elnino.load_pandas().data.drop(columns=["YEAR"]).to_numpy(dtype=float).ravel()
    yield Panel("El Niño by month", framed({"sea": sea}, timedelta(days=30)), 12, (12,), cuts=30)
    air = co2.load_pandas().data["co2"].interpolate().to_numpy(dtype=float)
    yield Panel("CO2 by week", framed({"air": air}, timedelta(days=7)), 13, (52,), cuts=30)


def _tickets() -> Iterator[Panel]:
    """Tickets resolved a week, by project, of a public tracker."""
    if not TICKETS.exists():
        return
    with gzip.open(TICKETS, "rt") as lines:
        fields = [json.loads(line)["fields"] for line in lines]
    done = [
        (f["project"]["key"], datetime.fromisoformat(f["resolutiondate"]).astimezone(UTC))
        for f in fields
        if f.get("resolutiondate")
    ]
    events = pl.DataFrame(done, schema={"id": pl.String, "time": pl.Datetime("us", "UTC")}, orient="row")
    yield Panel("tickets done a week", regular(events, "week", how="count").series, 8, (), cuts=16)


def simulated() -> Panel:
    """Many series of known kinds, so that what is left to chance is small: walks, what returns to its level, seasons of
    a week with and without a trend, counts, and what is quiet but for incidents.
    """
    rng = np.random.default_rng(7)
    days = np.arange(190)
    found = {}
    for n in range(SIMULATED):
        size, week = np.exp(rng.normal(3, 1.5)), 1 + 0.3 * np.sin(2 * np.pi * (days / 7 + rng.random()))
        noise = rng.normal(0, size * np.exp(rng.normal(-2, 0.5)), days.size)
        back = np.zeros(days.size)
        for day in days[1:]:
            back[day] = 0.7 * back[day - 1] + noise[day]
        found |= {
            f"walk {n}": size + np.cumsum(noise),
            f"returning {n}": size + back,
            f"weekly {n}": size * week + noise,
            f"trend {n}": size * (week + rng.normal(0, 0.003) * days) + back,
            f"counts {n}": rng.poisson(rng.uniform(3, 30) * week).astype(float),
            f"incidents {n}": size + noise + (rng.random(days.size) < 0.03) * rng.exponential(size, days.size),
        }
    return Panel("simulated", framed(found, timedelta(days=1)), 14, (7,), cuts=5)
