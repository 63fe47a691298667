"""Cloud's document format as text: what is in it can be read, and nothing that may be in it falls over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.adf import adf_text


def text(said, *marks):
    return {"type": "text", "text": said, **({"marks": list(marks)} if marks else {})}


def node(kind, *content, **attrs):
    return {"type": kind, "content": list(content), **({"attrs": attrs} if attrs else {})}


def p(*said):
    return node("paragraph", *(text(one) if isinstance(one, str) else one for one in said))


def doc(*content):
    return {**node("doc", *content), "version": 1}


def item(*content):
    return node("listItem", *content)


def link(said, href):
    return text(said, {"type": "link", "attrs": {"href": href}})


SHAPES = {
    "paragraphs": ([p("One."), p("Two", text(" words", {"type": "strong"}))], "One.\n\nTwo words"),
    "a heading": ([node("heading", text("Why"), level=2), p("So.")], "## Why\n\nSo."),
    "a hard break": ([p("a", {"type": "hardBreak"}, "b")], "a\nb"),
    "lists in lists": (
        [node("bulletList", item(p("a"), node("orderedList", item(p("x")), item(p("y")), order=3)), item(p("b")))],
        "- a\n  3. x\n  4. y\n- b",
    ),
    "an item of two paragraphs": ([node("bulletList", item(p("a"), p("more")))], "- a\n\n  more"),
    "tasks": (
        [node("taskList", node("taskItem", text("did"), state="DONE"), node("taskItem", text("to do"), state="TODO"),
              node("taskList", node("taskItem", text("within"), state="TODO")))],
        "[x] did\n[ ] to do\n  [ ] within",
    ),
    "a decision": ([node("decisionList", node("decisionItem", text("we wait"), state="DECIDED"))], "=> we wait"),
    "code": ([node("codeBlock", text("if x:\n    y()"), language="python")], "```python\nif x:\n    y()\n```"),
    "a quote": ([node("blockquote", p("a"), p("b"))], "> a\n>\n> b"),
    "a panel": ([node("panel", p("Careful"), panelType="warning")], "> [warning]\n> Careful"),
    "what is folded away": ([node("expand", p("inside"), title="More")], "▾ More\ninside"),
    "a table": (
        [node("table", node("tableRow", node("tableHeader", p("task")), node("tableHeader", p("rows"))),
              node("tableRow", node("tableCell", p("load"), p("twice")), node("tableCell", p("7"))))],
        "| task         | rows |\n| load / twice | 7    |",
    ),
    "a mention": ([p("ask ", {"type": "mention", "attrs": {"id": "5b1", "text": "@Ada Obi"}})], "ask @Ada Obi"),
    "a mention without a name": ([p({"type": "mention", "attrs": {"id": "5b1"}})], "@5b1"),
    "a link": ([p("see ", link("the log", "https://x.example/1"), ".")], "see the log (https://x.example/1)."),
    "a link that is its own text": ([p(link("https://x.example", "https://x.example"))], "https://x.example"),
    "a link in parts": (
        [p(link("the ", "https://x"), {**link("log", "https://x"),
           "marks": [{"type": "strong"}, {"type": "link", "attrs": {"href": "https://x"}}]})],
        "the log (https://x)",
    ),
    "an emoji": ([p({"type": "emoji", "attrs": {"shortName": ":tada:", "text": "🎉"}})], "🎉"),
    "an emoji of one's own": ([p({"type": "emoji", "attrs": {"shortName": ":team:"}})], ":team:"),
    "cards": (
        [p({"type": "inlineCard", "attrs": {"url": "https://x/DATA-1"}}),
         {"type": "blockCard", "attrs": {"data": {"url": "https://y"}}}],
        "https://x/DATA-1\n\nhttps://y",
    ),
    "a date and a status": (
        [p({"type": "date", "attrs": {"timestamp": "1767225600000"}}, " ",
           {"type": "status", "attrs": {"text": "LATE", "color": "red"}})],
        "2026-01-01 [LATE]",
    ),
    "attachments": (
        [node("mediaGroup", {"type": "media", "attrs": {"id": "1", "alt": "plan.png", "type": "file"}},
              {"type": "media", "attrs": {"id": "2"}})],
        "[attachment: plan.png]\n[attachment]",
    ),
    "a rule and columns": (
        [p("a"), {"type": "rule"}, node("layoutSection", node("layoutColumn", p("b")), node("layoutColumn", p("c")))],
        "a\n\n---\n\nb\n\nc",
    ),
    "what nobody knows yet": ([node("hologram", p("seen")), p(node("aura", text("felt")))], "seen\n\nfelt"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "shown"), SHAPES.values(), ids=SHAPES.keys())
def test_each_kind_of_node(content, shown):
    assert adf_text(doc(*content)) == shown


@pytest.mark.parametrize(
    "broken",
    [
        doc({"type": "paragraph", "content": "said"}), {"type": "paragraph", "text": "said"}, doc("said"),
        {"content": {"content": {"type": "text", "text": "said"}}}, doc({"type": "paragraph", "content": ["said"]}),
        doc(node("orderedList", item(p("said")), order="٣٣٣٣٣٣٣٣٣٣٣٣")) | {"version": 9}, [p("said")],
        doc({**p("said"), "attrs": "none"}), doc(p({**text("said"), "marks": "bold"})), "said",
    ],
)  # fmt: skip
def test_what_is_wrong_gives_what_text_there_is(broken):
    assert "said" in adf_text(broken)


@pytest.mark.parametrize("kind", ["blockquote", "bulletList", "listItem", "table", "panel", "hologram", "expand"])
def test_a_document_may_be_as_deep_as_it_likes(kind):
    deep = p("the innermost")
    for _ in range(20_000):
        deep = node(kind, deep)
    assert "the innermost" in adf_text(doc(p("before"), deep, p("after"))).replace("\n", " ")


NAMES = ["paragraph", "heading", "bulletList", "orderedList", "listItem", "taskList", "taskItem", "codeBlock", "panel",
         "blockquote", "table", "tableRow", "tableCell", "mediaSingle", "media", "expand", "doc", "text", "mention",
         "emoji", "date", "status", "inlineCard", "blockCard", "decisionList", "hardBreak", "rule", "new"]  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda some: st.lists(some, max_size=4)
    | st.dictionaries(st.text(max_size=5), some, max_size=3)
    | st.fixed_dictionaries({"type": st.sampled_from(NAMES) | some}, optional={
        "content": some, "text": some, "marks": some, "attrs": some | st.dictionaries(
            st.sampled_from(["level", "order", "text", "timestamp", "url", "data", "state", "alt"]), some)}),
    max_leaves=30,
)  # fmt: skip


@given(ANYTHING)
def test_whatever_comes_becomes_text(document):
    shown = adf_text(document)
    assert isinstance(shown, str)
    assert not shown.startswith("\n")
    assert not shown.endswith("\n")


WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
PARAGRAPH = st.lists(WORD.map(text), min_size=1, max_size=3).map(lambda said: p(*said))
BLOCKS = st.recursive(
    PARAGRAPH | WORD.map(lambda said: node("codeBlock", text(said))),
    lambda block: (
        st.builds(
            lambda kind, some: node(kind, *some),
            st.sampled_from(["blockquote", "panel", "expand", "layoutSection", "new"]),
            st.lists(block, min_size=1, max_size=3),
        )
        | st.builds(
            lambda kind, items: node(kind, *(item(*some) for some in items)),
            st.sampled_from(["bulletList", "orderedList"]),
            st.lists(st.lists(block, min_size=1, max_size=2), min_size=1, max_size=3),
        )
    ),
    max_leaves=12,
)


def said_in(one) -> list[str]:
    own = [one["text"]] if one["type"] == "text" else []
    return [*own, *(said for inner in one.get("content", ()) for said in said_in(inner))]


@given(st.lists(BLOCKS, max_size=4))
def test_no_word_is_lost_and_their_order_stays(content):
    document, at = adf_text(doc(*content)), 0
    for said in said_in(doc(*content)):
        at = document.index(said, at) + len(said)
