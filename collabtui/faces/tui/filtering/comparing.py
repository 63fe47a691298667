"""What `>2h`, `<=20%` or `>2026-03-01` asks of a value."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from operator import ge, gt, le, lt
from typing import Any, Literal

from collabtui.config import duration, time_of_day
from collabtui.faces.tui.formats import Viewer

Unit = Literal["number", "share", "seconds", "days", "weeks"]
"""What the numbers of a column count; a share is one of 1, and written in per cent."""
Kind = Unit | Literal["time", "day", "text"]
"""What a column's values are."""
SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {">": gt, "<": lt, ">=": ge, "<=": le}
TAKES: Mapping[Kind, str] = {
    "number": "a number such as 10",
    "share": "per cent such as 20%",
    "seconds": "a length such as 30m, 2h or 1h30m",
    "days": "days such as 10, or a length such as 2w",
    "weeks": "weeks such as 3, or a length such as 10d",
    "time": "2h (from now), +2h, -1d, 14:00, 2026-03-01 or today",
    "day": "3d (from today), +1w, -2d, 2026-03-01 or today",
    "text": "a text; it has nothing to compare",
}
"""What can be compared with them."""
DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_SECONDS: Mapping[Kind, float] = {"seconds": 1, "days": 86400, "weeks": 7 * 86400}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_LENGTH = re.compile(r"(?P<side>[-+]?)(?P<length>\d.*)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def kind_of(value: Any, unit: Unit) -> Kind:
    """What such values are; `unit` is what they count if they are numbers."""
    if isinstance(value, datetime):
        return "time"
    if isinstance(value, date):
        return "day"
    return unit if isinstance(value, int | float) else "text"


def compared(sign: str, text: str, kind: Kind, viewer: Viewer) -> Callable[[Any], bool]:
    """Whether a value of that kind compares so with what the text says.

    A length beside times is how far they are from now, before or after; with + or − it is that moment. More than a day
    is after its end. Raises `ValueError` for what cannot be compared with them.
    """
    try:
        if kind == "time" or kind == "day":
            return _from_now(sign, text, kind, viewer) or _between(sign, *_span(text, kind, viewer))
        asked, compare = _amount(text, kind), SIGNS[sign]
        return lambda value: compare(value, asked)
    except (ValueError, OverflowError):
        raise ValueError(f"takes {TAKES[kind]}") from None


def _amount(text: str, kind: Kind) -> float:
    """In the column's own unit."""
    if kind == "share":
        return _number(text.removesuffix("%")) / 100
    if kind == "text":
        raise ValueError
    if (kind != "seconds" and _NUMBER.fullmatch(text)) or text == "0":
        return _number(text)
    size = _SECONDS.get(kind)
    if size is None:
        raise ValueError
    return _length(text).total_seconds() / size


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)


def _length(text: str) -> timedelta:
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError
    length = duration(found["length"])
    return -length if found["side"] == "-" else length


def _from_now(sign: str, text: str, kind: Kind, viewer: Viewer) -> Callable[[Any], bool] | None:
    """How far it is away, where the text says a length without a side."""
    if text[:1] in "+-" or ":" in text or "-" in text or not text[:1].isdigit():
        return None
    length, compare = _length(text), SIGNS[sign]
    now = viewer.here(viewer.now).date() if kind == "day" else viewer.now
    return lambda value: compare(abs(value - now), length)


def _span(text: str, kind: Kind, viewer: Viewer) -> tuple[Any, Any]:
    """The first and the last moment, or day, that the text means."""
    here = viewer.here(viewer.now)
    if text == "now":
        first = last = viewer.now
    elif text in DAYS:
        return _day(here.date() + timedelta(days=DAYS[text]), kind, viewer)
    elif _DAY.fullmatch(text):
        return _day(date.fromisoformat(text), kind, viewer)
    elif ":" in text:
        if kind == "day":
            raise ValueError
        day, _, clock = text.replace("T", " ").rpartition(" ")
        on = date.fromisoformat(day) if day else here.date()
        first = viewer.moment(on, time_of_day("", clock))
        last = first + timedelta(seconds=59, microseconds=999_999)
    else:
        first = last = viewer.now + _length(text)
    return (viewer.here(first).date(), viewer.here(last).date()) if kind == "day" else (first, last)


def _day(on: date, kind: Kind, viewer: Viewer) -> tuple[Any, Any]:
    if kind == "day":
        return on, on
    return viewer.moment(on, time()), viewer.moment(on + timedelta(days=1), time()) - timedelta(microseconds=1)


def _between(sign: str, first: Any, last: Any) -> Callable[[Any], bool]:
    return partial(_compare, SIGNS[sign], last if sign in (">", "<=") else first)


def _compare(compare: Callable[[Any, Any], bool], asked: Any, value: Any) -> bool:
    return compare(value, asked)
