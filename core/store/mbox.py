"""Mailboxes that are everyone's: mutt, neomutt, alpine, s-nail and Dovecot may use the same files meanwhile.

Reading takes a shared lock for a moment; writing takes both locks (``dotlock``). The format is told in ``mboxrd``,
the way changes survive a crash in ``rewrite``. A mailbox that does not exist is an empty one.

Never: whose letter it is, or what its headers say beyond its flags.
"""

import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from core.errors import StoreError
from core.store import dotlock, files, mboxrd, rewrite
from core.store.mboxrd import BLOCK, FLAGS, ROOM, Entry

__all__ = ["FLAGS", "ROOM", "Box", "Entry", "entries", "flag", "folders", "head", "locked", "read", "remove"]

_READ_PATIENCE = 10.0  # seconds: a reader never waits for more than one delivery


class Box:
    """One mailbox under both locks; made by ``locked`` only."""

    __slots__ = ("_fd", "_new", "path")

    def __init__(self, path: Path, fd: int, *, new: bool) -> None:
        self.path = path
        self._fd = fd
        self._new = new

    @property
    def size(self) -> int:
        """Bytes in the file now."""
        return os.fstat(self._fd).st_size

    def plan(self, pieces: Sequence[bytes], sender: str, when: datetime) -> tuple[int, int]:
        """Where ``append`` would put a letter, and the length it would have there: for the journal, beforehand."""
        length = sum(len(piece) for piece in mboxrd.quoted(pieces))
        return self.size + len(self._gap()), len(mboxrd.opening(sender, when)) + length

    def append(self, pieces: Sequence[bytes], sender: str, when: datetime) -> tuple[int, int]:
        """Put a letter at the end; returns its offset and length. Pieces are whole lines, only the last may end early.

        It is durable after ``sync``.

        Raises:
            StoreError: the disk refused; the file is as long as before.
        """
        before, gap = self.size, self._gap()
        with files.faults(self.path):
            try:
                end = _written(self._fd, [gap, mboxrd.opening(sender, when), *mboxrd.quoted(pieces)], before)
            except OSError:
                os.ftruncate(self._fd, before)
                raise
        return before + len(gap), end - before - len(gap)

    def _gap(self) -> bytes:
        """What is missing for a From_ line to come after an empty line: somebody's letter may end without one."""
        end = os.pread(self._fd, 2, max(0, self.size - 2))
        return b"" if not end or end == b"\n\n" else b"\n" if end.endswith(b"\n") else b"\n\n"

    def sync(self) -> None:
        """Make everything durable; shells and biff then see new mail (access time before change time).

        Raises:
            StoreError: the disk refused: nothing since the last sync can be relied upon.
        """
        with files.faults(self.path):
            _unread(self._fd)
            os.fsync(self._fd)
            if self._new:
                files.sync_folder(self.path.parent)
                self._new = False

    def truncate(self, offset: int) -> None:
        """Cut the file back, durably: what a crash left half-written.

        Raises:
            StoreError: the disk refused, or the file is not that long.
        """
        if offset > self.size:
            raise StoreError(f"{self.path}: it has only {self.size} bytes and cannot be cut at {offset}")
        with files.faults(self.path):
            os.ftruncate(self._fd, offset)
            os.fsync(self._fd)

    def find(self, mark: bytes, start: int = 0) -> int:
        """The offset of the first such bytes at or after ``start``; -1: there are none."""
        with files.faults(self.path):
            carry = b""
            while block := os.pread(self._fd, BLOCK, start + len(carry)):
                data = carry + block
                if (found := data.find(mark)) >= 0:
                    return start + found
                keep = max(0, len(data) - len(mark) + 1)
                carry, start = data[keep:], start + keep
        return -1

    def bytes_at(self, offset: int, length: int) -> bytes:
        """The raw bytes there; fewer where the file ends."""
        with files.faults(self.path):
            return os.pread(self._fd, length, offset)

    def entries(self) -> list[Entry]:
        """The letters, as ``mbox.entries``, which must not be called while this lock is held."""
        return _entries(self.path, self._fd)

    def flag(self, ids: Collection[str], add: str, remove: str) -> int:
        """As ``mbox.flag``."""
        chosen = [entry for entry in self.entries() if entry.id in ids]
        changes = {entry: _wanted(entry.flags, add, remove) for entry in chosen}
        with files.faults(self.path), _unchanged_times(self._fd):
            self._set({entry: want for entry, want in changes.items() if want != entry.flags})
        return len(chosen)

    def _set(self, changes: dict[Entry, str]) -> None:
        tight = {}
        for entry, want in changes.items():
            begin, top = self._head(entry)
            writes = mboxrd.in_place(top, want)
            if writes is None:
                tight[entry] = mboxrd.with_flags(top, want)
            for at, text in writes or ():
                files.write_all(self._fd, text, begin + at)
        if tight:
            self._make_room(tight)
        os.fsync(self._fd)

    def _make_room(self, heads: dict[Entry, bytes]) -> None:
        """Give letters new heads, and everything behind them a new place."""
        parts: list[rewrite.Part] = []
        last = start = min(entry.offset for entry in heads)
        for entry in sorted(heads, key=lambda entry: entry.offset):
            begin, old = self._head(entry)
            parts += [(last, begin - last), heads[entry]]
            last = begin + len(old)
        rewrite.rewrite(self.path, self._fd, start, [*parts, (last, self.size - last)])

    def _head(self, entry: Entry) -> tuple[int, bytes]:
        """Where a letter's head begins in the file, and its bytes."""
        raw = os.pread(self._fd, min(entry.length, 2048), entry.offset)
        return entry.offset + raw.find(b"\n") + 1, mboxrd.head_at(self._fd, entry.offset, entry.length)[0]

    def remove(self, ids: Collection[str]) -> int:
        """As ``mbox.remove``."""
        every = self.entries()
        gone = [entry for entry in every if entry.id in ids]
        if gone:
            kept = [entry for entry in every if entry.offset > gone[0].offset and entry.id not in ids]
            with files.faults(self.path), _unchanged_times(self._fd):
                rewrite.rewrite(self.path, self._fd, gone[0].offset, [(entry.offset, entry.length) for entry in kept])
        return len(gone)


