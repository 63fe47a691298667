"""`collabtui sync` on a terminal: a progress bar for each source; on a pipe, a line for each."""

import asyncio
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from collabtui.faces.plain import plain

if TYPE_CHECKING:
    from collabtui.sync import SyncProgress, SyncResult
    from collabtui.workspace import Workspace


def run_with_bars(workspace: "Workspace", pause_s: float | None) -> bool:
    """Sync once, or again and again with `pause_s` in between, until stopped. Whether the last one went well."""
    console = Console(stderr=True)
    if pause_s is None:
        return _sync_once(workspace, console)
    while True:
        _sync_once(workspace, console)
        console.print(f"next sync in {pause_s:.0f} s; Ctrl-C ends", style="dim", highlight=False)
        asyncio.run(asyncio.sleep(pause_s))


def _sync_once(workspace: "Workspace", console: Console) -> bool:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bars:
        tasks: dict[str, TaskID] = {}

        def told(progress: "SyncProgress") -> None:
            if progress.source not in tasks:
                tasks[progress.source] = bars.add_task(progress.source, total=None, count="")
            task = tasks[progress.source]
            if progress.state == "running":
                bars.update(
                    task,
                    description=f"{progress.source:<12} {progress.stream:<14}",
                    completed=progress.done,
                    total=progress.total,
                    count=_count(progress),
                )
            else:
                word = "done" if progress.state == "done" else "failed"
                bars.update(task, description=f"{progress.source:<12} {word:<14}", completed=1, total=1)
                bars.stop_task(task)

        results = asyncio.run(workspace.refresh(told))
    for result in results:
        console.print(_line(result), markup=False, highlight=False)
    return all(result.error is None for result in results)


def _count(progress: "SyncProgress") -> str:
    return f"{progress.done:,}" + (f" of {progress.total:,}" if progress.total is not None else "")


def _line(result: "SyncResult") -> str:
    if result.error is not None:
        return f"✖ {plain(result.error)}"
    return f"✔ {result.source}: {result.records:,} records" if result.records else f"✔ {result.source}: nothing new"
