"""Finding letters: what a query means in SQL, on a table of letters and a full-text table of their words.

Words are only ever looked for as quoted texts, so that nothing a person types is syntax of the full-text engine.

Never: what a letter's words are (``mail.wording``), what a person's query means (``mail.query``).
"""

import json
import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, assert_never

from core.mail import query
from core.mail.clean import safe
from core.mail.query import All, Dated, Either, In, Is, Not, Query, Sized, Term, Words
from core.mail.wording import Wording, folded, wording
from core.store import files, mbox, mboxrd
from core.store.known import Known, letters

_COLUMNS = ("sender", "to", "cc", "subject", "list_id", "text")
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_WHERE: dict[query.Where, tuple[str, ...]] = {
    "": ("sender", "to", "cc", "subject", "text"),
    "from": ("sender",),
    "to": ("to", "cc"),
    "cc": ("cc",),
    "subject": ("subject",),
    "list": ("list_id",),
    "body": ("text",),
}
_STATES = {
    "read": "flags LIKE '%R%'",
    "unread": "flags NOT LIKE '%R%'",
    "flagged": "flags LIKE '%F%'",
    "answered": "flags LIKE '%A%'",
    "forwarded": "flags LIKE '%P%'",
    "deleted": "flags LIKE '%D%'",
    "stub": "stub",
    "attachment": "mixed",
}
_TABLES = f"""
    CREATE TABLE letters (
        number INTEGER PRIMARY KEY, box INTEGER NOT NULL, length INTEGER NOT NULL, flags TEXT NOT NULL,
        date INTEGER, stub INTEGER NOT NULL, mixed INTEGER NOT NULL);
    CREATE VIRTUAL TABLE words USING fts5({_NAMES},
        content='', tokenize='unicode61 remove_diacritics 2');
"""

Value: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Scope:
    """Where is looked: the folders, by name, and their numbers in the table; and the addresses that ``to:me`` means."""

    boxes: dict[str, int]
    me: Collection[str]


def condition(term: Term, scope: Scope) -> tuple[str, list[Value]]:
    """A condition on the columns of ``letters``, and the values of its question marks."""
    if text := _match(term, scope):
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
        case Is(state):
            return _STATES.get(state, "0"), []
        case Words():
            return "0", []
        case _:
            assert_never(term)


def _gathered(terms: Sequence[Term], scope: Scope) -> list[Term]:
    """The terms; those of words alone are one, which the full-text table answers at once."""
    words = tuple(term for term in terms if _match(term, scope))
    return [*([All(words)] if len(words) > 1 else words), *(term for term in terms if term not in words)]


def _joined(between: str, terms: Sequence[Term], scope: Scope) -> tuple[str, list[Value]]:
    found = [condition(term, scope) for term in terms]
    values = [value for _, values in found for value in values]
    return between.join(f"({one})" for one, _ in found) or "1", values


def _match(term: Term, scope: Scope) -> str:
    """The term as the full-text table asks it; empty where it is about anything but words."""
    match term:
        case Words(text, where, more):
            columns = " ".join(f'"{name}"' for name in _WHERE[where])
            return f"({{{columns}}} : {_quoted(text)}{'*' if more else ''})"
        case Is("me"):
            return " OR ".join(f'({{"to" "cc"}} : {_quoted(one)})' for one in scope.me)
        case All(terms) | Either(terms) if terms:
            found = [_match(one, scope) for one in terms]
            between = " AND " if isinstance(term, All) else " OR "
            return f"({between.join(found)})" if all(found) else ""
        case _:
            return ""


def _quoted(text: str) -> str:
    """Words side by side: whatever is in the text, it is a string of the full-text language."""
    plain = safe(folded(text)).replace('"', " ")
    return f'"{plain}"'


def _numbers(rows: sqlite3.Connection, term: Term, scope: Scope) -> list[int]:
    """The numbers of the letters that are meant."""
    test, values = condition(term, scope)
    found = rows.execute(f"SELECT number FROM letters WHERE {test} ORDER BY number", values)  # noqa: S608 (our own terms)
    return [number for (number,) in found]


def found(boxes: Sequence[tuple[str, Path]], wanted: Query, me: Collection[str]) -> list[tuple[str, Known]]:
    """The letters of these mailboxes that are meant, each with the name of its folder.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    there: list[tuple[str, Known]] = []
    scope = Scope({name: number for number, (name, _) in enumerate(boxes)}, me)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as rows:
        rows.executescript(_TABLES)
        for name, path in boxes:
            for one, words in _read(path):
                _add(rows, len(there), scope.boxes[name], one, words)
                there.append((name, one))
        return [there[number] for number in _numbers(rows, wanted.term, scope)]


def _read(path: Path) -> Iterator[tuple[Known, Wording]]:
    """Every letter of a mailbox, with its words."""
    if not path.exists():
        return
    with mbox.reading(path) as fd, files.faults(path):
        for one in letters(fd):
            yield one, wording(mboxrd.contents(os.pread(fd, one.length, one.offset)))


def _add(rows: sqlite3.Connection, number: int, box: int, one: Known, words: Wording) -> None:
    values = (number, box, one.length, one.flags, one.date, one.stub, one.mixed)
    rows.execute("INSERT INTO letters VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    rows.execute(
        'INSERT INTO words (rowid, sender, "to", cc, subject, list_id, text) VALUES (?, ?, ?, ?, ?, ?, ?)',
        (number, *words),
    )
