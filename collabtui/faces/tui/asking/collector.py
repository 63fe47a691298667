"""When Python looks for garbage: while nobody presses a key.

It looks through all that lives, 20 to 100 ms here, in which no key is answered; and it begins while something is drawn,
for that is when objects are made. So the full search waits until hands rest, and what was found alive is then left out
of the next ones (https://docs.python.org/3/library/gc.html#gc.freeze). The quick searches among what is new stay.
"""

import gc
import time

NEVER = 1 << 30
EVERY_S = 5.0
RESTED_S = 1.5
"""Hands that rested so long will rest a little longer."""
AT_LATEST_S = 20.0
ANEW_S = 600.0
"""What was left out may have become garbage since."""


class Collector:
    """Python's collector, held back between `begin` and `end`."""

    def begin(self) -> None:
        """From now on it only looks when it is told to."""
        self._thresholds = gc.get_threshold()
        gc.set_threshold(*self._thresholds[:2], NEVER)
        self._used_at_s = self._looked_at_s = self._anew_at_s = time.monotonic()

    def used(self) -> None:
        """A key or the mouse was used."""
        self._used_at_s = time.monotonic()

    def look(self) -> None:
        """Look for garbage, if this is the time for it; to be called about once a second."""
        now_s = time.monotonic()
        waited_s, has_rested = now_s - self._looked_at_s, now_s - self._used_at_s >= RESTED_S
        if waited_s < (EVERY_S if has_rested else AT_LATEST_S):
            return
        if has_rested and now_s - self._anew_at_s >= ANEW_S:
            gc.unfreeze()
            self._anew_at_s = now_s
        gc.collect()
        gc.freeze()
        self._looked_at_s = time.monotonic()

    def end(self) -> None:
        """As it was before."""
        gc.unfreeze()
        gc.set_threshold(*self._thresholds)
