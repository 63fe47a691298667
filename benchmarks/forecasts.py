"""The forecasting engine: how good against seasonal naive and each of its candidates, how believable, how fast.

Every panel is cut at several times, forecast from what was known then, and scored on what came.
"""

import gzip
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import Measurement
from collabtui.warehouse import Warehouse
from forecasting import metrics
from forecasting.one import tried
from forecasting.panel import filled, forecast
from forecasting.series import regular
from tests.conftest import SHOWN_AT, open_office

TICKETS = Path(__file__).parents[2] / "shared" / "data" / "tickets.jsonl.gz"
START = datetime(2000, 1, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Panel:
    """Series of one kind: `frame` (id, time, value), the steps to forecast, their seasons, and how often to cut."""

    name: str
    frame: pl.DataFrame
    horizon: int
    seasons: tuple[int, ...]
    cuts: int = 4


def run() -> Iterator[Measurement]:
    """Speed first, then accuracy panel by panel."""
    yield _speed()
    with tempfile.TemporaryDirectory() as folder:
        panels = [*_demo(Path(folder)), *_packages(), *_tickets()]
    for panel in panels:
        yield from _accuracy(panel)


def _speed() -> Measurement:
    rng = np.random.default_rng(1)
    days = np.arange(120)
    series = {
        f"s{n}": 50 + 10 * np.sin(2 * np.pi * days / 7) + np.cumsum(rng.normal(0, 1, 120)) + rng.normal(0, 3, 120)
        for n in range(1000)
    }
    frame = _frame(series, timedelta(days=1))
    began = time.perf_counter()
    forecast(frame, 14, seasons=(7,))
    seconds = time.perf_counter() - began
    note = f"{1000 / seconds:.0f} series a second, backtest included"
    return Measurement("forecasts: 1,000 series of 120 points, cold", seconds, 60, "s", note)


def _frame(series: dict[str, np.ndarray], step: timedelta) -> pl.DataFrame:
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
    yield Panel("demo, nightly landings", regular(days, "day", how="last", least=0).series, 14, (7,))
    yield Panel("demo, hourly landings", regular(hours, "hour", how="last", least=0).series, 24, (24, 168))
    warehouse.close()


def _packages() -> Iterator[Panel]:
    """What statsmodels ships: the economy of the United States by quarter, the sea's temperature by month."""
    from statsmodels.datasets import elnino, macrodata

    economy = macrodata.load_pandas().data.drop(columns=["year", "quarter"])
    quarters = {str(name): economy[name].to_numpy(dtype=float) for name in economy.columns}
    yield Panel("economy by quarter", _frame(quarters, timedelta(days=91)), 8, (4,), cuts=8)
    sea = elnino.load_pandas().data.drop(columns=["YEAR"]).to_numpy(dtype=float).ravel()
    yield Panel("El Niño by month", _frame({"sea": sea}, timedelta(days=30)), 12, (12,), cuts=12)


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
    yield Panel("tickets done a week", regular(events, "week", how="count").series, 8, (), cuts=6)


def _accuracy(panel: Panel) -> Iterator[Measurement]:
    ours: list[float] = []
    others: dict[str, list[float]] = {}
    within: dict[str, list[float]] = {"80": [], "95": []}
    pinball: list[tuple[float, float]] = []
    by_series: dict[str, list[float]] = {}
    season = max(panel.seasons, default=1)
    for cut in range(panel.cuts):
        back = panel.horizon * (cut + 1)
        known, truth = _split(panel, back)
        if known.is_empty():
            continue
        found = forecast(known, panel.horizon, seasons=panel.seasons)
        for name, rows in found.quantiles.group_by("id", maintain_order=True):
            y = truth[str(name[0])]
            history = filled(known.filter(pl.col("id") == name[0])["value"].cast(pl.Float64).to_numpy())
            scale = metrics.naive_scale(history, season)
            ours.append(metrics.mae(y, rows["p50"]) / scale)
            now = tried(history, panel.horizon, panel.seasons).now
            naive = now.get(f"naive {season}", now.get("last", now.get("median")))
            for other, path in {**now, "naive": naive}.items():
                others.setdefault(other, []).append(metrics.mae(y, path) / scale)
            within["80"].append(metrics.coverage(y, rows["p10"], rows["p90"]))
            within["95"].append(metrics.coverage(y, rows["p2_5"], rows["p97_5"]))
            by_series.setdefault(str(name[0]), []).append(within["80"][-1])
            p85 = metrics.pinball(y, rows["p85"], 0.85)
            p85_naive = metrics.pinball(y, naive + np.quantile(np.abs(np.diff(history)), 0.7), 0.85)
            pinball.append((p85 / scale, p85_naive / scale))
    mean = {name: float(np.nanmean(errors)) for name, errors in others.items() if len(errors) == len(ours)}
    blend, naive_mase = float(np.nanmean(ours)), float(np.nanmean(others["naive"]))
    best = min(mean, key=lambda name: mean[name])
    told = ", ".join(f"{name} {value:.2f}" for name, value in sorted(mean.items(), key=lambda kv: kv[1])[:6])
    name = f"forecasts: {panel.name}"
    yield Measurement(f"{name}, MASE / seasonal naive's", blend / naive_mase, 1.0, "x", f"{blend:.2f}; {told}")
    yield Measurement(f"{name}, MASE / best single candidate's", blend / mean[best], 1.05, "x", best)
    for level, shares in within.items():
        share = 100 * float(np.nanmean(shares))
        yield Measurement(
            f"{name}, {level} % interval, points off", abs(share - float(level)), 3.0, "points", f"{share:.1f} %"
        )
    ratio = float(np.nanmean([a for a, _ in pinball]) / np.nanmean([b for _, b in pinball]))
    yield Measurement(f"{name}, pinball loss of P85 / naive's", ratio, 1.0, "x")


def _split(panel: Panel, back: int) -> tuple[pl.DataFrame, dict[str, np.ndarray]]:
    """What was known `back` steps before the end, and the steps that followed; series with forty points or more."""
    known, truth = [], {}
    for name, rows in panel.frame.sort("time").group_by("id", maintain_order=True):
        start = rows.height - back
        if start < 40:
            continue
        known.append(rows.head(start))
        truth[str(name[0])] = rows["value"].cast(pl.Float64).to_numpy()[start : start + panel.horizon]
    return pl.concat(known) if known else panel.frame.clear(), truth
