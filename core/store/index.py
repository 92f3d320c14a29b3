"""The index: what is known of the letters in a member's mailboxes, kept beside them in one SQLite file.

It is a cache and never the truth. Each use compares size, inode and times of the mailbox with those of the last
look; after a change, whoever made it, every letter's beginning is compared, and what is new is read. A damaged index
is thrown away; where there can be none (a read-only disk, another process that builds it) the mailbox is read instead.
ctime counts, not mtime: mutt puts the old mtime back after it has set flags.

Never: a letter's text; a write to a mailbox.
"""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from core.store import files, mbox
from core.store.box import check
from core.store.known import Known, Place, letters, verified
from core.store.mboxrd import Entry

NAME = ".index.db"
SMALL = 1 << 17  # bytes: a smaller mailbox is read as quickly as its index

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
# A change within one tick of the file system's clock after the last look would not show; then nothing is believed.
_TICK = 10**8  # nanoseconds; ext4 and others count in 10 ms at most
_COARSE = 2 * 10**9  # file systems that know whole seconds, or every second one
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

Answer = TypeVar("Answer")


class _Stamp(NamedTuple):
    """What of a mailbox changes with its contents."""

    size: int
    inode: int
    modified: int
    changed: int


def each(path: Path, make: Callable[[Known], Answer]) -> list[Answer]:
    """What ``make`` makes of each letter of a mailbox, in the order of the file, as ``mbox.entries``.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """

    def query(rows: sqlite3.Connection, box: int) -> list[Answer]:
        return [make(Known._make(row)) for row in rows.execute(_ALL, (box,))]

    return _asked(path, query, lambda found: [make(one) for one in found])


def known(path: Path) -> list[Known]:
    """All letters of a mailbox, as ``each``.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return each(path, lambda one: one)


def counts(path: Path) -> tuple[int, int]:
    """How many letters are unread, and how many there are.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(path, _counts, _counted)


def beginning(path: Path, id_: str) -> list[Entry]:
    """The letters whose ids begin so.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(
        path,
        lambda rows, box: [Entry(*row) for row in rows.execute(_BEGINNING, {"box": box, "id": id_})],
        lambda found: [one.entry for one in found if one.id.startswith(id_)],
    )


def places(path: Path, ids: Collection[str]) -> list[Entry]:
    """The letters with these ids, in the order of the file.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(
        path,
        lambda rows, box: [Entry(*row) for row in rows.execute(_THESE, {"box": box, "ids": json.dumps(list(ids))})],
        lambda found: [one.entry for one in found if one.id in ids],
    )


def _counts(rows: sqlite3.Connection, box: int) -> tuple[int, int]:
    unread, total = rows.execute("SELECT unread, total FROM boxes WHERE number = ?", (box,)).fetchone()
    return int(unread), int(total)


def _counted(found: list[Known]) -> tuple[int, int]:
    return sum("R" not in one.flags for one in found), len(found)


def _asked(
    path: Path, query: Callable[[sqlite3.Connection, int], Answer], plain: Callable[[list[Known]], Answer]
) -> Answer:
    """The answer of the index, or else the one that ``plain`` gives on the mailbox itself."""
    if not path.exists():
        return plain([])
    with mbox.reading(path) as fd, files.faults(path):
        if os.fstat(fd).st_size >= SMALL:
            with suppress(sqlite3.Error, OSError):
                return _tried(path, fd, query)
        return plain(list(_read(path, fd)))


def _tried(path: Path, fd: int, query: Callable[[sqlite3.Connection, int], Answer]) -> Answer:
    """The answer of the index, made anew where it is damaged."""
    try:
        with closing(_opened(path.with_name(NAME))) as rows:
            return query(rows, _fresh(rows, path, fd))
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _OUTER:
            raise
    _thrown_away(path.with_name(NAME))
    with closing(_opened(path.with_name(NAME))) as rows:
        return query(rows, _fresh(rows, path, fd))


