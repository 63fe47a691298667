"""The process beside the screen: it asks the answers, so that no arithmetic ever keeps the screen waiting.

`python -m collabtui.faces.tui.asking.answering FD` speaks over that socket with the `Reader` of the app. Each lane is a
thread with a `Warehouse` of its own. It ends when the app does.
"""

import os
import pickle
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabtui.faces.tui.formats import Row
from collabtui.faces.tui.table.listing import Progress

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

POLITE = 10
"""Where all cores are busy with forecasts, the screen goes first."""
LAST_WORK_S = 10.0
"""Work that is given up has so long to end."""


@dataclass(frozen=True)
class Hello:
    """The first that is sent: whose warehouse."""

    path: Path
    settings: "Settings"


@dataclass(frozen=True)
class Asked:
    """A question: called with the warehouse, the settings and the time; and a `Progress` where it `takes_long`."""

    number: int
    lane: str
    question: Callable[..., Any]
    now: datetime
    takes_long: bool = False


@dataclass(frozen=True)
class GivenUp:
    """Nobody waits for this question's answer any more."""

    number: int


@dataclass(frozen=True)
class Found:
    """The answer to a question."""

    number: int
    answer: Any


@dataclass(frozen=True)
class Failed:
    """What a question raised, and where."""

    number: int
    error: Exception
    trace: str


@dataclass(frozen=True)
class HowFar:
    """How far long work is."""

    number: int
    done: int
    total: int


class _Lane(threading.Thread):
    """One thread that answers one question after the other."""

    def __init__(self, hello: Hello, send: Callable[[object], None], given_up: set[int]) -> None:
        super().__init__(daemon=True)
        self._hello, self._send, self._given_up = hello, send, given_up
        self.questions: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()

    def run(self) -> None:
        warehouse: Warehouse | None = None
        while (asked := self.questions.get()) is not None:
            if asked.number in self._given_up:
                continue
            try:
                warehouse = warehouse or _open(self._hello.path)
                more = [self._progress(asked.number)] if asked.takes_long else []
                found = asked.question(warehouse, self._hello.settings, asked.now, *more)
            except Exception as e:
                if asked.number not in self._given_up:
                    self._send(Failed(asked.number, _portable(e), traceback.format_exc()))
            else:
                self._send(Found(asked.number, found))
        if warehouse is not None:
            warehouse.close()

    def _progress(self, number: int) -> Progress:
        return Progress(lambda done, total: self._send(HowFar(number, done, total)), lambda: number in self._given_up)


def plainly(answer: Any) -> Row:
    """An answer by the names of its parts, its frames as rows: what is sent holds no class of the answers or of polars,
    whose import would keep the screen waiting.
    """
    from polars import DataFrame

    parts = ((field.name, getattr(answer, field.name)) for field in fields(answer))
    return {name: part.to_dicts() if isinstance(part, DataFrame) else part for name, part in parts}


def _portable(error: Exception) -> Exception:
    """The error, or its words where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _open(path: Path) -> "Warehouse":
    from collabtui.warehouse import Warehouse  # sqlite_utils, 0.26 s

    return Warehouse(path)


def main(connection: Connection) -> None:
    """Answer until the app is gone."""
    hello: Hello = connection.recv()
    writing = threading.Lock()
    given_up: set[int] = set()
    lanes: dict[str, _Lane] = {}

    def send(message: object) -> None:
        with writing, suppress(OSError):  # the app may be gone
            connection.send(message)

    last = 0
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            break
        if isinstance(message, GivenUp):
            given_up.add(message.number)
            continue
        last = message.number
        if message.lane not in lanes:
            lanes[message.lane] = _Lane(hello, send, given_up)
            lanes[message.lane].start()
        lanes[message.lane].questions.put(message)
    given_up.update(range(last + 1))
    for lane in lanes.values():
        lane.questions.put(None)
    for lane in lanes.values():
        lane.join(LAST_WORK_S)


if __name__ == "__main__":
    from collabtui.faces.tui.asking import answering  # by its name: what is sent must be found by it

    if hasattr(os, "nice"):
        os.nice(POLITE)
    answering.main(Connection(int(sys.argv[1])))
