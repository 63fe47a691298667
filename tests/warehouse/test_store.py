"""What a batch does to the warehouse, and what comes back as frames."""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabtui.warehouse import Warehouse
from collabtui.warehouse.columns import from_us, to_us
from connectors.base import Batch, Census, Gone, Replace
from connectors.records import Person, Pipeline, Run, Ticket, TicketLink

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)


@pytest.fixture
def warehouse(tmp_path):
    warehouse = Warehouse(tmp_path / "w.db")
    yield warehouse
    warehouse.close()


def pipeline(name: str, **more) -> Pipeline:
    return Pipeline(source="prod", pipeline_id=name, name=name, **more)


def live(warehouse: Warehouse) -> list[str]:
    frame = warehouse.frame("SELECT pipeline_id FROM pipeline WHERE gone_at IS NULL ORDER BY 1")
    return frame["pipeline_id"].to_list()


def test_records_come_back_typed(warehouse):
    ticket = Ticket(
        source="jira", ticket_id="1", ticket_key="DATA-1", project="DATA", title="[bold]x[/]", labels=["a", "ü"],
        created_at=NOW, due_on=date(2026, 12, 1), story_points=3.5, is_flagged=True,
    )  # fmt: skip
    warehouse.apply("jira", Batch(stream="tickets", records=[ticket]), NOW)
    row = warehouse.frame("SELECT * FROM ticket").row(0, named=True)
    assert row["created_at"] == NOW
    assert row["due_on"] == date(2026, 12, 1)
    assert row["labels"] == ["a", "ü"]
    assert row["is_flagged"] is True
    assert row["title"] == "[bold]x[/]"
    assert row["resolved_at"] is None


def test_an_empty_table_has_the_same_types(warehouse):
    frame = warehouse.frame("SELECT owners, is_paused, next_run_at FROM pipeline")
    assert frame.schema == {
        "owners": pl.List(pl.String), "is_paused": pl.Boolean, "next_run_at": pl.Datetime("us", "UTC"),
    }  # fmt: skip


def test_the_same_key_is_one_row_and_the_last_word_holds(warehouse):
    run = Run(source="prod", pipeline_id="a", run_id="r", state="running", start_at=NOW)
    ended = Run(source="prod", pipeline_id="a", run_id="r", state="success", start_at=NOW, end_at=NOW)
    warehouse.apply("prod", Batch(stream="runs", records=[run]), NOW)
    warehouse.apply("prod", Batch(stream="runs", records=[ended]), NOW)
    assert warehouse.frame("SELECT state FROM run")["state"].to_list() == ["success"]


def test_two_sources_may_use_the_same_keys(warehouse):
    people = [Person(source=s, person_id="7", name=n) for s, n in (("jira-a", "Ada"), ("jira-b", "Bo"))]
    warehouse.apply("any", Batch(stream="people", records=people), NOW)
    assert warehouse.frame("SELECT count(*) AS people FROM person")["people"].to_list() == [2]


def test_what_a_census_does_not_name_is_gone_and_comes_back_when_named(warehouse):
    warehouse.apply("prod", Batch(stream="dags", records=[pipeline("a"), pipeline("b")]), NOW)
    census = Census(record_type=Pipeline, source="prod", keys=[("b",)])
    warehouse.apply("prod", Batch(stream="dags", census=[census]), NOW)
    assert live(warehouse) == ["b"]
    gone_at = warehouse.frame("SELECT gone_at FROM pipeline WHERE pipeline_id = 'a'")["gone_at"][0]
    assert gone_at == NOW

    census = Census(record_type=Pipeline, source="prod", keys=[("a",), ("b",)])
    warehouse.apply("prod", Batch(stream="dags", census=[census]), NOW + timedelta(hours=1))
    assert live(warehouse) == ["a", "b"]


