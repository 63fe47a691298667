"""The warehouse: opens the SQLite file, writes batches with their cursors, reads frames."""

import sqlite3
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from collabtui.warehouse.library import Database
from collabtui.warehouse.migrations import VERSIONS, make_views, migrations
from connectors.base import Batch, Cursor
from connectors.records import Record

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")

BUSY_TIMEOUT_S = 30
KEPT = 200
"""So many things that were read are kept at most: some are frames of a megabyte."""


class WarehouseError(Exception):
    """The warehouse file cannot be used. The text says which, why and what to do."""


class Warehouse:
    """One workspace's facts in one SQLite file.

    Opening brings the schema up to date. One connection, used by one thread at a time (a lock sees to it); give
    every long-running worker its own `Warehouse`, so that reading goes on while a sync writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._upserts: dict[type[Record], str] = {}
        self._kept: dict[Hashable, tuple[datetime | None, Any]] = {}
        self._stamp: tuple[int, int] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = Database(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, check_same_thread=False))
            self._prepare()
        except (sqlite3.OperationalError, OSError) as e:
            why = e.strerror if isinstance(e, OSError) else e
            raise WarehouseError(
                f"{path} cannot be used as warehouse: {why}; `warehouse` in the config names another place"
            ) from e
        except sqlite3.Error as e:
            raise WarehouseError(f"{path} cannot be used as warehouse: {e}; move it away and sync again") from e

    def _prepare(self) -> None:
        """Where two open a new warehouse at once, SQLite does not wait for the other's change to WAL: we do."""
        give_up_at = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._migrate()
            except sqlite3.OperationalError as e:
                if e.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                    raise
                time.sleep(0.02)
            else:
                return

    def _migrate(self) -> None:
        applied = {m.name for m in migrations.applied(self._db)}
        if newer := sorted(applied - set(VERSIONS)):
            raise WarehouseError(
                f"{self.path} was written by a newer collabtui (schema {newer[-1]}); upgrade collabtui to open it"
            )
        if migrations.pending(self._db):
            self._db.execute("BEGIN IMMEDIATE")  # one of them migrates, the other finds it done
            with self._db.conn:
                migrations.apply(self._db)
                make_views(self._db)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    # --- writing ---

    def apply(self, source: str, batch: Batch, at: datetime) -> None:
        """Write a batch and its cursor in one transaction; `at` is when it was seen. Raises `WarehouseError`."""
        try:
            self._apply(source, batch, at)
        except sqlite3.Error as e:
            raise WarehouseError(f"{self.path} could not be written: {e}; is the disk full?") from e

    def _apply(self, source: str, batch: Batch, at: datetime) -> None:
        from collabtui.warehouse.columns import row, to_us

        with self._lock, self._db.atomic():
            for replace in batch.replaces:
                where = " AND ".join(f'"{column}" = ?' for column in replace.where)
                self._db.execute(
                    f"DELETE FROM {replace.record_type.table} WHERE {where}",  # noqa: S608 - our own names
                    list(replace.where.values()),
                )
            kinds: dict[type[Record], list[Record]] = {}
            for record in batch.records:
                kinds.setdefault(type(record), []).append(record)
            for kind, records in kinds.items():
                self._db.conn.executemany(self._upsert(kind), map(row, records))
            for gone in batch.gone:
                key = " AND ".join(f'"{column}" = ?' for column in gone.record_type.key)
                self._db.conn.executemany(
                    f"UPDATE {gone.record_type.table} SET gone_at = ? WHERE gone_at IS NULL AND {key}",  # noqa: S608
                    [(to_us(at), gone.source, *keys) for keys in gone.keys],
                )
            for census in batch.census:
                self._count(census.record_type, census.source, census.keys, census.where, to_us(at))
            if batch.cursor is not None:
                self._db.execute(
                    "INSERT INTO sync_state (source, kind, cursor, seen_at) VALUES (?, '', ?, ?) "
                    "ON CONFLICT DO UPDATE SET cursor = excluded.cursor, seen_at = excluded.seen_at",
                    [source, batch.cursor.decode(), to_us(at)],
                )

    def _upsert(self, kind: type[Record]) -> str:
        """A row that was marked as gone and is told again is no longer gone."""
        if kind not in self._upserts:
            names = kind.__struct_fields__
            columns = ", ".join(f'"{name}"' for name in names)
            changes = "".join(f', "{name}" = excluded."{name}"' for name in names if name not in kind.key)
            self._upserts[kind] = (
                f"INSERT INTO {kind.table} ({columns}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608
                f"ON CONFLICT DO UPDATE SET gone_at = NULL{changes}"
            )
        return self._upserts[kind]

    def _count(
        self,
        kind: type[Record],
        source: str,
        keys: Sequence[tuple[str, ...]],
        where: Mapping[str, str],
        at_us: int,
    ) -> None:
        columns = kind.key[1:]
        names = ", ".join(f'"{column}"' for column in columns)
        self._db.execute("DROP TABLE IF EXISTS temp.census")
        self._db.execute(f"CREATE TEMP TABLE census ({names}, PRIMARY KEY ({names})) WITHOUT ROWID")
        self._db.conn.executemany(f"INSERT OR IGNORE INTO census VALUES ({', '.join('?' * len(columns))})", keys)  # noqa: S608
        narrowed = "".join(f' AND "{column}" = ?' for column in where)
        for change, known in (("gone_at = ?", "NOT IN"), ("gone_at = NULL", "IN")):
            state = "gone_at IS NULL" if known == "NOT IN" else "gone_at IS NOT NULL"
            self._db.execute(
                f"UPDATE {kind.table} SET {change} WHERE source = ? AND {state}{narrowed} "  # noqa: S608
                f"AND ({names}) {known} (SELECT {names} FROM census)",
                [*([at_us] if "?" in change else []), source, *where.values()],
            )

    def sync_started(self, source: str, kind: str, at: datetime) -> None:
        """Note that a sync of the source began."""
        self._note(source, kind=kind, started_at=at)

    def sync_finished(self, source: str, at: datetime, error: str | None) -> None:
        """Note that a sync of the source ended: well, or with an error for people to read."""
        self._note(source, finished_at=at, error=error, **({} if error else {"ok_at": at}))

    def _note(self, source: str, **facts: str | datetime | None) -> None:
        from collabtui.warehouse.columns import to_us

        values = {k: to_us(v) if isinstance(v, datetime) else v for k, v in facts.items()}
        with self._lock, self._db.atomic():
            self._db.execute("INSERT OR IGNORE INTO sync_state (source, kind) VALUES (?, '')", [source])
            self._db.execute(
                f"UPDATE sync_state SET {', '.join(f'{k} = ?' for k in values)} WHERE source = ?",  # noqa: S608
                [*values.values(), source],
            )

    def write(self, sql: str, rows: Sequence[Sequence[str | int | float | None]]) -> None:
        """Run one statement for each of `rows`, in one transaction."""
        with self._lock, self._db.atomic():
            self._db.conn.executemany(sql, rows)

    # --- reading ---

    def cursor(self, source: str) -> Cursor | None:
        """Where the next pull of the source goes on; None from the beginning."""
        with self._lock:
            found = self._db.execute("SELECT cursor FROM sync_state WHERE source = ?", [source]).fetchone()
        return found[0].encode() if found and found[0] is not None else None

    def rows(self, sql: str, params: Sequence[str | int | float | None] = ()) -> list[tuple[Any, ...]]:
        """The rows of a SELECT as SQLite has them: times in microseconds."""
        with self._lock:
            return self._db.execute(sql, params).fetchall()

    def as_frame(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> "pl.DataFrame":
        """Rows as a frame, typed by the columns' names as in `frame`."""
        from collabtui.warehouse.columns import frame

        return frame(names, rows)

    def frame(self, sql: str, params: Sequence[str | int | float | None] = ()) -> "pl.DataFrame":
        """The rows of a SELECT, typed as in `columns.frame`."""
        return self.kept((sql, *params), lambda: self._frame(sql, params))

    def _frame(self, sql: str, params: Sequence[str | int | float | None]) -> "pl.DataFrame":
        from collabtui.warehouse.columns import frame

        with self._lock:
            cursor = self._db.execute(sql, params)
            rows = cursor.fetchall()
        return frame([column[0] for column in cursor.description], rows)

    def kept(self, key: Hashable, make: Callable[[], T], *, at: datetime | None = None) -> T:
        """What `make` gives, kept until the warehouse changes: for what follows from it alone and is never changed.

        Between two syncs nothing does, while people ask many times. What also follows from a moment is kept `at` that
        one, until it is asked of another. `make` reads all that it needs itself: what was read before may be of before
        a change.
        """
        with self._lock:
            # the first tells of others' changes, the second of our own
            stamp = (self._db.execute("PRAGMA data_version").fetchone()[0], self._db.conn.total_changes)
            if stamp != self._stamp or len(self._kept) >= KEPT:
                self._kept.clear()
                self._stamp = stamp
            kept_at, known = self._kept.get(key, (None, None))
            if key in self._kept and kept_at == at:
                found: T = known
                return found
        found = make()
        with self._lock:
            if stamp == self._stamp:
                self._kept[key] = at, found
        return found
