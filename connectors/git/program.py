"""Running git on a repository that may be hostile: no shell, no option injection, nothing of its config is run."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from connectors.base import SourceError

# Each of these could name a program in the repository's own config; external diffs and textconv are switched off
# on the commands that would run them.
SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.quotePath=false",
    "gc.auto=0",
    "i18n.logOutputEncoding=UTF-8",
    "log.mailmap=false",
    "log.showSignature=false",
    "protocol.allow=never",
)
READ_BYTES = 1 << 16


def environment() -> dict[str, str]:
    """The environment of every git command: English messages, no prompts, no other repository's variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "LC_ALL": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


class Git:
    """The git program on one repository. `source` names it in errors."""

    def __init__(self, source: str, path: str) -> None:
        self.source = source
        self.path = path
        self.commands = 0
        """How many git commands were run."""

    def _command(self, words: Sequence[str]) -> list[str]:
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        return ["git", "--no-pager", "-C", self.path, *settings, *words]

    async def run(self, *words: str, stdin: bytes = b"") -> bytes:
        """The whole output of a command that answers briefly. Raises `SourceError`."""
        async with self._started(words) as process:
            out, err = await process.communicate(stdin)
        if process.returncode:
            raise self._error(words, err)
        return out

    async def stream(self, *words: str, stdin: bytes = b"") -> AsyncGenerator[bytes, None]:
        """The output in pieces as it comes; the program is ended when nobody reads on. Raises `SourceError`."""
        async with self._started(words) as process:
            assert process.stdin is not None  # noqa: S101 - all three are pipes
            assert process.stdout is not None  # noqa: S101
            assert process.stderr is not None  # noqa: S101
            errors = asyncio.ensure_future(process.stderr.read())
            feeding = asyncio.ensure_future(_feed(process.stdin, stdin))
            try:
                while piece := await process.stdout.read(READ_BYTES):
                    yield piece
                await feeding
                if await process.wait():
                    raise self._error(words, await errors)
            finally:
                errors.cancel()
                feeding.cancel()

    @asynccontextmanager
    async def _started(self, words: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
        self.commands += 1
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command(words),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment(),
            )
        except FileNotFoundError as e:
            raise SourceError(f"{self.source}: the git program was not found; install git") from e
        except (OSError, ValueError) as e:
            raise SourceError(f"{self.source}: git could not be run: {e}") from e
        try:
            yield process
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    def _error(self, words: Sequence[str], err: bytes) -> SourceError:
        said = " ".join(err.decode(errors="backslashreplace").split())[:300]
        advice = "is it a Git repository that you may read?"
        if "dubious ownership" in said:
            advice = f"it belongs to somebody else; trust it with: git config --global --add safe.directory {self.path}"
        elif "not a git repository" in said or "cannot change to" in said:
            advice = "set path to a clone or a bare repository"
        return SourceError(f"{self.source}: git {words[0]} in {self.path}: {said or 'failed'}; {advice}")


async def _feed(pipe: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # git ended early: its exit code tells why
        pipe.write(data)
        await pipe.drain()
    pipe.close()
