"""The mbox format, as bytes: From_ lines, mboxrd quoting, where letters begin, and their ids.

    From sender Sat Nov 21 00:38:00 2026      RFC 4155; only at the start of the file or after an empty line
    Status: RO                                 flags (``status``)
    head, empty line, body                     any line that matches ^>*From_ has one more > in front
    empty line

A file descriptor is read in blocks and never mapped: another program may cut the file short at any moment, and
touching a mapped page that is gone kills the process.

Never: a lock, a write.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from core.store import status

BLOCK = 1 << 20
_FROM = b"From "
_MARK = b"\n\n" + _FROM
LINE = 1000  # bytes: no From_ line is longer
OPENING = re.compile(
    rb"From (?:[^\n]{0,600}[ \t])?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]{1,9}"
    rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ \t]{1,9}\d\d?[ \t]{1,9}\d\d?:\d\d(?::\d\d)?[ \t]"
    rb"[^\n]{0,99}\d{4}[^\n]{0,99}\n"
)
# What mail readers add, change or drop when they rewrite a mailbox. Here and below: the line end before a line, and not
# ^, for which the regular expressions' engine would stop at every byte; so the head gets a line end in front.
VOLATILE = re.compile(
    rb"\n(?:X-)?(?:Status|Keywords|UID|UIDL|IMAP|IMAPbase|Content-Length|Lines|Mozilla-Status2?|Mozilla-Keys)[ \t]*:"
    rb"[^\n]*(?:\n[ \t][^\n]*)*(?=\n)",
    re.IGNORECASE,
)
# A line in the head that is no field: there mutt ends the head, and puts an empty line when it rewrites the mailbox.
JUNK = re.compile(rb"\n(?![!-9;-~]+:|[ \t]|>From )(?=[^\n])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One letter: ``offset`` and ``length`` in bytes from its From_ line to the next; flags are letters of ROAFPD.

    The id stays when flags change or the letter moves within the file; letters alike to the byte are numbered.
    """

    id: str
    offset: int
    length: int
    flags: str


def opening(sender: str, when: datetime) -> bytes:
    """The From_ line; the null sender becomes MAILER-DAEMON, as everywhere."""
    address = re.sub(r"[^!-~]", "-", sender) or "MAILER-DAEMON"
    return f"From {address} {time.asctime(when.utctimetuple())}\n".encode()


def _lines(data: bytes) -> Iterator[int]:
    """Where lines begin that match ^>*From_; much faster than that regular expression."""
    found = data.find(_FROM)
    while found >= 0:
        start = found
        while start and data[start - 1] == ord(">"):
            start -= 1
        if not start or data[start - 1] == ord("\n"):
            yield start
        found = data.find(_FROM, found + len(_FROM))


def quoted(pieces: Sequence[bytes]) -> Iterator[bytes | memoryview]:
    """The letter with one more > before each ^>*From_, in slices and without a copy; ends in LF and an empty line.

    Raises:
        ValueError: a piece but the last does not end in LF.
    """
    pieces = [piece for piece in pieces if piece]
    if any(not piece.endswith(b"\n") for piece in pieces[:-1]):
        raise ValueError("pieces of a letter are whole lines")
    for piece in pieces:
        view, last = memoryview(piece), 0
        for start in _lines(piece):
            yield view[last:start]
            yield b">"
            last = start
        yield view[last:]
    yield b"\n\n" if pieces and not pieces[-1].endswith(b"\n") else b"\n"


def unquoted(raw: bytes) -> bytes:
    """The letter as it was before ``quoted``."""
    starts = [start for start in _lines(raw) if raw[start] == ord(">")]
    if not starts:
        return raw
    view = memoryview(raw)
    ends = [*starts[1:], len(raw)]
    return b"".join([view[: starts[0]], *(view[start + 1 : end] for start, end in zip(starts, ends, strict=True))])


def contents(raw: bytes) -> bytes:
    """The letter within an entry's bytes: without From_ line, closing empty line and quoting."""
    return unquoted(raw[raw.find(b"\n") + 1 : len(raw) - raw.endswith(b"\n\n")])


