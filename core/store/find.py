"""Finding letters: the index is asked for their numbers, and for more of those only that somebody looks at.

Never: what a query means in SQL (``clauses``); a letter's text.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.errors import StoreError
from core.mail.query import Query
from core.store import files, index, orders, tables, words
from core.store.clauses import Scope, condition, match
from core.store.known import Known

_SOME = 100  # letters whose words are taken in at once
_EVER = "SELECT count(*) FROM words_docsize"  # as many as the highest number: every letter that ever was has words
_LACKING = "SELECT EXISTS (SELECT 1 FROM letters WHERE NOT EXISTS (SELECT 1 FROM words_docsize WHERE id = number))"
_EITHER = "CASE WHEN EXISTS (SELECT 1 FROM words_docsize WHERE id = number) THEN {} ELSE {} END"
_MEANT = """
    SELECT number FROM letters WHERE box IN (SELECT value FROM json_each(?)) AND ({}) ORDER BY moment, number
"""
_TWICE = "SELECT number, id FROM letters WHERE id IN (SELECT id FROM letters GROUP BY id HAVING count(*) > 1)"
_MATCH = "SELECT rowid FROM words WHERE words MATCH ?"


class Found:
    """What was found: numbers of letters, the newest last, of which some can be looked up at a time.

    ``left``: of how many letters only the heads were looked at.
    """

    whole = sure = True

    def __init__(self, rows: sqlite3.Connection, boxes: Mapping[str, int], numbers: Sequence[int], left: int) -> None:
        self._rows = rows
        self._boxes = boxes
        self._names = {number: name for name, number in boxes.items()}
        self.order = orders.flat(numbers)
        self.left = left
        self._found = frozenset(numbers)
        self.unread = sum(len(some) for some in self._unread())

    def some(self, numbers: Sequence[int]) -> dict[int, tuple[str, Known]]:
        """These letters with the names of their folders, by their numbers; those that are gone are left out."""
        with suppress(sqlite3.Error):
            places = tables.boxes(self._rows, numbers)
            return {
                number: (self._names[places[number]], one) for number, one in tables.some(self._rows, numbers).items()
            }
        return {}

    def numbers(self, ids: Collection[str]) -> dict[str, int]:
        """The numbers of the letters with these ids."""
        with suppress(sqlite3.Error):
            each = [tables.numbered(self._rows, box, ids) for box in self._boxes.values()]
            return {id_: number for one in each for id_, number in one.items() if number in self._found}
        return {}

    def ids(self, numbers: Collection[int]) -> list[str]:
        """The ids of these letters."""
        with suppress(sqlite3.Error):
            return tables.ids(self._rows, numbers)
        return []

    def unread_numbers(self) -> list[int]:
        """The numbers of those that are unread."""
        return [number for some in self._unread() for number in some]

    def _unread(self) -> Iterator[frozenset[int]]:
        """The same, by folders."""
        for box in self._boxes.values():
            with suppress(sqlite3.Error):
                yield self._found.intersection(tables.unread(self._rows, box))


def found(
    boxes: Sequence[tuple[str, Path]],
    wanted: Query,
    me: Collection[str],
    *,
    trust: bool = False,
    most: int | None = None,
    once: bool = False,
) -> Found:
    """The letters that are meant, of mailboxes that share an index; ``trust`` as in ``index.view``.

    Before, the words of ``most`` letters that nobody has read yet are read, or of all. ``once``: of a letter that lies
    in several of the mailboxes, the same to the byte, only one is wanted.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    file = boxes[0][1].with_name(index.NAME)
    try:
        return _found(boxes, wanted, me, trust=trust, most=most, once=once)
    except sqlite3.Error as error:
        if not tables.damaged(error):
            raise StoreError(f"{file}: {error}; try again") from error
    with files.faults(file):
        tables.throw_away(file)
    return _found(boxes, wanted, me, trust=trust, most=most, once=once)


def _found(
    boxes: Sequence[tuple[str, Path]],
    wanted: Query,
    me: Collection[str],
    *,
    trust: bool,
    most: int | None,
    once: bool,
) -> Found:
    rows, there = index.together([path for _, path in boxes], trust=trust)
    rows.execute("COMMIT")
    numbers = {name: box.number for (name, _), box in zip(boxes, there, strict=True) if box.number}
    left = _read(rows, [(path, numbers[name]) for name, path in boxes if name in numbers], most)
    rows.execute("BEGIN")
    hits = _sought(rows, wanted, Scope(numbers, me), whole=not left)
    if once and len(numbers) > 1:
        hits = _once(rows, hits)
    rows.execute("COMMIT")
    return Found(rows, numbers, hits, left)


def _once(rows: sqlite3.Connection, hits: Sequence[int]) -> list[int]:
    """Without letters that are the same as another of them."""
    same = dict(rows.execute(_TWICE))
    kept: dict[object, int] = {}
    for number in hits:
        kept.setdefault(same.get(number, number), number)
    return list(kept.values())


def _read(rows: sqlite3.Connection, boxes: Sequence[tuple[Path, int]], most: int | None) -> int:
    """Take in words that are lacking; of how many letters they still are."""
    if rows.execute(_EVER).fetchone()[0] == tables.last(rows) or not rows.execute(_LACKING).fetchone()[0]:
        return 0
    left = 0
    for path, box in boxes:
        missing = words.lacking(rows, box)
        now = missing[:most]
        with suppress(sqlite3.OperationalError):  # another process writes, and may be doing just this
            for at in range(0, len(now), _SOME):
                words.take(rows, path, now[at : at + _SOME])
        left += len(missing) if len(missing) > len(now) else len(words.lacking(rows, box))
        most = None if most is None else most - len(now)
    return left


def _sought(rows: sqlite3.Connection, wanted: Query, scope: Scope, *, whole: bool) -> list[int]:
    """The numbers of the letters that are meant, the newest last; not ``whole``: some have no words yet."""
    test, values = condition(wanted.term, scope)
    if not whole:
        heads, more = condition(wanted.term, replace(scope, heads=True))
        test = _EITHER.format(test, heads)
        values = [*values, *more]
    elif len(scope.boxes) == 1 and (text := match(wanted.term, scope)):
        hits = {number for (number,) in rows.execute(_MATCH, (text,))}
        (box,) = scope.boxes.values()
        return [number for number in orders.order(rows, box, "date").numbers if number in hits]
    return [number for (number,) in rows.execute(_MEANT.format(test), (json.dumps([*scope.boxes.values()]), *values))]
