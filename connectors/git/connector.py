"""The Git connector: metadata first, file stats behind it, both newest first, from where the cursor says."""

import asyncio
import os
import re
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import ClassVar

import httpx
import msgspec

from connectors.base import Batch, Census, Cursor, Finding, Gone, Health, Options, Replace, SourceError
from connectors.git import parse
from connectors.git.repository import Extent, Repository
from connectors.records import Commit, CommitTicket, GitRef, Record

COMMITS_A_BATCH = 2000
FILES_A_BATCH = 5000
STATS_A_COMMAND = 250
PROCESSES = max(2, min(4, os.cpu_count() or 2))


class GitOptions(Options, frozen=True, kw_only=True):
    """Which repository, and how to read it.

    `path`: the top folder of a clone, or a bare repository: absolute, or from the home folder ("~/src/etl").
    `ticket_pattern`: what a ticket key in a commit's message looks like, as a regular expression.
    `fetch`: run `git fetch` on all remotes first. This trusts the clone's own config: it may name the program that
    connects or logs in. All else only reads, and runs nothing that the repository names.
    """

    path: str
    ticket_pattern: str = r"(?<![A-Za-z0-9_-])[A-Z][A-Z0-9_]+-[1-9][0-9]*(?![A-Za-z0-9])"
    fetch: bool = False

    def __post_init__(self) -> None:
        if not self.folder.is_absolute():
            raise ValueError(f"path = {self.path!r} is not absolute; write it from / or ~")
        try:
            re.compile(self.ticket_pattern)
        except re.error as e:
            raise ValueError(f"ticket_pattern is no regular expression: {e}") from e

    @property
    def folder(self) -> Path:
        """`path` with the home folder put in."""
        try:
            return Path(self.path).expanduser()
        except RuntimeError as e:
            raise ValueError(f"path = {self.path!r}: {e}") from e


class Work(msgspec.Struct):
    """A stretch of history on its way into the warehouse: what `tips` reach and `base` does not.

    `commits` and `stats` count how many of it are written, in git's own order, which is the same every time.
    """

    tips: list[str]
    base: list[str]
    commits: int = 0
    stats: int = 0


class State(msgspec.Struct):
    """The cursor: `known` tips whose whole history is written, the refs' digest, and the stretch under way.

    `extent` and `ticket_pattern` are what the history was read with: when they change, all of it is read again.
    """

    known: list[str] = []
    refs: str = ""
    work: Work | None = None
    extent: Extent = Extent()
    ticket_pattern: str = ""


