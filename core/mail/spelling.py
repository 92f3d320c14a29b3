"""The words of a letter that a spell checker should see, and what it says of them.

The checkers of this world (hunspell, aspell, ispell) speak one protocol through a pipe: ``ispell -a``.

Never: a program (``core.net.speller``), a dictionary.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# What is no text of a language: addresses of mail and web, paths, words with digits.
_SKIPPED = re.compile(r"\S+@\S+|\w+://\S+|www\.\S+|(?:\S*/){2,}\S*|\S*\d\S*")
_CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"
_WORD = re.compile(rf"[^\W\d_]+(?:['{_CURLY}][^\W\d_]+)*")
_WRONG = re.compile(r"[&?] (\S+) \d+ \d+: (.*)|# (\S+) \d+")
_MOST = 6  # suggestions for a word


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: its line and its first column, counted from 0."""

    text: str
    line: int
    column: int


def words(text: str) -> Iterator[Word]:
    """The words that the member wrote: no quotes, no signature, nothing that is no language."""
    for number, line in enumerate(text.split("\n")):
        if line == "-- ":
            return
        if not line.startswith(">"):
            plain = _SKIPPED.sub(lambda found: " " * len(found[0]), line)
            yield from (Word(found[0], number, found.start()) for found in _WORD.finditer(plain))


def question(asked: Iterable[str]) -> str:
    """What the checker is to be told: each word on a line of its own, marked so that none of them is a command."""
    return "!\n" + "".join(f"^{plain(word)}\n" for word in asked)


def plain(word: str) -> str:
    """A word as dictionaries have it: with a straight apostrophe."""
    return word.replace(_CURLY, "'")


def answer(text: str) -> dict[str, tuple[str, ...]]:
    """The unknown words that a checker named, each with its suggestions."""
    found = filter(None, map(_WRONG.fullmatch, text.splitlines()))
    return {match[1] or match[3]: tuple((match[2] or "").split(", "))[:_MOST] if match[2] else () for match in found}
