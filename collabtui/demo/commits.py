"""The simulated team's commits, written into a bare repository with git fast-import."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from collabtui.demo.company import Person


@dataclass(frozen=True)
class DemoCommit:
    """A commit: what it says and which file it rewrites; `branch` is merged back at once, `tag` names a release."""

    at: datetime
    author: Person
    message: str
    path: str
    content: str
    renamed_from: str | None = None
    branch: bool = False
    tag: str | None = None


class DemoRepository:
    """A bare repository that grows by `write`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, commits: Sequence[DemoCommit]) -> None:
        """Add these commits, oldest first, to main. A branch becomes a merge commit of its own."""
        if not self.path.exists():
            self._git("init", "-q", "--bare", "-b", "main", str(self.path))
        if not commits:
            return
        grown = bool(self._git("-C", str(self.path), "for-each-ref", "refs/heads/main"))
        first, *more = commits
        stream = self._part(first, is_first=not grown, goes_on=grown)
        stream += b"".join(self._part(commit, is_first=False, goes_on=False) for commit in more)
        self._git("-C", str(self.path), "fast-import", "--quiet", "--force", stdin=stream + b"done\n")

    def _part(self, commit: DemoCommit, *, is_first: bool, goes_on: bool) -> bytes:
        """The stream of one commit; each stream goes on from where main was, each later commit from the one before."""
        start = b"from refs/heads/main^0\n" if goes_on else b""
        if not commit.branch or is_first:
            return self._commit(b"refs/heads/main", commit, start) + self._tag(commit)
        side = b"refs/heads/feature"
        made = (
            b"reset %s\nfrom refs/heads/main^0\n\n" % side if goes_on else b"reset %s\nfrom refs/heads/main\n\n" % side
        )
        made += self._commit(side, commit, b"")
        merge = f"Merge branch 'feature' ({commit.message.split(':')[0]})"
        who = self._who(commit)
        made += b"commit refs/heads/main\n%sdata %d\n%s\n%smerge %s\n\n" % (
            who,
            len(merge),
            merge.encode(),
            start,
            side,
        )
        return made + self._tag(commit)

    def _commit(self, ref: bytes, commit: DemoCommit, start: bytes) -> bytes:
        message, content, path = commit.message.encode(), commit.content.encode(), commit.path.encode()
        renamed = f"R {commit.renamed_from} {commit.path}\n".encode() if commit.renamed_from else b""
        head = b"commit %s\n%sdata %d\n%s\n%s" % (ref, self._who(commit), len(message), message, start)
        return head + renamed + b"M 100644 inline %s\ndata %d\n%s\n" % (path, len(content), content)

    def _who(self, commit: DemoCommit) -> bytes:
        person = commit.author
        return f"committer {person.name} <{person.email}> {int(commit.at.timestamp())} +0100\n".encode()

    def _tag(self, commit: DemoCommit) -> bytes:
        if commit.tag is None:
            return b""
        message = f"Release {commit.tag}".encode()
        tagger = self._who(commit).replace(b"committer", b"tagger", 1)
        return b"tag %s\nfrom refs/heads/main\n%sdata %d\n%s\n" % (commit.tag.encode(), tagger, len(message), message)

    @staticmethod
    def _git(*words: str, stdin: bytes = b"") -> bytes:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(["git", *words], input=stdin, check=True, capture_output=True, env=kept)
        return done.stdout
