"""Prophet: a trend that bends, seasons as waves and holidays (Taylor and Letham, "Forecasting at scale", 2018).

A candidate only where it is asked for by name. On forty series each, outside this repository, it alone erred as much as
the naive forecast of the M4 competition on weeks and hours (OWA 0.99 and 1.04) and a third more on days (1.37), where
the blend was at 0.81, 0.66 and 0.80. In the blend it took an eighth of the weight: weeks gained 4 %, most of which
`forecasting.models.waves` now has for a thousandth of the time, hours gained 1 % and days lost 2 %, while the whole
took four to six times as long. Ask for it where holidays decide and are known.
"""

import logging
import warnings
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecasting.models import Floats

FEWEST = 30
LONGEST = 2000
"""Its time grows with the points; so many of the newest are enough."""
DAY_S, YEAR_DAYS = 86_400, 365.25
NOISY = ("prophet", "prophet.plot", "cmdstanpy")


@dataclass(frozen=True)
class Prophet:
    """A model that knows its times: `times` of the history, UTC and oldest first, and days that are holidays."""

    times: NDArray[np.datetime64]
    seasons: tuple[int, ...] = ()
    holidays: tuple[tuple[str, np.datetime64], ...] = field(default=())

    def __call__(self, history: Floats, horizon: int) -> Floats:
        """The path that follows the first points of `times`, as many as the history has."""
        if history.size < FEWEST or history.size > self.times.size:
            raise ValueError(f"needs {FEWEST} points and their times")
        for name in NOISY:  # at import it says that plotly is missing, and Stan has a word on every fit
            logging.getLogger(name).disabled = True
        import pandas as pd  # with Prophet 2 s
        import prophet

        step = np.median(np.diff(self.times))
        known = self.times[: history.size]
        ahead = known[-1] + step * np.arange(1, horizon + 1)
        holidays = pd.DataFrame(self.holidays, columns=["holiday", "ds"]) if self.holidays else None
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                model = prophet.Prophet(
                    yearly_seasonality=False,
                    weekly_seasonality=False,
                    daily_seasonality=False,
                    holidays=holidays,
                    uncertainty_samples=0,
                )
                for season in self.seasons:
                    days = season * float(step / np.timedelta64(1, "s")) / DAY_S
                    model.add_seasonality(str(season), days, min(10, season // 2))
                model.fit(pd.DataFrame({"ds": known, "y": history}).tail(LONGEST))
                path = model.predict(pd.DataFrame({"ds": ahead}))["yhat"]
            except Exception as e:  # a library's fit may fail in any way; the other models go on
                raise ValueError(str(e)) from e
        return np.asarray(path, dtype=np.float64)
