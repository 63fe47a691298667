"""Text from outside made safe to print: what would steer a terminal or turn the reading order becomes visible."""

_CONTROLS = {c: chr(0x2400 + c) for c in range(0x20)} | {0x7F: "␡"}
_HIDDEN = (*range(0x80, 0xA0), 0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SHOWN = str.maketrans(_CONTROLS | {c: f"\\u{c:04x}" for c in (*_HIDDEN, 0xFEFF, *range(0xD800, 0xE000))})


def plain(text: str) -> str:
    """The text on one line: control characters as their pictures (␛, ␊), C1 codes, turns of the reading order and
    lone surrogates as escapes (\\u202e). Everything else stays as it is."""  # fmt: skip
    return text if text.isascii() and text.isprintable() else text.translate(_SHOWN)
