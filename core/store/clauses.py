"""What a query means in SQL, on the letters of an index and the full-text table of their words.

Words are only ever looked for as quoted texts, so that nothing a person types is syntax of the full-text engine.
Of letters that nobody has read yet for their words only the heads are known, and there any part of a word counts.

Never: a database; what a letter's words are (``mail.wording``), what a person's query means (``mail.query``).
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from core.mail import query
from core.mail.clean import safe
from core.mail.query import All, Dated, Either, In, Is, Not, Sized, Term, Words
from core.mail.wording import folded

_WHERE: dict[query.Where, tuple[str, ...]] = {
    "": ("sender", "to", "cc", "subject", "text"),
    "from": ("sender",),
    "to": ("to", "cc"),
    "cc": ("cc",),
    "subject": ("subject",),
    "list": ("list_id",),
    "body": ("text",),
}
# The same of a letter that nobody has read yet: what the index knows of its head.
_HEADS: dict[query.Where, tuple[str, ...]] = {
    "": ("sender", "address", '"to"', "cc", "addresses", "subject"),
    "from": ("sender", "address"),
    "to": ('"to"', "cc", "addresses"),
    "cc": ("cc", "addresses"),
    "subject": ("subject",),
    "list": ("list_id",),
    "body": ("''",),
}
_STATES = {
    "read": "instr(flags, 'R') > 0",
    "unread": "instr(flags, 'R') = 0",
    "flagged": "instr(flags, 'F') > 0",
    "answered": "instr(flags, 'A') > 0",
    "forwarded": "instr(flags, 'P') > 0",
    "deleted": "instr(flags, 'D') > 0",
    "stub": "stub",
    "attachment": "mixed",
}
Value: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Scope:
    """Where is looked: the folders, by name, and their numbers; the addresses that ``to:me`` means; heads alone?"""

    boxes: Mapping[str, int]
    me: Collection[str]
    heads: bool = False


def condition(term: Term, scope: Scope) -> tuple[str, list[Value]]:
    """A condition on the columns of ``letters``, and the values of its question marks."""
    if text := match(term, scope):
        return "number IN (SELECT rowid FROM words WHERE words MATCH ?)", [text]
    match term:
        case All(terms):
            return _joined(" AND ", _gathered(terms, scope), scope)
        case Either(terms):
            return _joined(" OR ", terms, scope)
        case Not(one):
            found, values = condition(one, scope)
            return f"NOT coalesce({found}, 0)", values
        case _:
            return _column(term, scope)


def _column(term: In | Dated | Sized | Is | Words, scope: Scope) -> tuple[str, list[Value]]:
    """A condition on one column; nothing is like words that are none, or is to nobody's address."""
    match term:
        case In(name):
            numbers = [scope.boxes[folder] for folder in query.places(name, scope.boxes)]
            return "box IN (SELECT value FROM json_each(?))", [json.dumps(numbers)]
        case Dated(begin, end):
            tests = [(sign, day.timestamp()) for sign, day in ((">=", begin), ("<", end)) if day]
            return " AND ".join(f"date {sign} ?" for sign, _ in tests), [at for _, at in tests]
        case Sized(over, under):
            return ("length > ?", [over]) if over is not None else ("length < ?", [under or 0])
        case Is("me"):
            return _joined(" OR ", [Words(one, "to") for one in scope.me], scope)
        case Is(state):
            return _STATES[state], []
        case Words(text, where):
            return _alike(text, where)
        case _:
            assert_never(term)


def _gathered(terms: Sequence[Term], scope: Scope) -> list[Term]:
    """The terms; those of words alone are one, which the full-text table answers at once."""
    words = tuple(term for term in terms if match(term, scope))
    return [*([All(words)] if len(words) > 1 else words), *(term for term in terms if term not in words)]


def _joined(between: str, terms: Sequence[Term], scope: Scope) -> tuple[str, list[Value]]:
    found = [condition(term, scope) for term in terms]
    values = [value for _, values in found for value in values]
    return between.join(f"({one})" for one, _ in found) or "1", values


def match(term: Term, scope: Scope) -> str:
    """The term as the full-text table is asked; empty where it is about anything but words."""
    if scope.heads:
        return ""
    match term:
        case Words(text, where, more):
            columns = " ".join(f'"{name}"' for name in _WHERE[where])
            return f"({{{columns}}} : {_quoted(text)}{'*' if more else ''})"
        case Is("me"):
            return match(Either(tuple(Words(one, "to") for one in scope.me)), scope)
        case All(terms) | Either(terms) if terms:
            found = [match(one, scope) for one in terms]
            between = " AND " if isinstance(term, All) else " OR "
            return f"({between.join(found)})" if all(found) else ""
        case _:
            return ""


def _quoted(text: str) -> str:
    """Words side by side: whatever is in the text, it is a string of the full-text language."""
    plain = safe(folded(text)).replace('"', " ")
    return f'"{plain}"'


def _alike(text: str, where: query.Where) -> tuple[str, list[Value]]:
    """That words, or parts of words, stand in a head, in any order."""
    words = re.findall(r"[^\W_]+", folded(text))
    column = " || ' ' || ".join(_HEADS[where])
    return " AND ".join(f"{column} LIKE ?" for _ in words) or "1", [f"%{word}%" for word in words]
