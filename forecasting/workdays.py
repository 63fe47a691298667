"""How much of a usual week can be worked: public holidays and a team's absences taken off.

`holidays` (countries and their regions) is imported when a calendar is first needed: 0.1 s.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WEEKEND = frozenset({5, 6})
NEAR = 5
LONGEST_FREE_DAYS = 21


class Place(NamedTuple):
    """Whose holidays: a country's code (ISO 3166: DE), and a region's within it (BE), None for those of all regions."""

    country: str
    region: str | None = None


@dataclass(frozen=True)
class Absence:
    """Days on which one member, or with `who` None the whole team, is away; the last day included."""

    first: date
    last: date
    who: str | None = None


@dataclass(frozen=True)
class Workdays:
    """days: weeks × 7, the share of the team that works on each, 0 on holidays. weeks: the mean of each week's days
    but for weekends, so 1 is a usual week.
    """

    days: NDArray[np.float64]
    weeks: NDArray[np.float64]


def workdays(
    first: date, weeks: int, *, place: Place | None = None, absences: Sequence[Absence] = (), members: int = 1
) -> Workdays:
    """So many times seven days from `first` on. members: the people of the team, of whom those away are counted off.

    Without a place there are no holidays, and weekends are Saturday and Sunday.
    """
    dates = [first + timedelta(days=n) for n in range(7 * weeks)]
    free, weekend = _holidays(place, dates) if place and dates else ((), WEEKEND)
    shares = np.ones(len(dates))
    for n, day in enumerate(dates if absences else ()):
        shares[n] = _present(day, absences, members)
    for day in free:
        if dates[0] <= day <= dates[-1]:
            shares[(day - first).days] = 0.0
    weekdays = (first.weekday() + np.arange(7)) % 7
    days = shares.reshape(weeks, 7)
    usual = np.isin(weekdays, list(weekend), invert=True)
    return Workdays(days, days @ usual / usual.sum())


def last_workday(before: date, place: Place | None = None) -> date:
    """The last day before this one that is neither weekend nor holiday."""
    dates = [before - timedelta(days=n) for n in range(1, LONGEST_FREE_DAYS + 1)]
    free, weekend = _holidays(place, dates[::-1]) if place else ((), WEEKEND)
    return next((day for day in dates if day.weekday() not in weekend and day not in free), dates[0])


def check_place(place: Place) -> None:
    """Raises `ValueError` that names what is near where the country or its region is not known."""
    import holidays
    from holidays.registry import COUNTRIES

    if not any(place.country in names[1:] for names in COUNTRIES.values()):
        raise ValueError(f"country = {place.country!r} is not known; {_near(place.country)}")
    try:
        holidays.country_holidays(place.country, subdiv=place.region)
    except NotImplementedError:
        known = ", ".join(holidays.country_holidays(place.country).subdivisions) or "none"
        raise ValueError(f"region = {place.region!r} is not known; the regions of {place.country}: {known}") from None


def _present(day: date, absences: Sequence[Absence], members: int) -> float:
    away = {absence.who for absence in absences if absence.first <= day <= absence.last}
    return 0.0 if None in away else max(0.0, 1.0 - len(away) / max(1, members))


def named_holidays(place: Place, years: Sequence[int]) -> dict[date, str]:
    """The public holidays of these years, by date."""
    import holidays

    return dict(holidays.country_holidays(place.country, subdiv=place.region, years=years, language="en_US"))


def _holidays(place: Place, dates: Sequence[date]) -> tuple[Collection[date], Collection[int]]:
    import holidays

    years = range(dates[0].year, dates[-1].year + 1)
    found = holidays.country_holidays(place.country, subdiv=place.region, years=years)
    return set(found), frozenset(found.weekend)


def _near(written: str) -> str:
    """Countries whose code or English name looks like that."""
    from difflib import get_close_matches

    from holidays.registry import COUNTRIES

    ways = {way.casefold(): f"{names[1]} ({names[0]})" for names in COUNTRIES.values() for way in names}
    found = get_close_matches(written.replace(" ", "").casefold(), ways, n=NEAR)
    if not found:
        return "it takes a code of two letters such as DE, US or JP"
    return f"near is {', '.join(dict.fromkeys(ways[way] for way in found))}"
