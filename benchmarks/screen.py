"""The app in a real terminal on 100,000 runs and 600,000 task runs: first paint, key to repaint, memory.

A pseudo terminal of 200 × 60 is opened, keys are written to it, and what comes back is timed.
"""

import contextlib
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks.measure import Measurement, python
from collabtui.warehouse import Warehouse
from connectors.base import Batch
from connectors.records import Pipeline, Record, Run, Task, TaskRun
from tests.conftest import SHOWN_AT, Office, open_office

SIZE = (60, 200)
PIPELINES, RUNS, TASKS = 40, 2_500, 6
PAINTS = 7
KEYS = 60
PATIENCE_S = 60.0
REST_S = 4.0
HELD_S, TYPED_S = 0.02, 0.12
"""From one key to the next: held down it repeats 30 times a second at most, a quick hand types eight."""
EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("painted")
Empty().run()
"""
OURS = """
import sys
from datetime import datetime
from pathlib import Path
from collabtui.config import load
from collabtui.faces.tui.app import CollabTui
settings = load(Path(sys.argv[1]))
now = datetime.fromisoformat(sys.argv[2])
CollabTui(settings.warehouse, settings, clock=lambda: now).run()
"""
VIEWS: dict[str, tuple[str, Sequence[str]]] = {
    "engineers, down the pipelines": ("1", ["j"]),
    "engineers, down the runs": ("1\t", ["j"]),
    "engineers, a page of runs": ("", ["\x04", "\x15"]),
    "engineers, sorting": ("", ["s"]),
    "engineers, typing a filter": ("/", ["b", "i", "g", "\x7f", "\x7f", "\x7f"]),
    "engineers, asking a column": ("state:", ["f", "a", "i", "\x7f", "\x7f", "\x7f"]),
    "analysts, down the deliveries": ("\x1b\r2", ["j"]),
    "leads, through the tables": ("3", ["\t"]),
    "scientists, down the series": ("4", ["j"]),
    "from tab to tab": ("", ["1", "2", "3", "4"]),
}
"""What is pressed first, and then again and again."""


def run() -> Iterator[Measurement]:
    """Everything of it in turn."""
    with tempfile.TemporaryDirectory() as folder:
        office = _office(Path(folder))
        ours = [*python(OURS), str(_config(Path(folder), office)), SHOWN_AT.isoformat()]
        counted = "100,000 runs, 600,000 task runs"
        empty_s = statistics.median(_painted(python(EMPTY), b"painted") for _ in range(PAINTS))
        ours_s = statistics.median(_painted(ours, b"Engineers") for _ in range(PAINTS))
        rows_s = statistics.median(_painted(ours, b"big_") for _ in range(3))
        note = f"{ours_s:.3f} s / {empty_s:.3f} s; rows after {rows_s:.2f} s; {counted}"
        yield Measurement("screen: first paint / an empty app's", ours_s / empty_s, 2.5, "x", note)
        with _Terminal(ours) as terminal:
            terminal.until(b"big_")
            terminal.rest()
            for name, (first, keys) in VIEWS.items():
                for key in first:
                    terminal.press(key, TYPED_S)
                terminal.rest()
                pause_s = HELD_S if len(set(keys)) == 1 else TYPED_S
                times = [terminal.press(keys[n % len(keys)], pause_s) for n in range(KEYS)]
                p95_ms = 1000 * statistics.quantiles(times, n=20)[-1]
                told = f"median {1000 * statistics.median(times):.0f} ms, worst {1000 * max(times):.0f} ms"
                yield Measurement(f"screen: key to repaint, {name}, P95", p95_ms, 50, "ms", told)
            yield Measurement("screen: memory after all of that", terminal.peak_mb(), None, "MB", counted)


def _office(folder: Path) -> Office:
    """The demo's team, and forty pipelines of hourly runs beside its own."""
    office = open_office(folder, history=timedelta(days=200))
    warehouse = Warehouse(office.settings.warehouse)
    for number in range(PIPELINES):
        warehouse.apply("airflow", Batch(stream="runs", records=list(_pipeline(f"big_{number:02}"))), SHOWN_AT)
    warehouse.close()
    return office


def _pipeline(name: str) -> Iterator[Record]:
    yield Pipeline(source="airflow", pipeline_id=name, name=name, owners=("team",), tags=())
    for task in range(TASKS):
        after = (f"t{task + 1}",) if task + 1 < TASKS else ()
        yield Task(source="airflow", pipeline_id=name, task_id=f"t{task}", downstream=after)
    for back in range(RUNS, 0, -1):
        due_at = SHOWN_AT - timedelta(hours=back)
        took = timedelta(minutes=5, seconds=back * 7919 % 90)
        run_id = f"scheduled__{due_at.isoformat()}"
        key = {"source": "airflow", "pipeline_id": name, "run_id": run_id}
        state = "failed" if back * 31 % 97 == 0 else "success"
        yield Run(**key, state=state, run_type="scheduled", due_at=due_at, start_at=due_at, end_at=due_at + took)
        for task in range(TASKS):
            start_at = due_at + took * task / TASKS
            yield TaskRun(
                **key, task_id=f"t{task}", map_index=-1, try_number=1, state="success", start_at=start_at,
                end_at=start_at + took / TASKS, duration_s=took.total_seconds() / TASKS,
            )  # fmt: skip


def _config(folder: Path, office: Office) -> Path:
    path = folder / "collabtui.toml"
    path.write_text(f'warehouse = "{office.settings.warehouse}"\ntimezone = "Europe/Berlin"\n')
    return path


def _painted(command: Sequence[str], mark: bytes) -> float:
    """Seconds from the start of a command until its screen shows the mark."""
    with _Terminal(command) as terminal:
        terminal.until(mark)
        return time.perf_counter() - terminal.began


class _Terminal:
    """A program in a pseudo terminal."""

    def __init__(self, command: Sequence[str]) -> None:
        self.began = time.perf_counter()
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "NO_COLOR")}
            os.execve(
                sys.executable, list(command), {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            )
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))

    def __enter__(self) -> "_Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._fd)

    def _read(self, wait_s: float) -> bytes:
        ready, _, _ = select.select([self._fd], [], [], wait_s)
        with contextlib.suppress(OSError):  # the program has ended
            return os.read(self._fd, 1 << 20) if ready else b""
        return b""

    def until(self, mark: bytes) -> None:
        """Read until the mark was drawn. Raises `TimeoutError`."""
        seen = b""
        while mark not in seen:
            if time.perf_counter() - self.began > PATIENCE_S:
                raise TimeoutError(f"{mark!r} was not drawn; the last that was: {seen[-2000:]!r}")
            seen += self._read(0.1)

    def rest(self) -> None:
        """As people do before they press a key: rows that were asked for come meanwhile."""
        end = time.perf_counter() + REST_S
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def press(self, key: str, pause_s: float) -> float:
        """Seconds from a key to the first that is drawn after it; what follows is read too, for `pause_s` at least."""
        while self._read(0):
            pass
        began = time.perf_counter()
        os.write(self._fd, key.encode())
        drawn = self._read(2.0)
        took = time.perf_counter() - began
        if not drawn:
            return took
        while self._read(HELD_S) or time.perf_counter() - began < pause_s:
            pass
        return took

    def peak_mb(self) -> float:
        """The most memory it held (Linux)."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
