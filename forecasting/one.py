"""One series: how its candidates did in the backtest and what they say now, and the champion that follows from it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from forecasting import champion, metrics
from forecasting.backtest import Backtest, backtest, origins, steps_ahead
from forecasting.candidates import LINEAR, QUICK, is_sane, linear_paths, paths, seasonal_naive_name
from forecasting.few import FEW
from forecasting.models import Floats, Model
from forecasting.models.seasons import usable
from forecasting.shapes import Errors

MANY_POINTS, MANY_ORIGINS, FEW_ORIGINS = 200, 16, 6
MUCH_LESS = 0.8
"""With so much of the error of models of logarithms, those of the series as it is are worth their time."""
FAR_BEHIND = 1.5
"""With over so many times the error of the best in its family a candidate is left out."""


@dataclass(frozen=True)
class Tried:
    """starts: how many points were known at each origin of `tested`. now: the candidates' paths after the last point.

    seasons: those that the history holds. plain: why there is no backtest, "" where there is one.
    """

    seasons: tuple[int, ...]
    starts: Sequence[int]
    tested: Backtest
    now: dict[str, Floats]
    plain: str = ""

    def joined(self, name: str, history: Floats, now: Floats, told: Floats) -> "Tried":
        """With one more candidate: its path now, and what it told at each origin (origins × steps)."""
        if self.plain or not is_sane(now, history) or not is_sane(told.ravel(), history):
            return self
        tested = self.tested.of({**self.tested.forecasts, name: told})
        return Tried(self.seasons, self.starts, tested, {**self.now, name: now})

    def errors(self, residuals: Floats, step: float, level: float) -> Errors:
        """What a path missed at each origin (origins × steps), with what intervals need to know besides."""
        return Errors(residuals, self.tested.truth - residuals, step, level, self.tested.apart)


@dataclass(frozen=True)
class One:
    """The path of a series and what stands behind it.

    model: the heaviest family's name, "few points", "constant" or "last". weights: of the families. shares: the same of
    each candidate, those of a family alike. mase: of the blend and of each candidate in the backtest (the blend's
    weights never saw the origin that they are scored on). benchmark: the candidate that is naive here. starts: how many
    points were known at each origin of `errors`.
    """

    path: Floats
    errors: Errors
    model: str
    weights: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    mase: dict[str, float] = field(default_factory=dict)
    benchmark: str = ""
    starts: Sequence[int] = ()


def tried(history: Floats, horizon: int, seasons: Sequence[int], more: Mapping[str, Model] | None = None) -> Tried:
    """Let all candidates forecast a history without gaps (at least one point), now and at earlier times.

    more: models that are asked for besides, by name.
    """
    nothing = Backtest(np.empty((0, horizon)), {})
    if history.size < FEW:
        return Tried((), (), nothing, {"median": np.full(horizon, np.median(history))}, "few points")
    if history.min() == history.max():
        return Tried((), (), nothing, {"last": np.full(horizon, history[-1])}, "constant")
    known = usable(seasons, history.size)
    longest = max(known, default=1)
    steps = steps_ahead(history.size, horizon, longest)
    wanted = MANY_ORIGINS if history.size >= MANY_POINTS else FEW_ORIGINS
    starts = origins(history.size, steps, wanted, longest)
    now = paths(history, horizon, known, more)
    if not starts:
        return Tried(known, starts, nothing, {"last": now["last"]}, "last")
    found = Tried(known, starts, backtest(history, steps, known, starts, partial(paths, more=more)), now)
    return _with_linear(found, history, horizon) if history.min() > 0 else found


def _with_linear(found: Tried, history: Floats, horizon: int) -> Tried:
    """With the models on the series as it is, where the quick ones err much less there than on its logarithms."""
    steps = found.tested.truth.shape[1]

    def tested(only: Sequence[str]) -> Backtest:
        return backtest(history, steps, found.seasons, found.starts, partial(linear_paths, only=only))

    linear = {name: float(error.mean()) for name, error in tested(QUICK).errors.items()}
    errors = found.tested.errors
    rivals = [float(errors[log].mean()) for name in linear if (log := name.removeprefix(LINEAR)) in errors]
    if not rivals or min(linear.values()) > MUCH_LESS * min(rivals):
        return found
    forecasts = {**found.tested.forecasts, **tested(()).forecasts}
    now = {**found.now, **linear_paths(history, horizon, found.seasons)}
    return replace(found, tested=found.tested.of(forecasts), now=now)


def by_family(found: Tried) -> Backtest:
    """The backtest of the families of those candidates that have something to say now."""
    return found.tested.of(champion.by_family(found.tested.forecasts, _speaking(found)))


def _speaking(found: Tried) -> list[str]:
    """The candidates that have something to say now, without those that err much more than the best of their family."""
    errors = {name: float(error.mean()) for name, error in found.tested.errors.items() if name in found.now}
    best: dict[str, float] = {}
    for name, error in errors.items():
        family = champion.family(name)
        best[family] = min(error, best.get(family, error))
    return [name for name, error in errors.items() if error <= FAR_BEHIND * best[champion.family(name)]]


def crowned(history: Floats, found: Tried, among: Mapping[str, float] | None = None) -> One:
    """Weigh the candidates. among: how the families do in the panel (`champion.usual`)."""
    step = metrics.naive_scale(history) if history.size > 1 else abs(float(history[-1])) or 1.0
    level = float(np.abs(history).mean())
    if found.plain:
        (path,) = found.now.values()
        return One(path, found.errors(found.tested.truth, step, level), found.plain)
    tested = by_family(found)
    speaking = _speaking(found)
    now = champion.by_family(found.now, speaking)
    by = champion.weights(tested.errors, among, tested.apart)
    residuals = champion.honest_residuals(tested, among)
    scale = metrics.naive_scale(history, max(found.seasons, default=1))
    mase = {name: float(error.mean()) / scale for name, error in found.tested.errors.items()}
    mase["blend"] = float(np.abs(residuals).mean()) / scale
    benchmark = seasonal_naive_name(found.seasons)
    heaviest = max(by, key=lambda n: by[n])
    sizes = Counter(map(champion.family, speaking))
    shares = {name: by[champion.family(name)] / sizes[champion.family(name)] for name in speaking}
    return One(
        champion.blended(now, by), found.errors(residuals, step, level), heaviest, by, shares, mase,
        benchmark if benchmark in mase else "last", found.starts,
    )  # fmt: skip
