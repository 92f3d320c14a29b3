"""What a person looks for, in words: `from:marta garden -ferry before:2025 has:attachment`; see ``LANGUAGE``.

Case and accents make no difference. What is typed is never an error here: what is unfinished, or means nothing, is
left out, and ``faults`` tells of it.

Never: how it is found (``store.find``); an exception over what is typed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from core.mail import days
from core.mail.clean import safe

LANGUAGE: tuple[tuple[str, str], ...] = (
    ("garden bench", "both words, in sender, addressees, subject or text"),
    ('"plum tree"', "these words side by side"),
    ("gard*", "words that begin so"),
    ("garden OR bench", "one of the two"),
    ("-ferry", "not this; before any of these"),
    ("from:marta", "who wrote it: a name or an address"),
    ("to:luc cc:luc to:me", "to whom; to: and Cc, and me is any address of mine"),
    ("subject:storm body:bench", "only there"),
    ("list:nelug in:archive", "through which list it came; in which folder it is"),
    ("before:2025 after:2025-03", "older; from that day, month or year on"),
    ("on:2025-03-14", 'or yesterday, monday, march, 3d, 2w, "last year"'),
    ("larger:100k smaller:2M", "its size"),
    ("has:attachment", "something is attached"),
    ("is:unread", "or read, flagged, answered, forwarded, stub"),
)

Where = Literal["", "from", "to", "cc", "subject", "body", "list"]
WHERE: dict[str, Where] = {
    "from": "from",
    "to": "to",
    "cc": "cc",
    "subject": "subject",
    "body": "body",
    "list": "list",
}
STATES = ("unread", "read", "flagged", "answered", "forwarded", "deleted", "stub")
THINGS = ("attachment",)
DATES = ("before", "after", "on")
SIZES = ("larger", "smaller")
KEYS = (*WHERE, "in", *DATES, *SIZES, "has", "is")

_LONGEST = 2000  # characters of a query that are read
_MOST = 100  # terms
_VALUE = r'(?:["“„”](?P<quoted>[^"“„”]*)(?P<closed>["“„”]?)|(?P<bare>\S*))'
_PLAIN = re.compile(f"(?P<minus>-?){_VALUE}")
_KEYED = re.compile(f"(?P<minus>-?)(?P<key>{'|'.join(KEYS)}):{_VALUE}", re.IGNORECASE)
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([kmg]?)b?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """Words side by side in one place of a letter; ``where`` empty: in any. ``more``: the last one may go on."""

    text: str
    where: Where = ""
    more: bool = False


@dataclass(frozen=True, slots=True)
class In:
    """The letter is in the folder of this name, or, where there is none, in one whose name begins so."""

    folder: str


@dataclass(frozen=True, slots=True)
class Dated:
    """Its date is at or after ``begin``, and before ``end``."""

    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sized:
    """It has more bytes than ``over``, and fewer than ``under``."""

    over: int | None = None
    under: int | None = None


@dataclass(frozen=True, slots=True)
class Is:
    """One of ``STATES``, or ``attachment``, or ``me``: it is to one of my addresses."""

    state: str


@dataclass(frozen=True, slots=True)
class Not:
    """The term does not hold."""

    term: "Term"


@dataclass(frozen=True, slots=True)
class Either:
    """One of the terms holds."""

    terms: tuple["Term", ...]


@dataclass(frozen=True, slots=True)
class All:
    """All of the terms hold; of none: it holds always."""

    terms: tuple["Term", ...] = ()


Term: TypeAlias = Words | In | Dated | Sized | Is | Not | Either | All


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, what it means, and a sentence about each part of it that means nothing."""

    text: str
    term: All
    faults: tuple[str, ...] = ()

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that it names, if any; then they say where to look, and nothing else does."""
        return tuple(term.folder for term in _each(self.term) if isinstance(term, In))


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of what was typed, and where its value stands; ``whole``: it can have no more letters."""

    minus: bool
    key: str
    value: str
    quoted: bool
    whole: bool
    start: int
    begin: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The pieces of a query; a quoted text is one, and one that is not closed goes on to the end."""
    at, size = 0, min(len(text), _LONGEST)
    while at < size:
        if text[at].isspace():
            at += 1
            continue
        yield (token := _token(text, at, size))
        at = token.end


def _token(text: str, at: int, size: int) -> Token:
    found = _KEYED.match(text, at, size) or _PLAIN.match(text, at, size)
    assert found is not None  # every part of it may be empty
    parts = found.groupdict()
    name = "bare" if parts["quoted"] is None else "quoted"
    whole = bool(parts["closed"]) if name == "quoted" else found.end() < len(text)
    key, end = (parts.get("key") or "").casefold(), max(found.end(), at + 1)
    return Token(bool(parts["minus"]), key, parts[name], name == "quoted", whole, at, found.start(name), end)


def parse(text: str, today: datetime, *, typing: bool = False) -> Query:
    """What a person looks for; ``typing``: the last word is not finished yet, and may go on."""
    terms: list[Term] = []
    faults: list[str] = []
    either = False
    for token in tokens(text):
        if token.value == "OR" and not (token.quoted or token.key or token.minus):
            either = bool(terms)
            continue
        term = _term(token, today, faults, open_=typing and not token.whole)
        if term is not None and len(terms) < _MOST:
            terms.append(_either(terms.pop(), term) if either else term)
        either = False
    return Query(text, All(tuple(terms)), tuple(dict.fromkeys(faults)))


def _either(before: Term, term: Term) -> Either:
    return Either((*before.terms, term) if isinstance(before, Either) else (before, term))


def _term(token: Token, today: datetime, faults: list[str], *, open_: bool) -> Term | None:
    """What one piece means; None where it says nothing, or nothing yet."""
    value = token.value.strip()
    if not value:
        if token.key and not open_:
            faults.append(f"{token.key}: stands alone; write {_EXAMPLES[token.key]}")
        return None
    read = _READERS.get(token.key)
    term = read(token.key, value, today) if read else _named(token, value, open_=open_)
    if term is None and token.key and not (open_ and _begun(token.key, value)):
        faults.append(f"{token.key}:{safe(value)[:60]} means nothing; write {_EXAMPLES[token.key]}")
    return Not(term) if term is not None and token.minus else term


def _named(token: Token, value: str, *, open_: bool) -> Term | None:
    """Words, or the name of a folder."""
    if token.key == "in":
        return In(value)
    if token.key == "to" and value.casefold() == "me" and not token.quoted:
        return Is("me")
    more = value.endswith("*") or (open_ and not token.value[-1].isspace())
    return Words(value, WHERE.get(token.key, ""), more) if _says(value) else None


def _says(text: str) -> bool:
    """Whether there is a letter or a digit in it, and so something to look for."""
    return any(one.isalnum() for one in text)


def _dated(key: str, value: str, today: datetime) -> Dated | None:
    if (found := days.span(value, today)) is None:
        return None
    return Dated(None if key == "before" else found.begin, {"before": found.begin, "on": found.end}.get(key))


def _sized(key: str, value: str, _: datetime) -> Sized | None:
    if not (found := _SIZE.fullmatch(value)):
        return None
    size = int(float(found[1]) * 1000 ** " kmg".index(found[2].casefold() or " "))
    return Sized(over=size) if key == "larger" else Sized(under=size)


def _is(_: str, value: str, __: datetime) -> Is | None:
    return Is(value.casefold()) if value.casefold() in STATES else None


def _has(_: str, value: str, __: datetime) -> Is | None:
    return Is("attachment") if value.casefold() in ("attachment", "attachments") else None


_READERS: dict[str, Callable[[str, str, datetime], Term | None]] = {
    **dict.fromkeys(DATES, _dated),
    **dict.fromkeys(SIZES, _sized),
    "is": _is,
    "has": _has,
}
_EXAMPLES = {
    **dict.fromkeys(WHERE, "a word after it, as in from:marta"),
    **dict.fromkeys(DATES, '2025, 2025-03, 2025-03-14, yesterday, monday, march, 3d, 2w or "last year"'),
    **dict.fromkeys(SIZES, "100k or 2M"),
    "in": "the name of a folder, as in in:archive",
    "is": f"{', '.join(STATES[:-1])} or {STATES[-1]}",
    "has": "has:attachment",
}


def _begun(key: str, value: str) -> bool:
    """Whether more letters could still make something of a value."""
    low = value.casefold()
    if key in DATES:
        return days.begun(value)
    if key in SIZES:
        return bool(re.fullmatch(r"\d{1,9}\.?", value))
    return any(name.startswith(low) for name in (STATES if key == "is" else ("attachments",)))


def _each(term: Term) -> Iterator[Term]:
    """The term, and all that it is made of."""
    yield term
    match term:
        case All(terms) | Either(terms):
            for one in terms:
                yield from _each(one)
        case Not(one):
            yield from _each(one)


def places(name: str, folders: Iterable[str]) -> list[str]:
    """The folders that an ``in:`` means."""
    low = {folder: folder.casefold() for folder in folders}
    exact = [folder for folder, one in low.items() if one == name.casefold()]
    return exact or [folder for folder, one in low.items() if one.startswith(name.casefold())]


def settled(text: str) -> str:
    """A query as it can be kept: a last word that may go on ends in an asterisk, so that it finds the same again."""
    last = next(reversed(list(tokens(text))), None)
    if last is None or last.whole or last.key in (*_READERS, "in") or not _says(last.value):
        return text.strip()
    end = last.value[-1]
    if end == "*" or end.isspace() or (last.key, last.value.casefold()) == ("to", "me"):
        return text.strip()
    return f'{text}*"' if last.quoted else f"{text}*"
