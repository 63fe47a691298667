"""Rolling-origin backtest: what each candidate would have said at earlier times, and how wrong it was.

Source: Tashman, "Out-of-sample tests of forecasting accuracy" (2000).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.models import Floats
from forecasting.models.seasons import fewest, usable

Tell = Callable[[Floats, int, Sequence[int]], Mapping[str, Floats]]
"""history, horizon and seasons -> the path of each candidate."""
FEWEST = 4
FEWEST_TO_LEARN, ENOUGH_TO_LEARN = 8, 12
"""A history that a backtest starts from has at least so many points; so many, which all models need, where that is no
more than half of them."""


@dataclass(frozen=True)
class Backtest:
    """truth: origins × steps, the oldest origin first. forecasts: the same, of each candidate that was always there.

    apart: from one origin to the next, in horizons; below 1 what they are to tell overlaps.
    """

    truth: Floats
    forecasts: dict[str, Floats]
    apart: float = 1.0

    @property
    def errors(self) -> dict[str, Floats]:
        """By candidate, the mean absolute error of each origin."""
        return {name: np.abs(self.truth - path).mean(axis=1) for name, path in self.forecasts.items()}

    def of(self, forecasts: dict[str, Floats]) -> "Backtest":
        """Other candidates at the same origins."""
        return replace(self, forecasts=forecasts)


def independent(count: int, apart: float) -> float:
    """So many origins that do not overlap tell as much."""
    return 1 + (count - 1) * min(1.0, apart) if count else 0.0


def clear_of(origin: int, count: int, apart: float) -> list[int]:
    """The origins that are to tell nothing of what this one is: what overlaps would know its truth.

    Source: Racine, "Consistent cross-validatory model selection for dependent data: hv-block cross-validation" (2000).
    """
    return [n for n in range(count) if abs(n - origin) * apart > 1 - 1e-9]


def steps_ahead(points: int, horizon: int, longest_season: int = 1) -> int:
    """How many steps a backtest tells: the horizon, at most a quarter of the points, and where two seasons are to be
    learned from no more than lets two origins tell of different points: one alone says nothing of how far it is luck.
    """
    steps = max(1, min(horizon, points // 4))
    room = points - fewest(longest_season) if longest_season > 1 else points
    return min(steps, room // 2) if room >= max(2, steps) else steps


def origins(points: int, horizon: int, wanted: int, longest_season: int = 1) -> list[int]:
    """How many points are known at each origin, oldest first; the last one leaves `horizon` points to be told.

    Origins are as far apart as the horizon where there is room, half as far and more where there is not, which are
    fewer then, but `FEWEST` where that is possible: closer ones say the same once more. They leave `ENOUGH_TO_LEARN`
    points and two seasons to learn from, so that what knows the season can be tried; none where that is too much.
    """
    last = points - horizon
    needed = fewest(longest_season) if longest_season > 1 else 0
    enough = min(ENOUGH_TO_LEARN, max(FEWEST_TO_LEARN, points // 2))
    first = max(enough, needed if needed <= last else int(last * 0.6), last // 3)
    if last < first:
        return []
    count = min(wanted, max(FEWEST, 1 + (last - first) // -(-horizon // 2)), last - first + 1)
    step = min(horizon, (last - first) // max(1, count - 1)) if count > 1 else 1
    return [last - step * n for n in reversed(range(count))]


def backtest(history: Floats, horizon: int, seasons: Sequence[int], starts: Sequence[int], tell: Tell) -> Backtest:
    """Let candidates forecast from each origin: `tell` gives their paths, of what was known and its seasons."""
    told = [tell(history[:start], horizon, seasons_at(seasons, start)) for start in starts]
    common = [name for name in told[-1] if all(name in each for each in told)] if told else []
    truth = np.array([history[start : start + horizon] for start in starts]).reshape(len(starts), horizon)
    apart = (starts[-1] - starts[0]) / (len(starts) - 1) / horizon if len(starts) > 1 else 1.0
    return Backtest(truth, {name: np.array([each[name] for each in told]) for name in common}, apart)


def seasons_at(seasons: Sequence[int], points: int) -> tuple[int, ...]:
    """The seasons that so much history holds."""
    return usable(seasons, points)
