"""What the app remembers: role, theme, what somebody waits for, and of each table its order, filter and columns."""

import logging
from pathlib import Path

import msgspec

from collabtui.watches import Watch

logger = logging.getLogger(__name__)


class View(msgspec.Struct, frozen=True, kw_only=True):
    """How one table was left."""

    order: str | None = None
    is_reversed: bool = False
    words: str = ""
    hidden: tuple[str, ...] = ()
    """Columns that are not to be shown."""
    is_away: bool = False
    """The table as a whole is not to be shown."""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """How the app was left: `views` by the table's name."""

    role: str | None = None
    theme: str | None = None
    views: dict[str, View] = {}
    watches: tuple[Watch, ...] = ()


def recall(path: Path | None) -> Memory:
    """What was kept; nothing where there is no file, or none that can be read."""
    if path is None:
        return Memory()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    except FileNotFoundError:
        return Memory()
    except (OSError, msgspec.MsgspecError) as e:
        logger.warning("%s is forgotten: %s", path, e)
        return Memory()


def keep(path: Path | None, memory: Memory) -> None:
    """For the next start. A folder that cannot be written to is no reason to fail."""
    if path is None:
        return
    try:
        aside = path.with_suffix(".new")
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(memory)))
        aside.replace(path)
    except OSError as e:
        logger.warning("%s is not kept: %s", path, e)
