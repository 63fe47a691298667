"""The chance that a run fails: of the next one, and of those further ahead.

Failures come in streaks: something is broken until somebody mends it. So the next run is judged by the last ones; of a
run further ahead it is not known what will be mended by then, and its chance goes from there to the pipeline's long-run
share, as in a chain of two states: by the same factor with each run, how often a failed run was followed by another.
Where few have failed, what is broken is expected to be mended as quickly as elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

HALF_LIFE_RUNS = 5
"""For the next run a past one counts half as much as one so many runs later."""
PRIOR = 0.02
"""Of the runs of a pipeline of which nothing is known so many fail."""
PRIOR_RUNS, PRIOR_LONG_RUNS = 1.0, 25.0
"""For the next run this is worth so many runs, for the long run so many: a hundred runs without a failure are no proof
that none will come."""
MENDED_S, PRIOR_FAILED_RUNS = 86_400.0, 2.0
"""Half of all that is broken is mended within a day, hourly or nightly: worth so many failed runs (measured by
`benchmarks.calendar`)."""


@dataclass(frozen=True)
class Failing:
    """upcoming: the chance of the next run. usual: the long-run share. stays: of what lies between them, the share that
    is left with each further run.
    """

    upcoming: float
    usual: float
    stays: float

    def ahead(self, n: int) -> float:
        """The chance of the n-th run ahead; 1 is the next."""
        return self.usual + (self.upcoming - self.usual) * self.stays ** (n - 1)


def failing(failed: Sequence[bool], every_s: float) -> Failing:
    """From which of the past runs failed, oldest first, that are usually so far apart. No chance is ever 0 or 1."""
    past = np.array(failed, dtype=np.float64)
    weights = np.power(0.5, np.arange(past.size - 1, -1, -1) / HALF_LIFE_RUNS)
    count, again = float(past[:-1].sum()), float(past[1:] @ past[:-1])
    broken = 0.5 ** (max(every_s, 0.0) / MENDED_S)
    return Failing(
        upcoming=(float(weights @ past) + PRIOR * PRIOR_RUNS) / (float(weights.sum()) + PRIOR_RUNS),
        usual=(float(past.sum()) + PRIOR * PRIOR_LONG_RUNS) / (past.size + PRIOR_LONG_RUNS),
        stays=(again + broken * PRIOR_FAILED_RUNS) / (count + PRIOR_FAILED_RUNS),
    )
