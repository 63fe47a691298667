"""Rich text as the simulated Jira keeps it: Cloud's document format, and the same as Data Center's wiki text."""

from collections.abc import Sequence
from typing import Any

Document = dict[str, Any]


def document(*blocks: Document) -> Document:
    """A whole text."""
    return {"type": "doc", "version": 1, "content": list(blocks)}


def paragraph(*parts: str | Document) -> Document:
    """Words, mentions and links."""
    return {"type": "paragraph", "content": [_inline(part) for part in parts]}


def heading(words: str) -> Document:
    """A heading between blocks."""
    return {"type": "heading", "attrs": {"level": 3}, "content": [_inline(words)]}


def bullets(*items: str) -> Document:
    """A list."""
    return {"type": "bulletList", "content": [{"type": "listItem", "content": [paragraph(item)]} for item in items]}


def tasks(items: Sequence[str], *, are_done: bool) -> Document:
    """A list of what is to be done."""
    state = "DONE" if are_done else "TODO"
    rows = [
        {"type": "taskItem", "attrs": {"localId": str(n), "state": state}, "content": [_inline(item)]}
        for n, item in enumerate(items)
    ]
    return {"type": "taskList", "attrs": {"localId": "tasks"}, "content": rows}


def warning(*parts: str | Document) -> Document:
    """A box that stands out."""
    return {"type": "panel", "attrs": {"panelType": "warning"}, "content": [paragraph(*parts)]}


def code(lines: str, language: str = "sql") -> Document:
    """Lines as they are."""
    return {"type": "codeBlock", "attrs": {"language": language}, "content": [_inline(lines)]}


def mention(account_id: str, name: str) -> Document:
    """A person who is told."""
    return {"type": "mention", "attrs": {"id": account_id, "text": f"@{name}"}}


def link(words: str, address: str) -> Document:
    """Words that lead elsewhere."""
    return {"type": "text", "text": words, "marks": [{"type": "link", "attrs": {"href": address}}]}


def _inline(part: str | Document) -> Document:
    return {"type": "text", "text": part} if isinstance(part, str) else part


# --- Data Center ---


def wiki(node: Document) -> str:
    """A document of these parts in wiki text, with Jira's own line ends."""
    return "\r\n\r\n".join(_wiki_block(block) for block in node["content"])


def _wiki_block(block: Document) -> str:
    content = block["content"]
    match block["type"]:
        case "heading":
            return f"h3. {_wiki_words(content)}"
        case "bulletList":
            return "\r\n".join(f"* {_wiki_words(item['content'][0]['content'])}" for item in content)
        case "taskList":
            return "\r\n".join(
                f"* {'(/)' if item['attrs']['state'] == 'DONE' else '(x)'} {_wiki_words(item['content'])}"
                for item in content
            )
        case "codeBlock":
            return f"{{code:{block['attrs']['language']}}}\r\n{_wiki_words(content)}\r\n{{code}}"
        case "panel":
            return f"{{warning}}{_wiki_words(content[0]['content'])}{{warning}}"
    return _wiki_words(content)


def _wiki_words(parts: Sequence[Document]) -> str:
    return "".join(
        f"[~{part['attrs']['id']}]" if part["type"] == "mention"
        else f"[{part['text']}|{part['marks'][0]['attrs']['href']}]" if "marks" in part
        else part["text"]
        for part in parts
    )  # fmt: skip