@contextmanager
def locked(path: Path, timeout: float = 30.0) -> Iterator[Box]:
    """A mailbox for writing, made where there is none, under both locks; never two for one path in one thread.

    Raises:
        BusyError: another program has it; the sentence names the file and who that is.
        StoreError: it cannot be made, opened or locked.
    """
    with dotlock.writing(path, timeout) as (fd, new):
        with files.faults(path):
            rewrite.recover(path, fd)
        yield Box(path, fd, new=new or not os.fstat(fd).st_size)


@contextmanager
def _reading(path: Path) -> Iterator[int]:
    """The file for reading, with nobody in the midst of a change."""
    with files.faults(path):
        unfinished = rewrite.left(path)
    if unfinished:
        with locked(path):
            pass
    with files.faults(path), dotlock.reading(path, _READ_PATIENCE) as fd:
        yield fd


def entries(path: Path) -> list[Entry]:
    """All letters, in the order of the file; one that is cut off at the end is there as far as it goes.

    Raises:
        BusyError: another program is writing to it.
        StoreError: it cannot be read, or is no mbox.
    """
    if not path.exists():
        return []
    with _reading(path) as fd:
        return _entries(path, fd)


def _entries(path: Path, fd: int) -> list[Entry]:
    with files.faults(path):
        found = mboxrd.scan(fd)
        before = os.pread(fd, found[0].offset if found else 4096, 0)
    if before.strip(b"\r\n"):
        raise StoreError(f"{path}: this is no mbox: it does not begin with a From_ line; move it elsewhere")
    return found


def read(path: Path, entry: Entry) -> bytes:
    """A letter as it was delivered, without From_ line, quoting and closing empty line.

    Raises:
        BusyError, StoreError: as ``entries``; or another program has removed the letter.
    """
    with _reading(path) as fd:
        there = _located(path, fd, entry)
        return mboxrd.contents(os.pread(fd, there.length, there.offset))


def head(path: Path, entry: Entry) -> bytes:
    """A letter's head, up to the empty line, which is left out.

    Raises:
        BusyError, StoreError: as ``read``.
    """
    with _reading(path) as fd:
        there = _located(path, fd, entry)
        return mboxrd.unquoted(mboxrd.head_at(fd, there.offset, there.length)[0])


def _located(path: Path, fd: int, entry: Entry) -> Entry:
    """Where the letter is now: another program may have moved it since it was listed."""
    if _still(fd, entry):
        return entry
    for now in mboxrd.scan(fd):
        if now.id == entry.id:
            return now
    raise StoreError(f"{path}: this letter is no longer there; another program has removed it")


def _still(fd: int, entry: Entry) -> bool:
    top = os.pread(fd, 5, entry.offset), os.pread(fd, 5, entry.offset + entry.length)
    if top not in ((b"From ", b"From "), (b"From ", b"")):
        return False
    return mboxrd.digest(mboxrd.head_at(fd, entry.offset, entry.length)) == entry.id.partition("-")[0]


def flag(path: Path, ids: Collection[str], add: str = "", remove: str = "") -> int:
    """Set and clear flags: R read, O old, A answered, F flagged, D deleted; returns how many letters were still there.

    Raises:
        ValueError: a flag that is none of these.
        BusyError: another program has the mailbox.
        StoreError: the disk refused.
    """
    if not path.exists():
        return 0
    with locked(path) as box:
        return box.flag(ids, add, remove)


def remove(path: Path, ids: Collection[str]) -> int:
    """Take letters out for good; returns how many were still there.

    Raises:
        BusyError: another program has the mailbox.
        StoreError: the disk refused.
    """
    if not path.exists():
        return 0
    with locked(path) as box:
        return box.remove(ids)


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


def _wanted(now: str, add: str, remove: str) -> str:
    if not set(add + remove) <= set(FLAGS):
        raise ValueError(f"flags are letters of {FLAGS}, not {add + remove}")
    return "".join(letter for letter in FLAGS if (letter in now or letter in add) and letter not in remove)


def _written(fd: int, pieces: Sequence[bytes | memoryview], offset: int) -> int:
    """Write pieces one after the other, small ones together; returns where they end."""
    small = bytearray()
    for piece in pieces:
        if len(small) + len(piece) > BLOCK:
            offset = files.write_all(fd, bytes(small), offset)
            small.clear()
        if len(piece) > BLOCK:
            offset = files.write_all(fd, piece, offset)
        else:
            small += piece
    return files.write_all(fd, bytes(small), offset)


def _unread(fd: int) -> None:
    now = os.fstat(fd)
    if now.st_atime_ns >= now.st_mtime_ns // 10**9 * 10**9:
        os.utime(fd, ns=(now.st_mtime_ns - 10**9, now.st_mtime_ns))


@contextmanager
def _unchanged_times(fd: int) -> Iterator[None]:
    """A change of ours is not new mail: whether there is any unseen stays as it was."""
    before = os.fstat(fd)
    yield
    after = os.fstat(fd)
    unread = before.st_atime_ns < before.st_mtime_ns
    os.utime(fd, ns=(before.st_atime_ns if unread else after.st_mtime_ns, after.st_mtime_ns))
