"""Landing forecasts walked forward: at each past run, what would have been said of it, against what came.

Against plain history (the quantiles of the last runs) and the last run of the same hour and weekday.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import Measurement
from collabtui.answers.past import HISTORY_RUNS
from collabtui.warehouse import Warehouse
from forecasting.landing import landing
from tests.conftest import SHOWN_AT, open_office

LEVELS = {"p50_s": 0.50, "p85_s": 0.85, "p95_s": 0.95}
EVERY, MOST, FIRST = 5, 30, 40
"""Of each pipeline every fifth run is forecast, the newest thirty of these, each from forty runs or more."""
PLAIN_RUNS = 30


def run() -> Iterator[Measurement]:
    """Speed; pinball loss as a ratio, and how often each quantile held."""
    yield from _speed()
    with tempfile.TemporaryDirectory() as folder:
        runs = _runs(Path(folder))
    for level, (ours, plain, naive, held) in _walked(runs).items():
        name = f"landings: P{100 * level:.0f}"
        yield Measurement(f"{name}, pinball loss / plain history's", ours / plain, 0.9, "x", f"{ours:.3f} of a length")
        yield Measurement(f"{name}, pinball loss / same hour's and weekday's", ours / naive, 1.0, "x")
        yield Measurement(
            f"{name}, points off", abs(100 * (held - level)), 3.0, "points", f"held in {100 * held:.1f} %"
        )

    for level, (_, _, _, held) in _walked(_most_variable(runs)).items():
        off, note = abs(100 * (held - level)), f"held in {100 * held:.1f} %"
        yield Measurement(
            f"landings: P{100 * level:.0f}, the most variable quarter, points off", off, 3.0, "points", note
        )


def _most_variable(runs: pl.DataFrame) -> pl.DataFrame:
    """The quarter of the pipelines whose lengths vary most."""
    key = ["source", "pipeline_id"]
    spread = runs.group_by(key).agg(pl.col("landing_s").log().std().alias("spread"))
    return runs.join(spread.filter(pl.col("spread") >= pl.col("spread").quantile(0.75)), on=key, how="semi")


def _speed() -> Iterator[Measurement]:
    """A thousand pipelines at once, and the ten that a sync changed."""
    rng = np.random.default_rng(1)
    start = SHOWN_AT - timedelta(days=HISTORY_RUNS)
    due = [start + timedelta(days=n) for n in range(HISTORY_RUNS)]
    for count, limit_s in ((1000, 60), (10, 2)):
        names = [f"p{n}" for n in range(count)]
        history = pl.DataFrame(
            {
                "source": "air",
                "pipeline_id": [name for name in names for _ in due],
                "due_at": due * count,
                "landing_s": rng.lognormal(6, 0.3, count * HISTORY_RUNS),
            }
        )
        asked = pl.DataFrame({"source": "air", "pipeline_id": names, "due_at": SHOWN_AT}).with_columns(
            elapsed_s=pl.lit(None, pl.Float64), allowed_s=pl.lit(3600.0)
        )
        began = time.perf_counter()
        landing(history, asked)
        seconds = time.perf_counter() - began
        note = f"{count / seconds:.0f} pipelines a second, each run of the past an origin"
        yield Measurement(f"landings: {count:,} pipelines, {HISTORY_RUNS} runs each", seconds, limit_s, "s", note)


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
