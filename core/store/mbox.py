"""Mailboxes that are everyone's: mutt, neomutt, alpine, s-nail and Dovecot may use the same files meanwhile.

Reading takes a shared lock for a moment; writing takes both locks (``box``, ``dotlock``). The format is told in
``mboxrd``, the way changes survive a crash in ``rewrite``. A mailbox that does not exist is an empty one.

Never: whose letter it is, or what its headers say beyond its flags.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import StoreError
from core.store import dotlock, files, mboxrd, rewrite
from core.store.box import Box, listed, locked
from core.store.mboxrd import Entry
from core.store.status import FLAGS, ROOM, room

__all__ = [
    "FLAGS",
    "ROOM",
    "Box",
    "Entry",
    "entries",
    "flag",
    "folders",
    "head",
    "heads",
    "locked",
    "read",
    "reading",
    "remove",
    "room",
]

_PATIENCE = 10.0  # seconds: a reader never waits for more than one delivery


@contextmanager
def reading(path: Path) -> Iterator[int]:
    """The file for reading, with nobody in the midst of a change.

    Raises:
        BusyError, StoreError: as ``entries``.
    """
    with files.faults(path):
        unfinished = rewrite.left(path)
    if unfinished:
        with locked(path):
            pass
    with files.faults(path), dotlock.reading(path, _PATIENCE) as fd:
        yield fd


def entries(path: Path) -> list[Entry]:
    """All letters, in the order of the file; one that is cut off at the end is there as far as it goes.

    Raises:
        BusyError: another program is writing to it.
        StoreError: it cannot be read, or is no mbox.
    """
    if not path.exists():
        return []
    with reading(path) as fd:
        return listed(path, fd)


def heads(path: Path) -> list[tuple[Entry, bytes]]:
    """All letters with their heads, as ``head`` gives one, at one moment and in one pass.

    Raises:
        BusyError, StoreError: as ``entries``.
    """
    if not path.exists():
        return []
    with reading(path) as fd:
        return [(one, mboxrd.unquoted(mboxrd.head_at(fd, one.offset, one.length)[0])) for one in listed(path, fd)]


def read(path: Path, entry: Entry) -> bytes:
    """A letter as it was delivered, without From_ line, quoting and closing empty line.

    Raises:
        BusyError, StoreError: as ``entries``; or another program has removed the letter.
    """
    with reading(path) as fd:
        there = _located(path, fd, entry)
        return mboxrd.contents(os.pread(fd, there.length, there.offset))


def head(path: Path, entry: Entry) -> bytes:
    """A letter's head, up to the empty line, which is left out.

    Raises:
        BusyError, StoreError: as ``read``.
    """
    with reading(path) as fd:
        there = _located(path, fd, entry)
        return mboxrd.unquoted(mboxrd.head_at(fd, there.offset, there.length)[0])


def _located(path: Path, fd: int, entry: Entry) -> Entry:
    """Where the letter is now: another program may have moved it since it was listed."""
    if mboxrd.still(fd, entry):
        return entry
    for now in mboxrd.scan(fd):
        if now.id == entry.id:
            return now
    raise StoreError(f"{path}: this letter is no longer there; another program has removed it")


def flag(path: Path, ids: Collection[str], add: str = "", remove: str = "", known: Iterable[Entry] = ()) -> int:
    """Set and clear flags: R read, O old, A answered, F flagged, P passed on, D deleted; how many were still there.

    ``known``: where these letters were; while they are there, the mailbox is not searched for them.

    Raises:
        ValueError: a flag that is none of these.
        BusyError: another program has the mailbox.
        StoreError: the disk refused.
    """
    if not path.exists():
        return 0
    with locked(path) as box:
        return box.flag(ids, add, remove, known)


def remove(path: Path, ids: Collection[str], known: Iterable[Entry] = ()) -> int:
    """Take letters out for good; returns how many were still there; ``known`` as in ``flag``.

    Raises:
        BusyError: another program has the mailbox.
        StoreError: the disk refused.
    """
    if not path.exists():
        return 0
    with locked(path) as box:
        return box.remove(ids, known)


def folders(path: Path) -> list[str]:
    """The names of the mailboxes in a folder; locks, side files and indexes are none.

    Raises:
        StoreError: the folder cannot be read.
    """
    with files.faults(path), suppress(FileNotFoundError):
        return sorted(
            one.name for one in path.iterdir() if one.is_file() and not re.search(r"^\.|\.lock$|~$", one.name)
        )
    return []
