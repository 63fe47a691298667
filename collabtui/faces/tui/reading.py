"""Answers are asked in threads of their own, each with its own `Warehouse`; the screen never waits for SQL."""

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

T = TypeVar("T")
Question = Callable[["Warehouse", "Settings", datetime], T]


class Ask(Protocol):
    """How a widget asks: the question runs in a thread, at the clock's time then."""

    def __call__(self, question: Question[T]) -> Awaitable[T]:
        """The question's answer; raises what the question raises."""
        ...


class Reader:
    """One thread that answers one question after the other.

    It is a daemon: leaving the app never waits for an answer. The warehouse is opened with the first question.
    """

    def __init__(self, path: Path, settings: "Settings", clock: Callable[[], datetime]) -> None:
        self._path, self._settings, self._clock = path, settings, clock
        self._questions: queue.SimpleQueue[tuple[Question[Any], asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def ask(self, question: Question[T]) -> T:
        """The question's answer. Raises what the question raises, and `WarehouseError`."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._questions.put((question, answer))
        if self._thread is None:
            self._thread = threading.Thread(target=self._answer, name="reader", daemon=True)
            self._thread.start()
        return await answer

    def close(self) -> None:
        """Ask nothing more."""
        self._questions.put(None)

    def _answer(self) -> None:
        warehouse: Warehouse | None = None
        while (asked := self._questions.get()) is not None:
            question, answer = asked
            if answer.cancelled():
                continue
            try:
                warehouse = warehouse or _open(self._path)
                found = question(warehouse, self._settings, self._clock())
            except Exception as e:
                _hand_over(answer, error=e)
            else:
                _hand_over(answer, found)
        if warehouse is not None:
            warehouse.close()


def _hand_over(answer: "asyncio.Future[T]", found: T | None = None, error: Exception | None = None) -> None:
    def settle() -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found)  # type: ignore[arg-type]

    loop = answer.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)


def _open(path: Path) -> "Warehouse":
    from collabtui.warehouse import Warehouse  # sqlite_utils, 0.26 s

    return Warehouse(path)
