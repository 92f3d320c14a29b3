"""The ledger: one SQLite file for everything that is known *about* letters and runs.

The queue, the arrivals and the runs are functions over a ``Ledger``; each has its tables in ``STEPS`` below.

Never: the bytes of a letter, a secret.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import BusyError, StoreError
from core.store import files

_PATIENCE = 20.0  # seconds to wait for another process; every transaction here is a matter of milliseconds

# Each step takes a ledger from one version of the schema (PRAGMA user_version) to the next. A step that has
# been released is never changed; a new one is added after it.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE letters (
            id TEXT PRIMARY KEY, member TEXT NOT NULL, sender TEXT NOT NULL, size INTEGER NOT NULL,
            queued TEXT NOT NULL, subject TEXT NOT NULL, held INTEGER NOT NULL DEFAULT 0,
            why TEXT NOT NULL DEFAULT '')""",
        """CREATE TABLE recipients (
            id TEXT NOT NULL REFERENCES letters, place INTEGER NOT NULL, address TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting', reply TEXT NOT NULL DEFAULT '',
            tries INTEGER NOT NULL DEFAULT 0, first TEXT, tried TEXT, PRIMARY KEY (id, address))""",
        "CREATE INDEX recipients_by_state ON recipients (state)",
        """CREATE VIEW queue AS
            SELECT l.id, member, sender, size, queued, subject, held, why,
                address, state, reply, tries, tried, first, place
            FROM letters l JOIN recipients r ON l.id = r.id""",
        """CREATE TABLE arrivals (
            maildrop TEXT NOT NULL, uid TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (maildrop, uid))""",
        """CREATE TABLE deliveries (
            source TEXT NOT NULL, member TEXT NOT NULL, folder TEXT NOT NULL, start INTEGER NOT NULL,
            length INTEGER NOT NULL, done TEXT, PRIMARY KEY (source, member))""",
        "CREATE INDEX deliveries_open ON deliveries (source) WHERE done IS NULL",
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL, ended TEXT,
            number TEXT NOT NULL DEFAULT '', rate INTEGER NOT NULL DEFAULT 0,
            connecting REAL NOT NULL DEFAULT 0, account TEXT NOT NULL DEFAULT '')""",
    ),
    (
        "ALTER TABLE deliveries ADD COLUMN key TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE copies (
            member TEXT NOT NULL, key TEXT NOT NULL, source TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (member, key))""",
        "CREATE INDEX copies_by_age ON copies (at)",
    ),
    (
        "ALTER TABLE letters ADD COLUMN message_id TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX letters_by_message_id ON letters (message_id)",
        "ALTER TABLE recipients ADD COLUMN warned TEXT",
        "DROP VIEW queue",
        """CREATE VIEW queue AS
            SELECT l.id, member, sender, size, queued, subject, held, why,
                address, state, reply, tries, tried, first, warned, place, message_id
            FROM letters l JOIN recipients r ON l.id = r.id""",
        """CREATE TABLE failures (
            id TEXT NOT NULL, address TEXT NOT NULL, why TEXT NOT NULL, reply TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (id, address), FOREIGN KEY (id, address) REFERENCES recipients (id, address))""",
    ),
    (
        "ALTER TABLE letters ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE letters ADD COLUMN not_before TEXT",
        "DROP VIEW queue",
        """CREATE VIEW queue AS
            SELECT l.id, member, sender, size, queued, subject, held, why, urgent, not_before,
                address, state, reply, tries, tried, first, warned, place, message_id
            FROM letters l JOIN recipients r ON l.id = r.id""",
    ),
    (
        """CREATE TABLE stubs (
            number INTEGER PRIMARY KEY AUTOINCREMENT, maildrop TEXT NOT NULL, uid TEXT NOT NULL, size INTEGER NOT NULL,
            missing INTEGER NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL, members TEXT NOT NULL,
            at TEXT NOT NULL, answer TEXT NOT NULL DEFAULT 'leave', UNIQUE (maildrop, uid))""",
    ),
    (
        """CREATE TABLE servers (
            host TEXT NOT NULL, port INTEGER NOT NULL, offers TEXT NOT NULL DEFAULT '{}', asked TEXT,
            failed TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (host, port))""",
    ),
    ("CREATE TABLE names (host TEXT PRIMARY KEY, addresses TEXT NOT NULL, until TEXT NOT NULL)",),
    (
        "ALTER TABLE runs ADD COLUMN setup REAL NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN up_rate INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN down_rate INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE shares (
            run INTEGER NOT NULL REFERENCES runs, member TEXT NOT NULL, direction TEXT NOT NULL,
            bytes INTEGER NOT NULL, cost TEXT NOT NULL, PRIMARY KEY (run, member, direction))""",
    ),
    ("ALTER TABLE runs ADD COLUMN turn REAL NOT NULL DEFAULT 0",),
)


class Ledger:
    """One opened ledger; may be used by several threads, and its file by several processes."""

    __slots__ = ("_connection", "_mutex", "path")

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._mutex = threading.RLock()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and durable on leaving; one inside another becomes part of it. Never await inside.

        Raises:
            BusyError: another process writes, and did not end in time.
            StoreError: the disk refused, or the file is damaged; nothing has changed.
        """
        with self._mutex, _faults(self.path):
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has rolled back already
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of one query, as of one moment.

        Raises:
            BusyError, StoreError: as ``transaction``.
        """
        with self._mutex, _faults(self.path):
            return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close the file; the ledger cannot be used any more."""
        with self._mutex, _faults(self.path):
            self._connection.close()


