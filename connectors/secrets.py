"""Secrets by reference: an environment variable, the system keyring or a command gives them, never the config."""

import asyncio
import os
import signal
from collections.abc import Sequence

import msgspec

from connectors.base import SourceError

COMMAND_TIMEOUT_S = 60


class Secret(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a secret is to be had: exactly one of the three.

    `env`: the name of an environment variable. `keyring`: "service/user" in the system's keyring.
    `command`: a program and its arguments, run without a shell; its output, stripped, is the secret.
    """

    env: str | None = None
    keyring: str | None = None
    command: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if sum(x is not None for x in (self.env, self.keyring, self.command)) != 1:
            raise ValueError("a secret takes exactly one of env, keyring, command")
        if self.command is not None and not self.command:
            raise ValueError("command is empty")
        if self.keyring is not None and "/" not in self.keyring:
            raise ValueError('keyring is written "service/user"')

    async def read(self) -> str:
        """The secret itself. Raises `SourceError`, which never holds the secret or the command's output."""
        if self.env is not None:
            value = os.environ.get(self.env, "")
            what = f"the environment variable {self.env}"
        elif self.keyring is not None:
            value = await asyncio.to_thread(_from_keyring, self.keyring)
            what = f"the keyring entry {self.keyring}"
        else:
            assert self.command is not None  # noqa: S101 - held by __post_init__
            value = await _from_command(self.command)
            what = f"the command {self.command[0]!r}"
        if not value:
            raise SourceError(f"{what} gives no secret; set it, or name another place in collabtui.toml")
        return value


def _from_keyring(entry: str) -> str:
    import keyring  # 60 ms, and only for those who use it
    from keyring.errors import KeyringError

    service, _, user = entry.partition("/")
    try:
        return keyring.get_password(service, user) or ""
    except KeyringError as e:
        raise SourceError(f"the keyring could not be read: {type(e).__name__}; is it unlocked?") from e


async def _from_command(command: Sequence[str]) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # it would write over the app's screen
            start_new_session=True,
        )
    except OSError as e:
        raise SourceError(f"the command {command[0]!r} could not be run: {e.strerror}") from e
    try:
        out, _ = await asyncio.wait_for(process.communicate(), COMMAND_TIMEOUT_S)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)  # with all that it started, which would keep the pipe open
        await process.wait()
        raise SourceError(f"the command {command[0]!r} gave nothing within {COMMAND_TIMEOUT_S} s") from None
    if process.returncode:
        raise SourceError(f"the command {command[0]!r} ended with {process.returncode}; run it by hand to see why")
    return out.decode(errors="replace").strip()
