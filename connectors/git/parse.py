"""What git prints, as records. Fields are separated by NUL: names, paths and messages can hold anything else."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from connectors.records import Commit, CommitTicket, FileChange, GitRef

COMMIT_FORMAT = "%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%s%x00%b"
COMMIT_FIELDS = 10
REF_FORMAT = "%(objectname) %(*objectname) %(objecttype) %(*objecttype) %(refname)"
REF_KINDS = {"heads": "branch", "remotes": "remote", "tags": "tag"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = datetime(9999, 12, 31, tzinfo=UTC)


class ParseError(ValueError):
    """Git printed something of another shape than its manual says."""


def text(raw: bytes) -> str:
    """UTF-8 where it is, backslash escapes where it is not."""
    return raw.decode("utf-8", "backslashreplace")


def at(raw: bytes) -> datetime:
    """Seconds since 1970 as git prints them; times past the calendar's ends (a wrong clock) are cut to them.

    A commit whose author line is broken has no time: 1970, as git itself sorts and shows it.
    """
    try:
        return _EPOCH + timedelta(seconds=int(raw or b"0"))
    except OverflowError:
        return _FAR if int(raw) > 0 else datetime.min.replace(tzinfo=UTC)
    except ValueError as e:
        raise ParseError(f"a time was expected, not {raw!r}") from e


def refs(source: str, printed: bytes) -> list[GitRef]:
    """Branches, remote branches and tags that point to a commit, from `for-each-ref` with `REF_FORMAT`."""
    found = []
    for line in printed.splitlines():
        sha, peeled, kind, peeled_kind, name = line.split(b" ", 4)
        _, _, rest = name.partition(b"refs/")
        folder, _, short = rest.partition(b"/")
        if b"commit" in (kind, peeled_kind):  # a tag may also name a tree or a file
            target = peeled or sha
            found.append(GitRef(source=source, kind=REF_KINDS[text(folder)], name=text(short), sha=text(target)))
    return found


class Commits(msgspec.Struct):
    """Takes the output of `git log -z` with `COMMIT_FORMAT` in pieces and gives the commits that are whole."""

    source: str
    rest: bytes = b""

    def feed(self, piece: bytes) -> Iterator[Commit]:
        """The commits that this piece completes."""
        fields = (self.rest + piece).split(b"\0")
        whole = (len(fields) - 1) // COMMIT_FIELDS * COMMIT_FIELDS
        self.rest = b"\0".join(fields[whole:])
        for start in range(0, whole, COMMIT_FIELDS):
            yield self._commit(fields[start : start + COMMIT_FIELDS])

    def _commit(self, fields: list[bytes]) -> Commit:
        sha, parents, author, author_email, authored, committer, committer_email, committed, subject, body = fields
        if not re.fullmatch(rb"[0-9a-f]{40,64}", sha):
            raise ParseError(f"a commit id was expected, not {sha[:80]!r}")
        return Commit(
            source=self.source,
            sha=text(sha),
            author_name=text(author),
            author_email=text(author_email),
            authored_at=at(authored),
            committer_name=text(committer),
            committer_email=text(committer_email),
            committed_at=at(committed),
            subject=text(subject),
            body=text(body).rstrip("\n"),
            parents=text(parents).split(),
        )


def file_changes(source: str, printed: bytes) -> Iterator[FileChange]:
    """File changes from `git diff-tree --stdin -r -M -z --numstat`: a commit id, then its files.

    A file is "added TAB deleted TAB path", a rename "added TAB deleted TAB" and the two paths; ids hold no tab.
    """
    tokens = iter(printed.split(b"\0"))
    sha = ""
    for token in tokens:
        if not token:
            continue
        added, *more = token.split(b"\t", 2)
        if not more:
            sha = text(token)
            continue
        deleted, path = more
        old = None if path else next(tokens)
        yield FileChange(
            source=source,
            sha=sha,
            path=text(path or next(tokens)),
            old_path=None if old is None else text(old),
            added=None if added == b"-" else int(added),
            deleted=None if deleted == b"-" else int(deleted),
        )


def ticket_keys(commit: Commit, pattern: re.Pattern[str]) -> list[CommitTicket]:
    """The ticket keys that the commit's message names, each once."""
    found = dict.fromkeys(m.group(0).upper() for m in pattern.finditer(f"{commit.subject}\n{commit.body}"))
    return [CommitTicket(source=commit.source, sha=commit.sha, ticket_key=key) for key in found]
