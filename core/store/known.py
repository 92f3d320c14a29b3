"""What is known of each letter in a mailbox, and whether it still holds: the work behind ``index``.

Mailboxes are long, so they are read in large blocks, and of most letters each byte of the head is looked at twice.

Never: a lock, a write; SQLite.
"""

import os
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

from core.mail import summary as heads
from core.mail.summary import gathered, picked, summary, summed
from core.store import mboxrd, status
from core.store.mboxrd import Entry

_BODY = 1024  # bytes of a letter's body that count as its beginning, as in ``mboxrd.head_at``
_BLOCK = 1 << 22  # bytes
_SLACK = 1 << 16  # bytes that are read of what begins beyond the end
_MARKS = re.compile(rb"\n\n(?=%b)" % mboxrd.OPENING.pattern)
_TIME = re.compile(rb" ([A-Z][a-z]{2})[ \t]+(\d\d?)[ \t]+(\d\d?):(\d\d)(?::(\d\d))?[ \t][^\n]*?(\d{4})")
_BEFORE = tuple(zlib.crc32(b"\n\n"[:before]) for before in range(3))  # of what comes before a letter
_OLDEST = 20 * 365 * 86400  # seconds after 1970: before that, nobody's clock was right
_DAY = 86400  # seconds by which a letter's date may be after its delivery: clocks and time zones are often wrong


class Place(NamedTuple):
    """Where a letter is: an ``Entry``, and the ``mark`` of its first ``span`` bytes."""

    id: str
    offset: int
    length: int
    flags: str
    span: int
    mark: int


class Known(NamedTuple):
    """One letter: a ``Place``, a ``Summary`` (see there), and when it came, all in one flat tuple.

    ``moment``: in seconds, the date in the letter, or that of its delivery where it has none or a later one.
    """

    id: str
    offset: int
    length: int
    flags: str
    span: int
    mark: int
    sender: str
    address: str
    to: str
    cc: str
    addresses: str
    subject: str
    date: int | None
    zone: int
    message_id: str
    in_reply_to: str
    references: str
    list_id: str
    routed: bytes | None
    stub: int
    mixed: bool
    moment: int

    @property
    def place(self) -> Place:
        """Where it is, for ``verified``."""
        return Place._make(self[:6])

    @property
    def entry(self) -> Entry:
        """Where it is, for ``mbox``."""
        return Entry(self.id, self.offset, self.length, self.flags)


def seen(entry: Entry, head: bytes) -> Known:
    """A letter whose head somebody has read; it has no mark."""
    found = summary(head)
    return Known(entry.id, entry.offset, entry.length, entry.flags, 0, 0, *found, found.date or 0)


def mark(fd: int, offset: int, span: int) -> int:
    """A checksum of a letter's head and the beginning of its body, and of the empty line that it comes after.

    Raises:
        OSError: as pread(2).
    """
    before = min(2, offset)
    return zlib.crc32(os.pread(fd, span + before, offset - before))


def letters(fd: int, begin: int = 0, end: int | None = None) -> Iterator[Known]:
    """The letters that begin at ``begin`` or later, and before ``end``; those alike to the byte have the same id.

    Raises:
        OSError: as pread(2).
    """
    while end is None or begin < end:
        before = min(2, begin)  # a letter comes after an empty line, and the first one counts as if it did
        want = _BLOCK if end is None else min(_BLOCK, end - begin + _SLACK)
        data = b"\n\n"[before:] + os.pread(fd, want, begin - before)
        base, last = begin - 2, len(data) < want
        starts = [match.end() for match in _MARKS.finditer(data)]
        if last:
            starts.append(len(data))
        for at, to in pairwise(starts):
            if end is not None and base + at >= end:
                return
            yield _letter(data, at, to, base + at)
        if last:
            return
        begin = _next(fd, base, starts, want)
        if starts == [2] and (end is None or base + 2 < end):
            length = begin - base - 2
            yield _letter(b"\n" + mboxrd.top_at(fd, base + 2, length), 1, 1 + length, base + 2)


def _next(fd: int, base: int, starts: list[int], read: int) -> int:
    """Where to go on after so many bytes that had these letters' beginnings."""
    if not starts:
        return base + read - mboxrd.LINE
    if starts != [2]:
        return base + starts[-1]
    following = mboxrd.starts(fd, base + 2)  # the letter is longer than that
    next(following, None)
    return next(following, os.fstat(fd).st_size)


