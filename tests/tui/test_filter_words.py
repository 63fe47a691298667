"""What is typed into the filter is taken apart into words and demands on columns."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabtui.faces.tui.filtering.filterwords import Demand, Typed, Word, parse, quoted

COLUMNS = {"state": ["state"], "status": ["status"], "st": ["state", "status"], "age": ["days"]}
typed = st.text(alphabet=st.one_of(st.sampled_from('state:status:age: "!-=<>@sS3/'), st.characters()), max_size=40)


def taken(text: str) -> Typed[str]:
    return parse(text, lambda name: COLUMNS.get(name.casefold(), ()))


@pytest.mark.parametrize(
    ("text", "words", "demands"),
    [
        ("late Mart", [Word("late"), Word("mart")], []),
        ("s3://lake a:b", [Word("s3://lake"), Word("a:b")], []),
        ("mart_e/ 12:30 :x", [Word("mart_e/"), Word("12:30"), Word(":x")], []),
        ("State:failed mart", [Word("mart")], [Demand(["state"], "State", "", "failed")]),
        ('status:"in Review" x', [Word("x")], [Demand(["status"], "status", "", "in Review", is_quoted=True)]),
        ('status:"in re', [], [Demand(["status"], "status", "", "in re", is_quoted=True)]),
        ('status:"a ""b"""', [], [Demand(["status"], "status", "", 'a "b"', is_quoted=True)]),
        ('x:"a b"', [Word('x:"a'), Word('b"')], []),
        ("age:>=10 age:<2h", [], [Demand(["days"], "age", ">=", "10"), Demand(["days"], "age", "<", "2h")]),
        ("state:=late", [], [Demand(["state"], "state", "=", "late")]),
        ('state:">5"', [], [Demand(["state"], "state", "", ">5", is_quoted=True)]),
        ("!test -Demo", [Word("test", is_not=True), Word("demo", is_not=True)], []),
        ("!state:late", [], [Demand(["state"], "state", "", "late", is_not=True)]),
        ("-age:-", [], [Demand(["days"], "age", "", "-", is_not=True)]),
        ("st:x", [], [Demand(["state", "status"], "st", "", "x")]),
    ],
)  # fmt: skip
def test_words_and_demands(text, words, demands):
    assert (list(taken(text).words), list(taken(text).demands)) == (words, demands)


@pytest.mark.parametrize("text", ["", " ", "state:", "state:>", 'state:"', "!", "-", "- ", "!state:", "age:>= "])
def test_what_has_only_begun_demands_nothing(text):
    assert (list(taken(text).words), list(taken(text).demands)) == ([], [])


@given(typed)
def test_nothing_that_is_typed_fails(text):
    assert 0 <= taken(text).last <= len(text)


@given(st.lists(st.text(alphabet=string.ascii_letters + string.digits + "_/.:äß\"'", min_size=1).filter(
    lambda word: word.partition(":")[0].casefold() not in COLUMNS), max_size=5))  # fmt: skip
def test_words_that_name_no_column_stay_as_they_are(words):
    assert taken(" ".join(words)) == Typed(
        [Word(word.casefold()) for word in words], [], len(" ".join(words[:-1])) + (len(words) > 1)
    )


@given(st.text(min_size=1))
def test_what_is_quoted_is_meant_letter_by_letter(text):
    (demand,) = taken(f"state:{quoted(text)} x").demands
    assert (demand.text, demand.sign, taken(f"state:{quoted(text)} x").words) == (text, "", [Word("x")])


@given(typed)
def test_the_last_word_is_the_one_that_goes_on(text):
    last = taken(text).last
    assert not text[last : last + 1].isspace()
    before = taken(text[:last])
    assert list(taken(text).words)[: len(before.words)] == before.words
