"""The Git connector: metadata first, file stats behind it, both newest first, from where the cursor says."""

import asyncio
import hashlib
import os
import re
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import ClassVar

import httpx
import msgspec

from connectors.base import Batch, Cursor, Finding, Gone, Health, Options, Replace, SourceError
from connectors.git import parse
from connectors.git.program import Git
from connectors.records import Commit, GitRef, Record

COMMITS_A_BATCH = 2000
STATS_A_COMMAND = 250
PROCESSES = max(2, min(4, os.cpu_count() or 2))


class GitOptions(Options, frozen=True, kw_only=True):
    """`path`: a clone or bare repository. `ticket_pattern`: what a ticket key in a message looks like."""

    path: str
    ticket_pattern: str = r"(?<![A-Za-z0-9_-])[A-Z][A-Z0-9_]+-[1-9][0-9]*(?![A-Za-z0-9])"

    def __post_init__(self) -> None:
        try:
            re.compile(self.ticket_pattern)
        except re.error as e:
            raise ValueError(f"ticket_pattern is no regular expression: {e}") from e


class Work(msgspec.Struct):
    """A stretch of history on its way into the warehouse: what `tips` reach and `base` does not.

    `commits` and `stats` count how many of it are written, in git's own order, which is the same every time.
    """

    tips: list[str]
    base: list[str]
    commits: int = 0
    stats: int = 0


class State(msgspec.Struct):
    """The cursor: `known` tips whose whole history is written, the refs' digest, and the stretch under way."""

    known: list[str] = []
    refs: str = ""
    work: Work | None = None


