"""The tables of an index, and every question to them in SQL.

The functions work in whatever transaction is open on the connection that they are given.

Never: a mailbox; what the index is good for (``index``).
"""

import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from core.store.known import Known, Place
from core.store.mboxrd import Entry

_VERSION = 1  # of the tables below; an index with other ones is made anew
_TABLES = """
    CREATE TABLE boxes (
        number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL, inode INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL,
        unread INTEGER NOT NULL, total INTEGER NOT NULL);
    CREATE TABLE letters (
        box INTEGER NOT NULL REFERENCES boxes, id TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
        flags TEXT NOT NULL, span INTEGER NOT NULL, mark INTEGER NOT NULL, sender TEXT NOT NULL, "to" TEXT NOT NULL,
        subject TEXT NOT NULL, date TEXT NOT NULL, message_id TEXT NOT NULL, "references" TEXT NOT NULL,
        list_id TEXT NOT NULL, routed BLOB, stub INTEGER NOT NULL, mixed INTEGER NOT NULL,
        PRIMARY KEY (box, offset)) WITHOUT ROWID;
"""
_COLUMNS = """
    id, offset, length, flags, span, mark, sender, "to", subject, date, message_id, "references", list_id, routed,
    stub, mixed
"""
_ALL = f"SELECT {_COLUMNS} FROM letters WHERE box = ? ORDER BY offset"  # noqa: S608 (a constant)
_ALL_PLACES = "SELECT id, offset, length, flags, span, mark FROM letters WHERE box = ? ORDER BY offset"
_NEW = f"INSERT INTO letters (box, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 (a constant)
_BEGINNING = """
    SELECT id, offset, length, flags FROM letters
    WHERE box = :box AND substr(id, 1, length(:id)) = :id ORDER BY offset
"""
_THESE = """
    SELECT id, offset, length, flags FROM letters
    WHERE box = :box AND id IN (SELECT value FROM json_each(:ids)) ORDER BY offset
"""
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


def opened(path: Path) -> sqlite3.Connection:
    """An index, made where there is none; only its owner may read it.

    Raises:
        OSError, sqlite3.Error: it cannot be made or opened.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    return sqlite3.connect(path, _PATIENCE, isolation_level=None)


def damaged(error: sqlite3.Error) -> bool:
    """Whether the index itself is at fault, not the disk or another process."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _OUTER


def throw_away(path: Path) -> None:
    """Remove an index.

    Raises:
        OSError: as unlink(2).
    """
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def ours(rows: sqlite3.Connection) -> bool:
    """Whether the tables are there, and are the ones of this version."""
    return bool(rows.execute("PRAGMA user_version").fetchone()[0] == _VERSION)


def make(rows: sqlite3.Connection) -> None:
    """Make the tables, in the place of any others."""
    for name in ("letters", "boxes"):
        rows.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _TABLES.split(";"):
        rows.execute(statement)
    rows.execute(f"PRAGMA user_version={_VERSION}")


def names(rows: sqlite3.Connection) -> list[str]:
    """All mailboxes that the index has heard of."""
    return [str(name) for (name,) in rows.execute("SELECT name FROM boxes")]


def box(rows: sqlite3.Connection, name: str) -> tuple[int, Stamp | None]:
    """A mailbox's number, and how it was at the last look; 0 and None: nobody has looked yet."""
    found = rows.execute("SELECT number, size, inode, modified, changed FROM boxes WHERE name = ?", (name,)).fetchone()
    return (int(found[0]), Stamp(*found[1:])) if found else (0, None)


def add(rows: sqlite3.Connection, name: str) -> int:
    """A number for a mailbox."""
    return int(rows.execute("INSERT INTO boxes VALUES (NULL, ?, 0, 0, 0, 0, 0, 0)", (name,)).lastrowid or 0)


def forget(rows: sqlite3.Connection, gone: Iterable[str]) -> None:
    """Drop mailboxes that are no more."""
    for name in gone:
        rows.execute("DELETE FROM letters WHERE box = (SELECT number FROM boxes WHERE name = ?)", (name,))
        rows.execute("DELETE FROM boxes WHERE name = ?", (name,))


def note(rows: sqlite3.Connection, box: int, stamp: Stamp) -> None:
    """Write down how a mailbox is, now that its letters are known."""
    counted = rows.execute("SELECT total(flags NOT LIKE '%R%'), count(*) FROM letters WHERE box = ?", (box,)).fetchone()
    rows.execute(
        "UPDATE boxes SET (size, inode, modified, changed, unread, total) = (?, ?, ?, ?, ?, ?) WHERE number = ?",
        (*stamp, int(counted[0]), counted[1], box),
    )


def change(rows: sqlite3.Connection, box: int, changed: Iterable[Place]) -> None:
    """Letters at known offsets have other flags."""
    rows.executemany(
        "UPDATE letters SET flags = ?, span = ?, mark = ? WHERE box = ? AND offset = ?",
        [(one.flags, one.span, one.mark, box, one.offset) for one in changed],
    )


def replace(rows: sqlite3.Connection, box: int, begin: int, letters: Iterable[Known]) -> None:
    """From an offset on, these are the letters."""
    rows.execute("DELETE FROM letters WHERE box = ? AND offset >= ?", (box, begin))
    rows.executemany(_NEW, ((box, *one) for one in letters))


def letters(rows: sqlite3.Connection, box: int) -> Iterator[Known]:
    """All letters of a mailbox, in the order of the file."""
    return map(Known._make, rows.execute(_ALL, (box,)))


def places(rows: sqlite3.Connection, box: int) -> list[Place]:
    """Where all letters of a mailbox are."""
    return [Place._make(row) for row in rows.execute(_ALL_PLACES, (box,))]


def beginning(rows: sqlite3.Connection, box: int, id_: str) -> list[Entry]:
    """The letters whose ids begin so."""
    return [Entry(*row) for row in rows.execute(_BEGINNING, {"box": box, "id": id_})]


def these(rows: sqlite3.Connection, box: int, ids: Collection[str]) -> list[Entry]:
    """The letters with these ids, in the order of the file."""
    return [Entry(*row) for row in rows.execute(_THESE, {"box": box, "ids": json.dumps(list(ids))})]


def counts(rows: sqlite3.Connection, box: int) -> tuple[int, int]:
    """How many letters are unread, and how many there are."""
    unread, total = rows.execute("SELECT unread, total FROM boxes WHERE number = ?", (box,)).fetchone()
    return int(unread), int(total)
