"""The tables of an index, and the questions to them in SQL.

    boxes      a mailbox: how it was at the last look; ``sure``: all its letters were compared then (1: but a moment
               after a change, so that a further one might not show in its times; 2: and nothing is in doubt);
               ``threaded``: the order of threads is the one that all letters together give
    letters    one letter: a ``Known`` (see there); its number stays while its id does, and is never given to another
    orders     the numbers of a mailbox's letters in one order, packed (``orders``)
    words      the words of letters, by their numbers (``find``); stale ones do no harm, as numbers are not given again

The functions work in whatever transaction is open on the connection that they are given.

Never: a mailbox; what the index is good for (``index``).
"""

import json
import os
import sqlite3
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from core.store.known import Known, Place
from core.store.mboxrd import Entry

# Of the tables below; an index with other ones is made anew, and so is one of a machine with another order of bytes.
_VERSION = 10 + (sys.byteorder == "big")
_TABLES = """
    CREATE TABLE boxes (
        number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL, inode INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL,
        sure INTEGER NOT NULL, threaded INTEGER NOT NULL, unread INTEGER NOT NULL, total INTEGER NOT NULL);
    CREATE TABLE letters (
        number INTEGER PRIMARY KEY AUTOINCREMENT, box INTEGER NOT NULL REFERENCES boxes,
        id TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, flags TEXT NOT NULL, span INTEGER NOT NULL,
        mark INTEGER NOT NULL, sender TEXT NOT NULL, address TEXT NOT NULL, "to" TEXT NOT NULL, cc TEXT NOT NULL,
        addresses TEXT NOT NULL, subject TEXT NOT NULL, date INTEGER, zone INTEGER NOT NULL, message_id TEXT NOT NULL,
        in_reply_to TEXT NOT NULL, "references" TEXT NOT NULL, list_id TEXT NOT NULL, routed BLOB,
        stub INTEGER NOT NULL, mixed INTEGER NOT NULL, moment INTEGER NOT NULL);
    CREATE INDEX unread ON letters (box) WHERE instr(flags, 'R') = 0;
    CREATE INDEX unclaimed ON letters (box) WHERE substr(routed, 1, 15) = x'686f773d706f73746d61737465723b';
    CREATE INDEX lists ON letters (box, list_id) WHERE list_id != '';
    CREATE TABLE orders (
        box INTEGER NOT NULL REFERENCES boxes, name TEXT NOT NULL,
        numbers BLOB NOT NULL, depths BLOB NOT NULL, replies BLOB NOT NULL, PRIMARY KEY (box, name));
    CREATE VIRTUAL TABLE words USING fts5 (
        sender, "to", cc, subject, list_id, text, content='', tokenize='unicode61 remove_diacritics 2');
"""
# Made when the letters of a first look are there: much quicker than keeping them while the letters come.
_INDEXES = """
    CREATE INDEX IF NOT EXISTS ids ON letters (id);
    CREATE INDEX IF NOT EXISTS message_ids ON letters (message_id);
    CREATE INDEX IF NOT EXISTS lists ON letters (box, list_id, flags) WHERE list_id != '';
"""
_PLACE = "id, offset, length, flags, span, mark"
COLUMNS = f"""
    {_PLACE}, sender, address, "to", cc, addresses, subject, date, zone, message_id, in_reply_to, "references", list_id,
    routed, stub, mixed, moment
"""
_NEW = f"INSERT INTO letters (number, box, {COLUMNS}) VALUES (?, ?{', ?' * len(Known._fields)})"  # noqa: S608 (constants, here and below)
_ALL = f"SELECT {COLUMNS} FROM letters WHERE box = ? ORDER BY offset"  # noqa: S608
_ALL_PLACES = f"SELECT number, {_PLACE} FROM letters WHERE box = ? ORDER BY offset"  # noqa: S608
_SOME = f"SELECT number, {COLUMNS} FROM letters WHERE number IN (%s)"  # noqa: S608
_UNCLAIMED = f"""
    SELECT {COLUMNS} FROM letters WHERE box = ? AND substr(routed, 1, 15) = x'686f773d706f73746d61737465723b'
    ORDER BY offset
"""  # noqa: S608
_BEGINNING = """
    SELECT id, offset, length, flags FROM letters
    WHERE box = :box AND id >= :id AND id < :id || '~' ORDER BY offset
"""
_THESE = """
    SELECT id, offset, length, flags FROM letters
    WHERE box = :box AND id IN (SELECT value FROM json_each(:ids)) ORDER BY offset
"""
_MARKED = """
    SELECT id, offset, length, flags, moment FROM letters WHERE box = ? AND flags LIKE ? ORDER BY offset DESC LIMIT ?
"""
_STUBS = "SELECT id, offset, length, flags FROM letters WHERE box = ? AND stub ORDER BY offset"
_PATIENCE = 5.0  # seconds that another process may take to build or update an index
# What says nothing against the index itself.
_OUTER = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
)


class Stamp(NamedTuple):
    """What of a mailbox changes with its contents."""

    size: int
    inode: int
    modified: int
    changed: int

    @classmethod
    def of(cls, now: os.stat_result) -> "Stamp":
        """Of a file."""
        return cls(now.st_size, now.st_ino, now.st_mtime_ns, now.st_ctime_ns)


