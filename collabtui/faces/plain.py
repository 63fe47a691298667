"""Text from outside made harmless: what a terminal would obey is shown instead."""

import re

# C0 and C1 controls, and what turns the direction of text or hides in it
_OBEYED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def plain(text: str) -> str:
    """The text in one line: controls below space as their pictures (␛), line ends and tabs as spaces, others as �."""
    return _OBEYED.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    if match.group() in "\n\r\t\u2028\u2029":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"
