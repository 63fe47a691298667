"""Atlassian's document format, in which Cloud keeps descriptions and comments, as text that one can read.

Whatever is wrong in a document gives what text there is: what is unknown is read for its text, and nothing is raised.
The marks are Markdown's, which people know: "- " before a list's items, "> " before a quote.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

MOST_DEEP = 60
"""Nodes within nodes; what is deeper is told as its bare text, for Python's own stack has an end."""
LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
INLINE = frozenset({"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "mediaInline",
                    "placeholder", "inlineExtension"})  # fmt: skip
WIDEST_CELL = 30
"""So far the columns of a table are drawn under each other."""


def adf_text(document: object) -> str:
    """The text of a document, its lines without blanks at their ends; a string is taken as it is."""
    lines = document.replace("\r\n", "\n").split("\n") if isinstance(document, str) else _lines(document, 0)
    return "\n".join(line.rstrip() for line in lines).strip("\n")


# --- reading what may be anything ---


def _kind(node: object) -> str:
    return _word(node.get("type")) if isinstance(node, Mapping) else ""


def _content(node: object) -> Sequence[object]:
    """What is within a node; text that stands where nodes should be counts as a text node."""
    if not isinstance(node, Mapping):
        return node if isinstance(node, list) else ()
    content = node.get("content")
    if isinstance(content, list):
        return [_text(one) if isinstance(one, str) else one for one in content]
    if isinstance(content, Mapping):
        return [content]
    said = content if isinstance(content, str) else _word(node.get("text"))
    return [_text(said)] if said and _kind(node) != "text" else ()


def _text(said: str) -> Mapping[str, object]:
    return {"type": "text", "text": said}


def _attr(node: object, name: str) -> str:
    attrs = node.get("attrs") if isinstance(node, Mapping) else None
    return _word(attrs.get(name)) if isinstance(attrs, Mapping) else ""


def _word(value: object) -> str:
    return value if isinstance(value, str) else str(value) if type(value) in (int, float) else ""


def _bare(node: object) -> str:
    """The text of all that is below, in its order."""
    found, left = [], [node]
    while left:
        one = left.pop()
        if isinstance(one, Mapping) and _kind(one) == "text":
            found.append(_word(one.get("text")))
        left += reversed(_content(one))
    return " ".join(filter(None, found))


# --- blocks: lines ---


def _lines(node: object, depth: int) -> list[str]:
    """The lines of a node."""
    if depth >= MOST_DEEP:
        return _bare(node).split("\n")
    kind = _kind(node)
    if kind in BLOCKS:
        return BLOCKS[kind](node, depth)
    if kind in INLINE:
        return _sentence([node]).split("\n")
    content = _content(node)
    return _blocks(content, depth) if content else _attr(node, "text").split("\n")


def _blocks(content: Sequence[object], depth: int) -> list[str]:
    """One after the other, a blank line between them; what stands in a line together stays so."""
    lines: list[str] = []
    for is_inline, nodes in groupby(content, lambda node: _kind(node) in INLINE):
        for part in [_sentence(list(nodes)).split("\n")] if is_inline else [_lines(n, depth + 1) for n in nodes]:
            if any(part):
                lines += ["", *part] if lines else part
    return lines


def _heading(node: object, _: int) -> list[str]:
    level = _attr(node, "level")
    marks = "#" * int(level) if level in {"1", "2", "3", "4", "5", "6"} else "#"
    return f"{marks} {_sentence(_content(node))}".split("\n")


def _list(node: object, depth: int) -> list[str]:
    """Items under each other, each begun by its mark; lists within them are moved to the right."""
    order = _attr(node, "order")
    number = int(order) if order.isdecimal() and len(order) < 10 else 1
    lines: list[str] = []
    for item in _content(node):
        if _kind(item) in LISTS:  # a list of tasks holds its sub-tasks so
            lines += _moved(_lines(item, depth + 1), "  ", "  ")
            continue
        mark = f"{number}. " if _kind(node) == "orderedList" else _mark(item)
        number += 1
        lines += _moved(_item(item, depth + 1), mark, " " * len(mark))
    return lines


def _mark(item: object) -> str:
    if _kind(item) in {"taskItem", "blockTaskItem"}:
        return "[x] " if _attr(item, "state") == "DONE" else "[ ] "
    return "=> " if _kind(item) == "decisionItem" else "- "


def _item(item: object, depth: int) -> list[str]:
    """No blank line between an item's text and the list beneath it."""
    if depth >= MOST_DEEP or _kind(item) in INLINE:
        return _lines(item, depth)
    lines: list[str] = []
    for is_list, nodes in groupby(_content(item), lambda node: _kind(node) in LISTS):
        some = list(nodes)
        parts = [line for node in some for line in _lines(node, depth + 1)] if is_list else _blocks(some, depth)
        lines += ["", *parts] if lines and not is_list else parts
    return lines or [""]


