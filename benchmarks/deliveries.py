"""Delivery dates on real tickets, walked forward: when will the next twenty be done, asked every thirty days.

Against the usual tool's way: an iid bootstrap of the last 90 days.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from benchmarks.measure import Measurement
from forecasting.delivery import Work, delivery
from forecasting.futures import HISTORY_WEEKS, futures

TICKETS = Path(__file__).parents[2] / "shared" / "data" / "tickets.jsonl.gz"
NEXT, EVERY_DAYS, FIRST_DAYS = 20, 30, 180
LEVELS = (0.50, 0.85, 0.95)
FARTHEST_DAYS = 1500

Days = np.ndarray
Ask = Callable[[Days, float], Days | None]


def run() -> Iterator[Measurement]:
    """Project by project: how often P50 and P85 held, and the pinball loss against the bootstrap's."""
    if not TICKETS.exists():
        return
    for project, done in sorted(_done_days().items()):
        held, loss, count = _walk(done, _ours)
        _, usual, _ = _walk(done, _usual())
        for level, share in zip((50, 85), held, strict=False):
            off, note = abs(100 * share - level), f"held in {100 * share:.0f} % of {count}"
            yield Measurement(f"deliveries: {project}, P{level}, points off", off, 5.0, "points", note)
        ratio = float(loss[1] / usual[1])
        yield Measurement(f"deliveries: {project}, pinball loss of P85 / iid bootstrap's", ratio, 1.0, "x")


def _done_days() -> dict[str, Days]:
    """When tickets were resolved, in days, by project."""
    found: dict[str, list[float]] = {}
    with gzip.open(TICKETS, "rt") as lines:
        for line in lines:
            fields = json.loads(line)["fields"]
            if at := fields.get("resolutiondate"):
                found.setdefault(fields["project"]["key"], []).append(datetime.fromisoformat(at).timestamp() / 86400)
    return {project: np.sort(np.array(days)) for project, days in found.items()}


def _walk(done: Days, ask: Ask) -> tuple[Days, Days, int]:
    """Share held and mean pinball loss (days) at each level, and how many times it was asked."""
    held, losses = [], []
    at = done[0] + FIRST_DAYS
    while (ahead := done[done > at]).size >= NEXT:
        took = ahead[NEXT - 1] - at
        if (quantiles := ask(done[done <= at], at)) is not None:
            off = took - quantiles
            held.append(off <= 0)
            losses.append(np.maximum(np.array(LEVELS) * off, (np.array(LEVELS) - 1) * off))
        at += EVERY_DAYS
    return np.mean(held, axis=0), np.mean(losses, axis=0), len(held)


def _ours(past: Days, at: float) -> Days | None:
    days = (at - past).astype(int)
    weeks = min(HISTORY_WEEKS, int(days.max()) // 7 + 1)
    daily = np.bincount(days[days < 7 * weeks], minlength=7 * weeks)[::-1]
    found = delivery(futures(daily.tolist()), Work(NEXT))
    return np.array([FARTHEST_DAYS if w is None else 7 * w for w in found.weeks])


def _usual() -> Ask:
    rng = np.random.default_rng(1)

    def ask(past: Days, at: float) -> Days | None:
        counts = np.bincount((at - past[past > at - 90]).astype(int), minlength=90)[:90]
        if not counts.sum():
            return None
        sums = np.cumsum(rng.choice(counts, size=(1000, FARTHEST_DAYS)), axis=1)
        took = np.where(sums[:, -1] < NEXT, FARTHEST_DAYS, (sums >= NEXT).argmax(axis=1) + 1)
        return np.quantile(took, LEVELS)

    return ask