def _letter(data: bytes, at: int, to: int, offset: int) -> Known:
    """The letter between two places in data, of which at least what ``mboxrd.top_at`` gives is there."""
    begin = data.find(b"\n", at, to) + 1
    end = data.find(b"\n\n", begin - 1, to)
    if end < 0:  # there is no body
        end = min(to, len(data))
    head = data[begin - 1 : end + 1]  # with the line end before it
    found, single = gathered(head)
    if odd := b"" in found or not head.endswith(b"\n"):
        found, single = picked(head)
    about = summed(found if b"\n>" not in head else picked(b"\n" + mboxrd.unquoted(head[1:]))[0])
    date = about.date
    return Known._make(
        (
            _id(head, _body(data, at, to, end), found, single=single)
            if not odd
            else mboxrd.digest((head[1:], _body(data, at, to, end))),
            offset,
            to - at,
            _flags(head, found),
            min(to - at, end + 2 + _BODY - at),
            zlib.crc32(data[at : min(to, end + 2 + _BODY)], _BEFORE[min(2, offset)]),
            *about,
            date
            if date is not None and date < _after(data[begin - 21 : begin - 15], data[begin - 5 : begin - 1])
            else _delivered(data[at:begin], date),
        )
    )


def _body(data: bytes, at: int, to: int, end: int) -> bytes:
    """The beginning of the text, as far as ``mboxrd.top_at`` would read it where that matters to ``mboxrd.digest``."""
    body = data[end + 2 : min(to, end + 2 + _BODY)]
    if not body.startswith(b"\n"):
        return body
    want = 4096
    while end - at + 2 + _BODY > want and to - at >= want:
        want *= 4
    return data[end + 2 : min(to, at + want)]


def _id(head: bytes, body: bytes, found: dict[bytes, bytes], *, single: bool) -> str:
    """As ``mboxrd.digest``, of a head in which nothing is odd, and which has a line end before it."""
    if b"status" in found or b"x-status" in found:
        room = b"\nStatus%b\nX-Status%b" % (found.get(b"status", b""), found.get(b"x-status", b""))
        written = single and head.startswith(room + b"\n")  # as delivery does it
        head = head[len(room) :] if written else mboxrd.VOLATILE.sub(b"", head)
    return blake2b(b"%b\n%b" % (head[1:], body.lstrip(b"\n")[:512].rstrip(b"\n")), digest_size=10).hexdigest()


def _flags(head: bytes, found: dict[bytes, bytes]) -> str:
    """As ``status.flags``."""
    first, second = found.get(b"status", b":"), found.get(b"x-status", b":")
    if first[:1] == second[:1] == b":" and head.endswith(b"\n"):
        return _letters(first, second)
    return status.flags(head)


@lru_cache(maxsize=1024)
def _letters(first: bytes, second: bytes) -> str:
    return status.flags(b"Status%b\nX-Status%b\n" % (first, second))


@lru_cache(maxsize=4096)  # on most days there are many deliveries
def _after(day: bytes, year: bytes) -> int:
    """The end of the day after a letter's delivery, which no honest date exceeds; for ever where nobody can tell."""
    if re.fullmatch(rb"[A-Z][a-z]{2} [ \d]\d", day) and re.fullmatch(rb"\d{4}", year):
        start = heads.day_of(b"%b %b %b" % (day[4:].strip(), day[:3], year))
        if start is not None and start > _OLDEST:
            return start + 2 * _DAY
    return 1 << 60


def _delivered(opening: bytes, date: int | None) -> int:
    """When a letter came, by its From_ line; else its date, if it has one."""
    if found := _TIME.search(opening):
        month, day, hour, minute, second, year = found.groups()
        start = heads.day_of(b"%b %b %b" % (day, month, year))
        if start is not None and (start > _OLDEST or date is None):
            return start + int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    return date or 0


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
    raw = b"\n" + mboxrd.top_at(fd, one.offset, one.length)
    if opening != b"\n\n"[:before] + b"From " or b"\n" not in raw[1:]:
        return None
    now = _letter(raw, 1, 1 + one.length, one.offset)
    return now.place._replace(id=one.id) if now.id == one.id.partition("-")[0] else None
