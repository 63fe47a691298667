"""Which part of a week is worked."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.workdays import Absence, Place, check_place, last_workday, workdays

MONDAY = date(2026, 12, 21)


def test_a_usual_week_is_one():
    assert workdays(MONDAY, 2).weeks.tolist() == [1.0, 1.0]


def test_christmas_takes_two_fridays_and_easter_a_friday_and_a_monday():
    """25 December 2026 and 1 January 2027 are Fridays; the 26th is a Saturday, which nobody misses."""
    assert workdays(MONDAY, 2, place=Place("DE")).weeks.tolist() == pytest.approx([0.8, 0.8])
    assert workdays(date(2026, 3, 30), 2, place=Place("DE")).weeks.tolist() == pytest.approx([0.8, 0.8])


def test_a_region_has_holidays_of_its_own():
    womens_day = date(2027, 3, 8)
    berlin, munich = (workdays(womens_day, 1, place=Place("DE", region)).weeks[0] for region in ("BE", "BY"))
    assert (berlin, munich) == pytest.approx((0.8, 1.0))


def test_weekends_are_those_of_the_country():
    """In Israel Friday and Saturday are free, so a Sunday off is missed."""
    sunday = [Absence(date(2026, 12, 27), date(2026, 12, 27))]
    assert workdays(MONDAY, 1, place=Place("IL"), absences=sunday).weeks[0] == pytest.approx(0.8)
    assert workdays(MONDAY, 1, absences=sunday).weeks[0] == 1.0


def test_the_last_working_day_is_before_weekends_and_holidays():
    assert last_workday(MONDAY) == MONDAY - timedelta(days=3)
    assert last_workday(date(2026, 4, 7)) == date(2026, 4, 6)
    assert last_workday(date(2026, 4, 7), Place("DE")) == date(2026, 4, 2), "Easter Monday, Good Friday"
    assert last_workday(date(2026, 3, 15), Place("IL")) == date(2026, 3, 12), "a Sunday: Friday and Saturday are free"


def test_who_is_away_counts_by_the_size_of_the_team():
    one = Absence(MONDAY, date(2026, 12, 22), "Ada")
    assert workdays(MONDAY, 1, absences=[one], members=4).days[0].tolist() == [0.75, 0.75, 1, 1, 1, 1, 1]
    assert workdays(MONDAY, 1, absences=[one, one], members=4).weeks[0] == pytest.approx(0.9), "away is away"


def test_the_whole_team_is_away_until_the_last_day_included():
    everyone = Absence(MONDAY, date(2026, 12, 24))
    assert workdays(MONDAY, 1, absences=[everyone], members=4).weeks[0] == pytest.approx(0.2)


@given(
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.integers(0, 30),
    st.sampled_from([None, Place("DE", "BY"), Place("US"), Place("JP"), Place("AE")]),
    st.lists(st.builds(Absence, st.dates(), st.dates(), st.sampled_from([None, "a", "b", "c"])), max_size=4),
    st.integers(0, 5),
)
def test_shares_are_shares_on_any_day_anywhere(first, weeks, place, absences, members):
    found = workdays(first, weeks, place=place, absences=absences, members=members)
    assert found.days.shape == (weeks, 7)
    assert found.weeks.shape == (weeks,)
    assert ((found.days >= 0) & (found.days <= 1)).all()
    assert ((found.weeks >= 0) & (found.weeks <= 1 + 1e-9)).all()


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (Place("Germany"), r"country = 'Germany' is not known; near is DE \(Germany\)"),
        (Place("de"), "near is DE"),
        (Place("Untied States"), r"US \(UnitedStates\)"),
        (Place("17"), "a code of two letters such as DE, US or JP"),
        (Place("DE", "Bavaria"), "region = 'Bavaria' is not known; the regions of DE: BB, BE"),
        (Place("SG", "North"), "the regions of SG: none"),
    ],
)
def test_a_place_that_is_not_known_is_told_with_those_near(place, says):
    with pytest.raises(ValueError, match=says):
        check_place(place)


def test_a_known_place_passes():
    for place in (Place("DE"), Place("DE", "BE"), Place("GB", "SCT"), Place("US", "CA")):
        check_place(place)
