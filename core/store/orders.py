"""The orders of a mailbox's letters: their numbers, packed, so that opening a list reads no letter.

They are made when the index learns something. When letters were only added, each finds its place; its thread is then
told by what it refers to alone, until somebody makes all threads anew.

Never: a mailbox.
"""

import sqlite3
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Literal, NamedTuple

from core.mail import thread
from core.store import tables

Name = Literal["threads", "date", "sender", "subject", "size", "file"]
_KEPT: tuple[Name, ...] = ("file", "date", "threads")  # the others are made when they are asked for
_FEW = 2000  # letters, of which all threads are made anew as quickly as one is changed
_NUMBER = "I"
_DEEPEST = 0xFFFF
_REFERRED = 'CASE "references" WHEN \'\' THEN in_reply_to ELSE "references" END'
_SORTED = {
    "sender": "SELECT number, sender, moment FROM letters WHERE box = ? ORDER BY moment, offset",
    "subject": "SELECT number, subject, moment FROM letters WHERE box = ? ORDER BY moment, offset",
    "size": "SELECT number FROM letters WHERE box = ? ORDER BY length, moment, offset",
    "date": "SELECT number FROM letters WHERE box = ? ORDER BY moment, offset",
    "file": "SELECT number FROM letters WHERE box = ? ORDER BY offset",
}


class Relation(NamedTuple):
    """What a letter has to do with others: its number, its id, the ids that it refers to, subject and moment."""

    number: int
    message_id: str
    references: str
    subject: str
    moment: int


class Order(NamedTuple):
    """Numbers of letters in an order; ``depths`` and ``replies`` of each where they are in threads, else empty."""

    numbers: "array[int]"
    depths: "array[int]"
    replies: "array[int]"


def flat(numbers: Iterable[int]) -> Order:
    """An order that has no threads."""
    return Order(array(_NUMBER, numbers), array("H"), array(_NUMBER))


def backward(order: Order) -> Order:
    """The other way round; threads as wholes, each with its answers below it as before."""
    if not order.depths:
        return flat(reversed(order.numbers))
    turned = Order(array(_NUMBER), array("H"), array(_NUMBER))
    end = len(order.numbers)
    for begin in reversed([at for at, depth in enumerate(order.depths) if not depth]):
        for column, old in zip(turned, order, strict=True):
            column.extend(old[begin:end])
        end = begin
    return turned


def order(rows: sqlite3.Connection, box: int, name: Name, *, anew: bool = False) -> Order:
    """One order; one that had to be made is kept, unless another process writes or has written meanwhile."""
    found = None if anew else _kept(rows, box, name)
    if found is None:
        found = _made(rows, box, name)
        with suppress(sqlite3.OperationalError):
            keep(rows, box, name, found)
            if name == "threads":
                tables.order(rows, box, threaded=True, total=len(found.numbers))
    return found


def _kept(rows: sqlite3.Connection, box: int, name: Name) -> Order | None:
    found = rows.execute(
        "SELECT numbers, depths, replies FROM orders WHERE box = ? AND name = ?", (box, name)
    ).fetchone()
    return None if found is None else Order(array(_NUMBER, found[0]), array("H", found[1]), array(_NUMBER, found[2]))


def keep(rows: sqlite3.Connection, box: int, name: Name, made: Order) -> None:
    """Write an order down."""
    packed = (made.numbers.tobytes(), made.depths.tobytes(), made.replies.tobytes())
    rows.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?)", (box, name, *packed))


def make(rows: sqlite3.Connection, box: int, all_: Iterable[Relation] | None = None) -> None:
    """All orders that are kept, anew; ``all_``: the relations of all letters, in the order of the file, if known."""
    rows.execute("DELETE FROM orders WHERE box = ?", (box,))
    found = list(_relations(rows, box) if all_ is None else all_)
    made = {"file": flat(one.number for one in found), "threads": _threaded(found)}
    made["date"] = flat(one.number for one in sorted(found, key=attrgetter("moment")))
    for name in _KEPT:
        keep(rows, box, name, made[name])
    tables.order(rows, box, threaded=True, total=len(found))


def _made(rows: sqlite3.Connection, box: int, name: Name) -> Order:
    if name == "threads":
        return _threaded(list(_relations(rows, box)))
    found = rows.execute(_SORTED[name], (box,))
    if name in ("sender", "subject"):
        return flat(row[0] for row in sorted(found, key=lambda row: _folded(name, row[1])))
    return flat(row[0] for row in found)


def _folded(name: Name, text: str) -> str:
    return thread.subject(text)[0] if name == "subject" else text.strip("\"' ").casefold()


