"""What is known of each letter in a mailbox, and whether it still holds: the work behind ``index``.

Never: a lock, a write; SQLite.
"""

import os
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from core.mail.summary import summary
from core.store import mboxrd, status
from core.store.mboxrd import Entry

_BODY = 1024  # bytes of a letter's body that count as its beginning, as in ``mboxrd.head_at``


class Place(NamedTuple):
    """Where a letter is: an ``Entry``, and the ``mark`` of its first ``span`` bytes."""

    id: str
    offset: int
    length: int
    flags: str
    span: int
    mark: int


class Known(NamedTuple):
    """One letter: a ``Place`` and a ``Summary`` (see there) in one flat tuple, for there are very many of them."""

    id: str
    offset: int
    length: int
    flags: str
    span: int
    mark: int
    sender: str
    to: str
    subject: str
    date: str
    message_id: str
    references: str
    list_id: str
    routed: bytes | None
    stub: bool
    mixed: bool

    @property
    def entry(self) -> Entry:
        """Where it is, for ``mbox``."""
        return Entry(self.id, self.offset, self.length, self.flags)


def seen(entry: Entry, head: bytes) -> Known:
    """A letter whose head somebody has read; it has no mark."""
    return Known(entry.id, entry.offset, entry.length, entry.flags, 0, 0, *summary(head))


def mark(fd: int, offset: int, span: int) -> int:
    """A checksum of a letter's head and the beginning of its body, and of the empty line that it comes after.

    Raises:
        OSError: as pread(2).
    """
    before = min(2, offset)
    return zlib.crc32(os.pread(fd, span + before, offset - before))


def letters(fd: int, begin: int = 0, before: Iterable[str] = ()) -> Iterator[Known]:
    """All letters from ``begin`` on, where a letter or the file begins; ``before``: the ids of those that precede.

    Raises:
        OSError: as pread(2).
    """
    size = os.fstat(fd).st_size
    seen = Counter(ident.partition("-")[0] for ident in before)
    last = None
    for start in mboxrd.starts(fd, begin):
        if last is not None:
            yield _letter(fd, last, start - last, seen)
        last = start
    if last is not None:
        yield _letter(fd, last, max(size, last) - last, seen)


def _letter(fd: int, offset: int, length: int, seen: Counter[str]) -> Known:
    place, head = _place(fd, offset, length)
    seen[place.id] += 1
    number = f"-{seen[place.id]}" if seen[place.id] > 1 else ""
    _, offset, length, flags, span, crc = place
    return Known(place.id + number, offset, length, flags, span, crc, *summary(mboxrd.unquoted(head)))


def _place(fd: int, offset: int, length: int) -> tuple[Place, bytes]:
    """The letter there, with an id that has no number, and its head."""
    raw = mboxrd.top_at(fd, offset, length)
    begin, head, body = mboxrd.cut(raw)
    span = min(length, begin + len(head) + 1 + _BODY)
    before = b"\n\n"[: min(2, offset)]
    crc = zlib.crc32(before + raw[:span])
    return Place(mboxrd.digest((head, body)), offset, length, status.flags(head), span, crc), head


def verified(fd: int, places: Sequence[Place]) -> tuple[int, list[Place]]:
    """How many of these letters, from the first on, are where they were; and those among them that have other flags.

    Whoever writes anything but flags into a mailbox changes its length, or the beginnings of its letters.

    Raises:
        OSError: as pread(2).
    """
    changed: list[Place] = []
    for count, one in enumerate(places):
        if mark(fd, one.offset, one.span) != one.mark:
            now = _flagged(fd, one)
            if now is None:
                return count, changed
            changed.append(now)
    return len(places), changed


def _flagged(fd: int, one: Place) -> Place | None:
    """A letter whose beginning has changed, with its flags of now; None where it is not that letter any more."""
    before = min(2, one.offset)
    opening = os.pread(fd, 5 + before, one.offset - before)
    now, _ = _place(fd, one.offset, one.length)
    if opening != b"\n\n"[:before] + b"From " or now.id != one.id.partition("-")[0]:
        return None
    return now._replace(id=one.id)
