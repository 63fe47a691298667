"""The part of Jira's query language that readers need: clauses joined by AND and OR, and an order."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collabtui.demo.jira_site import SPRINT, Issue

TOKEN = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|>=|<=|[=<>(),]|[^\s=<>(),\"']+)")
COMPARE: dict[str, Callable[[datetime, datetime], bool]] = {
    ">=": lambda t, at: t >= at,
    "<=": lambda t, at: t <= at,
    ">": lambda t, at: t > at,
    "<": lambda t, at: t < at,
}
UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
MOST_ORDERS = 7

Test = Callable[[Issue], bool]


class JqlError(ValueError):
    """The query cannot be run; the text is what Jira answers with status 400."""


class Query:
    """A parsed query.

    `zone` is the account's: dates in the query are read in it; where a clock that is put back shows a time twice,
    `fold` says which is meant. `projects` are those that may be named. `seen_until`: the search index knows what
    happened until then. Raises `JqlError`.
    """

    def __init__(
        self,
        text: str,
        *,
        zone: ZoneInfo,
        now: datetime,
        projects: Collection[str],
        seen_until: datetime,
        fold: int = 0,
    ) -> None:
        self._zone, self._now, self._fold = zone, now, fold
        self._projects, self._seen_until = projects, seen_until
        where, *order = re.split(r"\border\s+by\b", text, maxsplit=1, flags=re.IGNORECASE)
        if TOKEN.sub("", where).strip():
            raise JqlError(f"Error in the JQL Query: '{where}' has an unclosed quote.")
        self._tokens = TOKEN.findall(where)
        self.is_bounded = bool(self._tokens)
        self._test: Test = self._either() if self._tokens else lambda _: True
        if self._tokens:
            raise JqlError(f"Error in the JQL Query: Expecting end of query but got '{self._tokens[0]}'.")
        self._orders = [self._order(part) for part in ",".join(order).split(",") if part.strip()]
        if len(self._orders) > MOST_ORDERS:
            raise JqlError("The maximum number of ORDER BY fields is 7.")

    def run(self, issues: Sequence[Issue]) -> list[Issue]:
        """The issues it finds, in order."""
        found = [i for i in issues if i.created <= self._seen_until and self._test(i)]
        for value, is_falling in reversed(self._orders or [(lambda i: i.id, False)]):
            found.sort(key=value, reverse=is_falling)
        return found

    def _next(self, *wanted: str) -> str:
        if not self._tokens or (wanted and self._tokens[0].lower() not in wanted):
            got = self._tokens[0] if self._tokens else "the end"
            raise JqlError(f"Error in the JQL Query: Expecting {' or '.join(wanted) or 'a value'} but got '{got}'.")
        token: str = self._tokens.pop(0)
        return token

    def _is_next(self, word: str) -> bool:
        return bool(self._tokens) and self._tokens[0].lower() == word

    def _either(self) -> Test:
        tests = [self._all()]
        while self._is_next("or"):
            self._next()
            tests.append(self._all())
        return lambda i: any(test(i) for test in tests)

    def _all(self) -> Test:
        tests = [self._factor()]
        while self._is_next("and"):
            self._next()
            tests.append(self._factor())
        return lambda i: all(test(i) for test in tests)

    def _factor(self) -> Test:
        if self._is_next("("):
            self._next()
            test = self._either()
            self._next(")")
            return test
        name, operator = self._next().lower(), self._next("=", "in", *COMPARE).lower()
        if name in {"created", "updated"}:
            return self._time_test(name, operator, self._value())
        if operator not in {"=", "in"}:
            raise JqlError(f"The operator '{operator}' is not supported by the '{name}' field.")
        return self._set_test(name, self._list() if operator == "in" else [self._value()])

    def _value(self) -> str:
        return self._next().strip("\"'")

    def _list(self) -> list[str]:
        if self._is_next("opensprints"):
            function = [self._next(), self._next("("), self._next(")")]
            return ["".join(function).lower()]
        self._next("(")
        values = [self._value()]
        while self._next(",", ")") == ",":
            values.append(self._value())
        return values

    def _set_test(self, name: str, values: Sequence[str]) -> Test:
        wanted = set(values)
        if name == "project":
            if unknown := [v for v in values if v not in self._projects]:
                raise JqlError(f"The value '{unknown[0]}' does not exist for the field 'project'.")
            return lambda i: i.fields["project"]["key"] in wanted
        if name == "sprint" and wanted == {"opensprints()"}:
            return lambda i: any(s["state"] == "active" for s in i.fields.get(SPRINT) or [])
        readers: dict[str, Callable[[Issue], set[str]]] = {
            "key": lambda i: {i.key},
            "issuekey": lambda i: {i.key},
            "id": lambda i: {str(i.id)},
            "sprint": lambda i: {str(s["id"]) for s in i.fields.get(SPRINT) or []},
        }
        if name not in readers:
            raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")
        return lambda i: bool(readers[name](i) & wanted)

    def _time_test(self, name: str, operator: str, value: str) -> Test:
        at = self._time(name, value)
        if operator not in COMPARE:
            raise JqlError(f"The operator '{operator}' is not supported by the '{name}' field.")
        compare = COMPARE[operator]
        if name == "created":
            return lambda i: compare(i.created, at)
        return lambda i: compare(i.updated_as_of(self._seen_until), at)

    def _time(self, name: str, value: str) -> datetime:
        if re.fullmatch(r"-?\d+", value):
            return datetime.fromtimestamp(int(value) / 1000, UTC)
        if re.fullmatch(r"-(\d+[wdhm]\s*)+", value):
            parts = re.findall(r"(\d+)([wdhm])", value)
            return self._now - sum((timedelta(**{UNITS[unit]: int(n)}) for n, unit in parts), timedelta())
        for shape in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
            try:
                return datetime.strptime(value, shape).replace(tzinfo=self._zone, fold=self._fold)
            except ValueError:
                continue
        raise JqlError(
            f"Date value '{value}' for field '{name}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
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
