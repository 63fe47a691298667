"""The forecasting engine: how good against seasonal naive and each of its candidates, how believable, how fast.

Every panel is cut at several times, forecast from what was known then, and scored on what came. Candidates are scored
on the same cuts with intervals from their own backtests; Prophet, which takes seconds a series, on a few series.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import Measurement
from benchmarks.panels import Panel, all_of, framed
from forecasting import metrics
from forecasting.candidates import seasonal_naive_name
from forecasting.intervals import Calibration
from forecasting.models import arima
from forecasting.models.prophet import Prophet
from forecasting.one import Tried, tried
from forecasting.panel import LEVELS, column, filled, forecast, pooled_in
from forecasting.shapes import Errors

PROPHET_SERIES = 5
"""So many of a panel, at its latest cut."""
MEASURES = ("MASE", "sMAPE", "pinball", "80 %", "95 %")
OFF = 3.0
"""So many points may an interval be off."""
SURE = OFF / 2
"""With a larger standard error a share cannot tell whether the interval holds: it is a figure and no judge."""
QUARTERS_FROM = 12
"""In a panel of so many series, the intervals of each quarter by how variable the series are hold too."""
Scores = dict[tuple[str, int], np.ndarray]
"""The `MEASURES` of each series (by id) at each cut."""


def run() -> Iterator[Measurement]:
    """Speed first, then accuracy panel by panel."""
    yield _speed()
    with tempfile.TemporaryDirectory() as folder:
        panels = all_of(Path(folder))
    for panel in panels:
        yield from _accuracy(panel)


def _speed() -> Measurement:
    rng = np.random.default_rng(1)
    days = np.arange(120)
    series = {
        f"s{n}": 50 + 10 * np.sin(2 * np.pi * days / 7) + np.cumsum(rng.normal(0, 1, 120)) + rng.normal(0, 3, 120)
        for n in range(1000)
    }
    frame = framed(series, timedelta(days=1))
    began = time.perf_counter()
    forecast(frame, 14, seasons=(7,))
    seconds = time.perf_counter() - began
    note = f"{1000 / seconds:.0f} series a second, backtest included"
    return Measurement("forecasts: 1,000 series of 120 points, cold", seconds, 60, "s", note)


def _accuracy(panel: Panel) -> Iterator[Measurement]:
    blend: Scores = {}
    others: dict[str, Scores] = {}
    for cut in range(panel.cuts):
        known, truth = panel.split(panel.horizon * (cut + 1))
        if known.is_empty():
            continue
        histories = {str(n[0]): _values(rows) for n, rows in known.group_by("id", maintain_order=True)}
        found = forecast(known, panel.horizon, seasons=panel.seasons)
        for name, rows in found.quantiles.group_by("id", maintain_order=True):
            quantiles = {level: rows[column(level)].to_numpy() for level in LEVELS}
            key = str(name[0])
            blend[key, cut] = _measured(truth[key], quantiles, histories[key], panel)
        for name, quantiles_of in _candidates(panel, known, histories, with_prophet=cut == 0).items():
            for key, quantiles in quantiles_of.items():
                others.setdefault(name, {})[key, cut] = _measured(truth[key], quantiles, histories[key], panel)
    yield from _lines(panel, blend, others)
    yield from _worst_quarter(panel, blend)


def _values(rows: pl.DataFrame) -> np.ndarray:
    return filled(rows["value"].cast(pl.Float64).to_numpy())


def _candidates(
    panel: Panel, known: pl.DataFrame, histories: Mapping[str, np.ndarray], *, with_prophet: bool
) -> dict[str, dict[str, Mapping[float, np.ndarray]]]:
    """The quantiles of each candidate, by name and series."""
    told: dict[str, Tried] = {}
    for n, (name, history) in enumerate(histories.items()):
        times = known.filter(pl.col("id") == name)["time"].dt.replace_time_zone(None).to_numpy()
        model = Prophet(times[times.size - history.size :], panel.seasons)
        is_asked = with_prophet and n < PROPHET_SERIES
        more = {"prophet": model, "arima": arima.Arima(panel.seasons)} if is_asked else {}
        told[name] = tried(history, panel.horizon, panel.seasons, more)
    pooled_in(told, histories, panel.seasons)
    errors: dict[str, dict[str, Errors]] = {}
    for name, one in told.items():
        if one.plain:
            continue
        step, level = metrics.naive_scale(histories[name]), float(np.abs(histories[name]).mean())
        names = {other: other for other in one.tested.forecasts if other in one.now}
        for label, other in {**names, "naive": seasonal_naive_name(one.seasons)}.items():
            missed = one.tested.truth - one.tested.forecasts[other]
            errors.setdefault(label, {})[name] = one.errors(missed, step, level)
    found = {}
    for label, by_series in errors.items():
        calibration = Calibration.of(list(by_series.values()))
        found[label] = {
            name: calibration.quantiles(_now(told[name], label), missed, LEVELS) for name, missed in by_series.items()
        }
    return found


def _now(one: Tried, label: str) -> np.ndarray:
    return one.now[seasonal_naive_name(one.seasons) if label == "naive" else label]


def _measured(
    truth: np.ndarray, quantiles: Mapping[float, np.ndarray], history: np.ndarray, panel: Panel
) -> np.ndarray:
    scale = metrics.naive_scale(history, max(panel.seasons, default=1))
    pinball = [metrics.pinball(truth, path, level) for level, path in quantiles.items()]
    return np.array(
        [
            metrics.mae(truth, quantiles[0.5]) / scale,
            metrics.smape(truth, quantiles[0.5]),
            np.mean(pinball) / scale,
            100 * metrics.coverage(truth, quantiles[0.10], quantiles[0.90]),
            100 * metrics.coverage(truth, quantiles[0.025], quantiles[0.975]),
        ]
    )


def _lines(panel: Panel, blend: Scores, others: Mapping[str, Scores]) -> Iterator[Measurement]:
    """The blend against its limits, and each candidate against the blend, on the series and cuts that both have."""
    prefix = f"forecasts: {panel.name}"
    keys = [key for key in blend if key in others["naive"]]
    ours, naive = _mean(blend, keys), _mean(others["naive"], keys)
    everywhere = {name: _mean(s, keys)[0] for name, s in others.items() if name != "naive" and s.keys() >= set(keys)}
    best = min(everywhere, key=lambda name: everywhere[name])
    yield Measurement(f"{prefix}, MASE / seasonal naive's", ours[0] / naive[0], 1.0, "x", _told(ours))
    yield Measurement(f"{prefix}, MASE / best single candidate's", ours[0] / everywhere[best], 1.05, "x", best)
    # a zero that a naive forecast repeats has no percentage error: with zeros, sMAPE is a figure and no judge
    limit = 1.0 if (panel.frame["value"].fill_null(1.0) > 0).all() else None
    yield Measurement(f"{prefix}, sMAPE / seasonal naive's", ours[1] / naive[1], limit, "x", f"naive: {_told(naive)}")
    yield Measurement(f"{prefix}, pinball loss / seasonal naive's", ours[2] / naive[2], 1.0, "x")
    for place, level in ((3, 80), (4, 95)):
        share, doubt = _mean(blend, list(blend))[place], _doubt(blend, place)
        note = f"{share:.1f} ± {doubt:.1f} %"
        yield Measurement(
            f"{prefix}, {level} % interval, points off", abs(share - level), _judge(doubt), "points", note
        )
    each = {name: scores for name, scores in others.items() if name != "naive"}  # it is there by its full name
    for name, scores in sorted(each.items(), key=lambda item: everywhere.get(item[0], np.inf)):
        both = [key for key in scores if key in blend]
        of, told = f"{len(both)} forecasts", _mean(scores, both)
        yield Measurement(
            f"{prefix}, {name}, MASE / the blend's", told[0] / _mean(blend, both)[0], None, "x", f"{_told(told)}; {of}"
        )


def _worst_quarter(panel: Panel, blend: Scores) -> Iterator[Measurement]:
    """The intervals of that quarter of the series in which they hold worst; those that vary least come first."""
    variation = {
        str(name[0]): metrics.naive_scale(values) / max(np.abs(values).mean(), 1e-12)
        for name, rows in panel.frame.sort("time").group_by("id")
        if (values := _values(rows)).size
    }
    order = sorted({name for name, _ in blend}, key=lambda name: (variation[name], name))
    if len(order) < QUARTERS_FROM:
        return
    quarters = [{key: blend[key] for key in blend if key[0] in set(names)} for names in np.array_split(order, 4)]
    for place, level in ((3, 80), (4, 95)):
        shares = [_mean(quarter, list(quarter))[place] for quarter in quarters]
        doubts = [_doubt(quarter, place) for quarter in quarters]
        off, doubt = max(zip((abs(share - level) for share in shares), doubts, strict=True))
        told = ", ".join(f"{share:.1f} ± {doubt:.1f}" for share, doubt in zip(shares, doubts, strict=True))
        name = f"forecasts: {panel.name}, {level} % interval of the worst quarter, points off"
        yield Measurement(name, off, _judge(doubt), "points", f"{told} %, calm to wild")


def _judge(doubt: float) -> float | None:
    return OFF if doubt <= SURE else None


def _mean(scores: Scores, keys: list[tuple[str, int]]) -> np.ndarray:
    return np.nanmean([scores[key] for key in keys], axis=0)


def _doubt(scores: Scores, place: int) -> float:
    """The standard error of a mean: the series of one cut live through the same days, and a series at each cut is the
    same one, so that they are no more draws than there are cuts, or series.

    Source: Cameron, Gelbach and Miller, "Robust inference with multiway clustering" (2011).
    """
    known = {key: measured[place] for key, measured in scores.items() if not np.isnan(measured[place])}
    mean = float(np.mean(list(known.values())))

    def variance(groups: Mapping[object, list[float]]) -> float:
        squares = sum((sum(values) - mean * len(values)) ** 2 for values in groups.values())
        return squares / len(known) ** 2 * len(groups) / max(1, len(groups) - 1)

    by_series: dict[object, list[float]] = {}
    by_cut: dict[object, list[float]] = {}
    for (name, cut), value in known.items():
        by_series.setdefault(name, []).append(value)
        by_cut.setdefault(cut, []).append(value)
    of_series, of_cuts = variance(by_series), variance(by_cut)
    of_each = variance({key: [value] for key, value in known.items()})
    return float(np.sqrt(max(of_series, of_cuts, of_series + of_cuts - of_each)))


def _told(mean: np.ndarray) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in zip(MEASURES, mean, strict=True))
