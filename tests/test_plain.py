"""Text from outside made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabtui.faces.plain import plain


@given(st.text())
def test_no_character_moves_hides_or_turns(text):
    shown = plain(text)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not set(shown) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")
    assert plain(shown) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_stays_as_it_is(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[bold]x[/]", "[bold]x[/]"), ("\x1b[31mred", "␛[31mred"), ("a\r\nb\tc", "a  b c"),
        ("\u202egpj.exe", "gpj.exe"), ("👩‍👩‍👧 日本", "👩‍👩‍👧 日本"), ("\x9b2J", "\ufffd2J"),
    ],
)  # fmt: skip
def test_examples(text, shown):
    assert plain(text) == shown
