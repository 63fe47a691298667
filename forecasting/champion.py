"""The champion: families of candidates weighed by their backtest, so that no lucky one decides alone.

Candidates of one family err alike, and their plain mean errs less than each: so a family speaks with one voice, and a
simple benchmark is not outvoted by five cousins. A family's weight falls with its error to the power of `SHARPNESS`;
one that is far behind weighs nothing. A low error from one or two origins is mostly luck: the logarithms of the errors
are drawn towards what is usual for the families in the whole panel, as empirical Bayes does.
Sources: Bates and Granger, "The combination of forecasts" (1969); Petropoulos and Svetunkov, "A simple combination of
univariate models" (2020); Efron and Morris, "Stein's estimation rule and its competitors" (1973).
"""

from collections.abc import Iterable, Mapping

import numpy as np

from forecasting.backtest import Backtest, clear_of, independent
from forecasting.candidates import LINEAR
from forecasting.models import Floats

SHARPNESS = 10.0
PRIOR_ORIGINS = 1.0
"""What is usual weighs as much as so many origins that do not overlap."""
PRIOR_SERIES = 5.0
CUT = 3.0
"""Families with more than so many times the least error are left out."""
LEAST = 1e-3
"""An error below this share of the typical one counts as this."""
REFERENCE = "last"
"""What all families of all series are compared with: it can always be told."""
CLASSICAL = ("theta", "ces", "ets", "ar")
FAMILY = (
    dict.fromkeys(CLASSICAL, "classical")
    | {LINEAR + name: f"{LINEAR}classical" for name in CLASSICAL}
    | dict.fromkeys(("sba", "tsb"), "intermittent")
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


def usual(panel: Iterable[Mapping[str, Floats]]) -> dict[str, float]:
    """How families do in a panel: the mean logarithm of each one's error by that of the last value.

    panel: the errors of each series by family, one an origin. A family that few series have is drawn to 0.
    """
    found: dict[str, list[float]] = {}
    for errors in panel:
        sizes = _log_errors(errors)
        for name, size in sizes.items():
            found.setdefault(name, []).append(size - sizes[REFERENCE])
    return {name: sum(sizes) / (len(sizes) + PRIOR_SERIES) for name, sizes in found.items()}


def weights(
    errors: Mapping[str, Floats], among: Mapping[str, float] | None = None, apart: float = 1.0
) -> dict[str, float]:
    """A weight for each family, all together 1. errors: by family, one an origin. among: what is `usual`, if known.

    apart: see `Backtest`; origins that overlap count as so many less.
    """
    names = list(errors)
    if not names:
        return {}
    count = independent(len(errors[names[0]]), apart)
    own = np.array(list(_log_errors(errors).values())) if count else np.zeros(len(names))
    prior = np.array([(among or {}).get(name, 0.0) for name in names])
    drawn = ((own - own.mean()) * count + (prior - prior.mean()) * PRIOR_ORIGINS) / (count + PRIOR_ORIGINS)
    behind = drawn - drawn.min()
    raw = np.where(behind <= np.log(CUT), np.exp(-SHARPNESS * behind), 0.0)
    return {name: float(w) for name, w in zip(names, raw / raw.sum(), strict=True)}


def _log_errors(errors: Mapping[str, Floats]) -> dict[str, float]:
    mean = {name: float(error.mean()) for name, error in errors.items()}
    least = max(LEAST * float(np.median(list(mean.values()))), 1e-300)
    return {name: float(np.log(max(error, least))) for name, error in mean.items()}


def blended(paths: Mapping[str, Floats], by: Mapping[str, float]) -> Floats:
    """The weighted mean of the paths that are there."""
    known = {name: w for name, w in by.items() if w > 0 and name in paths}
    total = sum(known.values())
    return np.asarray(sum(paths[name] * (w / total) for name, w in known.items()))


def honest_residuals(tested: Backtest, among: Mapping[str, float] | None = None) -> Floats:
    """What the blend would have missed at each origin, weighed by those alone that do not overlap it: origins × steps.

    Where all do, the panel alone weighs.
    """
    count = tested.truth.shape[0]
    errors = tested.errors
    residuals = np.empty_like(tested.truth)
    for n in range(count):
        others = clear_of(n, count, tested.apart)
        by = weights({name: error[others] for name, error in errors.items()}, among, tested.apart)
        residuals[n] = tested.truth[n] - blended({name: path[n] for name, path in tested.forecasts.items()}, by)
    return residuals
