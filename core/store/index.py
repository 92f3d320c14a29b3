"""The index: what is known of the letters in a member's mailboxes, kept beside them in one SQLite file.

It is a cache and never the truth. Each use compares size, inode and times of the mailbox with those of the last
look; after a change, whoever made it, every letter's beginning is compared, and what is new is read. A damaged index
is thrown away; where there can be none (a read-only disk, another process that builds it) the mailbox is read instead.
ctime counts, not mtime: mutt puts the old mtime back after it has set flags.

Never: a letter's text; a write to a mailbox.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from core.store import files, mbox, tables
from core.store.box import check
from core.store.known import Known, letters, verified
from core.store.mboxrd import Entry
from core.store.tables import Stamp

NAME = ".index.db"
SMALL = 1 << 17  # bytes: a smaller mailbox is read as quickly as its index

# A change within one tick of the file system's clock after the last look would not show; then nothing is believed.
_TICK = 10**8  # nanoseconds; ext4 and others count in 10 ms at most
_COARSE = 2 * 10**9  # file systems that know whole seconds, or every second one
Answer = TypeVar("Answer")


def each(path: Path, make: Callable[[Known], Answer]) -> list[Answer]:
    """What ``make`` makes of each letter of a mailbox, in the order of the file, as ``mbox.entries``.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(
        path,
        lambda rows, box: [make(one) for one in tables.letters(rows, box)],
        lambda found: [make(one) for one in found],
    )


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
    return _asked(path, tables.counts, _counted)


def beginning(path: Path, id_: str) -> list[Entry]:
    """The letters whose ids begin so.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(
        path,
        lambda rows, box: tables.beginning(rows, box, id_),
        lambda found: [one.entry for one in found if one.id.startswith(id_)],
    )


def places(path: Path, ids: Collection[str]) -> list[Entry]:
    """The letters with these ids, in the order of the file.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    return _asked(
        path,
        lambda rows, box: tables.these(rows, box, ids),
        lambda found: [one.entry for one in found if one.id in ids],
    )


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
    file = path.with_name(NAME)
    try:
        with closing(tables.opened(file)) as rows:
            return query(rows, _fresh(rows, path, fd))
    except sqlite3.Error as error:
        if not tables.damaged(error):
            raise
    tables.throw_away(file)
    with closing(tables.opened(file)) as rows:
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


def _fresh(rows: sqlite3.Connection, path: Path, fd: int) -> int:
    """The number of a mailbox in an index that knows all about it; a transaction is open afterwards."""
    now = _stamp(fd)
    rows.execute("BEGIN")
    if tables.ours(rows):
        box, last = tables.box(rows, path.name)
        if last == now:
            return box
    rows.execute("ROLLBACK")
    rows.execute("PRAGMA synchronous=NORMAL")  # whole after a power loss, though perhaps of yesterday
    rows.execute("BEGIN IMMEDIATE")
    box = _updated(rows, path, fd, now)
    rows.execute("COMMIT")
    rows.execute("BEGIN")
    return box


def _updated(rows: sqlite3.Connection, path: Path, fd: int, now: Stamp) -> int:
    """Learn what has changed in a mailbox."""
    if not tables.ours(rows):
        tables.make(rows)
    box, last = tables.box(rows, path.name)
    if last == now:  # another process has learned it meanwhile
        return box
    if last is None:
        tables.forget(rows, [name for name in tables.names(rows) if not path.with_name(name).exists()])
        box = tables.add(rows, path.name)
    _learn(rows, box, path, fd)
    tables.note(rows, box, now if _settled(now) else now._replace(changed=0))
    return box


def _learn(rows: sqlite3.Connection, box: int, path: Path, fd: int) -> None:
    old = tables.places(rows, box)
    count, changed = verified(fd, old)
    tables.change(rows, box, changed)
    if count == len(old) and old and old[-1].offset + old[-1].length == os.fstat(fd).st_size:
        return
    kept = old[: max(0, count - 1)]  # the last of them may have another length now
    begin = old[len(kept)].offset if kept else 0
    tables.replace(rows, box, begin, _read(path, fd, begin, [one.id for one in kept]))


def _stamp(fd: int) -> Stamp:
    now = os.fstat(fd)
    return Stamp(now.st_size, now.st_ino, now.st_mtime_ns, now.st_ctime_ns)


def _settled(now: Stamp) -> bool:
    """Whether a later change to the mailbox must show in its times."""
    return now.changed + (_TICK if now.changed % 10**9 else _COARSE) < time.time_ns()