def test_a_census_of_one_project_says_nothing_of_another(warehouse):
    tickets = [
        Ticket(source="jira", ticket_id=i, ticket_key=f"{p}-1", project=p, title="t")
        for i, p in (("1", "A"), ("2", "B"))
    ]
    warehouse.apply("jira", Batch(stream="tickets", records=tickets), NOW)
    census = Census(record_type=Ticket, source="jira", keys=[], where={"project": "A"})
    warehouse.apply("jira", Batch(stream="tickets", census=[census]), NOW)
    alive = warehouse.frame("SELECT project FROM ticket WHERE gone_at IS NULL")["project"].to_list()
    assert alive == ["B"]


def test_gone_rows_keep_the_first_time_they_were_missed(warehouse):
    warehouse.apply("prod", Batch(stream="dags", records=[pipeline("a")]), NOW)
    gone = Gone(record_type=Pipeline, source="prod", keys=[("a",)])
    warehouse.apply("prod", Batch(stream="dags", gone=[gone]), NOW)
    warehouse.apply("prod", Batch(stream="dags", gone=[gone]), NOW + timedelta(days=1))
    assert warehouse.frame("SELECT gone_at FROM pipeline")["gone_at"][0] == NOW


def test_replace_takes_away_what_the_new_list_does_not_have(warehouse):
    def link(other: str) -> TicketLink:
        return TicketLink(source="jira", ticket_id="1", type="Blocks", direction="outward", other_key=other)

    warehouse.apply("jira", Batch(stream="tickets", records=[link("A-1"), link("A-2")]), NOW)
    old = Replace(record_type=TicketLink, where={"source": "jira", "ticket_id": "1"})
    warehouse.apply("jira", Batch(stream="tickets", replaces=[old], records=[link("A-3")]), NOW)
    assert warehouse.frame("SELECT other_key FROM ticket_link")["other_key"].to_list() == ["A-3"]


def test_what_was_read_is_kept_until_anybody_changes_the_warehouse(tmp_path, warehouse):
    asked: list[str] = []

    def names() -> list[str]:
        return warehouse.kept("names", lambda: asked.append("again") or live(warehouse))

    warehouse.apply("prod", Batch(stream="pipelines", records=[pipeline("a")]), NOW)
    assert names() == names() == ["a"]
    assert asked == ["again"]
    warehouse.apply("prod", Batch(stream="pipelines", records=[pipeline("b")]), NOW)
    assert names() == ["a", "b"]
    other = Warehouse(tmp_path / "w.db")
    other.apply("prod", Batch(stream="pipelines", records=[pipeline("c")]), NOW)
    other.close()
    assert names() == ["a", "b", "c"]
    assert len(asked) == 3


def test_what_follows_from_a_moment_is_kept_until_another_is_asked(warehouse):
    later, asked = NOW + timedelta(minutes=1), []
    for moment in (NOW, NOW, later, later, NOW):
        warehouse.kept("age", partial(asked.append, moment), at=moment)
    assert asked == [NOW, later, NOW]


def test_a_batch_that_cannot_be_written_leaves_nothing_and_keeps_the_cursor(warehouse):
    warehouse.apply("prod", Batch(stream="dags", records=[pipeline("a")], cursor=b"1"), NOW)
    broken = pipeline("b", next_run_at=datetime(2026, 1, 1))  # noqa: DTZ001 - no zone: cannot be stored
    with pytest.raises(TypeError):
        warehouse.apply("prod", Batch(stream="dags", records=[pipeline("c"), broken], cursor=b"2"), NOW)
    assert live(warehouse) == ["a"]
    assert warehouse.cursor("prod") == b"1"


def test_a_reader_sees_what_was_there_while_another_writes(tmp_path, warehouse):
    warehouse.apply("prod", Batch(stream="dags", records=[pipeline("a")]), NOW)
    reader = Warehouse(tmp_path / "w.db")
    with warehouse._db.atomic():
        warehouse._db.execute("DELETE FROM pipeline")
        assert live(reader) == ["a"]


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-14 * 60, 14 * 60))
def test_times_survive_to_the_microsecond_from_any_zone(at, minutes):
    assert from_us(to_us(at)) == at
    try:
        there = at.astimezone(timezone(timedelta(minutes=minutes)))
    except OverflowError:
        return
    assert from_us(to_us(there)) == at
