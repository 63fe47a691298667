"""Text from outside made harmless to show: no character of it moves the cursor, colours, hides or turns text."""

import re
import unicodedata

_UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # control characters, C1 among them: they begin terminal escape codes
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction of what follows
    "\u2028\u2029"  # break the line
    "\u200b\u2060\ufeff\u00ad"  # take no room, and hide that two names differ
    "\ud800-\udfff"  # halves of a character: no terminal can print them
    "\U000e0000-\U000e007f"  # tags, unseen
    "]"
)


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    if character in "\t\n\r\v\f\x85\u2028\u2029":
        return " "
    if character < " ":
        return chr(0x2400 + ord(character))  # ESC becomes ␛
    if character == "\x7f":
        return "\u2421"
    return "" if unicodedata.category(character) == "Cf" else "\ufffd"


def plain(text: str) -> str:
    """The text on one line: line breaks and tabs become spaces, control characters visible (␛), direction marks
    and unseen characters go."""
    return _UNSAFE.sub(_visible, text)


def shortened(text: str, most: int) -> str:
    """The same in at most so many characters: the middle is left out, for addresses tell most at their ends."""
    line = plain(text)
    left = most - 1
    return line if len(line) <= most else f"{line[: left - left // 2]}…{line[-(left // 2) :]}"
