"""Where tickets stay: statuses made by hand, and what holds for all."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.bottlenecks import STATUSES, chance_of_more, statuses, stays, unlikely

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TIME = pl.Datetime("us", "UTC")
TICKETS = {
    "source": pl.String, "ticket_id": pl.String, "team": pl.String, "status": pl.String,
    "status_category": pl.String, "created_at": TIME,
}  # fmt: skip
MOVES = {
    "source": pl.String, "ticket_id": pl.String, "at": TIME, "from_status": pl.String, "from_category": pl.String,
    "to_status": pl.String, "to_category": pl.String,
}  # fmt: skip
CATEGORY = {"To Do": "new", "Doing": "indeterminate", "Review": "indeterminate", "Done": "done"}


def history(*tickets: tuple[float, list[tuple[float, str]]]) -> pl.DataFrame:
    """Stays of tickets: created so many days ago as To Do, then moved so many days ago to a status."""
    rows, moves = [], []
    for number, (created, path) in enumerate(tickets):
        status = "To Do"
        for back, to in path:
            moves.append(("j", str(number), NOW - back * DAY, status, CATEGORY[status], to, CATEGORY[to]))
            status = to
        rows.append(("j", str(number), "T", status, CATEGORY[status], NOW - created * DAY))
    return stays(pl.DataFrame(rows, TICKETS, orient="row"), pl.DataFrame(moves, MOVES, orient="row"))


def of(frame: pl.DataFrame, status: str) -> dict:
    return frame.row(by_predicate=pl.col("status") == status, named=True)


def test_a_ticket_stays_in_each_status_until_it_moves_on():
    known = history((10, [(7, "Doing"), (5, "Review"), (1, "Done")]), (4, []))
    spans = [(s, (left or NOW) - entered) for s, entered, left in known[["status", "entered_at", "left_at"]].rows()]
    assert sorted(spans) == [("Doing", 2 * DAY), ("Review", 4 * DAY), ("To Do", 3 * DAY), ("To Do", 4 * DAY)]
    assert known["left_at"].null_count() == 1


def test_the_status_that_holds_work_comes_first():
    """Each ticket is a day in Doing and ten in Review."""
    found = statuses(
        history(*((n + 12, [(n + 12, "Doing"), (n + 11, "Review"), (n + 1, "Done")]) for n in range(30))), NOW
    )
    assert found["status"].to_list()[:2] == ["Review", "Doing"]
    review = of(found, "Review")
    assert (review["median_days"], review["p85_days"], review["history_n"]) == (10, 10, 30)
    assert review["share"] == pytest.approx(10 / 11, abs=0.01)
    assert (review["in_it"], review["age_p50_days"], review["is_growing"]) == (0, None, False)


def test_a_status_that_more_enter_than_leave_grows():
    """Forty came into Review in eight weeks and five left; into Doing as many came as left."""
    stuck = [(n + 3, [(n + 2, "Doing"), (n + 1, "Review")]) for n in range(35)]
    through = [(n + 4, [(n + 3, "Doing"), (n + 2, "Review"), (n + 1, "Done")]) for n in range(5)]
    found = statuses(history(*stuck, *through), NOW)
    review = of(found, "Review")
    assert (review["in_it"], review["in_it_before"]) == (35, 0)
    assert (review["came_week"], review["left_week"]) == (5, 0.625)
    assert review["is_growing"]
    assert review["age_p50_days"] == 18
    assert not of(found, "Doing")["is_growing"]


def test_few_tickets_more_are_no_growth():
    found = statuses(history(*((n + 2, [(n + 1, "Doing")]) for n in range(3))), NOW)
    assert of(found, "Doing")["in_it"] == 3
    assert not found["is_growing"].any(), "three tickets come by chance"


def test_stays_of_the_weeks_before_tell_whether_it_got_slower():
    lately = [(n + 9, [(n + 9, "Doing"), (n + 1, "Done")]) for n in range(20)]
    before = [(n + 64, [(n + 64, "Doing"), (n + 62, "Done")]) for n in range(20)]
    doing = of(statuses(history(*lately, *before), NOW), "Doing")
    assert (doing["median_days"], doing["median_days_before"], doing["history_n"]) == (8, 2, 20)


def test_the_chance_of_more_is_that_of_a_coin():
    assert chance_of_more(0, 0) == 1
    assert chance_of_more(3, 0) == pytest.approx(1 / 8)
    assert chance_of_more(2, 1) == pytest.approx(1 / 2)
    assert chance_of_more(1, 2) == pytest.approx(7 / 8)
    assert chance_of_more(0, 5000) == chance_of_more(9, 5000) == 1
    assert 0 <= chance_of_more(5000, 3000) < 1e-9


def test_what_is_looked_at_often_must_be_less_likely():
    assert unlikely([0.04]) == [True]
    assert unlikely([0.04, 0.5]) == [False, False]
    assert unlikely([0.5, 0.03, 0.001]) == [False, False, True]
    assert unlikely([]) == []


PATHS = st.lists(
    st.tuples(
        st.floats(0, 300), st.lists(st.tuples(st.floats(-3, 200), st.sampled_from(sorted(CATEGORY))), max_size=5)
    ),
    max_size=12,
)


@given(PATHS)
def test_nothing_is_no_number_whatever_the_history(paths):
    found = statuses(history(*((born, sorted(moves, reverse=True)) for born, moves in paths)), NOW)
    assert found.schema == STATUSES
    for name, dtype in STATUSES.items():
        if dtype == pl.Float64:
            assert found[name].drop_nulls().is_finite().all()
    assert found["share"].drop_nulls().is_between(0, 1).all()
    grew = pl.col("in_it") - pl.col("in_it_before")
    assert found.filter(pl.col("is_growing") & (grew <= 0)).is_empty()
