"""The forecasts that every other has to beat: they need no library and never fail."""

import numpy as np

from forecasting.models import Floats, Model

RECENT = 30


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
