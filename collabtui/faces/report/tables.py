"""A frame as a table for people, as JSON, CSV or Markdown."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from collabtui.chances import percent
from collabtui.faces.plain import plain

FORMATS = ("table", "json", "csv", "markdown")
SHOWN_ROWS = 60
SHARES = {
    "load", "older_than", "efficiency", "share", "used", "full", "busiest_full", "used_p85", "weight", "data_quality",
    "features", "validation", "readiness",
}  # fmt: skip
"""Columns of parts of a whole whose names do not say so."""


def render(
    frame: pl.DataFrame, *, form: str, zone: str | None, columns: Sequence[str] = (), width: int | None = None
) -> str:
    """The frame as text that ends with a line end.

    Programs (json, csv) get all columns, and times in UTC (ISO 8601); people (table, markdown) get `columns`, and times
    in `zone`, which is named. A table that is wider than `width` characters is cut, with ellipses.
    """
    shown = frame.select(columns) if columns else frame
    where: tzinfo = ZoneInfo(zone) if zone else datetime.now().astimezone().tzinfo or UTC
    forms: dict[str, Callable[[], str]] = {
        "json": lambda: _json(frame),
        "csv": lambda: _csv(frame),
        "markdown": lambda: _markdown(shown, where),
        "table": lambda: _table(shown, where, width),
    }
    return forms[form]()


def _iso(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _json(frame: pl.DataFrame) -> str:
    rows = [{name: _iso(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]
    return json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _csv(frame: pl.DataFrame) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in frame.iter_rows():
        writer.writerow([";".join(map(str, v)) if isinstance(v, list) else "" if v is None else _iso(v) for v in row])
    return out.getvalue()


def _cell(name: str, value: Any, where: tzinfo) -> str:
    """A value as people read it; the column's name says its unit."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(where):%a %d %b %H:%M}"
    if isinstance(value, date):
        return f"{value:%d %b %Y}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if name.startswith("p_") or name.endswith("_rate") or name in SHARES:
            return percent(value)
        return _length(value) if name.endswith("_s") else f"{value:.1f}"
    if isinstance(value, list):
        return plain(", ".join(map(str, value)))
    return plain(str(value))


def _length(seconds: float) -> str:
    sign, minutes = "-" if seconds < 0 else "", abs(seconds) / 60
    if minutes < 1:
        return f"{sign}{abs(seconds):.0f} s"
    if minutes < 120:
        return f"{sign}{minutes:.0f} min"
    return f"{sign}{minutes / 60:.1f} h" if minutes < 2880 else f"{sign}{minutes / 1440:.1f} d"


def _cells(frame: pl.DataFrame, where: tzinfo) -> tuple[list[str], list[list[str]]]:
    """Headings and rows without columns that are empty throughout; times carry their zone in the heading."""
    zone = f"{datetime.now(where):%Z}"
    rows = [
        [_cell(name, value, where) for name, value in zip(frame.columns, row, strict=True)] for row in frame.iter_rows()
    ]
    kept = [n for n in range(len(frame.columns)) if not rows or any(row[n] for row in rows)]
    names = [_heading(name, zone) for name in frame.columns]
    return [names[n] for n in kept], [[row[n] for n in kept] for row in rows]


def _heading(name: str, zone: str) -> str:
    if name == "p_late":
        return "chance to be late"
    words = name.removesuffix("_at").removesuffix("_s").removesuffix("_on").replace("_", " ")
    return f"{words} ({zone})" if name.endswith("_at") else words


def _markdown(frame: pl.DataFrame, where: tzinfo) -> str:
    names, rows = _cells(frame, where)

    def line(cells: Sequence[str]) -> str:
        return (
            "| " + " | ".join(c.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for c in cells) + " |\n"
        )

    return line(names) + line(["---"] * len(names)) + "".join(map(line, rows))


def _table(frame: pl.DataFrame, where: tzinfo, width: int | None) -> str:
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    names, rows = _cells(frame.head(SHOWN_ROWS), where)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in names:
        table.add_column(name, overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    needed = sum(max(map(cell_len, column)) + 2 for column in zip(names, *rows, strict=True)) + 1
    out = io.StringIO()
    Console(file=out, width=min(needed, width or needed), markup=False, emoji=False, highlight=False).print(table)
    more = f"… {frame.height - SHOWN_ROWS} more; --json, --csv and --markdown print all\n"
    lines = "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
    return lines + (more if frame.height > SHOWN_ROWS else "")
