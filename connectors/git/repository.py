"""What can be asked of a repository, each question one git command, the answers as records or ids."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from hashlib import sha256
from pathlib import Path

import msgspec

from connectors.base import SourceError
from connectors.git import parse
from connectors.git.program import Git
from connectors.records import Commit

PARTIAL = r"^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$"
"""The settings of a clone that was made without all of the files."""


class Extent(msgspec.Struct, frozen=True):
    """What a clone leaves out: nothing, history before a boundary (shallow), files (partial)."""

    boundary: str = ""
    """A digest of the commits where a shallow clone ends; empty where the history is whole."""
    is_partial: bool = False


class Repository:
    """One repository. `source` names it in errors; every method may raise `SourceError`.

    `tips` and `base` are commit ids and mean the stretch of history that `tips` reach and `base` does not. Its
    order is git's, newest first and the same every time; ids that are not there (any more) are passed over.
    """

    def __init__(self, source: str, path: Path) -> None:
        self.source = source
        self.git = Git(source, path)

    async def version(self) -> str:
        """The git program and its version ("git version 2.39.5")."""
        return (await self.git.run("version")).decode(errors="replace").strip()

    async def fetch(self, *, dry: bool = False) -> None:
        """Get what is new from the repository's remotes; `dry` only tries whether that works."""
        await self.git.fetch("--all", "--prune", "--quiet", "--no-recurse-submodules", *(["--dry-run"] if dry else []))

    async def refs(self) -> bytes:
        """Branches, remote branches and tags, for `parse.refs`."""
        return await self.git.run(
            "for-each-ref", f"--format={parse.REF_FORMAT}", "refs/heads", "refs/remotes", "refs/tags"
        )

    async def extent(self) -> Extent:
        """How much of the history this clone has."""
        named = (await self.git.run("rev-parse", "--git-path", "shallow")).removesuffix(b"\n")
        try:
            boundary = sha256((self.git.path / os.fsdecode(named)).read_bytes()).hexdigest()
        except FileNotFoundError:
            boundary = ""
        except OSError as e:
            raise SourceError(f"{self.source}: {os.fsdecode(named)} in {self.git.path}: {e.strerror}") from e
        partial = await self.git.run("config", "--get-regexp", PARTIAL, fine=(0, 1))  # 1: none of them is set
        return Extent(boundary, is_partial=bool(partial))

    async def count(self) -> int:
        """How many commits the branches and tags reach."""
        return int(await self.git.run("rev-list", "--count", "--branches", "--remotes", "--tags"))

    async def has_all(self, shas: Sequence[str]) -> bool:
        """Whether all of these commits are still there (git prunes what nothing reaches any more)."""
        found = await self.git.run("cat-file", "--batch-check", stdin=_lines(shas))
        return not any(line.endswith(b" missing") for line in found.splitlines())

    async def shas(self, tips: Sequence[str], base: Sequence[str], skip: int = 0) -> AsyncGenerator[str, None]:
        """The stretch's commit ids, without the first `skip`."""
        if not tips:
            return
        rest = b""
        words = ("rev-list", "--ignore-missing", "--stdin", f"--skip={skip}")
        async with aclosing(self.git.stream(*words, stdin=_stretch(tips, base))) as output:
            async for piece in output:
                *whole, rest = (rest + piece).split(b"\n")
                for sha in whole:
                    yield sha.decode()

    async def commits(
        self, tips: Sequence[str], base: Sequence[str], skip: int = 0
    ) -> AsyncGenerator[list[Commit], None]:
        """The stretch's commits as git prints them, some at a time, without the first `skip`."""
        if not tips:
            return
        parser = parse.Commits(self.source)
        words = ("log", "--ignore-missing", "--stdin", f"--skip={skip}", "-z", f"--format={parse.COMMIT_FORMAT}")
        async with aclosing(self.git.stream(*words, stdin=_stretch(tips, base))) as output:
            async for piece in output:
                try:
                    commits = list(parser.feed(piece))
                except parse.ParseError as e:
                    raise SourceError(f"{self.source}: git log in {self.git.path}: {e}") from e
                yield commits

    async def file_changes(self, shas: Sequence[str]) -> bytes:
        """What these commits did to files, for `parse.file_changes`.

        Merges say nothing: what they brought stands with the commits that they merged.
        """
        words = ("diff-tree", "--stdin", "-r", "--root", "-M", "--no-ext-diff", "--no-textconv", "-z", "--numstat")
        return await self.git.run(*words, stdin=_lines(shas))


def _lines(words: Sequence[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()


def _stretch(tips: Sequence[str], base: Sequence[str]) -> bytes:
    return _lines([*tips, *(f"^{sha}" for sha in base)])
