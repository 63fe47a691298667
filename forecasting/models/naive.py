"""The forecasts that every other has to beat: they need no library and never fail."""

import numpy as np

from forecasting.models import Floats, Model

RECENT = 30
USUAL_STEPS = 500
FEWEST_CYCLES, MOST_CYCLES = 4, 20
"""What is usual is told from so many seasons, or as many as there are in `USUAL_STEPS`."""


def last(history: Floats, horizon: int) -> Floats:
    """Everything stays as it is: the random walk."""
    return np.full(horizon, history[-1])


def median(history: Floats, horizon: int) -> Floats:
    """The middle of the last thirty points."""
    return np.full(horizon, np.median(history[-RECENT:]))


def seasonal(season: int) -> Model:
    """What was a season ago comes again."""

    def model(history: Floats, horizon: int) -> Floats:
        if history.size < season:
            return last(history, horizon)
        return np.resize(history[-season:], horizon)

    return model


def usual(season: int) -> Model:
    """What is usual at this time of the season: the median of the last few seasons."""

    def model(history: Floats, horizon: int) -> Floats:
        cycles = min(history.size // season, max(FEWEST_CYCLES, min(MOST_CYCLES, USUAL_STEPS // season)))
        if cycles < 1:
            return last(history, horizon)
        table = history[history.size - cycles * season :].reshape(cycles, season)
        return np.resize(np.median(table, axis=0), horizon)

    return model