def _read(path: Path, fd: int, begin: int = 0, before: Iterable[str] = ()) -> Iterator[Known]:
    """The letters from ``begin`` on, from the mailbox itself."""
    found = letters(fd, begin, before)
    first = next(found, None)
    if not begin:
        check(path, fd, first.offset if first else None)
    if first:
        yield first
    yield from found


def _opened(path: Path) -> sqlite3.Connection:
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    return sqlite3.connect(path, _PATIENCE, isolation_level=None)


def _thrown_away(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def _fresh(rows: sqlite3.Connection, path: Path, fd: int) -> int:
    """The number of a mailbox in an index that knows all about it; a transaction is open afterwards."""
    now = _stamp(fd)
    rows.execute("BEGIN")
    if _tables(rows):
        box, last = _found(rows, path.name)
        if last == now:
            return box
    rows.execute("ROLLBACK")
    rows.execute("PRAGMA synchronous=NORMAL")
    rows.execute("BEGIN IMMEDIATE")
    box = _updated(rows, path, fd, now)
    rows.execute("COMMIT")
    rows.execute("BEGIN")
    return box


def _stamp(fd: int) -> _Stamp:
    now = os.fstat(fd)
    return _Stamp(now.st_size, now.st_ino, now.st_mtime_ns, now.st_ctime_ns)


def _tables(rows: sqlite3.Connection) -> bool:
    return bool(rows.execute("PRAGMA user_version").fetchone()[0] == _VERSION)


def _found(rows: sqlite3.Connection, name: str) -> tuple[int, _Stamp | None]:
    """A mailbox's number, and how it was at the last look; 0 and None: nobody has looked yet."""
    found = rows.execute("SELECT number, size, inode, modified, changed FROM boxes WHERE name = ?", (name,)).fetchone()
    return (int(found[0]), _Stamp(*found[1:])) if found else (0, None)


def _updated(rows: sqlite3.Connection, path: Path, fd: int, now: _Stamp) -> int:
    """Learn what has changed in a mailbox."""
    if not _tables(rows):
        _make(rows)
    rows.execute("INSERT OR IGNORE INTO boxes VALUES (NULL, ?, 0, 0, 0, 0, 0, 0)", (path.name,))
    box, last = _found(rows, path.name)
    if last == now:  # another process has learned it meanwhile
        return box
    _learn(rows, box, path, fd)
    counted = rows.execute("SELECT total(flags NOT LIKE '%R%'), count(*) FROM letters WHERE box = ?", (box,)).fetchone()
    rows.execute(
        "UPDATE boxes SET (size, inode, modified, changed, unread, total) = (?, ?, ?, ?, ?, ?) WHERE number = ?",
        (*(now if _settled(now) else now._replace(changed=0)), int(counted[0]), counted[1], box),
    )
    return box


def _make(rows: sqlite3.Connection) -> None:
    for name in ("letters", "boxes"):
        rows.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _TABLES.split(";"):
        rows.execute(statement)
    rows.execute(f"PRAGMA user_version={_VERSION}")


def _learn(rows: sqlite3.Connection, box: int, path: Path, fd: int) -> None:
    old = [Place._make(row) for row in rows.execute(_ALL_PLACES, (box,))]
    count, changed = verified(fd, old)
    rows.executemany(
        "UPDATE letters SET flags = ?, span = ?, mark = ? WHERE box = ? AND offset = ?",
        [(one.flags, one.span, one.mark, box, one.offset) for one in changed],
    )
    if count == len(old) and old and old[-1].offset + old[-1].length == os.fstat(fd).st_size:
        return
    kept = old[: max(0, count - 1)]  # the last of them may have another length now
    begin = old[len(kept)].offset if kept else 0
    rows.execute("DELETE FROM letters WHERE box = ? AND offset >= ?", (box, begin))
    rows.executemany(_NEW, ((box, *one) for one in _read(path, fd, begin, [one.id for one in kept])))


def _settled(now: _Stamp) -> bool:
    """Whether a later change to the mailbox must show in its times."""
    return now.changed + (_TICK if now.changed % 10**9 else _COARSE) < time.time_ns()
