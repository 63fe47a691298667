"""Texts on disk: lines by number, words and errors found."""

import pytest

from collabtui.faces.tui.texts import textfile
from collabtui.faces.tui.texts.textfile import TextFile


@pytest.fixture
def file():
    made = TextFile()
    yield made
    made.close()


def test_lines_come_in_pieces_of_any_length(file):
    assert len(file) == 0
    file.append(b"one\ntw")
    assert len(file) == 2
    file.append(b"o\r\n\nfour \xc3\xa4\n")
    assert [file.line(n) for n in range(len(file))] == ["one", "two", "", "four ä"]


def test_what_is_hostile_comes_out_plain(file):
    file.append(b"\x1b[31mred\x1b[0m [bold]\x1b]0;title\x07\xff\n" + b"x" * 20_000 + b"\nend")
    assert file.line(0) == "red [bold]␛]0;title␇\ufffd"
    assert file.line(1).endswith("x… and 4,000 bytes more")
    assert file.line(2) == "end"


def test_words_are_found_forwards_and_backwards(file, monkeypatch):
    monkeypatch.setattr(textfile, "CHUNK", 7)  # so that words lie across pieces
    file.append(b"Alpha\nbeta gamma\nnothing here\nGAMMA delta\n\nalpha again")
    assert file.find("gamma", 0) == 1
    assert file.find("gamma", 1) == 3
    assert file.find("gamma", 3) is None
    assert file.find("gamma", 5, backwards=True) == 3
    assert file.find("gamma", 3, backwards=True) == 1
    assert file.find("gamma", 1, backwards=True) is None
    assert file.find("ALPHA", 0) == 5
    assert file.find("", 0) is None
    assert file.find("nothing here", 0) == 2
    assert file.find("nothing here", 5, backwards=True) == 2


def test_words_are_found_in_the_text_as_it_is_seen(file, monkeypatch):
    monkeypatch.setattr(textfile, "CHUNK", 7)
    file.append(b"one 3\nthe\x1b[1m 3rd\x1b[0m\n\nlast 3")

    def seen(text: str) -> str:
        return text.replace("3", "4th")

    assert file.find_seen("4TH", -1, seen) == 0
    assert file.find_seen("the 4th", 0, seen) == 1
    assert file.find_seen("4th", 1, seen) == 3
    assert file.find_seen("4th", 3, seen) is None
    assert file.find_seen("4th", 3, seen, backwards=True) == 1
    assert file.find_seen("3", 3, seen, backwards=True) is None
    assert file.find_seen("", 0, seen) is None


def test_errors_are_found(file):
    file.append(b"INFO fine\nERROR - it broke\nTraceback (most recent call last):\n  File\nINFO\nERROR again\n")
    assert file.find_error(0) == 1
    assert file.find_error(2) == 5
    assert file.find_error(5, backwards=True) == 2
    assert file.find_error(5) is None


def test_a_text_without_end_is_cut_off(file, monkeypatch):
    monkeypatch.setattr(textfile, "MOST_BYTES", 10)
    file.append(b"123456789\n")
    with pytest.raises(OSError, match="left out"):
        file.append(b"x")
    assert len(file) == 1
