"""The schema's versions: each is one frozen file in schema/, applied once, in order, in one transaction."""

from pathlib import Path
from sqlite3 import complete_statement

from collabtui.warehouse.library import Database, Migrations

SCHEMA = Path(__file__).with_name("schema")

VERSIONS = tuple(sorted(path.stem for path in SCHEMA.glob("*.sql")))

migrations = Migrations("collabtui")


def _run_statements(db: Database, sql: str) -> None:
    """Statement by statement: sqlite3's executescript would end the migration's transaction."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        if not line.startswith("--"):
            statement += line
        if complete_statement(statement):
            db.execute(statement)
            statement = ""


def _register(version: str) -> None:
    @migrations(name=version)
    def apply(db: Database) -> None:
        _run_statements(db, (SCHEMA / f"{version}.sql").read_text())


for _version in VERSIONS:
    _register(_version)


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
