"""A bending trend and smooth seasons, in one regression: what Prophet fits, in a millisecond.

The trend may bend at evenly spaced times, the seasons are sums of waves; a ridge that grows with a wave's frequency
keeps a season smooth where there are few of it. Source: Taylor and Letham, "Forecasting at scale" (2018).
"""

from collections.abc import Sequence

import numpy as np

from forecasting.models import Floats, Model

BENDS = 15
LAST_BEND = 0.85
"""The trend bends no more in the last part of the history: what came last is not yet a new direction."""
WAVES = 10
FREE, STIFF = 1e-4, 1.0
"""Ridge of the level and the slope, and of bends and waves, in units of the standard deviation."""
FEWEST = 20


def seasonal(seasons: Sequence[int]) -> Model:
    """The model of a series with these seasons."""

    def model(history: Floats, horizon: int) -> Floats:
        spread = float(history.std())
        if history.size < FEWEST or spread <= 0:
            raise ValueError(f"needs {FEWEST} points that change")
        at = np.arange(history.size + horizon, dtype=np.float64)
        columns, ridge = _terms(at, history.size, seasons)
        known = columns[: history.size]
        centred = (history - history.mean()) / spread
        fitted = np.linalg.solve(known.T @ known + np.diag(ridge), known.T @ centred)
        return np.asarray(columns[history.size :] @ fitted * spread + history.mean())

    return model


def _terms(at: Floats, points: int, seasons: Sequence[int]) -> tuple[Floats, Floats]:
    """Times × terms, and the ridge of each term."""
    share = at / points
    columns = [np.ones(at.size), share, *(np.maximum(share - b, 0) for b in np.linspace(0, LAST_BEND, BENDS + 2)[1:])]
    ridge = [FREE, FREE, *[STIFF] * (BENDS + 1)]
    for season in seasons:
        for wave in range(1, min(WAVES, season // 2) + 1):
            angle = 2 * np.pi * wave * at / season
            columns += [np.sin(angle), np.cos(angle)]
            ridge += [STIFF * wave**2] * 2
    return np.array(columns).T, np.array(ridge)