def starts(fd: int, begin: int = 0) -> Iterator[int]:
    """The offsets of all From_ lines from ``begin`` on, where the file begins or a letter does, in one pass.

    Raises:
        OSError: as pread(2).
    """
    carry, base = b"\n\n", begin - 2  # the start of the file counts as after an empty line
    while block := os.pread(fd, BLOCK, base + len(carry)):
        data = carry + block
        found = data.find(_MARK)
        while found >= 0 and len(data) - found >= LINE:
            if OPENING.match(data, found + 2):
                yield base + found + 2
            found = data.find(_MARK, found + 2)
        keep = found if found >= 0 else max(0, len(data) - len(_MARK) + 1)
        carry, base = data[keep:], base + keep
    yield from _last(carry, base)


def _last(data: bytes, base: int) -> Iterator[int]:
    """From_ lines so near the end of the file that they waited for more."""
    found = data.find(_MARK)
    while found >= 0:
        if OPENING.match(data, found + 2):
            yield base + found + 2
        found = data.find(_MARK, found + 2)


def scan(fd: int) -> list[Entry]:
    """All letters of an opened mailbox, in their order.

    Raises:
        OSError: as pread(2).
    """
    size = os.fstat(fd).st_size
    begins = list(starts(fd))
    seen: Counter[str] = Counter()
    entries = []
    for begin, end in zip(begins, [*begins[1:], max(size, begins[-1] if begins else 0)], strict=False):
        top = head_at(fd, begin, end - begin)
        ident = digest(top)
        seen[ident] += 1
        number = f"-{seen[ident]}" if seen[ident] > 1 else ""
        entries.append(Entry(ident + number, begin, end - begin, status.flags(top[0])))
    return entries


def head_at(fd: int, offset: int, length: int) -> tuple[bytes, bytes]:
    """A letter's head without From_ line and empty line, and the beginning of its body; both still quoted.

    Raises:
        OSError: as pread(2).
    """
    _, head, body = cut(top_at(fd, offset, length))
    return head, body


def top_at(fd: int, offset: int, length: int) -> bytes:
    """A letter's first bytes: all of its head, and at least 1024 bytes of its body where it has so many.

    Raises:
        OSError: as pread(2).
    """
    want = 4096
    while True:
        raw = os.pread(fd, min(want, length), offset)
        end = _end(raw, raw.find(b"\n") + 1)
        if (end >= 0 and len(raw) - end >= 1026) or len(raw) < want:
            return raw
        want *= 4


def cut(raw: bytes) -> tuple[int, bytes, bytes]:
    """Where the head begins in a letter's first bytes; the head; and what there is of the body."""
    begin = raw.find(b"\n") + 1
    end = _end(raw, begin)
    return (begin, raw[begin : end + 1], raw[end + 2 :]) if end >= 0 else (begin, raw[begin:], b"")


def _end(raw: bytes, begin: int) -> int:
    """The line end before the empty line after the head; -1: there is none."""
    return begin - 1 if raw[begin : begin + 1] == b"\n" else raw.find(b"\n\n", begin)


def still(fd: int, entry: Entry) -> bool:
    """Whether a letter is where it was.

    Raises:
        OSError: as pread(2).
    """
    top = os.pread(fd, 5, entry.offset), os.pread(fd, 5, entry.offset + entry.length)
    if top not in ((_FROM, _FROM), (_FROM, b"")):
        return False
    return digest(head_at(fd, entry.offset, entry.length)) == entry.id.partition("-")[0]


def digest(top: tuple[bytes, bytes]) -> str:
    """The id of a letter: of its head but for what readers change, and of the first bytes of its body."""
    head, body = top
    if junk := JUNK.search(b"\n" + head):
        head, body = head[: junk.start()], head[junk.start() :] + b"\n" + body
    stable = VOLATILE.sub(b"", b"\n" + head)[1:] + b"\n" + body.lstrip(b"\n")[:512].rstrip(b"\n")
    return blake2b(stable, digest_size=10).hexdigest()
