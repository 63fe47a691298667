"""The part of Jira's query language that readers need: AND of simple clauses, and an order."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collabtui.demo.jira_site import SPRINT, Issue

CLAUSE = re.compile(r"^\s*(\w+)\s*(>=|<=|=|>|<|\bin\b)\s*(.+?)\s*$", re.IGNORECASE)
UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
MOST_ORDERS = 7


class JqlError(ValueError):
    """The query cannot be run; the text is what Jira answers with status 400."""


class Query:
    """A parsed query. `zone` is the account's: dates in the query are read in it, cut to the minute."""

    def __init__(self, text: str, zone: ZoneInfo, now: datetime) -> None:
        where, _, order = re.compile(r"\border\s+by\b", re.IGNORECASE).sub("\0", text, count=1).partition("\0")
        self._zone = zone
        self._now = now
        clauses = [c for c in re.split(r"\s+and\s+", where.strip(), flags=re.IGNORECASE) if c]
        self.is_bounded = bool(clauses)
        self._tests = [self._clause(clause) for clause in clauses]
        self._orders = [self._order(part) for part in order.split(",") if part.strip()]
        if len(self._orders) > MOST_ORDERS:
            raise JqlError("The maximum number of ORDER BY fields is 7.")

    def run(self, issues: Sequence[Issue], *, seen_until: datetime) -> list[Issue]:
        """The issues it finds, in order; the search index knows changes until `seen_until`."""
        found = [i for i in issues if i.created <= seen_until and all(test(i) for test in self._tests)]
        for value, is_falling in reversed(self._orders or [(lambda i: i.id, False)]):
            found.sort(key=value, reverse=is_falling)
        return found

    def _clause(self, text: str) -> Callable[[Issue], bool]:
        match = CLAUSE.match(text)
        if match is None:
            raise JqlError(f"Error in the JQL Query: Expecting operator but got '{text}'.")
        name, operator, raw = match.group(1).lower(), match.group(2).lower(), match.group(3)
        values = (
            [v.strip().strip("\"'") for v in raw.strip("()").split(",")] if operator == "in" else [raw.strip("\"'")]
        )
        if name in {"created", "updated"}:
            return self._time_test(name, operator, values[0])
        readers: dict[str, Callable[[Issue], set[str]]] = {
            "project": lambda i: {i.fields["project"]["key"], i.fields["project"].get("name", "")},
            "key": lambda i: {i.key},
            "issuekey": lambda i: {i.key},
            "id": lambda i: {str(i.id)},
            "sprint": lambda i: {str(s["id"]) for s in i.fields.get(SPRINT) or []},
        }
        if name not in readers or operator not in {"=", "in"}:
            raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")
        read, wanted = readers[name], set(values)
        return lambda i: bool(read(i) & wanted)

    def _time_test(self, name: str, operator: str, value: str) -> Callable[[Issue], bool]:
        at = self._time(value)
        compare: dict[str, Callable[[datetime], bool]] = {
            ">=": lambda t: t >= at,
            "<=": lambda t: t <= at,
            ">": lambda t: t > at,
            "<": lambda t: t < at,
        }
        if operator not in compare:
            raise JqlError(f"The operator '{operator}' is not supported by the '{name}' field.")
        test = compare[operator]
        return lambda i: test(i.created if name == "created" else i.updated)

    def _time(self, value: str) -> datetime:
        if re.fullmatch(r"-?\d+", value):
            return datetime.fromtimestamp(int(value) / 1000, UTC)
        if relative := re.fullmatch(r"-(\d+)([wdhm])", value):
            return self._now - timedelta(**{UNITS[relative.group(2)]: int(relative.group(1))})
        for shape in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
            try:
                return datetime.strptime(value, shape).replace(tzinfo=self._zone)
            except ValueError:
                continue
        raise JqlError(
            f"Date value '{value}' for field is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
            "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
        )

    @staticmethod
    def _order(text: str) -> tuple[Callable[[Issue], Any], bool]:
        name, *direction = text.split()
        keys: dict[str, Callable[[Issue], Any]] = {
            "created": lambda i: i.created,
            "updated": lambda i: i.updated,
            "key": lambda i: (i.key.rpartition("-")[0], int(i.key.rpartition("-")[2])),
            "id": lambda i: i.id,
        }
        if name.lower() not in keys:
            raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")
        return keys[name.lower()], [d.lower() for d in direction] == ["desc"]
