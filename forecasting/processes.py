"""The series of a panel spread over processes, with progress, and given up when nobody waits any more."""

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from types import ModuleType

from forecasting.models import Floats, Model
from forecasting.one import Tried, tried

ALONE_POINTS = 5_000
"""Series of so few points together are done in this process: others take a second or two to start."""
CHUNK = 8
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What the libraries behind numpy read when they are loaded."""

Progress = Callable[[int, int], None]
"""Told how many series are done, and how many there are."""
Job = tuple[str, Floats, int, tuple[int, ...], Mapping[str, Model]]
"""A series' name, its history, the horizon, its seasons, and further candidates."""


class CancelledError(Exception):
    """The caller wanted no more."""


def spread(
    jobs: Sequence[Job], workers: int | None, progress: Progress, cancelled: Callable[[], bool]
) -> Iterator[tuple[str, Tried]]:
    """Each series with its candidates, as they come. workers: None is all processors. Raises `CancelledError`."""
    workers = workers or os.cpu_count() or 1
    if workers == 1 or sum(history.size for _, history, *_ in jobs) <= ALONE_POINTS:
        for done, job in enumerate(jobs):
            if cancelled():
                raise CancelledError
            yield from _chunk([job])
            progress(done + 1, len(jobs))
        return
    size = max(1, min(CHUNK, len(jobs) // (4 * workers)))
    chunks = [jobs[n : n + size] for n in range(0, len(jobs), size)]
    done = 0
    # spawned, not forked: the caller may have threads, and a forked lock stays locked
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        with _one_thread_each(), _nobodys():
            open_: set[Future[list[tuple[str, Tried]]]] = {pool.submit(_chunk, chunk) for chunk in chunks}
        try:
            while open_:
                ended, open_ = wait(open_, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in ended:
                    yield from future.result()
                    done += len(future.result())
                if ended:
                    progress(done, len(jobs))
                if cancelled():
                    raise CancelledError
        finally:
            for future in open_:
                future.cancel()


def _chunk(jobs: Sequence[Job]) -> list[tuple[str, Tried]]:
    return [(name, tried(history, horizon, seasons, more)) for name, history, horizon, seasons, more in jobs]


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes that start meanwhile do linear algebra in one thread: as many more as there are processes take turns on
    the same processors, and on hours double the time.
    """
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _nobodys() -> Iterator[None]:
    """Processes that start meanwhile do not run the caller's script anew: they need nothing of it, and one without
    `if __name__ == "__main__"` would begin to forecast in each of them.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
