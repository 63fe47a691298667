"""The schema's versions: every earlier one opens and comes up to date; a newer one is refused with a reason."""

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from collabtui.warehouse import Warehouse, WarehouseError
from collabtui.warehouse.migrations import SCHEMA, VERSIONS, make_views, migrations
from connectors.base import Batch
from connectors.records import RECORD_TYPES, Ticket

NOW = datetime(2026, 11, 21, tzinfo=UTC)

FROZEN = {
    "0001_facts": "916c11cfa456d4bf",
    "0002_untitled_tickets": "62a0184bbd1259f2",
    "0003_scores": "8e9cef53113bd9e8",
    "0004_values": "6a13a2c48bee822f",
}
"""What each version's file says, shortened: a change of the schema is a file of its own, for older ones are out."""


def test_a_version_that_is_out_is_never_edited():
    assert {path.stem: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in SCHEMA.glob("*.sql")} == FROZEN


def columns(path: Path, table: str) -> list[str]:
    with sqlite3.connect(path) as db:
        return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


@pytest.mark.parametrize("record_type", RECORD_TYPES, ids=lambda t: t.table)
def test_every_record_type_has_its_table(tmp_path, record_type):
    Warehouse(tmp_path / "w.db").close()
    assert set(columns(tmp_path / "w.db", record_type.table)) == {*record_type.__struct_fields__, "gone_at"}


@pytest.mark.parametrize("number", range(len(VERSIONS)))
def test_a_warehouse_of_every_earlier_version_comes_up_to_date(tmp_path, number):
    old = Database(tmp_path / "old.db")
    following = VERSIONS[number + 1 :]
    migrations.apply(old, stop_before=following[:1] or None)
    make_views(old)
    old.execute("INSERT INTO sync_state (source, kind, cursor) VALUES ('prod', 'airflow', '{}')")
    named = "source, ticket_id, ticket_key, project, title, is_epic, is_subtask, labels, components, fix_versions"
    old.execute(f"INSERT INTO ticket ({named}) VALUES ('jira', '7', 'P-7', 'P', 'Old', 0, 0, '[]', '[]', '[]')")
    old.conn.commit()
    old.close()

    warehouse = Warehouse(tmp_path / "old.db")
    assert warehouse.cursor("prod") == b"{}"
    untitled = Ticket(source="jira", ticket_id="8", ticket_key="P-8", project="P", created_at=NOW)
    warehouse.apply("jira", Batch(stream="tickets", records=[untitled], cursor=b"{}"), NOW)
    assert warehouse.rows("SELECT ticket_key, title FROM ticket ORDER BY 1") == [("P-7", "Old"), ("P-8", None)]
    assert warehouse.rows("SELECT ticket_key FROM ticket_iso ORDER BY 1") == [("P-7",), ("P-8",)]
    assert not migrations.pending(Database(tmp_path / "old.db"))


def test_a_warehouse_of_a_newer_version_is_refused(tmp_path):
    Warehouse(tmp_path / "w.db").close()
    with sqlite3.connect(tmp_path / "w.db") as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('collabtui', '9999_future')")
    with pytest.raises(WarehouseError, match=r"newer collabtui \(schema 9999_future\); upgrade"):
        Warehouse(tmp_path / "w.db")


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    (tmp_path / "w.db").write_text("my shopping list, " * 100)
    with pytest.raises(WarehouseError, match="cannot be used as warehouse"):
        Warehouse(tmp_path / "w.db")
    assert (tmp_path / "w.db").read_text().startswith("my shopping list")


def test_many_can_open_a_new_warehouse_at_once(tmp_path):
    """The app's two readers do, and a second app may."""
    for attempt in range(20):
        path = tmp_path / f"{attempt}.db"
        with ThreadPoolExecutor(2) as pool:
            for warehouse in pool.map(Warehouse, [path, path]):
                assert warehouse.rows("SELECT count(*) FROM run") == [(0,)]
                warehouse.close()


def test_views_show_iso_times(tmp_path):
    warehouse = Warehouse(tmp_path / "w.db")
    warehouse.write("INSERT INTO sync_state (source, kind, ok_at) VALUES (?, ?, ?)", [("prod", "airflow", 1_500_000)])
    with sqlite3.connect(tmp_path / "w.db") as db:
        assert db.execute("SELECT ok_at FROM sync_state_iso").fetchone() == ("1970-01-01T00:00:01.500Z",)
