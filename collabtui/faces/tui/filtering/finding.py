"""Which of many things have the words that somebody typed in their texts, or else their letters."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
LOOKED_AT, STRETCH = 100, 3
"""A loosely typed word is looked for in so many letters of a line, and may be stretched to so many times its length."""


def with_words(things: Sequence[T], words: Sequence[str], text_of: Callable[[T], str]) -> Sequence[T]:
    """Those that have all words somewhere; words and texts are casefolded."""
    for word in words:
        things = [thing for thing in things if word in text_of(thing)]
    return things


def with_letters(things: Sequence[T], words: Sequence[str], text_of: Callable[[T], str]) -> Sequence[T]:
    """Those that have the letters of each word in their order ("mrev" is in mart_revenue), the closest first."""
    found = [(0, thing) for thing in things]
    for word in words:
        known: dict[str, int] = {}  # of many thousand lines most are the same few
        spans = [(width, _least(word, text_of(thing), known), thing) for width, thing in found]
        found = [(width + span, thing) for width, span, thing in spans if span]
    return [thing for _, thing in sorted(found, key=lambda pair: pair[0])]


def places(word: str, line: str) -> Sequence[int]:
    """Where the letters of a word stand in a line in their order, as close together as they do; else nowhere."""
    line = line[:LOOKED_AT]
    best: Sequence[int] = ()
    start = line.find(word[0])
    while start >= 0:
        found = [start]
        for letter in word[1:]:
            found.append(line.find(letter, found[-1] + 1))
            if found[-1] < 0:
                return best
        if _span(found) <= STRETCH * len(word) and (not best or _span(found) < _span(best)):
            best = found
        start = line.find(word[0], start + 1)
    return best


def _least(word: str, text: str, known: dict[str, int]) -> int:
    """The least span of the word in a line of the text; 0 where it is in none."""
    least = 0
    for line in text.split("\n"):
        span = known.get(line)
        if span is None:
            span = known[line] = _span(places(word, line))
        if span and not 0 < least <= span:
            least = span
    return least


def _span(found: Sequence[int]) -> int:
    """From the first to the last letter; 0 of nowhere."""
    return found[-1] - found[0] + 1 if found else 0
