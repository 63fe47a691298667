"""Streaks and clusters of failures, far above how often a pipeline fails otherwise.

Source: Kulldorff, "A spatial scan statistic" (1997): of all windows the one whose failures the base rate explains
least, by the likelihood ratio; Chernoff's bound says how often chance alone would look like it.
"""

import numpy as np
from numpy.typing import NDArray

from forecasting.anomaly.alarms import Alarm, span
from forecasting.anomaly.points import Points
from forecasting.models import Floats

FEWEST_RUNS, FEWEST_BEFORE = 10, 5
"""So many runs there must be, and so many before a cluster: what failed from the first on is nothing new."""
MOST_FAILURES = 120
"""Only so many of the newest failures are looked at: windows grow with their square."""
PRIOR_RATE, PRIOR_RUNS = 0.01, 10.0
"""What is known of a pipeline without any runs, and how many runs this counts as."""
CHANCE = 0.05
"""How often chance may raise an alarm in a history of steady failures."""
TIMES_AS_OFTEN = 3.0
OVER = 5
"""After so many runs that succeed in a row the trouble is over: the next failure is of another."""


def failing(name: str, runs: Points, zone: str) -> list[Alarm]:
    """Alarms of one pipeline, from values of 1 for the runs that failed and 0 for those that did not."""
    failed = runs.values > 0
    if failed.size < FEWEST_RUNS:
        return []
    return [_alarm(name, failed, runs, zone, first, last) for first, last in _windows(failed)]


def _windows(failed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last failure of each cluster, the least likely first; they do not overlap."""
    left = failed.copy()
    found: list[tuple[int, int]] = []
    while (best := _best(left)) is not None:
        found.append(best)
        left[best[0] : best[1] + 1] = False
    return found


def _best(failed: NDArray[np.bool_]) -> tuple[int, int] | None:
    places = np.flatnonzero(failed)[-MOST_FAILURES:]
    if places.size < 2:
        return None
    count = np.arange(1, places.size + 1)
    inside = count[None, :] - count[:, None] + 1.0
    runs = places[None, :] - places[:, None] + 1.0
    breaks = np.concatenate([[0], np.cumsum(np.diff(places) > OVER)])
    is_new = places[np.searchsorted(breaks, breaks)] >= FEWEST_BEFORE
    is_window = (inside >= 2) & is_new[:, None] & (breaks[None, :] == breaks[:, None])
    inside, runs = np.where(is_window, inside, 1.0), np.where(is_window, runs, 1.0)
    base = (failed.sum() - inside + PRIOR_RATE * PRIOR_RUNS) / (failed.size - runs + PRIOR_RUNS)
    rate = inside / runs
    unlikely = np.where(is_window & (rate > TIMES_AS_OFTEN * base), runs * _divergence(rate, base), 0.0)
    first, last = np.unravel_index(int(unlikely.argmax()), unlikely.shape)
    if unlikely[first, last] <= np.log(failed.size / CHANCE):
        return None
    return int(places[first]), int(places[last])


def _divergence(rate: Floats, base: Floats) -> Floats:
    """Kullback-Leibler divergence of two chances to fail."""
    base = np.clip(base, 1e-6, 1 - 1e-6)
    fine = 1 - rate
    works = np.where(fine > 0, fine * np.log(np.maximum(fine, 1e-12) / (1 - base)), 0.0)
    found: Floats = rate * np.log(rate / base) + works
    return found


def _alarm(name: str, failed: NDArray[np.bool_], runs: Points, zone: str, first: int, last: int) -> Alarm:
    inside, length = int(failed[first : last + 1].sum()), last - first + 1
    others, other_runs = int(failed.sum()) - inside, failed.size - length
    usual = "usually none" if others == 0 else f"usually 1 in {max(1, round(other_runs / others))}"
    of = f"{inside} runs in a row" if inside == length else f"{inside} of {length} runs"
    until = runs.at(last) if last + 1 < failed.size else None
    base = (others + PRIOR_RATE * PRIOR_RUNS) / (other_runs + PRIOR_RUNS)
    text = f"{of} failed {span(runs.at(first), until, zone, runs.gap)}, {usual}"
    return Alarm(name, "failures", "failing", runs.at(first), until, inside / length / base, text, runs.gap)
