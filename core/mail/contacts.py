"""Whom a person may want to write to, and who of them is meant by what has been typed so far.

A word is found where a word of the name or of the address begins so; case and accents do not matter.

Never: where the contacts come from; whether an address is one (``mail.addresses``).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest

_APART = re.compile(r"[^\w@.+-]+")
_INSIDE = re.compile(r"[@.+_-]")
# Letters that Unicode does not take apart into a letter and an accent.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One to write to: ``text`` as it is put into the field, ``about`` to tell two apart, ``weight`` how likely it is.

    ``words`` is what a search looks at: see ``contact``.
    """

    text: str
    about: str
    weight: float
    words: str


def contact(text: str, about: str = "", weight: float = 0.0) -> Contact:
    """A contact that is found by any word of its text and of what is said about it."""
    plain = _APART.sub(" ", folded(f"{text} {about}"))
    return Contact(text, about, weight, f" {plain} {_INSIDE.sub(' ', plain)}")


def folded(text: str) -> str:
    """Text without case and accents."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).translate(_PLAIN)


def matching(contacts: Iterable[Contact], typed: str, limit: int = 6) -> list[Contact]:
    """The likeliest contacts that have every typed word; none for no word, and none that is typed in full already."""
    words = [f" {word}" for word in _APART.sub(" ", folded(typed)).split()]
    if not words:
        return []
    found = (one for one in contacts if all(word in one.words for word in words) and one.text != typed.strip())
    return nsmallest(limit, found, key=lambda one: (-one.weight, one.text))


def entry(text: str, cursor: int) -> tuple[int, int]:
    """Where the entry begins and ends in which the cursor stands; a comma in quotes is part of a name."""
    start, quoted = 0, False
    for at, sign in enumerate(text):
        quoted ^= sign == '"'
        if sign == "," and not quoted:
            if at >= cursor:
                return start, at
            start = at + 1
    return start, len(text)


def taken(text: str, cursor: int, chosen: Contact) -> tuple[str, int]:
    """The text with a contact in the place of the entry at the cursor, ready for the next one; and the new cursor."""
    start, end = entry(text, cursor)
    before = f"{text[:start].rstrip()} " if start else ""
    after = text[end:] or ", "
    return before + chosen.text + after, len(before + chosen.text) + len(after[:2] if end == len(text) else "")
