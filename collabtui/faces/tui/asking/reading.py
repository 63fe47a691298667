"""Answers are asked in a process of its own; the screen never waits for SQL or arithmetic."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from socket import SHUT_RDWR, socket, socketpair
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from collabtui.faces.tui.asking.answering import Asked, Failed, Found, GivenUp, Hello, HowFar

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

logger = logging.getLogger(__name__)
T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
Tell = Callable[[int, int], None]


class Question(Protocol[T_co]):
    """A function of a module, or a `partial` of one: it is sent to another process."""

    def __call__(self, warehouse: "Warehouse", settings: "Settings", now: datetime, /) -> T_co:
        """The answer."""
        ...


def begin(theirs: socket) -> None:
    """Start the process at the other end."""
    with theirs:
        subprocess.Popen(
            [sys.executable, "-P", "-m", "collabtui.faces.tui.asking.answering", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )


class Reader:
    """The process beside the app. It is started with the first question, and again where it was killed."""

    def __init__(self, path: Path, settings: "Settings", clock: Callable[[], datetime]) -> None:
        self._hello, self._clock = Hello(path, settings), clock
        self._numbers = count(1)
        self._waiting: dict[int, tuple[asyncio.Future[Any], Tell | None]] = {}
        self._connection: Connection | None = None
        self._socket: socket | None = None

    async def ask(self, question: Question[T], *, lane: str = "rows") -> T:
        """The question's answer; questions of one lane are answered in turn, those of another beside them.

        Raises what the question raises, and `RuntimeError` where the process was killed.
        """
        answer: T = await self._ask(question, lane, None)
        return answer

    async def ask_long(self, question: Callable[..., T], tell: Tell, *, lane: str = "long") -> T:
        """As `ask`, for a question that also takes a `Progress`: what it tells goes to `tell`, in the app's loop, and
        it is cancelled when nobody waits for it.
        """
        answer: T = await self._ask(question, lane, tell)
        return answer

    async def _ask(self, question: Callable[..., Any], lane: str, tell: Tell | None) -> Any:
        connection = self._connection or self._start()
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer, tell
        try:
            connection.send(Asked(number, lane, question, self._clock(), takes_long=tell is not None))
            return await answer
        except asyncio.CancelledError:
            if self._connection is connection:
                connection.send(GivenUp(number))
            raise
        finally:
            self._waiting.pop(number, None)

    def _start(self) -> Connection:
        ours, theirs = socketpair()
        begin(theirs)
        self._socket = ours
        self._connection = connection = Connection(os.dup(ours.fileno()))
        connection.send(self._hello)
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=[connection, loop], name="reader", daemon=True).start()
        return connection

    def close(self) -> None:
        """Ask nothing more; the process ends by itself."""
        if self._connection is not None and self._socket is not None:
            self._connection = None
            self._socket.shutdown(SHUT_RDWR)  # closing alone would not wake the thread that reads
            self._socket.close()

    def _listen(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: what comes from the process goes to the app's loop."""
        while True:
            try:
                message = connection.recv()
            except (EOFError, OSError):
                message = None
                connection.close()
            if loop.is_closed():
                return
            try:
                loop.call_soon_threadsafe(self._settle, message)
            except RuntimeError:  # closed in between
                return
            if message is None:
                return

    def _settle(self, message: Found | Failed | HowFar | None) -> None:
        if message is None:
            self._connection = None
            for answer, _ in self._waiting.values():
                if not answer.done():
                    answer.set_exception(RuntimeError("the process that reads the warehouse has ended"))
            return
        if message.number not in self._waiting:
            return
        answer, tell = self._waiting[message.number]
        if answer.done():
            return
        match message:
            case HowFar(_, done, total):
                if tell is not None:
                    tell(done, total)
            case Failed(_, error, trace):
                logger.info("%s", trace)
                answer.set_exception(error)
            case Found(_, found):
                answer.set_result(found)