class GitConnector:
    """One repository."""

    options_type: ClassVar[type[Options]] = GitOptions

    def __init__(self, name: str, options: Options, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        assert isinstance(options, GitOptions)  # noqa: S101 - of `options_type`
        self.name = name
        self.repository = Repository(name, options.folder)
        self._fetches = options.fetch
        self._tickets = re.compile(options.ticket_pattern)

    async def aclose(self) -> None:
        """Nothing is kept open."""

    async def check(self) -> Health:
        """Whether git is there, and how much of its history the repository has."""
        version = "git"
        try:
            version = await self.repository.version()
            extent = await self.repository.extent()
            count = await self.repository.count()
            if self._fetches:
                await self.repository.fetch(dry=True)
        except SourceError as e:
            return Health(version=version, findings=[Finding(level="error", text=str(e))])
        findings = [Finding(level="ok", text=f"{count:,} commits in {self.repository.git.path}")]
        if extent.boundary:
            text = "the clone is shallow: older commits are missing"
            findings.append(Finding(level="warning", text=text, advice="git fetch --unshallow"))
        if extent.is_partial:
            text = "the clone is partial (made with --filter): what commits did to files is left out"
            findings.append(Finding(level="warning", text=text, advice="clone it again without --filter"))
        if not count:
            text = "the repository has no commits yet"
            findings.append(Finding(level="warning", text=text, advice="is path the right one?"))
        return Health(version=version, findings=findings)

    async def pull(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Commits that are new since the cursor; those that a rewritten history lost are marked as gone."""
        if self._fetches:
            await self.repository.fetch()
        state = msgspec.json.decode(cursor, type=State) if cursor else State(ticket_pattern=self._tickets.pattern)
        extent = await self.repository.extent()
        has_other_tickets = self._tickets.pattern != state.ticket_pattern
        is_read_again = has_other_tickets or extent != state.extent
        if is_read_again:
            tips = state.work.tips if state.work is not None else []
            known = sorted({*state.known, *tips})
            state = State(known=known, extent=extent, ticket_pattern=self._tickets.pattern)
        elif state.work is not None:
            async with aclosing(self._stretch(state, state.work)) as batches:
                async for batch in batches:
                    yield batch
        printed = await self.repository.refs()
        digest = sha256(printed).hexdigest()
        if digest == state.refs:
            return
        refs = parse.refs(self.name, printed)
        tips = sorted({ref.sha for ref in refs})
        gone, census = await self._lost(state, tips)
        replaced: list[type[Record]] = [GitRef, CommitTicket] if has_other_tickets else [GitRef]
        state.refs = digest
        state.work = Work(tips=tips, base=[] if is_read_again else state.known)
        yield Batch(
            stream="refs",
            records=refs,
            replaces=[Replace(record_type=kind, where={"source": self.name}) for kind in replaced],
            gone=gone,
            census=census,
            cursor=msgspec.json.encode(state),
        )
        async with aclosing(self._stretch(state, state.work)) as batches:
            async for batch in batches:
                yield batch

    async def _lost(self, state: State, tips: Sequence[str]) -> tuple[Sequence[Gone], Sequence[Census]]:
        """The known commits that no ref reaches any more; where git has pruned them, those that it still does."""
        if state.extent.boundary or not state.known:  # what a shallow clone does not reach may still be there
            return [], []
        if await self.repository.has_all(state.known):
            lost = [(sha,) async for sha in self.repository.shas(tips=state.known, base=tips)]
            return [Gone(record_type=Commit, source=self.name, keys=lost)] if lost else [], []
        left = [(sha,) async for sha in self.repository.shas(tips=tips, base=())]
        return [], [Census(record_type=Commit, source=self.name, keys=left)]

    async def _stretch(self, state: State, work: Work) -> AsyncGenerator[Batch, None]:
        if work.commits and not await self.repository.has_all(work.tips):
            work.commits = work.stats = 0  # without a tip the order is another one, and the counts mean nothing
        async with aclosing(self._commits(work)) as written:
            async for records, commits in written:
                work.commits += commits
                yield Batch(stream="commits", records=records, cursor=msgspec.json.encode(state), done=work.commits)
        total = work.commits
        if not state.extent.is_partial:
            async with aclosing(self._stats(work)) as written:
                async for records, commits in written:
                    work.stats += commits
                    cursor = msgspec.json.encode(state)
                    yield Batch(stream="file stats", records=records, cursor=cursor, done=work.stats, total=total)
        state.known, state.work = work.tips, None
        yield Batch(stream="commits", cursor=msgspec.json.encode(state), done=total, total=total)

    async def _commits(self, work: Work) -> AsyncGenerator[tuple[list[Record], int], None]:
        """The stretch's commits that are not written yet, and the tickets they name; how many commits."""
        records: list[Record] = []
        count = 0
        async with aclosing(self.repository.commits(work.tips, work.base, skip=work.commits)) as pieces:
            async for commits in pieces:
                for commit in commits:
                    records.append(commit)
                    records.extend(parse.ticket_keys(commit, self._tickets))
                count += len(commits)
                if count >= COMMITS_A_BATCH:
                    yield records, count
                    records, count = [], 0
        if records:
            yield records, count

    async def _stats(self, work: Work) -> AsyncGenerator[tuple[list[Record], int], None]:
        """The file changes of the stretch's commits, in its order, and of how many commits they are.

        A few git processes work ahead. A command's commits count with the last of its records.
        """
        ahead: deque[tuple[asyncio.Task[bytes], int]] = deque()

        def start(shas: Sequence[str]) -> None:
            ahead.append((asyncio.create_task(self.repository.file_changes(shas)), len(shas)))

        async def finished() -> AsyncGenerator[tuple[list[Record], int], None]:
            task, commits = ahead.popleft()
            changes = parse.file_changes(self.name, await task)
            records: list[Record] = list(islice(changes, FILES_A_BATCH))
            while following := list(islice(changes, FILES_A_BATCH)):
                yield records, 0
                records = [*following]
            yield records, commits

        chunk: list[str] = []
        try:
            async with aclosing(self.repository.shas(work.tips, work.base, skip=work.stats)) as shas:
                async for sha in shas:
                    chunk.append(sha)
                    if len(chunk) == STATS_A_COMMAND:
                        start(chunk)
                        chunk = []
                    if len(ahead) > PROCESSES:
                        async for batch in finished():
                            yield batch
            if chunk:
                start(chunk)
            while ahead:
                async for batch in finished():
                    yield batch
        finally:
            for task, _ in ahead:
                task.cancel()
            await asyncio.gather(*(task for task, _ in ahead), return_exceptions=True)