class GitConnector:
    """One repository."""

    options_type: ClassVar[type[Options]] = GitOptions

    def __init__(self, name: str, options: Options, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        assert isinstance(options, GitOptions)  # noqa: S101 - of `options_type`
        self.name = name
        self.git = Git(name, options.path)
        self._tickets = re.compile(options.ticket_pattern)

    async def aclose(self) -> None:
        """Nothing is kept open."""

    async def check(self) -> Health:
        """Whether git is there and the repository can be read."""
        try:
            version = (await self.git.run("version")).decode(errors="replace").strip()
            shallow = (await self.git.run("rev-parse", "--is-shallow-repository")).strip() == b"true"
            count = int(await self.git.run("rev-list", "--count", "--branches", "--remotes", "--tags"))
        except SourceError as e:
            return Health(version="git", findings=[Finding(level="error", text=str(e))])
        findings = [Finding(level="ok", text=f"{count:,} commits in {self.git.path}")]
        if shallow:
            text = "the clone is shallow: older commits are missing"
            findings.append(Finding(level="warning", text=text, advice="git fetch --unshallow"))
        if not count:
            findings.append(Finding(level="warning", text="the repository has no commits yet"))
        return Health(version=version, findings=findings)

    async def pull(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Commits that are new since the cursor; those that a rewritten history lost are marked as gone."""
        state = msgspec.json.decode(cursor, type=State) if cursor else State()
        if state.work is not None:
            async with aclosing(self._stretch(state, state.work)) as batches:
                async for batch in batches:
                    yield batch
        printed = await self.git.run(
            "for-each-ref", f"--format={parse.REF_FORMAT}", "refs/heads", "refs/remotes", "refs/tags"
        )
        digest = hashlib.sha256(printed).hexdigest()
        if digest == state.refs:
            return
        refs = parse.refs(self.name, printed)
        tips = sorted({ref.sha for ref in refs})
        lost = [(sha,) async for sha in self._list(tips=state.known, base=tips)]
        state.refs = digest
        state.work = Work(tips=tips, base=state.known)
        yield Batch(
            stream="refs",
            records=refs,
            replaces=[Replace(record_type=GitRef, where={"source": self.name})],
            gone=[Gone(record_type=Commit, source=self.name, keys=lost)] if lost else [],
            cursor=msgspec.json.encode(state),
        )
        async with aclosing(self._stretch(state, state.work)) as batches:
            async for batch in batches:
                yield batch

    async def _stretch(self, state: State, work: Work) -> AsyncGenerator[Batch, None]:
        revisions = _revisions(work.tips, work.base)
        total = int(
            await self.git.run("rev-list", "--count", "--ignore-missing", "--stdin", stdin=revisions)
            if work.tips
            else 0
        )
        async with aclosing(self._commits(work, revisions)) as written:
            async for records, commits in written:
                work.commits += commits
                cursor = msgspec.json.encode(state)
                yield Batch(stream="commits", records=records, cursor=cursor, done=work.commits, total=total)
        async with aclosing(self._stats(work)) as written:
            async for records, commits in written:
                work.stats += commits
                cursor = msgspec.json.encode(state)
                yield Batch(stream="file stats", records=records, cursor=cursor, done=work.stats, total=total)
        state.known, state.work = work.tips, None
        yield Batch(stream="commits", cursor=msgspec.json.encode(state), done=total, total=total)

    async def _commits(self, work: Work, revisions: bytes) -> AsyncGenerator[tuple[list[Record], int], None]:
        """The stretch's commits that are not written yet, and the tickets they name; how many commits."""
        if not work.tips:
            return
        parser = parse.Commits(self.name)
        records: list[Record] = []
        count = 0
        words = ("log", "--ignore-missing", "--stdin", f"--skip={work.commits}", "-z")
        output = self.git.stream(*words, f"--format={parse.COMMIT_FORMAT}", stdin=revisions)
        async with aclosing(output):
            async for piece in output:
                for commit in self._parsed(parser, piece):
                    records.append(commit)
                    records.extend(parse.ticket_keys(commit, self._tickets))
                    count += 1
                if count >= COMMITS_A_BATCH:
                    yield records, count
                    records, count = [], 0
        if records:
            yield records, count

    def _parsed(self, parser: parse.Commits, piece: bytes) -> Sequence[Commit]:
        try:
            return list(parser.feed(piece))
        except parse.ParseError as e:
            raise SourceError(f"{self.name}: git log in {self.git.path}: {e}") from e

    async def _stats(self, work: Work) -> AsyncGenerator[tuple[list[Record], int], None]:
        """The file changes of the stretch's commits, in its order; a few git processes work ahead."""
        ahead: deque[tuple[asyncio.Task[bytes], int]] = deque()
        chunk: list[str] = []

        async def first() -> tuple[list[Record], int]:
            task, commits = ahead.popleft()
            return list(parse.file_changes(self.name, await task)), commits

        try:
            async with aclosing(self._list(work.tips, work.base, skip=work.stats)) as shas:
                async for sha in shas:
                    chunk.append(sha)
                    if len(chunk) == STATS_A_COMMAND:
                        ahead.append((asyncio.create_task(self._diff(chunk)), len(chunk)))
                        chunk = []
                    if len(ahead) > PROCESSES:
                        yield await first()
            if chunk:
                ahead.append((asyncio.create_task(self._diff(chunk)), len(chunk)))
            while ahead:
                yield await first()
        finally:
            for task, _ in ahead:
                task.cancel()

    async def _diff(self, shas: Sequence[str]) -> bytes:
        """What git says of the files of these commits; nothing for merges: their changes stand with their own."""
        words = ("diff-tree", "--stdin", "-r", "--root", "-M", "--no-ext-diff", "--no-textconv", "-z", "--numstat")
        return await self.git.run(*words, stdin="".join(f"{sha}\n" for sha in shas).encode())

    async def _list(self, tips: Sequence[str], base: Sequence[str], skip: int = 0) -> AsyncGenerator[str, None]:
        """The ids of the commits that `tips` reach and `base` does not, in git log's order."""
        if not tips:
            return
        rest = b""
        words = ("rev-list", "--ignore-missing", "--stdin", f"--skip={skip}")
        output = self.git.stream(*words, stdin=_revisions(tips, base))
        async with aclosing(output):
            async for piece in output:
                *whole, rest = (rest + piece).split(b"\n")
                for sha in whole:
                    yield sha.decode()


def _revisions(tips: Sequence[str], base: Sequence[str]) -> bytes:
    return "".join([f"{sha}\n" for sha in tips] + [f"^{sha}\n" for sha in base]).encode()
