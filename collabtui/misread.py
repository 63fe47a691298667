"""What is wrong in a config, in words for those who wrote it: the place, what stands there and what should."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

T = TypeVar("T", bound=msgspec.Struct)
KINDS = {
    "object": "a table", "array": "a list", "str": "text", "int": "a whole number", "float": "a number",
    "bool": "true or false", "date": "a date", "datetime": "a time",
}  # fmt: skip
WRITTEN = {"array": ' such as ["A", "B"]', "str": " in quotes", "date": " such as 2026-12-24"}
EXAMPLES = {
    "sources": '[sources.prod]\nkind = "airflow"\nurl = "https://airflow.example.com"\ntoken = { env = "PROD_TOKEN" }',
    "teams": '[teams.platform]\nprojects = ["PLAT"]',
    "deadlines": '[[deadlines]]\ndataset = "s3://warehouse/*"\nby = "07:30"',
}
LISTED = ("deadlines",)
ANY = "[...]"
"""What msgspec calls a value of a table whose keys are free."""


def decoded(raw: bytes) -> dict[str, Any]:
    """What the TOML says. Raises `ValueError`, with the line where there is one."""
    try:
        return tomllib.loads(raw.decode())
    except UnicodeDecodeError as e:
        line = raw.count(b"\n", 0, e.start) + 1
        raise ValueError(f"no UTF-8 text (at line {line}); save it with that encoding") from e
    except tomllib.TOMLDecodeError as e:
        twice = re.fullmatch(r"Cannot declare \((.*)\) twice (.*)", str(e))
        names = ".".join(re.findall(r"'([^']*)'", twice[1])) if twice else ""
        raise ValueError(f"no valid TOML: {f'[{names}] is there twice {twice[2]}' if twice else e}") from e


def converted(data: Any, to: type[T], place: str = "") -> T:
    """The data as this struct. Raises `ValueError` that begins with the place."""
    try:
        return msgspec.convert(data, to)
    except ValueError as e:  # msgspec's own, and those of the struct's checks
        raise ValueError(f"{place} {explained(str(e), to)}".strip()) from e


def check_tables(data: Mapping[str, Any]) -> None:
    """Sources and teams are tables with names, deadlines a list of tables. Raises `ValueError` with an example."""
    for name, example in EXAMPLES.items():
        if (wrong := _shape(name, data[name]) if name in data else None) is not None:
            written = "\n".join(f"  {line}" for line in example.split("\n"))
            raise ValueError(f"{wrong}. It is written so:\n{written}")


def _shape(name: str, found: Any) -> str | None:
    one = name.removesuffix("s")
    if name in LISTED:
        if isinstance(found, dict):
            return f"[{name}] is a single table, and {name} are a list, with two brackets"
        is_list = isinstance(found, list) and all(isinstance(item, dict) for item in found)
        return None if is_list else f"`{name}` is no list of tables"
    if isinstance(found, list):
        return f"[[{name}]] is a list, and each {one} is a table that has its name"
    if not isinstance(found, dict):
        return f"`{name}` is no table, and each {one} is one that has its name"
    lone = next((key for key, value in found.items() if not isinstance(value, dict)), None)
    return None if lone is None else f"`{lone}` stands right in [{name}], and each {one} is a table that has its name"


def explained(error: str, to: type[msgspec.Struct]) -> str:
    """What msgspec says, as it would be said to somebody who knows TOML but not Python; other errors as they are."""
    what, _, path = error.partition(" - at `$")
    *where, last = _steps(path.rstrip("`").replace(ANY, "")) or [""]
    if (found := re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL)) is not None:
        return f"{_within([*where, last])}`{found[1]}` is no key; {_meant(found[1], _struct(to, [*where, last]))}"
    if (found := re.fullmatch(r"Object missing required field `(.*)`", what)) is not None:
        return f"{_within([*where, last])}`{found[1]}` is missing"
    inside, key = _within(where), f"each of `{last}`" if ANY in path else f"`{last}`"
    kind = _field(_struct(to, where), last)
    if (found := re.fullmatch(r"Expected `([^`]*)`, got `(\w+)`", what)) is not None:
        wanted = " or ".join(_wanted(name, kind) for name in found[1].split(" | ") if name != "null")
        return f"{inside}{key} takes {wanted}, not {KINDS.get(found[2], found[2])}"
    if (found := re.fullmatch(r"Invalid enum value (.*)", what, re.DOTALL)) is not None:
        return f"{inside}{key} = {found[1]} is none of {', '.join(_choices(kind))}"
    return f"{_within([*where, last])}{what[:1].lower() + what[1:] if what.startswith('Expected') else what}"


def _steps(path: str) -> list[str]:
    """.absences[0].from -> absences[0], from."""
    return [step for step in path.split(".") if step]


def _within(steps: list[str]) -> str:
    """Lists are counted from one."""
    told = [re.sub(r"\[(\d+)\]", lambda n: f" number {int(n[1]) + 1}", step) for step in steps if step]
    return f"in {', '.join(told)}: " if told else ""


def _meant(key: str, table: type[msgspec.Struct]) -> str:
    known = [field.encode_name for field in msgspec.structs.fields(table)]
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}"


def _struct(to: type[msgspec.Struct], steps: list[str]) -> type[msgspec.Struct]:
    """The struct that is read at this place."""
    for step in steps:
        to = next(_structs(_field(to, step.partition("[")[0])), to)
    return to


def _field(table: type[msgspec.Struct], name: str) -> Any:
    """The type of a field; None of one that is not there."""
    return next((field.type for field in msgspec.structs.fields(table) if field.encode_name == name), None)


def _structs(kind: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in get_args(kind):
        yield from _structs(part)


def _choices(kind: Any) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from map(str, get_args(kind))
    else:
        for part in get_args(kind):
            yield from _choices(part)


def _wanted(name: str, kind: Any) -> str:
    table = next(_structs(kind), None) if name == "object" else None
    if table is None:
        return KINDS.get(name, name) + WRITTEN.get(name, "")
    first = msgspec.structs.fields(table)[0].encode_name
    return f'a table such as {{ {first} = "…" }}'
