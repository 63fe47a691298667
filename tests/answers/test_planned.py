"""One epic if it were planned otherwise."""

from datetime import date, timedelta

import polars as pl
import pytest

from collabtui.answers.epics import epics
from collabtui.answers.planned import Plan, Planned, planned
from collabtui.warehouse import Warehouse
from tests.answers.building import DAY, NOW, filled, settings, ticket
from tests.answers.test_epic import EPIC, one_left, team_of_four


def under(warehouse: Warehouse, folder, **plan) -> Planned:
    return planned(warehouse, settings(folder), NOW, source="air", epic_id=str(EPIC), plan=Plan(**plan))


def days(found: Planned, quantile: str = "P85") -> int:
    """That it is later than as it is."""
    return found.dates.filter(quantile=quantile)["days"].item()


@pytest.fixture
def four(tmp_path):
    """Four people, ten tickets a week, thirty open, due in three weeks."""
    return filled(tmp_path, team_of_four(due_on=date(2026, 4, 1)))


def test_as_it_is_is_what_the_list_says(four, tmp_path):
    row = epics(four, settings(tmp_path), NOW).epics.row(0, named=True)
    found = under(four, tmp_path)
    for column in ("as_it_is_on", "then_on"):
        assert found.dates[column].to_list() == [row["p50_on"], row["p85_on"], row["p95_on"]]
    assert found.as_it_is_late == found.then_late == row["p_late"]
    assert days(found) == 0


def test_each_setting_moves_the_dates_its_way(four, tmp_path):
    assert days(under(four, tmp_path, people=-2)) > days(under(four, tmp_path, people=-1)) > 0
    assert days(under(four, tmp_path, people=3)) <= days(under(four, tmp_path, people=1)) <= 0
    assert days(under(four, tmp_path, scope_percent=-50)) < 0 < days(under(four, tmp_path, scope_percent=100))
    assert under(four, tmp_path, scope_percent=100).then_open == 60
    assert under(four, tmp_path, people=-2).then_late > under(four, tmp_path).as_it_is_late


def test_of_many_tickets_each_tenth_may_be_planned(tmp_path):
    """Of thirty each tenth of them makes a difference."""
    many = under(filled(tmp_path, team_of_four()), tmp_path).scopes
    assert many["scope_percent"].to_list() == list(range(-50, 101, 10))
    assert many["open"].to_list() == list(range(15, 61, 3))


def test_few_tickets_are_planned_one_by_one(tmp_path):
    two = [r for r in team_of_four() if r.is_epic or r.status_category == "done" or int(r.ticket_id) < 5002]
    assert under(filled(tmp_path, two), tmp_path).scopes.rows() == [(-50, 1), (0, 2), (50, 3), (100, 4)]


def test_what_is_in_progress_is_not_done_while_nobody_is_at_it(tmp_path):
    warehouse = filled(tmp_path, one_left(0.1))
    assert under(warehouse, tmp_path).begun == 1
    assert days(under(warehouse, tmp_path, from_week=2), "P50") == pytest.approx(14, abs=1)
    assert days(under(warehouse, tmp_path, scope_percent=100), "P50") > 2, "what is more has not begun"


def test_nobody_at_it_for_two_weeks_is_two_weeks_later(four, tmp_path):
    assert days(under(four, tmp_path, from_week=2), "P50") == pytest.approx(14, abs=2)


def test_scope_that_grows_no_more_is_earlier(tmp_path):
    growing = [ticket(8000 + n, NOW - timedelta(days=n), epic_id=str(EPIC)) for n in range(1, 28)]
    warehouse = filled(tmp_path, [*team_of_four(), *growing])
    found = under(warehouse, tmp_path, grows=False)
    assert found.growth_week == pytest.approx(27 / 4)
    assert days(found) < -7


def test_the_weeks_are_chances_of_both(four, tmp_path):
    weeks = under(four, tmp_path, scope_percent=100).weeks
    assert weeks["week_on"].to_list()[:2] == [NOW.date(), NOW.date() + 7 * DAY]
    for column in ("as_it_is", "then"):
        assert weeks[column].sum() == pytest.approx(1, abs=0.02)
    assert weeks.filter("is_late")["week_on"].min() == date(2026, 4, 8)
    means = weeks.select((pl.col("as_it_is", "then") * pl.int_range(pl.len())).sum()).row(0)
    assert means[0] + 2 < means[1]


def test_where_nobody_is_left_there_is_no_date(tmp_path):
    alone = [r if r.is_epic else ticket(int(r.ticket_id), r.created_at, r.resolved_at, epic_id=r.epic_id,
                                        assignee_id="ada") for r in team_of_four(due_on=date(2026, 4, 1))]  # fmt: skip
    found = under(filled(tmp_path, alone), tmp_path, people=-1)
    assert found.dates["then_on"].to_list() == [None] * 3
    assert (found.then_late, found.weeks["then"].sum()) == (1.0, 0.0)


def test_without_people_nobody_is_added_or_taken_away(tmp_path):
    nobody = [r if r.is_epic else ticket(int(r.ticket_id), r.created_at, r.resolved_at, epic_id=r.epic_id)
              for r in team_of_four()]  # fmt: skip
    found = under(filled(tmp_path, nobody), tmp_path, people=-2)
    assert (found.active, days(found)) == (0, 0)


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([], "there is no such open epic any more"),
        ([ticket(EPIC, NOW - DAY, is_epic=True)], "nothing of it is open"),
        (
            [ticket(EPIC, NOW - DAY, is_epic=True), ticket(2, NOW - DAY, epic_id=str(EPIC))],
            "its team has not finished anything in two years",
        ),
    ],
)
def test_without_a_forecast_it_says_why(tmp_path, records, reason):
    found = under(filled(tmp_path, records), tmp_path)
    assert (found.reason, found.dates.height, found.weeks.height) == (reason, 0, 0)
