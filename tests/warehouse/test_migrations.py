"""The schema's versions: every earlier one opens and comes up to date; a newer one is refused with a reason."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from collabtui.warehouse import Warehouse, WarehouseError
from collabtui.warehouse.migrations import VERSIONS, migrations
from connectors.records import RECORD_TYPES


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
    old.execute("INSERT INTO sync_state (source, kind, cursor) VALUES ('prod', 'airflow', '{}')")
    old.conn.commit()
    old.close()

    warehouse = Warehouse(tmp_path / "old.db")
    assert warehouse.cursor("prod") == b"{}"
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


def test_two_can_open_a_new_warehouse_at_once(tmp_path):
    failures = []

    def open_it():
        try:
            Warehouse(tmp_path / "w.db").close()
        except WarehouseError as e:
            failures.append(e)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures


def test_views_show_iso_times(tmp_path):
    warehouse = Warehouse(tmp_path / "w.db")
    warehouse.write("INSERT INTO sync_state (source, kind, ok_at) VALUES (?, ?, ?)", [("prod", "airflow", 1_500_000)])
    with sqlite3.connect(tmp_path / "w.db") as db:
        assert db.execute("SELECT ok_at FROM sync_state_iso").fetchone() == ("1970-01-01T00:00:01.500Z",)
