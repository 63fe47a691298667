"""Running git on a repository that may be hostile: no shell, no option injection, nothing of its config is run."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from connectors.base import SourceError

# What the repository's own config could name as a program, or change in what is printed. External diffs and
# textconv are switched off on the commands that would run them, transports in the environment.
SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.pager=cat",
    "core.quotePath=false",
    "gc.auto=0",
    "i18n.logOutputEncoding=UTF-8",
    "log.mailmap=false",
    "log.showSignature=false",
    "maintenance.auto=false",
)
READ_BYTES = 1 << 16
FETCH_TIMEOUT_S = 600
FETCH_PROTOCOLS = "file:git:http:https:ssh"
DAMAGE = re.compile(r"corrupt|promisor|inflate|(missing|bad) object|([Cc]ould not|unable to) (read|parse)")
KEPT_VARIABLES = frozenset(
    {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_SSH", "GIT_SSH_COMMAND"}
)


def environment(path: Path, protocols: str) -> dict[str, str]:
    """The environment of a git command on the repository at `path`.

    English messages, no prompts, no variables meant for another repository, no repository above `path`, and no
    transport but `protocols`: a missing object would else be fetched by whatever program the config names, and
    protocol.allow on the command line yields to a protocol.ext.allow in the repository.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in KEPT_VARIABLES}
    return kept | {
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_ASKPASS": "",
        "GIT_CEILING_DIRECTORIES": str(path.resolve().parent),
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


class Git:
    """The git program on one repository. `source` names it in errors."""

    def __init__(self, source: str, path: Path) -> None:
        self.source = source
        self.path = path
        self.commands = 0
        """How many git commands were run."""

    def _command(self, words: Sequence[str]) -> list[str]:
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        return ["git", "--no-pager", "-C", str(self.path), *settings, *words]

    async def run(self, *words: str, stdin: bytes = b"", fine: Sequence[int] = (0,), protocols: str = "none") -> bytes:
        """The whole output of a command that answers briefly; `fine` are its good exit codes. Raises `SourceError`."""
        async with self._started(words, protocols) as process:
            out, err = await process.communicate(stdin)
        if process.returncode not in fine:
            raise self._error(words, err)
        return out

    async def fetch(self, *words: str) -> None:
        """Run git fetch, the one command that reaches out to other machines. Raises `SourceError`."""
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                await self.run("fetch", *words, protocols=FETCH_PROTOCOLS)
        except TimeoutError:
            raise SourceError(
                f"{self.source}: git fetch in {self.path} did not end within {FETCH_TIMEOUT_S} s; run it by hand"
            ) from None

    async def stream(self, *words: str, stdin: bytes = b"") -> AsyncGenerator[bytes, None]:
        """The output in pieces as it comes; the program is ended when nobody reads on. Raises `SourceError`."""
        async with self._started(words, "none") as process:
            assert process.stdin is not None  # noqa: S101 - all three are pipes
            assert process.stdout is not None  # noqa: S101
            assert process.stderr is not None  # noqa: S101
            errors = asyncio.create_task(process.stderr.read())
            feeding = asyncio.create_task(_feed(process.stdin, stdin))
            try:
                while piece := await process.stdout.read(READ_BYTES):
                    yield piece
                await feeding
                said = await errors
                if await process.wait():
                    raise self._error(words, said)
            finally:
                errors.cancel()
                feeding.cancel()
                await asyncio.gather(errors, feeding, return_exceptions=True)

    @asynccontextmanager
    async def _started(self, words: Sequence[str], protocols: str) -> AsyncIterator[asyncio.subprocess.Process]:
        self.commands += 1
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command(words),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment(self.path, protocols),
                start_new_session=True,  # no terminal: ssh cannot ask for a password in the middle of the screen
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
                await process.communicate()  # what it still printed; wait() would wait for ever for that to be read

    def _error(self, words: Sequence[str], err: bytes) -> SourceError:
        said = " ".join(err.decode(errors="backslashreplace").split())
        said = re.sub(r"://[^/@\s]*@", "://", said)[:300]  # a remote's address may hold a password
        advice = "is it a Git repository that you may read?"
        if "dubious ownership" in said:
            advice = f"it belongs to somebody else; trust it with: git config --global --add safe.directory {self.path}"
        elif "not a git repository" in said or "cannot change to" in said:
            advice = "set path to the top folder of a clone, or to a bare repository"
        elif words[0] == "fetch":
            advice = f"try it by hand: git -C {self.path} fetch --all; or set fetch = false"
        elif DAMAGE.search(said):
            advice = f"objects are damaged or missing; git -C {self.path} fsck tells which, a new clone mends it"
        return SourceError(f"{self.source}: git {words[0]} in {self.path}: {said or 'failed'}; {advice}")


async def _feed(pipe: asyncio.StreamWriter, data: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # git ended early: its exit code tells why
        pipe.write(data)
        await pipe.drain()
    pipe.close()
