"""What a benchmark says, and how a command is timed."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measurement:
    """One figure against its limit; both in `unit`, or ratios where the unit is "x". Less is better.

    limit: None for a figure that is there to be compared with others.
    """

    name: str
    measured: float
    limit: float | None
    unit: str
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is within its limit."""
        return self.limit is None or bool(self.measured <= self.limit)

    def line(self) -> str:
        """For people: name, measured, limit, ok or SHORT, and the note."""
        against = " " * 21 if self.limit is None else f"limit {self.limit:>8.2f}  {'ok' if self.ok else 'SHORT':<5}"
        figures = f"{self.measured:>9.2f} {self.unit:<8} {against}"
        return f"{self.name:<68} {figures}  {self.note}".rstrip()


def wall_s(command: Sequence[str]) -> float:
    """How long a command takes from start to exit, in seconds. Raises where it fails."""
    began = time.perf_counter()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - began


def ratio(a: Sequence[str], b: Sequence[str], *, runs: int = 7) -> tuple[float, float, float]:
    """Median of the pairwise ratios a/b of two commands run in turn, and the median seconds of each."""
    pairs = []
    for n in range(runs + 1):
        pair = wall_s(a), wall_s(b)
        if n:  # the first pair warms the caches
            pairs.append(pair)
    return (
        statistics.median(x / y for x, y in pairs),
        statistics.median(x for x, _ in pairs),
        statistics.median(y for _, y in pairs),
    )


def python(code: str) -> list[str]:
    """The command that runs this code with the interpreter in use."""
    return [sys.executable, "-c", code]


PEAK = """
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def peak_mb(code: str, *args: str) -> float:
    """The most memory that a process held that did nothing but run this code (Linux).

    Not `ru_maxrss`: a child process starts with its parent's.
    """
    done = subprocess.run([*python(code + PEAK), *args], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) / 1024


SYNC_ONCE = """
import asyncio, json, pathlib, sys
from collabtui.config import Source
from collabtui.sync import sync
from collabtui.warehouse import Warehouse
source = Source(name="source", kind=sys.argv[1], options=json.loads(sys.argv[2]))
(result,) = asyncio.run(sync(Warehouse(pathlib.Path(sys.argv[3])), [source]))
assert not result.error, result.error
"""


def write_results(results: Sequence[Measurement], path: Path) -> None:
    """All figures as JSON, for comparing one run with another."""
    path.write_text(json.dumps([{**asdict(r), "ok": r.ok} for r in results], indent=1, default=float) + "\n")
