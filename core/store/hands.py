"""Many hands: a large mailbox is read by two processes, each taking the next piece that nobody has taken.

The other one is a fork that does nothing else and ends with the work; it sends what it found through a file that has
no name. Where there can be none (another thread runs, a limit on processes), one process does it all.

Never: an index; a mailbox's lock, which the caller holds.
"""

import marshal
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from core.store.known import Known, letters

Tell = Callable[[int, int], None]  # how many bytes have been read, and of how many
LARGE = 1 << 24  # bytes: a smaller mailbox is read more quickly alone
_PIECE = 1 << 23  # bytes
_NOTE = 24  # bytes: the number of a piece, and where what was found in it begins and ends


class _Other(NamedTuple):
    """The other process: its number, where it tells what is done, and the file with what it found."""

    pid: int
    notes: int
    found: int


def read(fd: int, tell: Tell | None = None) -> Iterator[list[Known]]:
    """All letters of a mailbox, in their order and in lists; ids as in ``known.letters``.

    Raises:
        OSError: as pread(2).
    """
    size = os.fstat(fd).st_size
    pieces = range(0, size, _PIECE)
    if size < LARGE or threading.active_count() > 1 or len(pieces) > 0xFFFF:
        for begin in pieces:
            yield list(letters(fd, begin, begin + _PIECE))
            if tell:
                tell(min(size, begin + _PIECE), size)
        return
    with _tickets(len(pieces)) as tickets, _helped(fd, tickets) as other:
        yield from _together(fd, size, tickets, other, tell)


def _together(fd: int, size: int, tickets: int, other: _Other, tell: Tell | None) -> Iterator[list[Known]]:
    """Take pieces, and pass them on in their order with those of the other process."""
    done: dict[int, list[Known]] = {}
    last = -(-size // _PIECE)
    following = 0
    while following < last:
        mine = _taken(tickets)
        if mine is not None:
            done[mine] = list(letters(fd, mine * _PIECE, (mine + 1) * _PIECE))
        done.update(_received(other, wait=mine is None))
        while following in done:
            yield done.pop(following)
            following += 1
            if tell:
                tell(min(size, following * _PIECE), size)


@contextmanager
def _tickets(count: int) -> Iterator[int]:
    """A pipe that holds the number of each piece; whoever reads one has taken it."""
    out, into = os.pipe()
    try:
        os.write(into, b"".join(number.to_bytes(2, "big") for number in range(count)))
    finally:
        os.close(into)
    try:
        yield out
    finally:
        os.close(out)


def _taken(tickets: int) -> int | None:
    ticket = os.read(tickets, 2)
    return int.from_bytes(ticket, "big") if ticket else None


@contextmanager
def _helped(fd: int, tickets: int) -> Iterator[_Other]:
    """The other process, which is waited for."""
    notes, into = os.pipe()
    with tempfile.TemporaryFile() as file:
        pid = os.fork()
        if not pid:
            status = 1
            with suppress(BaseException):
                _help(fd, tickets, into, file.fileno())
                status = 0
            os._exit(status)
        os.close(into)
        try:
            yield _Other(pid, notes, file.fileno())
        finally:
            os.close(notes)
            os.waitpid(pid, 0)


def _help(fd: int, tickets: int, notes: int, found: int) -> None:
    """What the other process does."""
    at = 0
    while (piece := _taken(tickets)) is not None:
        packed = marshal.dumps([tuple(one) for one in letters(fd, piece * _PIECE, (piece + 1) * _PIECE)])
        end = at + len(packed)
        while at < end:
            at += os.pwrite(found, packed[at - end :], at)
        os.write(notes, b"".join(number.to_bytes(8, "big") for number in (piece, end - len(packed), end)))


def _received(other: _Other, *, wait: bool) -> Iterator[tuple[int, list[Known]]]:
    """The pieces that the other process has done by now; ``wait``: at least one.

    Raises:
        OSError: it has ended before it was done.
    """
    os.set_blocking(other.notes, wait)
    while True:
        try:
            note = os.read(other.notes, _NOTE)
        except BlockingIOError:
            return
        if not note:
            if wait:
                raise OSError("the other process ended before it was done")
            return
        piece, begin, end = (int.from_bytes(note[at : at + 8], "big") for at in (0, 8, 16))
        yield piece, [Known._make(one) for one in marshal.loads(os.pread(other.found, end - begin, begin))]  # noqa: S302 - our own
        os.set_blocking(other.notes, False)
        wait = False