def open_ledger(path: Path) -> Ledger:
    """Open the ledger, making or bringing it up to date where needed.

    Raises:
        BusyError: another process holds it.
        StoreError: it cannot be made or read, is no ledger, or was written by a newer mailrun.
    """
    with files.faults(path):
        _make(path)
    with _faults(path):
        connection = sqlite3.connect(path, _PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
            ledger = Ledger(path, connection)
            _migrate(ledger)
        except BaseException:
            connection.close()
            raise
    return ledger


def _make(path: Path) -> None:
    """An empty file that only its owner may read; SQLite gives its journal the same mode."""
    if path.exists():
        return
    files.make_folder(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    files.sync_folder(path.parent)


def _prepare(connection: sqlite3.Connection) -> None:
    # A rollback journal and not a write-ahead log: between transactions ledger.db alone is the whole ledger,
    # even while a screen has it open all day, so that a copy of that one file is a backup. Mode TRUNCATE and not
    # DELETE: with synchronous=FULL SQLite syncs the emptied journal, but not the folder from which one was
    # removed; a power loss could bring that one back and undo a transaction that we have acted upon.
    connection.execute("PRAGMA journal_mode=TRUNCATE")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _migrate(ledger: Ledger) -> None:
    """Take every step that the file has not seen; all in one transaction."""
    if _version(ledger) == len(STEPS):
        return
    with ledger.transaction() as connection:
        version = _version(ledger)
        if version > len(STEPS):
            raise StoreError(f"{ledger.path}: a newer mailrun wrote this ledger; use that one")
        for step in STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={len(STEPS)}")


def _version(ledger: Ledger) -> int:
    return int(ledger.rows("PRAGMA user_version")[0][0])


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Every fault of SQLite becomes one of ours that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BusyError(f"{path}: another mailrun is writing to it; try again in a moment") from error
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise StoreError(f"{path}: this is no ledger, or it is damaged; put a backup in its place") from error
        if code == sqlite3.SQLITE_FULL:
            raise StoreError(f"{path}: the disk is full; make some room and try again") from error
        raise StoreError(f"{path}: the ledger cannot be used: {error}") from error


def stamp(when: datetime) -> str:
    """A moment as the ledger keeps it: UTC, in an order that text sorting keeps."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """The moment that ``stamp`` wrote down."""
    return datetime.fromisoformat(text) if text else None
