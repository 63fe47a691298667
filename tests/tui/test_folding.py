"""Long lines in rows."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from collabtui.faces.tui.texts.folding import folded


def test_lines_are_broken_between_words():
    assert folded("a short line", 20) == ["a short line"]
    assert folded("one two three four", 9) == ["one two ", "three ", "four"]


def test_rows_go_on_under_the_words_of_a_list_or_a_quote():
    assert folded("  - one two three", 12) == ["  - one two ", "    three"]
    assert folded("> 12. one two three", 15) == ["> 12. one two ", "      three"]
    assert folded("[x] done it", 7) == ["[x] ", "done it"]  # no room for that


def test_what_is_longer_than_a_row_is_cut():
    assert folded("see https://x.example/1234567", 12) == ["see ", "https://x.ex", "ample/123456", "7"]
    assert folded(" 漢", 2) == [" ", "漢"]
    assert folded("漢字漢字漢", 4) == ["漢字", "漢字", "漢"]


LINE = st.text(st.sampled_from("ab -> 1.[x]漢\u0301👩"), max_size=60)


@given(LINE, st.integers(2, 30))
def test_every_character_is_shown_and_no_word_reaches_beyond_the_edge(line, width):
    rows = folded(line, width)
    assert "".join("".join(rows).split()) == "".join(line.split())
    assert all(cell_len(row.rstrip()) <= width for row in rows)
