"""Which rows have what is asked of a column."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabtui.faces.tui.filtering.helping import helped
from collabtui.faces.tui.filtering.sifting import Sieve
from collabtui.faces.tui.formats import Viewer
from collabtui.faces.tui.table.columns import (
    age_column,
    day_column,
    length_column,
    risk_column,
    state_column,
    text_column,
    time_column,
)
from collabtui.faces.tui.table.listing import Choice
from tests.answers.building import NOW

BERLIN = ZoneInfo("Europe/Berlin")
VIEWER = Viewer(NOW, BERLIN, me=("Ada Obi", "ada"))
TODAY = NOW.astimezone(BERLIN).date()
COLUMNS = (
    state_column(),
    text_column("status", "Status", 10, means="any"),
    text_column("assignee", "With", 10, also=("who",), is_people=True, means="any"),
    age_column("days", "Days", 0, means="any"),
    length_column("ran_s", "Ran", 0, means="any"),
    risk_column(),
    time_column("due_at", "Due", 0, means="any"),
    day_column("done_on", "Done", 0, means="any"),
    text_column("title", "Ticket", 10, means="any"),
    time_column("p50_at", "P50", 0, means="any"),
)


def row(n: int, **values: object) -> dict[str, object]:
    return {"n": n, **dict.fromkeys(column.name for column in COLUMNS), **values}


ROWS = [
    row(0, state="late", status="In review", assignee="Ada Obi", days=12.0, ran_s=7200.0, p_late=0.4,
        due_at=NOW - timedelta(hours=1), done_on=TODAY, title="s3://lake/orders"),
    row(1, state="landed late", status="Review, again", assignee="Bo Lind", days=3.4, ran_s=1800.0, p_late=0.2,
        due_at=NOW + timedelta(hours=3), done_on=TODAY - timedelta(days=9), title="mart:revenue"),
    row(2, state="failed", status="To do", days=0.0, ran_s=90.0, p_late=0.0,
        due_at=NOW + timedelta(days=2), title="a ghost in the mart"),
]  # fmt: skip
ALL = [0, 1, 2]
SIEVE = Sieve(ROWS, COLUMNS, VIEWER)


def kept(words: str, *, is_being_typed: bool = False) -> Sequence[object]:
    return [found["n"] for found in SIEVE.sift(Choice(words, None, is_being_typed))]


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ("state:late", [0, 1]),
        ("State:=LATE", [0]),
        ("state:=landedlate", [1]),
        ('status:"in review"', [0]),
        ("status:review", [0, 1]),
        ("stat:review", ALL),  # state or status: it is told, and nothing is left out
        ("with:ada", [0]),
        ("assi:ada", [0]),
        ("assignee:ada", [0]),
        ("who:bo", [1]),
        ("with:me", [0]),
        ("!with:me", [1, 2]),
        ("title:me", []),
        ('with:"me"', []),
        ("with:-", [2]),
        ("!with:-", [0, 1]),
        ("-state:late", [2]),
        ("!mart", [0]),
        ("!mart !lake", []),
        ("state:late mart", [1]),
        ("s3://lake", [0]),
        ("mart:rev", [1]),
        ("days:>3", [0, 1]),
        ("age:>10", [0]),
        ("days:<=2w days:>3d", [0, 1]),
        ("days:=3.4d", [1]),
        ("ran:>30m", [0]),
        ("ran:>=30m", [0, 1]),
        ("ran:<1h30m", [1, 2]),
        ("ran:>0", ALL),
        ("late:>20%", [0]),
        ("miss:>=20", [0, 1]),
        ("p_late:<.5%", [2]),
        ("!miss:>=20", [2]),
        ("due:<2h", [0]),
        ("due:<4h", [0, 1]),
        ("due:>1d", [2]),
        ("due:<now", [0]),
        ("due:>+2h", [1, 2]),
        ("due:>=-90m due:<=+1d", [0, 1]),
        (f"due:<={TODAY}", [0, 1]),
        (f"due:>{TODAY}", [2]),
        (f"due:{TODAY + timedelta(days=2)}", [2]),
        ("due:>today", [2]),
        (f"due:<{NOW.astimezone(BERLIN):%H:%M}", [0]),
        (f'due:>="{NOW.astimezone(BERLIN):%Y-%m-%d %H:%M}"', [1, 2]),
        (f"due:>={NOW.astimezone(BERLIN):%Y-%m-%dT%H:%M}", [1, 2]),
        ("done:<3d", [0]),
        ("done:<-1w", [1]),
        ("done:today", []),
        ("done:>=today", [0]),
        ("done:-", [2]),
        ("p50:>2h", []),
        ("!p50:>2h", ALL),
    ],
)
def test_what_a_column_has(words, rows):
    assert kept(words) == rows
    assert ("may be" in SIEVE.trouble(words)) is words.startswith("stat:")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("stat:x", "stat: may be State or Status"),
        ("age:>x", "Days takes days such as 10, or a length such as 2w"),
        ("ran:>10", "Ran takes a length such as 30m, 2h or 1h30m"),
        ("due:>25:00", "Due takes 2h (from now), +2h, -1d, 14:00, 2026-03-01 or today"),
        ("due:>2026-13-01", "Due takes 2h (from now), +2h, -1d, 14:00, 2026-03-01 or today"),
        ("due:<9999999999d", "Due takes 2h (from now), +2h, -1d, 14:00, 2026-03-01 or today"),
        ("due:>+99999999d", "Due takes 2h (from now), +2h, -1d, 14:00, 2026-03-01 or today"),
        ("done:<14:00", "Done takes 3d (from today), +1w, -2d, 2026-03-01 or today"),
        ("with:>ada", "With takes a text; it has nothing to compare"),
        ("miss:>nan", "Miss takes per cent such as 20%"),
    ],
)
def test_what_cannot_be_asked_is_told_and_leaves_the_rows(words, told):
    assert kept(words) == ALL
    assert SIEVE.trouble(words) == told
    assert helped(words, SIEVE).line == f"✖ {told}"


@pytest.mark.parametrize("words", ["stat", "state:", "!", "state:>", 'status:"', "ru", "due:"])
def test_a_column_that_is_being_typed_leaves_no_table_empty(words):
    assert kept(words, is_being_typed=True)


def test_once_it_is_kept_a_word_is_a_word():
    assert kept("ran") == []
    assert kept("ran", is_being_typed=True) == ALL
    assert kept("mart ran", is_being_typed=True) == [1, 2]


@given(st.text(alphabet=st.one_of(st.sampled_from('state:due:days:with: "!-=<>0123456789hdm%'), st.characters())))
def test_nothing_that_is_typed_fails(words):
    assert set(kept(words)) <= set(ALL)
    helped(words, SIEVE)


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("sta", "state:"),
        ("mart !du", "mart !due:"),
        ("assi", "assignee:"),
        ("wh", "who:"),
        ("state:f", "state:failed"),
        ("!state:lan", '!state:"landed late"'),
        ("status:to", 'status:"To do"'),
        ('status:"to', 'status:"To do"'),
        ("state:=fa", "state:=failed"),
        ("state:failed", ""),
        ("state:", ""),
        ("mart ", ""),
        ("", ""),
    ],
)
def test_columns_and_values_are_completed(words, completed):
    assert helped(words, SIEVE).completed == completed


def test_what_there_is_to_type_is_told():
    assert helped("", SIEVE).line.startswith("columns: state: status: with: days:")
    assert helped("sta", SIEVE).line == "state: status:"
    assert set(helped("state:", SIEVE).line.split(" · ")) == {"late", "landed late", "failed"}
    assert helped("due:>", SIEVE).line == "Due: > < >= <= and 2h (from now), +2h, -1d, 14:00, 2026-03-01 or today"
    assert "column:text" in helped("mart", SIEVE).line


@given(st.text(min_size=1).filter(str.strip))
def test_a_value_that_was_completed_is_found(value):
    sieve = Sieve([row(0, status=value)], COLUMNS, VIEWER)
    (shown,) = sieve.values(COLUMNS[1])
    completed = helped(f"status:{shown[:1]}", sieve).completed
    assert not completed or sieve.sift(Choice(completed))


def test_me_is_said_in_the_config():
    sieve = Sieve(ROWS, COLUMNS, Viewer(NOW))
    assert len(sieve.sift(Choice("with:me"))) == 3
    assert sieve.trouble("with:me") == 'me: nobody yet; me = "your name" in the config says who that is'


def test_days_are_the_viewers():
    late = [row(0, due_at=NOW.replace(hour=23, minute=30)), row(1, done_on=date(2000, 1, 1))]
    sieve = Sieve(late, COLUMNS, VIEWER)
    assert len(sieve.sift(Choice("due:>=tomorrow"))) == 1
