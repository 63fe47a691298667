"""Which rows a filter leaves, and in which order."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabtui.faces.tui.filtering.sifting import Sieve
from collabtui.faces.tui.formats import Row, Viewer
from collabtui.faces.tui.table.arranging import arranged
from collabtui.faces.tui.table.listing import Choice, Order
from tests.answers.building import NOW

NAMES = ["mart_revenue", "mart_returns", "ingest_orders", "stage_orders", "report_mobile_events"]
ROWS = [{"name": name, "owners": ["ada", "b" * n], "size": n} for n, name in enumerate(NAMES)]


def chosen(rows: Sequence[Row], words: str, order: Order | None = None) -> Sequence[Row]:
    return arranged(Sieve(rows, (), Viewer(NOW)), order or Order(), Choice(words))


def found(words: str, order: Order | None = None) -> list[str]:
    return [row["name"] for row in chosen(ROWS, words, order)]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", NAMES),
        ("mart", ["mart_revenue", "mart_returns"]),
        ("ORDERS stage", ["stage_orders"]),
        ("ada ord", ["ingest_orders", "stage_orders"]),
        ("mrev", ["mart_revenue"]),
        ("rtn", ["mart_returns", "mart_revenue"]),  # the closest first; too far apart in report_mobile_events
        ("stor", ["ingest_orders", "stage_orders"]),
        ("stor ing", ["ingest_orders"]),
        ("zzz", []),
    ],
)
def test_words_are_found_and_where_they_are_nowhere_their_letters_are(words, names):
    assert found(words) == names


def test_what_is_sorted_stays_sorted():
    assert found("stor", Order("size", is_reversed=True)) == ["stage_orders", "ingest_orders"]


@given(st.text(alphabet="abx ", min_size=1, max_size=6), st.lists(st.text(alphabet="abxyz", max_size=12), max_size=8))
def test_all_that_is_found_has_the_letters_in_their_order(words, names):
    for row in chosen([{"name": name} for name in names], words):
        assert all(re.search(".*".join(word), row["name"]) for word in words.split())


def test_a_hostile_title_takes_no_longer():
    rows = [{"name": "xy" * 50_000} for _ in range(50)]
    assert chosen(rows, "xyxxyyxyz q") == []
