"""Texts that are read when somebody wants to see them: the log of a task's try, and the source of a DAG.

Airflow 2 sends a log as the text that it is; Airflow 3 a JSON object a line, which becomes a line like those of 2, and
an exception the traceback that Python prints.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.airflow.api import Api
from connectors.base import SourceError, TaskTry
from connectors.http import HttpError

KNOWN = frozenset({"timestamp", "level", "event", "logger", "filename", "lineno", "error_detail", "ti_id", "dag_id",
                   "task_id", "run_id", "map_index", "try_number"})  # fmt: skip
"""What stands elsewhere in a line, or is the same in all of them."""


async def task_log(api: Api, which: TaskTry) -> AsyncGenerator[bytes, None]:
    """The log of a try as UTF-8 text. Raises `SourceError`, which says what to do where there is none to be had."""
    ids = (quote(name, safe="") for name in (which.pipeline_id, which.run_id, which.task_id))
    path = "{}/dags/{}/dagRuns/{}/taskInstances/{}/logs/{}".format(api.path, *ids, which.try_number)
    kind = "text/plain" if api.version == 2 else "application/x-ndjson"
    params = {"full_content": True, "map_index": which.map_index}
    try:
        async with aclosing(api.http.stream(path, params=params, headers={"Accept": kind})) as pieces:
            async for piece in pieces if api.version == 2 else as_text(pieces):
                yield piece
    except HttpError as e:
        raise _with_advice(e, "task logs") from e


async def code(api: Api, dag_id: str) -> AsyncGenerator[bytes, None]:
    """The source of a DAG as UTF-8 text. Raises like `task_log`."""
    headers = {"Accept": "text/plain"}
    try:
        name = dag_id
        if api.version == 2:
            name = (await api.http.get(f"{api.path}/dags/{quote(dag_id, safe='')}", FileToken)).file_token
        async with aclosing(
            api.http.stream(f"{api.path}/dagSources/{quote(name, safe='')}", headers=headers)
        ) as pieces:
            async for piece in pieces:
                yield piece
    except HttpError as e:
        raise _with_advice(e, "DAG code") from e


class FileToken(msgspec.Struct):
    """What of GET /dags/{id} names its file (2)."""

    file_token: str


def _with_advice(error: HttpError, what: str) -> SourceError:
    advice = {
        401: "the login is wrong or has run out",
        403: f"the login may not read {what}: its role needs that right, which Airflow's own Viewer role has",
        404: "Airflow has it no more (runs are cleared and logs deleted after a while), or this try did not begin",
    }.get(error.status, "the server's own log says why; try again in a while")
    return SourceError(f"{error}; {advice}")


async def as_text(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """JSON lines, cut anywhere, as lines of text."""
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield b"".join(_text(line) for line in whole if line)
    if rest:
        yield _text(rest)


def _text(line: bytes) -> bytes:
    try:
        told = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return line + b"\n"
    if not isinstance(told, dict):
        return line + b"\n"
    return "".join(f"{part}\n" for part in _lines(told)).encode(errors="replace")


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    """[time] {where} LEVEL - event key=value, then the traceback."""
    level = str(told.get("level") or "").upper()
    where = f"{{{told['filename']}:{told.get('lineno', 0)}}} " if told.get("filename") else ""
    begin = f"[{told['timestamp']}] {where}{level or 'INFO'} - " if told.get("timestamp") else ""
    more = "".join(f" {name}={value}" for name, value in told.items() if name not in KNOWN and value is not None)
    first, *others = f"{told.get('event', '')}{more}".split("\n")
    yield begin + first
    yield from others
    details = told.get("error_detail")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict):
            yield from _traceback(detail)


def _traceback(detail: Mapping[str, Any]) -> Iterator[str]:
    frames = detail.get("frames")
    if isinstance(frames, list) and frames:
        yield "Traceback (most recent call last):"
        for frame in frames:
            if isinstance(frame, dict):
                yield f'  File "{frame.get("filename")}", line {frame.get("lineno")}, in {frame.get("name")}'
    yield from f"{detail.get('exc_type', 'Error')}: {detail.get('exc_value', '')}".split("\n")
    notes = detail.get("exc_notes")
    yield from (str(note) for note in notes) if isinstance(notes, list) else ()
