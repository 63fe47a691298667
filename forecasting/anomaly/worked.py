"""Which part of a usual day is worked: on days off nothing is to be expected of people."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from forecasting.anomaly.points import EPOCH, Ints, midnight
from forecasting.models import Floats

Worked = Mapping[date, float]
"""The share of the people who work on a day: 0 on holidays; days that are not named are usual ones."""


def by_day(worked: Worked, days: Ints) -> Floats:
    """The share of each of these days since 1970."""
    if not worked:
        return np.ones(days.size)
    return np.array([worked.get(EPOCH.date() + timedelta(days=n), 1.0) for n in days.tolist()])


def by_hour(worked: Worked, hours: Ints, zone: str) -> Floats:
    """The share of each of these hours since 1970 (UTC), one after the other, by the days of `zone`."""
    shares = np.ones(hours.size)
    if not worked:
        return shares
    days = np.arange(hours[0] // 24 - 1, hours[-1] // 24 + 2)
    for day, share in zip(days.tolist(), by_day(worked, days).tolist(), strict=True):
        if share < 1:
            first, end = (int(midnight(n, zone).timestamp() // 3600 - hours[0]) for n in (day, day + 1))
            shares[max(0, first) : max(0, end)] = share
    return shares
