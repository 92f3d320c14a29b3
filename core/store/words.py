"""The words of letters, taken into the index for searching: a little at a time, the newest letters first.

A letter is read under the mailbox's lock and compared with what is known of it, so that no word comes to another's
number. Words of letters that are gone do no harm; when they are the most, all are taken anew.

Never: what a letter's words are (``mail.wording``), looking for any (``find``).
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from core.mail.wording import Wording, wording
from core.store import files, index, mbox, mboxrd, tables
from core.store.hands import Tell
from core.store.known import mark

_SOME = 40  # letters of one transaction: nobody waits for long
_LONGEST = 200_000  # characters of a letter's text
_WIDEST = 1 << 22  # bytes of a letter that are read
_MISSING = """
    SELECT number FROM letters WHERE box = ? AND NOT EXISTS (SELECT 1 FROM words_docsize WHERE id = number)
    ORDER BY moment DESC, offset DESC
"""
_NEW = 'INSERT INTO words (rowid, sender, "to", cc, subject, list_id, text) VALUES (?, ?, ?, ?, ?, ?, ?)'
_STALE = "SELECT (SELECT count(*) FROM words_docsize), (SELECT count(*) FROM letters)"


def fill(path: Path, most: int | None = None, tell: Tell | None = None) -> None:
    """Take in the words that a mailbox's index lacks, of so many letters at most; ``tell`` hears how far it is.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
    """
    if not path.exists():
        return
    with suppress(sqlite3.Error, OSError), closing(tables.opened(path.with_name(index.NAME))) as rows:
        missing = lacking(rows, tables.box(rows, path.name).number)[:most]
        for done in range(0, len(missing), _SOME):
            take(rows, path, missing[done : done + _SOME])
            if tell:
                tell(min(len(missing), done + _SOME), len(missing))


def renew(path: Path) -> None:
    """Forget all words where most are of letters that are gone."""
    with suppress(sqlite3.Error, OSError), closing(tables.opened(path.with_name(index.NAME))) as rows:
        taken, there = rows.execute(_STALE).fetchone()
        if taken > 2 * there + 1000:
            rows.execute("INSERT INTO words (words) VALUES ('delete-all')")


def lacking(rows: sqlite3.Connection, box: int) -> list[int]:
    """The letters whose words the index lacks, the newest first."""
    return [number for (number,) in rows.execute(_MISSING, (box,))]


def take(rows: sqlite3.Connection, path: Path, numbers: Sequence[int]) -> None:
    """Take in the words of these letters, in one transaction.

    Raises:
        BusyError, StoreError: as ``mbox.entries``.
        sqlite3.Error: the index cannot be written.
    """
    found = list(_read(rows, path, numbers))
    rows.execute("BEGIN IMMEDIATE")
    with suppress(sqlite3.IntegrityError):  # another process has taken them meanwhile
        rows.executemany(_NEW, [(number, *words) for number, words in found])
    rows.execute("COMMIT")


def _read(rows: sqlite3.Connection, path: Path, numbers: Sequence[int]) -> Iterator[tuple[int, Wording]]:
    """The words of those letters that are still where they were."""
    known = tables.some(rows, numbers)
    raw: dict[int, bytes] = {}
    with mbox.reading(path) as fd, files.faults(path):
        for number, one in known.items():
            if mark(fd, one.offset, one.span) == one.mark:
                raw[number] = os.pread(fd, min(one.length, _WIDEST), one.offset)
    for number, letter in raw.items():
        words = wording(mboxrd.contents(letter))
        yield number, words._replace(text=words.text[:_LONGEST])
