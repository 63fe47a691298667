"""A repository's history with file stats against git's own log of it."""

import asyncio
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

from benchmarks.measure import SYNC_ONCE, Measurement, peak_mb
from collabtui.config import Source
from collabtui.sources import open_connector
from collabtui.sync import sync
from collabtui.warehouse import Warehouse

COMMITS = 14_000


def run() -> Iterator[Measurement]:
    """14,000 commits: until the first are there, and until all are there with their file stats."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder) / "repository.git"
        write_history(repository)
        ratios, firsts, seconds = [], [], []
        for n in range(3):
            began = time.perf_counter()
            subprocess.run(["git", "-C", repository, "log", "--numstat"], check=True, stdout=subprocess.DEVNULL)
            theirs_s = time.perf_counter() - began
            ours_s = asyncio.run(_sync(repository, Path(folder) / f"warehouse-{n}.db"))
            firsts.append(asyncio.run(_first_batch(repository)))
            ratios.append(ours_s / theirs_s)
            seconds.append((ours_s, theirs_s))
        note = "{:.2f} s / {:.2f} s".format(*map(statistics.median, zip(*seconds, strict=True)))
        yield Measurement(
            f"git: {COMMITS:,} commits into the warehouse / git log --numstat",
            statistics.median(ratios),
            1.15,
            "x",
            note,
        )
        yield Measurement("git: first commits are there", statistics.median(firsts), 1.0, "s")
        fewer = Path(folder) / "fewer.git"
        write_history(fewer, COMMITS // 4)
        ours_mb, fewer_mb = (
            peak_mb(SYNC_ONCE, "git", json.dumps({"path": str(path)}), str(Path(folder) / f"{path.name}.db"))
            for path in (repository, fewer)
        )
        yield Measurement(
            f"git: memory for {COMMITS:,} commits / for {COMMITS // 4:,}",
            ours_mb / fewer_mb,
            1.2,
            "x",
            f"{ours_mb:.0f} MB / {fewer_mb:.0f} MB",
        )


async def _sync(repository: Path, warehouse_path: Path) -> float:
    began = time.perf_counter()
    warehouse = Warehouse(warehouse_path)
    (result,) = await sync(warehouse, [_source(repository)])
    seconds = time.perf_counter() - began
    counted = warehouse.frame("SELECT count(*) AS n FROM git_commit")["n"][0]
    warehouse.close()
    if result.error or counted != COMMITS:
        raise RuntimeError(f"{counted} commits came, {result.error}")
    return seconds


async def _first_batch(repository: Path) -> float:
    began = time.perf_counter()
    async with aclosing(open_connector(_source(repository)).pull(None)) as batches:
        while (await anext(batches)).stream != "commits":
            pass
        return time.perf_counter() - began


def _source(repository: Path) -> Source:
    return Source(name="repository", kind="git", options={"path": str(repository)})


def write_history(path: Path, commits: int = COMMITS, seed: int = 7) -> None:
    """A bare repository whose commits edit, add and rename lines of some hundred files in nested folders."""
    rng = random.Random(seed)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
    lines = {
        f"src/{n % 40}/part{n % 7}/file{n}.py": [f"line {i} of {n}\n" for i in range(rng.randint(20, 300))]
        for n in range(600)
    }
    names = sorted(lines)
    with subprocess.Popen(["git", "-C", path, "fast-import", "--quiet"], stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None
        for n in range(commits):
            message = f"DATA-{rng.randint(1, 3000)}: change {n}\n"
            importer.stdin.write(
                f"commit refs/heads/main\ncommitter Ada <ada@example.com> {1_600_000_000 + n * 1800} +0000\n"
                f"data {len(message)}\n{message}".encode()
            )
            for name in names if not n else rng.sample(names, rng.randint(1, 8)):
                text = lines[name]
                for _ in range(rng.randint(1, 12)):
                    text[rng.randrange(len(text))] = f"changed in {n} to {rng.random()}\n"
                data = "".join(text).encode()
                importer.stdin.write(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data))
    if importer.returncode:
        raise RuntimeError("git fast-import failed")
