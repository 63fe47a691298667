"""How record fields become columns, and columns become typed polars columns again."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_type_hints

import msgspec
import polars as pl

from connectors.records import RECORD_TYPES, Record

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Value = str | int | float | None


def to_us(at: datetime) -> int:
    """Microseconds since 1970 in UTC. Raises `TypeError` for a time without a zone."""
    return (at - EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """The aware UTC time that `to_us` was given."""
    return EPOCH + us * _MICROSECOND


def _json(value: Sequence[object]) -> str:
    return msgspec.json.encode(value).decode()


def _converter(hint: object) -> Callable[[Any], Value] | None:
    text = str(hint)
    if "datetime.datetime" in text:
        return to_us
    if "datetime.date" in text:
        return date.isoformat
    return _json if "Sequence" in text else None


def _dtype(hint: object) -> pl.DataType:
    text = str(hint)
    for part, dtype in (
        ("datetime.datetime", pl.Datetime("us", "UTC")), ("datetime.date", pl.Date()), ("Sequence", pl.String()),
        ("bool", pl.Boolean()), ("float", pl.Float64()), ("int", pl.Int64()),
    ):  # fmt: skip
        if part in text:
            return dtype
    return pl.String()


_HINTS = {record_type: get_type_hints(record_type) for record_type in RECORD_TYPES}
_CONVERTERS = {
    record_type: [(name, _converter(hints[name])) for name in record_type.__struct_fields__]
    for record_type, hints in _HINTS.items()
}
LIST_COLUMNS = frozenset(
    name
    for hints in _HINTS.values()
    for name, hint in hints.items()
    if "Sequence[str]" in str(hint) and str(hint).count("Sequence") == 1 and "tuple" not in str(hint)
)
DTYPES: dict[str, pl.DataType] = {
    name: _dtype(hint) for hints in _HINTS.values() for name, hint in hints.items() if "ClassVar" not in str(hint)
}


def row(record: Record) -> list[Value]:
    """The record's column values in the order of its fields."""
    values = []
    for name, convert in _CONVERTERS[type(record)]:
        value = getattr(record, name)
        values.append(value if convert is None or value is None else convert(value))
    return values


def frame(names: Sequence[str], rows: Sequence[Sequence[Value]]) -> pl.DataFrame:
    """Rows as a frame: `_at` columns as UTC times, `_on` as days, `is_`/`has_` as booleans, lists as lists.

    Columns that no record type knows are typed by their values.
    """
    data: list[pl.Series] = []
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    for name, values in zip(names, columns, strict=True):
        dtype = DTYPES.get(name)
        if name == "at" or name.endswith("_at"):
            series = pl.Series(name, values, dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))
        elif dtype is None:
            series = pl.Series(name, values, strict=False)
        elif dtype == pl.Date():
            series = pl.Series(name, values, dtype=pl.String).str.to_date("%Y-%m-%d")
        elif dtype == pl.Boolean():
            series = pl.Series(name, values, dtype=pl.Int64).cast(pl.Boolean)
        else:
            series = pl.Series(name, values, dtype=dtype)
        if name in LIST_COLUMNS and series.dtype == pl.String:
            series = series.str.json_decode(pl.List(pl.String))
        data.append(series)
    return pl.DataFrame(data)
