"""What a list is asked for, in the words of either version, and the rows that answer it."""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar

from collabtui.demo.airflow_site import AirflowSite, DagRun, TaskInstance

Row = TypeVar("Row")
Getter = Callable[[Row], Any]

BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)
LEAST = float("-inf")


class QueryError(Exception):
    """A list that cannot be answered; `where` is the field or parameter at fault, `kind` how version 3 calls it."""

    def __init__(self, text: str, where: str = "", kind: str = "", value: object = None) -> None:
        super().__init__(text)
        self.text, self.where, self.kind, self.value = text, where, kind, value


@dataclass
class Query:
    """A list's filters, order and page. `bounds` are (column, operator, bound), `among` allowed values by column.

    `cursor` is None unless version 3 was asked for pages by cursor.
    """

    limit: int
    offset: int = 0
    order: Sequence[str] = ()
    bounds: list[tuple[str, str, Any]] = field(default_factory=list)
    among: dict[str, frozenset[Any]] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    cursor: str | None = None

    def bound(self, column: str, operators: str) -> Any:
        """The bound of a column by one of these operators, None where there is none."""
        return next((value for name, op, value in self.bounds if name == column and op in operators.split()), None)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some of the rows of a list, and how many there are in all."""

    rows: Sequence[Row]
    total: int
    next_cursor: str | None = None


@dataclass(frozen=True)
class Table(Generic[Row]):
    """A list's columns; `orders` are those that it may be ordered by, the first one if nothing is said.

    `open_ended` are the columns whose NULL counts as now in comparisons (version 3's start and end).
    """

    columns: Mapping[str, Getter[Row]]
    orders: Sequence[str]
    open_ended: frozenset[str] = frozenset()

    def page(self, rows: Iterable[Row], query: Query, now: datetime) -> Page[Row]:
        """The rows that the query wants, in its order. Raises `QueryError`."""
        found = list(rows)
        for column, allowed in query.among.items():
            get = self.columns[column]
            found = [row for row in found if get(row) in allowed]
        for column, pattern in query.patterns.items():
            get, shape = self.columns[column], pattern.replace("%", "*")
            shape = shape if "*" in shape else f"*{shape}*"
            found = [row for row in found if fnmatchcase(str(get(row)).lower(), shape.lower())]
        for column, operator, bound in query.bounds:
            found = self._bounded(found, column, operator, bound, now)
        total = len(found)
        for order in reversed(query.order or self.orders[:1]):
            name = order.removeprefix("-")
            if name not in self.orders:
                raise QueryError(
                    f"Ordering with '{name}' is disallowed or the attribute does not exist on the model", "order_by"
                )
            found.sort(key=_nulls_first(self.columns[name]), reverse=order.startswith("-"))
        offset = query.offset if not query.cursor else _decode(query.cursor)
        rest = found[offset:]
        is_more = query.cursor is not None and len(rest) > query.limit
        following = base64.urlsafe_b64encode(str(offset + query.limit).encode()).decode() if is_more else None
        return Page(rest[: query.limit], total, following)

    def _bounded(self, rows: list[Row], column: str, operator: str, bound: Any, now: datetime) -> list[Row]:
        get = self.columns[column]
        null = now if column in self.open_ended else None
        compare = getattr(bound, f"__{_MIRRORED[operator]}__")
        kept = []
        for row in rows:
            value = get(row)
            value = null if value is None else value
            if value is not None and compare(value):
                kept.append(row)
        return kept


_MIRRORED = {"gte": "le", "gt": "lt", "lte": "ge", "lt": "gt"}


def _nulls_first(get: Getter[Row]) -> Callable[[Row], tuple[bool, Any]]:
    def key(row: Row) -> tuple[bool, Any]:
        value = get(row)
        return value is not None, value

    return key


def _decode(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise QueryError("Invalid cursor token", "cursor") from None


def seconds(start: datetime | None, end: datetime | None) -> float | None:
    """How long something took, None unless it has ended."""
    return None if start is None or end is None else (end - start).total_seconds()


RUN_COLUMNS: Mapping[str, Getter[DagRun]] = {
    "id": lambda r: r.number,
    "dag_id": lambda r: r.dag.dag_id,
    "run_id": lambda r: r.run_id,
    "dag_run_id": lambda r: r.run_id,
    "state": lambda r: r.state,
    "run_type": lambda r: r.run_type,
    "run_after": lambda r: r.run_after,
    "logical_date": lambda r: None if r.run_type == "dataset" else r.run_after,
    "execution_date": lambda r: r.interval_start,
    "start_date": lambda r: r.start_at,
    "end_date": lambda r: r.end_at,
    "duration": lambda r: seconds(r.start_at, r.end_at),
    "updated_at": lambda r: r.updated_at,
}
TASK_COLUMNS: Mapping[str, Getter[TaskInstance]] = {
    "id": lambda t: t.number,
    "dag_id": lambda t: t.run.dag.dag_id,
    "run_id": lambda t: t.run.run_id,
    "dag_run_id": lambda t: t.run.run_id,
    "task_id": lambda t: t.task.task_id,
    "map_index": lambda t: t.map_index,
    "try_number": lambda t: t.try_number,
    "state": lambda t: t.state,
    "pool": lambda t: t.task.pool,
    "queue": lambda _: "default",
    "executor": lambda _: None,
    "run_after": lambda t: t.run.run_after,
    "logical_date": lambda t: None if t.run.run_type == "dataset" else t.run.run_after,
    "execution_date": lambda t: t.run.interval_start,
    "start_date": lambda t: t.start_at,
    "end_date": lambda t: t.end_at,
    "duration": lambda t: seconds(t.start_at, t.end_at),
    "updated_at": lambda t: t.updated_at,
}


def _span(query: Query) -> tuple[datetime | None, datetime | None]:
    """The runs' `run_after` that can answer the query; an execution date is never later than it."""
    first = query.bound("run_after", "gte gt") or query.bound("execution_date", "gte")
    return first, query.bound("run_after", "lte lt")


def runs(site: AirflowSite, query: Query, dag_id: str | None) -> Iterable[DagRun]:
    """The runs that may answer the query, found by an index where there is one."""
    since = query.bound("updated_at", "gte gt")
    found = site.runs(*_span(query)) if since is None else site.runs_touched(since)
    return found if dag_id is None else (run for run in found if run.dag.dag_id == dag_id)


def task_instances(site: AirflowSite, query: Query, dag_id: str | None, run_id: str | None) -> Iterable[TaskInstance]:
    """The task instances that may answer the query, found by an index where there is one."""
    if dag_id is not None and run_id is not None:
        run = site.by_key.get((dag_id, run_id))
        return [] if run is None else run.task_instances
    since = query.bound("updated_at", "gte gt")
    if since is None:
        found: Iterable[TaskInstance] = (t for run in site.runs(*_span(query)) for t in run.task_instances)
    else:
        found = site.tasks_touched(since)
    return (
        t for t in found if dag_id in {None, t.run.dag.dag_id} and run_id in {None, t.run.run_id}
    )  # fmt: skip
