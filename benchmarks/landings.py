"""Landing forecasts walked forward: at each past run, what would have been said of it, against what came.

Against plain history (the quantiles of the last runs) and the last run of the same hour and weekday.
"""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import Measurement
from collabtui.answers.landings import HISTORY_RUNS
from collabtui.warehouse import Warehouse
from forecasting.landing import landing
from tests.conftest import SHOWN_AT, open_office

LEVELS = {"p50_s": 0.50, "p85_s": 0.85, "p95_s": 0.95}
EVERY, MOST, FIRST = 5, 30, 40
"""Of each pipeline every fifth run is forecast, the newest thirty of these, each from forty runs or more."""
PLAIN_RUNS = 30


def run() -> Iterator[Measurement]:
    """Pinball loss as a ratio, and how often each quantile held."""
    with tempfile.TemporaryDirectory() as folder:
        found = _walked(_runs(Path(folder)))
    for level, (ours, plain, naive, held) in found.items():
        name = f"landings: P{100 * level:.0f}"
        yield Measurement(f"{name}, pinball loss / plain history's", ours / plain, 0.9, "x", f"{ours:.3f} of a length")
        yield Measurement(f"{name}, pinball loss / same hour's and weekday's", ours / naive, 1.0, "x")
        yield Measurement(
            f"{name}, points off", abs(100 * (held - level)), 3.0, "points", f"held in {100 * held:.1f} %"
        )


def _runs(folder: Path) -> pl.DataFrame:
    office = open_office(folder, history=timedelta(days=200))
    warehouse = Warehouse(office.settings.warehouse)
    runs = warehouse.frame(
        "SELECT source, pipeline_id, due_at, (end_at - due_at) / 1e6 AS landing_s FROM run WHERE state = 'success' "
        "AND run_type <> 'manual' AND end_at > due_at AND due_at < ? ORDER BY due_at",
        [int(SHOWN_AT.timestamp() * 1e6)],
    )
    warehouse.close()
    return runs


def _walked(runs: pl.DataFrame) -> dict[float, tuple[float, float, float, float]]:
    """By level: the mean pinball loss of ours, plain history and naive, in median lengths; and the share that held."""
    losses: dict[float, list[tuple[float, float, float, bool]]] = {level: [] for level in LEVELS.values()}
    for group in runs.partition_by("source", "pipeline_id"):
        seconds = group["landing_s"].to_numpy()
        for k in range(max(FIRST, group.height - EVERY * MOST), group.height, EVERY):
            history, typical = group.slice(max(0, k - HISTORY_RUNS), min(k, HISTORY_RUNS)), float(np.median(seconds))
            asked = group.slice(k, 1).select(
                "source",
                "pipeline_id",
                "due_at",
                elapsed_s=pl.lit(None, pl.Float64),
                allowed_s=pl.lit(None, pl.Float64),
            )
            told = landing(history, asked).row(0, named=True)
            lately = seconds[max(0, k - PLAIN_RUNS) : k]
            for name, level in LEVELS.items():
                truth, said = seconds[k], (told[name], np.quantile(lately, level), _naive(told, lately, level))
                loss = [float(max(level * (truth - s), (level - 1) * (truth - s))) / typical for s in said]
                losses[level].append((loss[0], loss[1], loss[2], truth <= told[name]))
    return {level: tuple(map(float, np.mean(rows, axis=0))) for level, rows in losses.items()}  # type: ignore[misc]


def _naive(told: dict[str, float], lately: np.ndarray, level: float) -> float:
    """The last run of that hour and weekday, with the spread of the last runs around their median."""
    return told["naive_s"] * float(np.quantile(lately, level) / np.median(lately))
