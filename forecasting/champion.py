"""The champion: families of candidates weighed by their backtest, so that no lucky one decides alone.

Candidates of one family err alike, and their plain mean errs less than each: so a family speaks with one voice, and a
simple benchmark is not outvoted by five cousins. A family's weight falls with its error to the power of `SHARPNESS`;
one that is far behind weighs nothing. With few origins the errors are drawn towards their median, for a low error from
one or two origins is mostly luck.
Sources: Bates and Granger, "The combination of forecasts" (1969); Petropoulos and Svetunkov, "A simple combination of
univariate models" (2020).
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from forecasting.backtest import Backtest
from forecasting.models import Floats

SHARPNESS = 5.0
PRIOR_ORIGINS = 2.0
CUT = 3.0
"""Families with more than so many times the least error are left out."""
FAMILY = dict.fromkeys(("theta", "ces", "ets", "ar", "arima"), "classical") | dict.fromkeys(
    ("sba", "tsb"), "intermittent"
)


def family(name: str) -> str:
    """The family of a candidate: "theta, 52" is of "classical, 52", "last" of its own."""
    model, comma, seasons = name.partition(", ")
    return FAMILY.get(model, model) + comma + seasons


def by_family(paths: Mapping[str, Floats], names: Iterable[str]) -> dict[str, Floats]:
    """The mean of the paths of each family, of these candidates alone."""
    members: dict[str, list[Floats]] = {}
    for name in names:
        members.setdefault(family(name), []).append(paths[name])
    return {name: np.mean(group, axis=0) for name, group in members.items()}


def weights(errors: Mapping[str, Floats]) -> dict[str, float]:
    """A weight for each candidate, all together 1. errors: by candidate, one an origin."""
    names = list(errors)
    if not names:
        return {}
    mean = np.array([errors[name].mean() for name in names])
    count = len(errors[names[0]])
    typical = float(np.median(mean))
    shrunk = (mean * count + typical * PRIOR_ORIGINS) / (count + PRIOR_ORIGINS)
    least = max(float(shrunk.min()), 1e-12)
    raw = np.where(shrunk <= CUT * least, np.power(least / np.maximum(shrunk, 1e-12), SHARPNESS), 0.0)
    return {name: float(w) for name, w in zip(names, raw / raw.sum(), strict=True)}


def blended(paths: Mapping[str, Floats], by: Mapping[str, float]) -> Floats:
    """The weighted mean of the paths that are there."""
    known = {name: w for name, w in by.items() if w > 0 and name in paths}
    total = sum(known.values())
    return np.asarray(sum(paths[name] * (w / total) for name, w in known.items()))


def honest_residuals(tested: Backtest) -> Floats:
    """What the blend would have missed at each origin, weighed by the earlier origins alone: origins × steps.

    The oldest origin has none before it and is weighed by the later ones.
    """
    count = tested.truth.shape[0]
    errors = tested.errors
    residuals = np.empty_like(tested.truth)
    for n in range(count):
        others: Sequence[int] = list(range(n)) or list(range(1, count)) or [0]
        by = weights({name: error[others] for name, error in errors.items()})
        residuals[n] = tested.truth[n] - blended({name: path[n] for name, path in tested.forecasts.items()}, by)
    return residuals
