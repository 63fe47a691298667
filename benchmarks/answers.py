"""Every answer from a warm warehouse of a team with 41 pipelines and 5,000 tickets."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

from benchmarks.measure import Measurement
from collabtui.answers import ANSWERS
from collabtui.warehouse import Warehouse
from tests.conftest import asked_of, open_office

HISTORY = timedelta(days=550)
REPEATS = 9


def run() -> Iterator[Measurement]:
    """The median of some askings of a warehouse that was read before; the note has the first one."""
    with tempfile.TemporaryDirectory() as folder:
        office = open_office(Path(folder), history=HISTORY)
        warehouse = Warehouse(office.settings.warehouse)
        counted = {t: warehouse.rows(f"SELECT count(*) FROM {t}")[0][0] for t in ("pipeline", "run", "ticket")}
        note = ", ".join(f"{n:,} {table}s" for table, n in counted.items())
        moments = (office.now + timedelta(seconds=n) for n in count(1))  # what was made for another one does not help
        for name, answer in ANSWERS.items():
            more = asked_of(answer)
            began = time.perf_counter()
            answer.ask(warehouse, office.settings, office.now, **more)
            first_ms = (time.perf_counter() - began) * 1000
            seconds = []
            for _ in range(REPEATS):
                now = next(moments)
                began = time.perf_counter()
                answer.ask(warehouse, office.settings, now, **more)
                seconds.append(time.perf_counter() - began)
            told = f"first {first_ms:.0f} ms; {note}"
            yield Measurement(f"answers: {name}", statistics.median(seconds) * 1000, 100, "ms", told)
        warehouse.close()
