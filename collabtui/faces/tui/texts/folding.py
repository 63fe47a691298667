"""Long lines in rows that one can read."""

import re

from rich.cells import cell_len, chop_cells

_BEGINNING = re.compile(r"\s*(?:(?:-|>|=>|\d+\.|\[[ x]\]) )*")
"""What stands before the words of a line: blanks, and the marks of lists and quotes."""


def folded(text: str, width: int) -> list[str]:
    """A line in rows of so many cells, at least one; blanks at the end of a row may reach beyond.

    It is broken between words; the rows after the first begin under its words. A longer word is cut.
    """
    if cell_len(text) <= width:
        return [text]
    found = _BEGINNING.match(text)
    indent = found.end() if found is not None and found.end() <= min(width // 2, width - 2) else 0
    rows, row, used = [], "", 0

    def begin() -> None:
        nonlocal row, used
        rows.append(row)
        row, used = " " * indent, indent

    for word in re.findall(r"\S+\s*|\s+", text):
        bare = word.rstrip()
        if used + cell_len(bare) > width and used > indent:
            begin()
        fits = used + cell_len(bare) <= width
        for place, part in enumerate([bare] if fits else chop_cells(bare, max(1, width - indent))):
            if place:
                begin()
            row, used = row + part, used + cell_len(part)
        row, used = row + word[len(bare) :], used + cell_len(word[len(bare) :])
    return [*rows, row]