def _relations(rows: sqlite3.Connection, box: int) -> Iterator[Relation]:
    sql = f"SELECT number, message_id, {_REFERRED}, subject, moment FROM letters WHERE box = ? ORDER BY offset"  # noqa: S608
    return map(Relation._make, rows.execute(sql, (box,)))


def _threaded(found: Sequence[Relation]) -> Order:
    if not found:
        return flat(())
    numbers, ids, references, subjects, moments = zip(*found, strict=True)
    made = thread.threads(ids, references, subjects, moments)
    depths = array("H", [min(depth, _DEEPEST) for depth in made.depths])
    return Order(array(_NUMBER, map(numbers.__getitem__, made.order)), depths, array(_NUMBER, made.replies))


def added(rows: sqlite3.Connection, box: int, new: Sequence[int]) -> None:
    """These letters came to the end of the mailbox."""
    file, dated, threaded = (order(rows, box, name) for name in _KEPT)
    rows.execute("DELETE FROM orders WHERE box = ? AND name NOT IN ('file', 'date', 'threads')", (box,))
    file.numbers.extend(new)
    keep(rows, box, "file", file)
    for number in sorted(new, key=lambda one: _moment(rows, one)):
        dated.numbers.insert(
            bisect_right(dated.numbers, _moment(rows, number), key=lambda one: _moment(rows, one)), number
        )
    keep(rows, box, "date", dated)
    if len(file.numbers) <= _FEW:
        tables.order(rows, box, threaded=True, total=len(file.numbers))
        keep(rows, box, "threads", _made(rows, box, "threads"))
        return
    for number in new:
        _join(rows, box, threaded, number)
    keep(rows, box, "threads", threaded)
    tables.order(rows, box, threaded=False, total=len(file.numbers))


def removed(rows: sqlite3.Connection, box: int, gone: Collection[int]) -> None:
    """These letters are no more; what was below one of them is one level less deep, until all threads are made anew."""
    file, dated, threaded = (order(rows, box, name) for name in _KEPT)
    rows.execute("DELETE FROM orders WHERE box = ?", (box,))
    for number in gone:
        file.numbers.remove(number)
        dated.numbers.remove(number)
        _leave(threaded, threaded.numbers.index(number))
    for name, left in zip(_KEPT, (file, dated, threaded), strict=True):
        keep(rows, box, name, left)
    tables.order(rows, box, threaded=False, total=len(file.numbers))


def _leave(made: Order, at: int) -> None:
    """Take a letter out of its thread."""
    for below in range(at + 1, at + 1 + made.replies[at]):
        made.depths[below] -= 1
    _count(made, at, -1)
    for column in made:
        del column[at]


def _count(made: Order, at: int, change: int) -> int:
    """Those above a letter have one more or one less below them; returns where the thread begins."""
    for above in range(at - 1, -1, -1):
        if not made.depths[at]:
            break
        if made.depths[above] < made.depths[at]:
            made.replies[above] += change
            at = above
    return at


def _moment(rows: sqlite3.Connection, number: int) -> int:
    return int(rows.execute("SELECT moment FROM letters WHERE number = ?", (number,)).fetchone()[0])


def _join(rows: sqlite3.Connection, box: int, made: Order, number: int) -> None:
    """Put a new letter below the nearest letter that it refers to, and this thread behind all others."""
    at = _parent(rows, box, made, number)
    if at is None:
        made.numbers.append(number)
        made.depths.append(0)
        made.replies.append(0)
        return
    below = at + made.replies[at] + 1
    top = _count(made, at, 1)
    made.replies[at] += 1
    made.numbers.insert(below, number)
    made.depths.insert(below, min(made.depths[at] + 1, _DEEPEST))
    made.replies.insert(below, 0)
    end = top + made.replies[top] + 1
    for column in made:
        moved = column[top:end]
        del column[top:end]
        column.extend(moved)


def _parent(rows: sqlite3.Connection, box: int, made: Order, number: int) -> int | None:
    """Where in the threads the nearest letter is that another one refers to."""
    named = rows.execute(
        'SELECT CASE "references" WHEN \'\' THEN in_reply_to ELSE "references" END FROM letters WHERE number = ?',
        (number,),
    ).fetchone()[0]
    for id_ in reversed(named.split()):
        found = rows.execute(
            "SELECT min(number) FROM letters WHERE message_id = ? AND box = ? AND number != ?", (id_, box, number)
        ).fetchone()[0]
        if found is not None and found in made.numbers:
            return made.numbers.index(found)
    return None
