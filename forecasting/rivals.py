"""What stands behind a champion, as frames: how each candidate did in the backtest, and what the blend said then."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from forecasting import champion
from forecasting.models import Floats
from forecasting.one import One

Schema = dict[str, pl.DataType | type[pl.DataType]]
RIVALS: Schema = {
    "id": pl.String,
    "candidate": pl.String,
    "family": pl.String,
    "mase": pl.Float64,
    "weight": pl.Float64,
}
BACKTEST: Schema = {"id": pl.String, "known": pl.Int64, "step": pl.Int64, "value": pl.Float64, "told": pl.Float64}
BLEND = "blend"
"""In `One.mase` no candidate, but all of them weighed."""


def rivals(found: Mapping[str, One]) -> pl.DataFrame:
    """id, candidate, family, mase (mean error in the backtest by that of seasonal naive within the history), weight (in
    the champion, alike for all of a family; together 1); the best of each series first.
    """
    rows = [
        (name, candidate, champion.family(candidate), mase, one.shares.get(candidate, 0.0))
        for name, one in found.items()
        for candidate, mase in sorted(one.mase.items(), key=lambda item: item[1])
        if candidate != BLEND
    ]
    return pl.DataFrame(rows, schema=RIVALS, orient="row")


def backtest(found: Mapping[str, One], histories: Mapping[str, Floats]) -> pl.DataFrame:
    """id, known (how many points were at that origin), step (1 is the first after them), value (what came), told (what
    the blend would have said, its weights from the other origins alone); the oldest origin first.
    """
    parts = []
    for name, one in found.items():
        for known, missed in zip(one.starts, one.errors.residuals, strict=True):
            came = histories[name][known : known + missed.size]
            steps = np.arange(1, missed.size + 1)
            columns = {"id": [name] * missed.size, "known": [known] * missed.size, "step": steps}
            parts.append(pl.DataFrame({**columns, "value": came, "told": came - missed}, schema=BACKTEST))
    return pl.concat([pl.DataFrame(schema=BACKTEST), *parts])
