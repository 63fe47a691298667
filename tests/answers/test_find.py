"""Any ticket by its key or by words of its title, open or long done."""

import pytest

from collabtui.answers.find import MOST, find
from connectors.records import Person, TicketAlias
from tests.answers.building import DAY, NOW, filled, settings, ticket


@pytest.fixture
def found(tmp_path):
    """Asks, and gives the keys."""
    warehouse = filled(
        tmp_path,
        [
            ticket(9, NOW - 50 * DAY, title="Sales mart", is_epic=True),
            ticket(90, NOW - 9 * DAY, title="Slow joins in the mart", status_category="new", assignee_id="u1"),
            ticket(91, NOW - 90 * DAY, NOW - 80 * DAY, title="Joins that are slow"),
            ticket(92, NOW - DAY, title="100% of mart_sales, in C:\\tmp"),
            ticket(93, NOW - 2 * DAY, title="Übersicht der Verkäufe"),
            ticket(94, NOW - 3 * DAY, title=None),
            *(ticket(1000 + n, NOW - 400 * DAY + n * DAY, title=f"Nightly {n}") for n in range(30)),
            TicketAlias(source="air", ticket_id="91", ticket_key="OLD-7"),
            Person(source="air", person_id="u1", name="Ada Low"),
        ],
    )

    def ask(about: str) -> list[str]:
        return find(warehouse, settings(tmp_path), NOW, about=about).tickets["key"].to_list()

    ask.rows = lambda about: find(warehouse, settings(tmp_path), NOW, about=about).tickets.to_dicts()
    return ask


@pytest.mark.parametrize(
    ("about", "keys"),
    [
        ("P-9", ["P-9", "P-92", "P-93", "P-94", "P-90", "P-91"]),  # itself, then the newest whose key begins so
        ("p-90", ["P-90"]),
        ("old-7", ["P-91"]),
        ("slow JOINS", ["P-90", "P-91"]),
        ("p-91 slow", ["P-91"]),
        ("100%", ["P-92"]),
        ("t_s", ["P-92"]),
        ("c:\\t", ["P-92"]),
        ("übersicht VERKÄUFE", ["P-93"]),
        ("mart sales", ["P-92", "P-9"]),
        ("wow!", []),
        (" ".join(["mart"] * 5000), ["P-92", "P-90", "P-9"]),
        ("%%", []),
        ("__", []),
        ("a", []),
        ("", []),
        ("nowhere", []),
    ],
)
def test_tickets_are_found_by_key_and_by_words(found, about, keys):
    assert found(about) == keys


def test_the_newest_of_many_are_told(found):
    assert found("nightly") == [f"P-{1029 - n}" for n in range(MOST)]


def test_a_ticket_says_who_has_it_and_an_epic_that_it_is_one(found):
    (row,) = found.rows("P-90")
    assert (row["kind"], row["state"], row["who"]) == ("ticket", "Doing", "Ada Low")
    assert found.rows("sales mart")[-1]["kind"] == "epic"


def test_what_is_gone_is_not_found(tmp_path):
    warehouse = filled(tmp_path, [ticket(1, NOW, title="Gone since")])
    warehouse.write("UPDATE ticket SET gone_at = ?", [[1]])
    assert find(warehouse, settings(tmp_path), NOW, about="gone").tickets.is_empty()
