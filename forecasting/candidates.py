"""The candidates of a series: every model on the series as it is and without its seasons, and the naive ones.

Series that are always positive are modelled as logarithms: their seasons and errors mostly grow with their level. Where
quick models do much better without, the others are tried on the series as it is, too: these are the linear ones.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np

from forecasting.models import Floats, Model, classical, intermittent, lags, naive, waves
from forecasting.models.seasons import adjust

BASE: Mapping[str, Model] = {
    "theta": classical.theta,
    "ces": classical.ces,
    "ets": classical.ets,
    "ar": classical.autoregression,
}
QUICK = ("ar", "theta", "lags", "waves")
"""Models that cost little: they tell whether others should be tried on a positive series as it is."""
LINEAR = "linear "
MOST_LOG = 600.0
FAR = 10.0
"""A path that leaves the history's range by so many times its width is a fit that went wrong."""


def seasonal_naive_name(seasons: Sequence[int]) -> str:
    """The name of the benchmark: seasonal naive, or the last value where there is no season."""
    return f"naive {max(seasons)}" if seasons else "last"


def paths(
    history: Floats, horizon: int, seasons: Sequence[int], more: Mapping[str, Model] | None = None
) -> dict[str, Floats]:
    """The path of each candidate by its name: "theta", "theta, 52", "lags 52", "waves 52", "naive 52", "last", …

    history: no gaps, oldest first. seasons: those of which it holds two. more: models by name that are asked for
    besides. A candidate that cannot be fitted, or runs away, is not there; "last" and "median" always are.
    """
    plain: dict[str, Model] = {"last": naive.last, "median": naive.median}
    for season in seasons:
        plain |= {f"naive {season}": naive.seasonal(season), f"usual {season}": naive.usual(season)}
    if intermittent.is_intermittent(history):
        plain |= {"sba": intermittent.sba, "tsb": intermittent.tsb}
    found = _told({**plain, **(more or {})}, history, horizon)
    is_log = bool(history.min() > 0)
    for name, path in _modelled(np.log(history) if is_log else history, horizon, seasons).items():
        found[name] = np.exp(np.clip(path, -MOST_LOG, MOST_LOG)) if is_log else path
    return {name: path for name, path in found.items() if is_sane(path, history)}


def linear_paths(history: Floats, horizon: int, seasons: Sequence[int], only: Sequence[str] = ()) -> dict[str, Floats]:
    """What is modelled as logarithms, on the series as it is: "linear theta", "linear waves 52", … As `paths` else.

    only: models by their first word; all where none is named.
    """
    found = _modelled(history, horizon, seasons, only)
    return {LINEAR + name: path for name, path in found.items() if is_sane(path, history)}


def _modelled(series: Floats, horizon: int, seasons: Sequence[int], only: Sequence[str] = ()) -> dict[str, Floats]:
    """The paths of all that is fitted, or of some models only."""
    base = {name: model for name, model in BASE.items() if not only or name in only}
    found = _told(base, series, horizon)
    if seasons:
        longest = max(seasons)
        whole = {f"lags {longest}": lags.seasonal(seasons), f"waves {longest}": waves.seasonal(seasons)}
        found |= _told(whole, series, horizon)
    for chosen in season_sets(seasons):
        adjusted = adjust(series, chosen, horizon)
        suffix = "+".join(map(str, chosen))
        for name, path in _told(base, adjusted.series, horizon).items():
            found[f"{name}, {suffix}"] = path + adjusted.ahead
    return found


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
