"""The demo: the simulated world behind its servers, a clock that goes on, and settings that point to it."""

import asyncio
import hashlib
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from collabtui.config import Deadline, Settings, Source, Team
from collabtui.demo.company import TEAMS, TIMEZONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from collabtui.demo.commits import DemoCommit
    from collabtui.demo.world import World

SEED = 20
STEP = timedelta(days=45)
REPOSITORY = "warehouse.git"
SECRETS = {"COLLABTUI_DEMO_AIRFLOW": "demo", "COLLABTUI_DEMO_JIRA": "demo-token"}


class Demo:
    """A workspace in `folder`: its warehouse, its repository, and a note of when it began and how far it came.

    The clock starts at the real time and runs `speed` times as fast; a later start goes on from where it was left,
    or from the real time where that is later. What another version of the demo left is begun anew: its past would not
    be this one's.
    """

    def __init__(self, folder: Path, *, speed: float = 20.0, seed: int = SEED) -> None:
        self._folder = folder
        self._speed = speed
        self._seed = seed
        self._made_by = _made_by()
        kept = self._kept()
        folder.mkdir(parents=True, exist_ok=True)
        os.environ.update(SECRETS)  # the simulated servers' logins; they open nothing else
        now = datetime.now(UTC)
        self._began = datetime.fromisoformat(kept["began"]) if kept else now
        self._clock_from = max(now, datetime.fromisoformat(kept["clock"])) if kept else now
        self._wall_from = time.monotonic()
        self._world: World | None = None
        self._given_up = Event()
        self._transports: dict[str, httpx.AsyncBaseTransport] = {}
        self._keep()

    @property
    def _note_path(self) -> Path:
        return self._folder / "demo.json"

    @property
    def _written(self) -> Path:
        """How many commits the repository has."""
        return self._folder / "commits.json"

    @property
    def _repository(self) -> Path:
        return self._folder / REPOSITORY

    def _kept(self) -> dict[str, str]:
        """What an earlier start noted; nothing where that was another version's."""
        if not self._note_path.exists():
            return {}
        kept: dict[str, str] = json.loads(self._note_path.read_text())
        if kept.get("made_by") == self._made_by:
            return kept
        shutil.rmtree(self._folder)
        return {}

    def _keep(self) -> None:
        note = {"began": self._began.isoformat(), "clock": self.clock().isoformat(), "made_by": self._made_by}
        written = self._note_path.with_suffix(".new")
        written.write_text(json.dumps(note))
        written.replace(self._note_path)

    def clock(self) -> datetime:
        """The demo's time."""
        return self._clock_from + timedelta(seconds=(time.monotonic() - self._wall_from) * self._speed)

    @property
    def settings(self) -> Settings:
        """What its collabtui.toml would say."""
        return demo_settings(self._folder)

    @property
    def transports(self) -> "dict[str, httpx.AsyncBaseTransport]":
        """What stands for the network: the simulated servers. Filled by the first `advance`."""
        return self._transports

    async def advance(self) -> None:
        """Let the world come up to the clock, commits included. The first time the whole past is simulated: seconds.

        Cancelled, it ends with the step that it is at; the next start goes on from there.
        """
        self._given_up.clear()
        try:
            await asyncio.to_thread(self._advance)
        except asyncio.CancelledError:
            self._given_up.set()
            raise
        self._keep()

    def _advance(self) -> None:
        """In steps, so that git writes the commits of one while the next is simulated."""
        if self._world is None:
            self._open()
        assert self._world is not None  # noqa: S101 - just opened
        written = int(self._written.read_text()) if self._written.exists() else 0
        start, end = self._world.now, self.clock()
        steps = max(1, (end - start) // STEP)
        with ThreadPoolExecutor(1) as writer:
            writing = []
            for n in range(steps):
                if self._given_up.is_set():
                    break
                commits = self._world.advance(start + (end - start) * (n + 1) / steps)
                new = commits[max(0, written - self._told) :]
                self._told += len(commits)
                writing.append(writer.submit(self._write, new, max(written, self._told)))
            for write in writing:
                write.result()

    def _write(self, commits: "Sequence[DemoCommit]", written: int) -> None:
        from collabtui.demo.commits import DemoRepository

        DemoRepository(self._repository).write(commits)
        self._written.write_text(str(written))

    def _open(self) -> None:
        import httpx  # 0.1 s, and simpy and starlette behind it: the app is on the screen by then

        from collabtui.demo.airflow_app import airflow_app
        from collabtui.demo.jira_app import jira_app
        from collabtui.demo.world import World

        world = self._world = World(self._seed, self._began)
        self._told = 0
        self._transports["airflow"] = httpx.ASGITransport(airflow_app(world.airflow, clock=lambda: world.now))
        self._transports["jira"] = httpx.ASGITransport(jira_app(world.jira, clock=lambda: world.now))


def _made_by() -> str:
    """What tells one version of the simulation from another: a digest of its source."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def demo_settings(folder: Path) -> Settings:
    """Three sources, deadlines and teams, as a collabtui.toml would say."""
    airflow = {"url": "http://airflow.demo", "username": "demo", "password": {"env": "COLLABTUI_DEMO_AIRFLOW"}}
    jira = {"url": "https://jira.demo", "email": "demo@example.com", "token": {"env": "COLLABTUI_DEMO_JIRA"}}
    return Settings(
        warehouse=folder / "warehouse.db",
        timezone=TIMEZONE,
        sources=[
            Source(name="airflow", kind="airflow", options=airflow),
            Source(name="jira", kind="jira", options=jira),
            Source(name="repository", kind="git", options={"path": str(folder / REPOSITORY)}),
        ],
        deadlines=[
            Deadline(dataset="mart/*", by="08:00", timezone=TIMEZONE),
            Deadline(dataset="report/*", by="08:30", timezone=TIMEZONE, days="weekdays"),
            Deadline(dataset="ml/*", by="09:30", timezone=TIMEZONE),
            Deadline(tag="hourly", after_interval="25m"),
            Deadline(pipeline="mart_revenue", after_start="75m"),
        ],
        teams=[Team(name=team.name, projects=[team.project], owners=[team.owner]) for team in TEAMS],
        me=TEAMS[0].people[-1].name,
        sync_every_s=8.0,  # of the wall; the demo's clock runs faster
        stale_after_s=1800.0,
    )
