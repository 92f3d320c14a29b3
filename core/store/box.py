"""A mailbox while it is ours to change: under both locks, and durable when ``sync`` returns.

Never: two of these for one file in one thread, which would wait for itself.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.errors import StoreError
from core.store import dotlock, files, mboxrd, rewrite, status
from core.store.mboxrd import BLOCK, Entry
from core.store.status import FLAGS


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
        return self._add([mboxrd.opening(sender, when), *mboxrd.quoted(pieces)])

    def take(self, raw: bytes) -> tuple[int, int]:
        """Put a letter of another mailbox at the end as its bytes are there, From_ line and quoting; as ``append``."""
        return self._add([raw])

    def _add(self, pieces: Sequence[bytes | memoryview]) -> tuple[int, int]:
        before, gap = self.size, self._gap()
        with files.faults(self.path):
            try:
                end = _written(self._fd, [gap, *pieces], before)
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
        return listed(self.path, self._fd)

    def chosen(self, ids: Collection[str], known: Iterable[Entry] = ()) -> list[Entry]:
        """The letters with these ids that are here, in the order of the file.

        ``known``: where they were when somebody looked; where all are still there, nothing is searched.
        """
        there = [entry for entry in known if entry.id in ids]
        with files.faults(self.path):
            if there and len(there) == len(set(ids)) and all(mboxrd.still(self._fd, entry) for entry in there):
                now = [mboxrd.head_at(self._fd, entry.offset, entry.length)[0] for entry in there]
                there = [replace(entry, flags=status.flags(head)) for entry, head in zip(there, now, strict=True)]
                return sorted(there, key=lambda entry: entry.offset)
        return [entry for entry in self.entries() if entry.id in ids]

    def flag(self, ids: Collection[str], add: str, remove: str, known: Iterable[Entry] = ()) -> int:
        """As ``mbox.flag``."""
        chosen = self.chosen(ids, known)
        changes = {entry: _wanted(entry.flags, add, remove) for entry in chosen}
        with files.faults(self.path), _unchanged_times(self._fd):
            self._set({entry: want for entry, want in changes.items() if want != entry.flags})
        return len(chosen)

    def _set(self, changes: dict[Entry, str]) -> None:
        tight = {}
        for entry, want in changes.items():
            begin, top = self._head(entry)
            writes = status.in_place(top, want)
            if writes is None:
                tight[entry] = status.with_flags(top, want)
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

    def exchange(self, letters: Mapping[Entry, Sequence[bytes]]) -> None:
        """Put other letters in the place of these; their From_ lines stay. It is new mail, and durable after ``sync``.

        Raises:
            StoreError: the disk refused; the mailbox is as it was, or will be as wanted for whoever uses it next.
        """
        parts: list[rewrite.Part] = []
        last = start = min(entry.offset for entry in letters)
        for entry in sorted(letters, key=lambda entry: entry.offset):
            begin, _ = self._head(entry)
            parts += [(last, begin - last), b"".join(mboxrd.quoted(letters[entry]))]
            last = entry.offset + entry.length
        with files.faults(self.path):
            rewrite.rewrite(self.path, self._fd, start, [*parts, (last, self.size - last)])

    def head(self, entry: Entry) -> bytes:
        """A letter's head, as ``mbox.head``."""
        with files.faults(self.path):
            return mboxrd.unquoted(self._head(entry)[1])

    def _head(self, entry: Entry) -> tuple[int, bytes]:
        """Where a letter's head begins in the file, and its bytes."""
        raw = os.pread(self._fd, min(entry.length, 2048), entry.offset)
        return entry.offset + raw.find(b"\n") + 1, mboxrd.head_at(self._fd, entry.offset, entry.length)[0]

    def remove(self, ids: Collection[str], known: Iterable[Entry] = ()) -> int:
        """As ``mbox.remove``."""
        gone = self.chosen(ids, known)
        if gone:
            ends = [*(entry.offset for entry in gone[1:]), self.size]
            kept = [
                (begin, end - begin)
                for begin, end in zip((entry.offset + entry.length for entry in gone), ends, strict=True)
                if end > begin
            ]
            with files.faults(self.path), _unchanged_times(self._fd):
                rewrite.rewrite(self.path, self._fd, gone[0].offset, kept)
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


def listed(path: Path, fd: int) -> list[Entry]:
    """The letters of an opened mailbox.

    Raises:
        StoreError: it cannot be read, or is no mbox.
    """
    with files.faults(path):
        found = mboxrd.scan(fd)
        check(path, fd, found[0].offset if found else None)
    return found


def check(path: Path, fd: int, first: int | None) -> None:
    """Before the first letter (None: there is none) may be nothing but empty lines.

    Raises:
        StoreError: it is no mbox.
        OSError: as pread(2).
    """
    if os.pread(fd, 4096 if first is None else first, 0).strip(b"\r\n"):
        raise StoreError(f"{path}: this is no mbox: it does not begin with a From_ line; move it elsewhere")


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
