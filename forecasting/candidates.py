"""The candidates of a series: every model on the series as it is and without its seasons, and the naive ones."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np

from forecasting.models import Floats, Model, classical, intermittent, naive
from forecasting.models.seasons import adjust

BASE: Mapping[str, Model] = {
    "theta": classical.theta,
    "ces": classical.ces,
    "ets": classical.ets,
    "ar": classical.autoregression,
    "arima": classical.arima,
}
FAR = 10.0
"""A path that leaves the history's range by so many times its width is a fit that went wrong."""


def seasonal_naive_name(seasons: Sequence[int]) -> str:
    """The name of the benchmark: seasonal naive, or the last value where there is no season."""
    return f"naive {max(seasons)}" if seasons else "last"


def paths(history: Floats, horizon: int, seasons: Sequence[int]) -> dict[str, Floats]:
    """The path of each candidate by its name: "theta", "theta, 52", "naive 52", "last", "median".

    history: no gaps, oldest first. seasons: those of which it holds two. A candidate that cannot be fitted, or runs
    away, is not there; "last" and "median" always are.
    """
    plain: dict[str, Model] = {"last": naive.last, "median": naive.median, **BASE}
    plain |= {f"naive {season}": naive.seasonal(season) for season in seasons}
    if intermittent.is_intermittent(history):
        plain |= {"sba": intermittent.sba, "tsb": intermittent.tsb}
    found = _told(plain, history, horizon)
    for chosen in season_sets(seasons):
        adjusted = adjust(history, chosen, horizon)
        suffix = "+".join(map(str, chosen))
        for name, path in _told(BASE, adjusted.series, horizon).items():
            found[f"{name}, {suffix}"] = path + adjusted.ahead
    return {name: path for name, path in found.items() if is_sane(path, history)}


def _told(models: Mapping[str, Model], history: Floats, horizon: int) -> dict[str, Floats]:
    found = {}
    for name, model in models.items():
        with suppress(ValueError):
            found[name] = model(history, horizon)
    return found


def season_sets(seasons: Sequence[int]) -> list[tuple[int, ...]]:
    """All seasons together, and where there are several the longest alone, which holds the shorter ones."""
    if not seasons:
        return []
    ordered = tuple(sorted(seasons))
    return [ordered] if len(ordered) == 1 else [ordered, ordered[-1:]]


def is_sane(path: Floats, history: Floats) -> bool:
    """Whether a path is made of numbers that one could believe."""
    if not np.isfinite(path).all():
        return False
    low, high = history.min(), history.max()
    margin = FAR * max(high - low, abs(high) * 1e-9, 1e-12)
    return bool((path >= low - margin).all() and (path <= high + margin).all())
