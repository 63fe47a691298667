"""Models of one signature: (history, horizon) -> the path that follows, a point a step.

A model is a small adapter of a library, which it imports when it is used. It gets a history without gaps, oldest first,
and may raise `ValueError` where it cannot be fitted: the others go on without it. Intervals are not its business: they
come from what it got wrong in the backtest.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Model = Callable[[Floats, int], Floats]