def _moved(lines: Sequence[str], first: str, others: str) -> list[str]:
    return [(others if place else first) + line for place, line in enumerate(lines)]


def _code(node: object, _: int) -> list[str]:
    return [f"```{_attr(node, 'language')}", *_joined(_content(node)).split("\n"), "```"]


def _quote(node: object, depth: int) -> list[str]:
    return _moved(_blocks(_content(node), depth), "> ", "> ")


def _panel(node: object, depth: int) -> list[str]:
    """A box of one colour, which says what kind of remark it is: that is told in its word."""
    return [f"> [{_attr(node, 'panelType') or 'note'}]", *_quote(node, depth)]


def _expand(node: object, depth: int) -> list[str]:
    """What can be folded away, under its title."""
    title = _attr(node, "title")
    return [*([f"▾ {title}"] if title else []), *_blocks(_content(node), depth)]


def _table(node: object, depth: int) -> list[str]:
    """A line a row; a cell of several lines has them beside each other."""
    rows = [
        [" / ".join(filter(None, _blocks(_content(cell), depth + 1))) for cell in _content(row)]
        for row in _content(node)
    ]
    count = max(map(len, rows), default=0)
    widths = [min(WIDEST_CELL, max((len(row[n]) for row in rows if n < len(row)), default=0)) for n in range(count)]
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) + " |" for row in rows
    ]


def _media(node: object, _: int) -> list[str]:
    name = _attr(node, "alt") or _attr(node, "url")
    return [f"[attachment: {name}]" if name else "[attachment]"]


def _stack(node: object, depth: int) -> list[str]:
    return [line for one in _content(node) for line in _lines(one, depth + 1)]


def _card(node: object, _: int) -> list[str]:
    return [_address(node) or _sentence(_content(node))]


def _address(node: object) -> str:
    """Of a card: its url, or that of what it embeds."""
    attrs = node.get("attrs") if isinstance(node, Mapping) else None
    data = attrs.get("data") if isinstance(attrs, Mapping) else None
    return _attr(node, "url") or (_word(data.get("url")) if isinstance(data, Mapping) else "")


BLOCKS: Mapping[str, Callable[[object, int], list[str]]] = {
    "paragraph": lambda node, _: _sentence(_content(node)).split("\n"),
    "caption": lambda node, _: _sentence(_content(node)).split("\n"),
    "heading": _heading,
    **dict.fromkeys(LISTS, _list),
    "codeBlock": _code,
    "blockquote": _quote,
    "panel": _panel,
    "expand": _expand,
    "nestedExpand": _expand,
    "table": _table,
    "rule": lambda _, __: ["---"],
    "media": _media,
    "mediaSingle": _stack,
    "mediaGroup": _stack,
    "blockCard": _card,
    "embedCard": _card,
}


# --- inline: words ---


def _sentence(nodes: Sequence[object]) -> str:
    """Inline nodes side by side; a link's address follows its words, unless they say it already."""
    parts = []
    for address, some in groupby(nodes, _link):
        said = _joined(list(some))
        parts.append(f"{said} ({address})" if address and address.removeprefix("mailto:") not in said else said)
    return "".join(parts)


def _joined(nodes: Sequence[object]) -> str:
    return "".join(_words(node) for node in nodes)


def _link(node: object) -> str:
    marks = node.get("marks") if isinstance(node, Mapping) else None
    links = (_attr(mark, "href") for mark in marks if _kind(mark) == "link") if isinstance(marks, list) else iter(())
    return next(links, "")


def _words(node: object) -> str:
    told = WORDS.get(_kind(node))
    return told(node) if told is not None else _bare(node) or _attr(node, "text")


def _mention(node: object) -> str:
    name = _attr(node, "text") or _attr(node, "id") or "somebody"
    return name if name.startswith("@") else f"@{name}"


def _day(node: object) -> str:
    """A date is kept as milliseconds since 1970, at midnight UTC."""
    told = _attr(node, "timestamp")
    try:
        return f"{datetime.fromtimestamp(int(told) / 1000, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return told


WORDS: Mapping[str, Callable[[object], str]] = {
    "hardBreak": lambda _: "\n",
    "mention": _mention,
    "emoji": lambda node: _attr(node, "text") or _attr(node, "shortName"),
    "date": _day,
    "status": lambda node: f"[{_attr(node, 'text')}]",
    "inlineCard": lambda node: _address(node) or _bare(node),
    "mediaInline": lambda node: _media(node, 0)[0],
}
