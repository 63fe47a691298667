"""Real repositories, made with git."""

import os
import subprocess
from pathlib import Path

import pytest

from collabtui.config import Source
from collabtui.sync import SyncResult, sync
from collabtui.warehouse import Warehouse

WHEN = "2026-11-20T12:00:00+01:00"


class Repo:
    """A repository in a folder, with a clock that goes on by a minute a commit."""

    def __init__(self, path: Path, *init: str) -> None:
        self.path = path
        self.commits = 0
        path.mkdir(parents=True, exist_ok=True)
        self("init", "-q", "-b", "main", *init)

    def __call__(self, *words: str, stdin: bytes | None = None) -> bytes:
        when = f"{1_790_000_000 + 60 * self.commits} +0100"
        identity = {"GIT_AUTHOR_NAME": "Ada Obi", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_COMMITTER_NAME": "Bo",
                    "GIT_COMMITTER_EMAIL": "bo@example.com", "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when,
                    "GIT_CONFIG_GLOBAL": "/dev/null"}  # fmt: skip
        done = subprocess.run(
            ["git", "-C", str(self.path), *words],
            input=stdin, check=True, capture_output=True, env={**os.environ, **identity},
        )  # fmt: skip
        return done.stdout

    def commit(self, message: str | bytes = "a commit", files: dict[str | bytes, bytes] | None = None) -> str:
        self.commits += 1
        for name, content in (files or {}).items():
            path = self.path / os.fsdecode(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self("add", "-A")
        self(
            "commit",
            "-q",
            "--allow-empty",
            "--cleanup=verbatim",
            "--allow-empty-message",
            "-F",
            "-",
            stdin=message if isinstance(message, bytes) else message.encode(),
        )
        return self("rev-parse", "HEAD").decode().strip()


@pytest.fixture
def repo(tmp_path) -> Repo:
    return Repo(tmp_path / "repo")


class Synced:
    """A warehouse that is synced from a repository, and what it holds."""

    def __init__(self, tmp_path: Path, path: Path, **options) -> None:
        self.warehouse = Warehouse(tmp_path / "w.db")
        self.source = Source(name="repo", kind="git", options={"path": str(path), **options})

    async def __call__(self) -> SyncResult:
        (result,) = await sync(self.warehouse, [self.source])
        return result

    def rows(self, sql: str) -> list[tuple]:
        return self.warehouse.frame(sql).rows()

    def subjects(self) -> list[str]:
        return [s for (s,) in self.rows("SELECT subject FROM git_commit WHERE gone_at IS NULL ORDER BY committed_at")]


@pytest.fixture
def synced(tmp_path, repo) -> Synced:
    return Synced(tmp_path, repo.path)
