"""One series: how its candidates did in the backtest and what they say now, and the champion that follows from it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from forecasting import champion, metrics
from forecasting.backtest import Backtest, backtest, origins, steps_ahead
from forecasting.candidates import is_sane, paths, seasonal_naive_name
from forecasting.few import FEW
from forecasting.models import Floats, Model
from forecasting.models.seasons import usable
from forecasting.shapes import Errors

MANY_POINTS, MANY_ORIGINS, FEW_ORIGINS = 200, 16, 6


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
    return Tried(known, starts, backtest(history, steps, known, starts, more), now)


def by_family(found: Tried) -> Backtest:
    """The backtest of the families of those candidates that have something to say now."""
    return found.tested.of(champion.by_family(found.tested.forecasts, _speaking(found)))


def _speaking(found: Tried) -> list[str]:
    return [name for name in found.tested.forecasts if name in found.now]


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
