"""The schema's versions: each is one frozen file in schema/, applied once, in order, in one transaction."""

from pathlib import Path

from sqlite_utils import Database, Migrations

SCHEMA = Path(__file__).with_name("schema")

migrations = Migrations("collabtui")


def _run_statements(db: Database, sql: str) -> None:
    """Statement by statement: sqlite3's executescript would end the migration's transaction."""
    from sqlite3 import complete_statement

    statement = ""
    for line in sql.splitlines(keepends=True):
        if not line.startswith("--"):
            statement += line
        if complete_statement(statement):
            db.execute(statement)
            statement = ""


@migrations()
def m0001_facts(db: Database) -> None:
    """The record types' tables, where each sync stands, and the forecasts."""
    _run_statements(db, (SCHEMA / "0001_facts.sql").read_text())


def make_views(db: Database) -> None:
    """A view beside every table that has times, with ISO times for people and Datasette: run -> run_iso."""
    for table in db.table_names():
        if table.startswith(("_", "sqlite_")):
            continue
        columns = [column.name for column in db[table].columns]
        if not any(name.endswith("_at") or name == "at" for name in columns):
            continue
        shown = ", ".join(
            f"strftime('%Y-%m-%dT%H:%M:%fZ', \"{name}\" / 1e6, 'unixepoch') AS \"{name}\""
            if name.endswith("_at") or name == "at"
            else f'"{name}"'
            for name in columns
        )
        sql = f'CREATE VIEW "{table}_iso" AS SELECT {shown} FROM "{table}"'  # noqa: S608 - our own names
        db.execute(f'DROP VIEW IF EXISTS "{table}_iso"')
        db.execute(sql)
