"""A pool's queue, played again: which hours are full, and how long tasks would have waited with other slots.

Tasks start in the order in which they got ready (FIFO), each as soon as there is room; none overtakes. Under that rule
a slot more never makes any task wait longer (Kiefer & Wolfowitz, "On the theory of queues with many servers",
Transactions of the AMS 78 (1955), for tasks of one slot; by the same induction for larger ones). What Airflow does by
priority the facts do not tell.
"""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY_S, HOUR_S = 86_400.0, 3600.0


@dataclass(frozen=True)
class Load:
    """A pool through time: when its load changes (`times`, seconds, ascending) and the slots in use from then on."""

    times: Floats
    slots: Ints

    @classmethod
    def of(cls, start_s: Floats, end_s: Floats, needs: Ints) -> "Load":
        """From tasks: when each began and ended, and how many slots it took."""
        changes = np.concatenate([start_s, end_s])
        by = np.concatenate([needs, -needs])
        order = np.lexsort((by, changes))  # who leaves at a moment makes room for who comes then
        return cls(changes[order], np.cumsum(by[order]))

    @property
    def most(self) -> int:
        """The most slots that were in use at once."""
        return int(self.slots.max(initial=0))

    def mean(self, edges: Floats) -> Floats:
        """Slots in use on average between one edge and the next."""
        return self._mean(self.slots.astype(np.float64), edges)

    def share_at(self, slots: int, edges: Floats) -> Floats:
        """The part of the time between one edge and the next (0 to 1) in which at least so many were in use."""
        return np.clip(self._mean((self.slots >= slots).astype(np.float64), edges), 0.0, 1.0)

    def _mean(self, levels: Floats, edges: Floats) -> Floats:
        if self.times.size == 0:
            return np.zeros(edges.size - 1)
        upto = np.concatenate([[0.0], np.cumsum(levels[:-1] * np.diff(self.times))])
        return np.asarray(np.diff(np.interp(edges, self.times, upto)) / np.diff(edges))


def waits(ready_s: Floats, took_s: Floats, needs: Ints, slots: int) -> Floats:
    """How long each task would wait, seconds, in a pool of so many slots; in the tasks' order.

    ready_s: when it could have begun. took_s: how long it ran. needs: its slots; one that needs more than there are
    takes them all. Raises `ValueError` for a pool without a slot.
    """
    if slots < 1:
        raise ValueError(f"a pool needs a slot, not {slots}")
    needs = np.minimum(needs, slots)
    if Load.of(ready_s, ready_s + took_s, needs).most <= slots:
        return np.zeros(ready_s.size)  # there was always room: most pools, and no need to play it
    waited = np.zeros(ready_s.size)
    ends: list[tuple[float, int]] = []
    free, begun = slots, -np.inf
    order = np.argsort(ready_s, kind="stable")
    for place, ready, took, need in zip(
        order.tolist(), ready_s[order].tolist(), took_s[order].tolist(), needs[order].tolist(), strict=True
    ):
        begun = max(begun, ready)
        while ends and (ends[0][0] <= begun or free < need):
            end, back = heappop(ends)
            begun, free = max(begun, end), free + back
        waited[place] = begun - ready
        free -= need
        heappush(ends, (begun + took, need))
    return waited


@dataclass(frozen=True)
class SlotMore:
    """Minutes of waiting a day: as played again with the slots there are (`waited`), and what one more saves (`saved`).

    One value a day, oldest first.
    """

    waited: Floats
    saved: Floats


def slot_more(ready_s: Floats, took_s: Floats, needs: Ints, slots: int, days: int) -> SlotMore:
    """What a slot more would bring, on each of the `days` from second 0 on; tasks outside them only fill the pool."""
    needs = np.minimum(needs, slots)
    now = waits(ready_s, took_s, needs, slots)
    then = waits(ready_s, took_s, needs, slots + 1) if now.any() else now
    day = np.floor(ready_s / DAY_S).astype(np.int64)
    inside = (day >= 0) & (day < days)
    waited, left = (np.bincount(day[inside], weights=w[inside], minlength=days) / 60 for w in (now, then))
    return SlotMore(waited, waited - left)