class Box(NamedTuple):
    """What is known of a mailbox as a whole; ``number`` 0 and no ``stamp``: nobody has looked yet."""

    number: int
    stamp: Stamp | None
    sure: int
    threaded: bool
    unread: int
    total: int


UNKNOWN = Box(0, None, sure=0, threaded=False, unread=0, total=0)


def opened(path: Path, patience: float = 0) -> sqlite3.Connection:
    """An index, made where there is none; only its owner may read it. One thread at a time may use it.

    Raises:
        OSError, sqlite3.Error: it cannot be made or opened.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    rows = sqlite3.connect(path, patience or _PATIENCE, isolation_level=None, check_same_thread=False)
    rows.execute("PRAGMA journal_mode=WAL")  # who writes keeps nobody from reading
    rows.execute("PRAGMA synchronous=NORMAL")  # whole after a power loss, though perhaps of yesterday
    return rows


def in_memory() -> sqlite3.Connection:
    """An index that is no file."""
    rows = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    make(rows)
    return rows


def damaged(error: sqlite3.Error) -> bool:
    """Whether the index itself is at fault, not the disk or another process."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _OUTER


def busy(error: Exception) -> bool:
    """Whether another process is at the index."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def throw_away(path: Path) -> None:
    """Remove an index.

    Raises:
        OSError: as unlink(2).
    """
    for tail in ("", "-journal", "-wal", "-shm"):
        path.with_name(f"{path.name}{tail}").unlink(missing_ok=True)


def ours(rows: sqlite3.Connection) -> bool:
    """Whether the tables are there, and are the ones of this version."""
    return bool(rows.execute("PRAGMA user_version").fetchone()[0] == _VERSION)


def make(rows: sqlite3.Connection) -> None:
    """Make the tables, in the place of any others."""
    for name in ("letters", "boxes", "orders", "words"):
        rows.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _TABLES.split(";\n"):
        rows.execute(statement)
    rows.execute(f"PRAGMA user_version={_VERSION}")


def make_indexes(rows: sqlite3.Connection) -> None:
    """Make what the letters of a first look were quicker without."""
    for statement in _INDEXES.split(";\n"):
        rows.execute(statement)


def names(rows: sqlite3.Connection) -> list[str]:
    """All mailboxes that the index has heard of."""
    return [str(name) for (name,) in rows.execute("SELECT name FROM boxes")]


def box(rows: sqlite3.Connection, name: str) -> Box:
    """What is known of a mailbox."""
    found = rows.execute(
        "SELECT number, size, inode, modified, changed, sure, threaded, unread, total FROM boxes WHERE name = ?",
        (name,),
    ).fetchone()
    if not found:
        return UNKNOWN
    stamp = Stamp(*found[1:5]) if found[2] else None
    return Box(int(found[0]), stamp, int(found[5]), bool(found[6]), int(found[7]), int(found[8]))


def add(rows: sqlite3.Connection, name: str) -> int:
    """A number for a mailbox."""
    return int(rows.execute("INSERT INTO boxes VALUES (NULL, ?, 0, 0, 0, 0, 0, 0, 0, 0)", (name,)).lastrowid or 0)


def forget(rows: sqlite3.Connection, gone: Iterable[str]) -> None:
    """Drop mailboxes that are no more."""
    for name in gone:
        for table in ("letters", "orders"):
            rows.execute(f"DELETE FROM {table} WHERE box = (SELECT number FROM boxes WHERE name = ?)", (name,))  # noqa: S608
        rows.execute("DELETE FROM boxes WHERE name = ?", (name,))


def note(rows: sqlite3.Connection, box: int, stamp: Stamp, sure: int) -> None:
    """Write down how a mailbox is, now that its letters are known, and how sure that is."""
    unread = "SELECT count(*) FROM letters WHERE box = boxes.number AND instr(flags, 'R') = 0"
    rows.execute(
        f"UPDATE boxes SET (size, inode, modified, changed, sure) = (?, ?, ?, ?, ?), unread = ({unread})"  # noqa: S608
        " WHERE number = ?",
        (*stamp, sure, box),
    )


def order(rows: sqlite3.Connection, box: int, *, threaded: bool, total: int) -> None:
    """Write down how many letters there are, and whether their threads are as they should be."""
    rows.execute("UPDATE boxes SET (threaded, total) = (?, ?) WHERE number = ?", (threaded, total, box))


def change(rows: sqlite3.Connection, changed: Iterable[tuple[int, Place]]) -> None:
    """Letters, by their numbers, have other flags, or another place."""
    rows.executemany(
        "UPDATE letters SET (offset, length, flags, span, mark) = (?, ?, ?, ?, ?) WHERE number = ?",
        [(*one[1:], number) for number, one in changed],
    )


def drop(rows: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """These letters are no more."""
    rows.executemany("DELETE FROM letters WHERE number = ?", [(number,) for number in numbers])


def last(rows: sqlite3.Connection) -> int:
    """The highest number that a letter ever had."""
    found = rows.execute("SELECT seq FROM sqlite_sequence WHERE name = 'letters'").fetchone()
    return int(found[0]) if found else 0


def put(rows: sqlite3.Connection, box: int, letters: Iterable[tuple[int, Known]]) -> None:
    """More letters, each with its number."""
    rows.executemany(_NEW, ((number, box, *one) for number, one in letters))


def letters(rows: sqlite3.Connection, box: int) -> Iterator[Known]:
    """All letters of a mailbox, in the order of the file."""
    return map(Known._make, rows.execute(_ALL, (box,)))


def unclaimed(rows: sqlite3.Connection, box: int) -> list[Known]:
    """The letters of a mailbox that came there because nobody claimed them, in the order of the file."""
    return [Known._make(row) for row in rows.execute(_UNCLAIMED, (box,))]


def lists(rows: sqlite3.Connection, box: int) -> list[tuple[str, int, int]]:
    """The mailing lists over which letters of a mailbox came: how each calls itself, how many are unread, and all."""
    sql = """
        SELECT list_id, total(instr(flags, 'R') = 0), count(*) FROM letters
        WHERE box = ? AND list_id != '' GROUP BY list_id
    """
    return [(list_id, int(unread), total) for list_id, unread, total in rows.execute(sql, (box,))]


def of_list(rows: sqlite3.Connection, box: int, list_id: str) -> dict[int, bool]:
    """The numbers of the letters that came over a mailing list, and whether each is unread."""
    sql = """
        SELECT number, instr(flags, 'R') = 0 FROM letters
        WHERE box = ? AND list_id != '' AND list_id = ?
    """
    return {number: bool(unread) for number, unread in rows.execute(sql, (box, list_id))}


def some(rows: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, Known]:
    """These letters, as far as they are still there, by their numbers."""
    found = rows.execute(_SOME % ", ".join("?" * len(numbers)), numbers)
    return {row[0]: Known._make(row[1:]) for row in found}


def places(rows: sqlite3.Connection, box: int) -> list[tuple[int, Place]]:
    """The numbers of all letters of a mailbox, and where they are."""
    return [(row[0], Place._make(row[1:])) for row in rows.execute(_ALL_PLACES, (box,))]


def numbered(rows: sqlite3.Connection, box: int, ids: Collection[str]) -> dict[str, int]:
    """The numbers of the letters with these ids."""
    sql = "SELECT id, number FROM letters WHERE box = ? AND id IN (SELECT value FROM json_each(?))"
    return dict(rows.execute(sql, (box, json.dumps(list(ids)))))


def ids(rows: sqlite3.Connection, numbers: Collection[int]) -> list[str]:
    """The ids of letters with these numbers."""
    sql = "SELECT id FROM letters WHERE number IN (SELECT value FROM json_each(?))"
    return [id_ for (id_,) in rows.execute(sql, (json.dumps(list(numbers)),))]


def boxes(rows: sqlite3.Connection, numbers: Collection[int]) -> dict[int, int]:
    """In which mailboxes letters are, by their numbers."""
    sql = "SELECT number, box FROM letters WHERE number IN (SELECT value FROM json_each(?))"
    return dict(rows.execute(sql, (json.dumps(list(numbers)),)))


def alike(rows: sqlite3.Connection, box: int, digest: str) -> int:
    """How many letters have this id, or this id and a number."""
    sql = "SELECT count(*) FROM letters WHERE box = ? AND id >= ? AND id < ? || '~'"
    return int(rows.execute(sql, (box, digest, digest)).fetchone()[0])


def offsets(rows: sqlite3.Connection, box: int, begin: int, shift: int) -> None:
    """All letters from an offset on have moved."""
    rows.execute("UPDATE letters SET offset = offset + ? WHERE box = ? AND offset >= ?", (shift, box, begin))


def unread(rows: sqlite3.Connection, box: int) -> list[int]:
    """The numbers of the letters that are unread."""
    found = rows.execute("SELECT number FROM letters WHERE box = ? AND instr(flags, 'R') = 0", (box,))
    return [number for (number,) in found]


def beginning(rows: sqlite3.Connection, box: int, id_: str) -> list[Entry]:
    """The letters whose ids begin so."""
    return [Entry(*row) for row in rows.execute(_BEGINNING, {"box": box, "id": id_})]


def marked(rows: sqlite3.Connection, box: int, flag: str, most: int) -> list[tuple[Entry, int]]:
    """The last letters with a flag (all have ""), in the order of the file, each with its moment."""
    found = rows.execute(_MARKED, (box, f"%{flag}%", most)).fetchall()
    return [(Entry(*row[:4]), row[4]) for row in reversed(found)]


def these(rows: sqlite3.Connection, box: int, ids: Collection[str]) -> list[Entry]:
    """The letters with these ids, in the order of the file."""
    return [Entry(*row) for row in rows.execute(_THESE, {"box": box, "ids": json.dumps(list(ids))})]


def stubs(rows: sqlite3.Connection, box: int) -> list[Entry]:
    """The letters of which only a beginning is here, in the order of the file."""
    return [Entry(*row) for row in rows.execute(_STUBS, (box,))]
