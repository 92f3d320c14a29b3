"""Whole files, folders and what the operating system says of them.

A file is replaced by a synced temporary one beside it: after a power loss either the old or the new is there.

Never: what is inside a file.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import InputError, StoreError

_WORDS = {
    errno.ENOSPC: "the disk is full; make some room and try again",
    errno.EDQUOT: "the disk quota is used up; make some room and try again",
    errno.EFBIG: "the file may not grow any larger (see `ulimit -f`)",
    errno.EROFS: "the disk is read-only; it may need a check (fsck)",
    errno.EACCES: "permission denied; it must belong to the user who runs mailrun",
    errno.EPERM: "permission denied; it must belong to the user who runs mailrun",
    errno.EIO: "the disk has a fault (I/O error); save what you can and check it",
    errno.ENOENT: "there is no such file",
    errno.EISDIR: "it is a folder, but should be a file",
    errno.ENOTDIR: "a part of this path is no folder",
}


def sentence(path: Path, error: OSError) -> str:
    """What went wrong with a file, in plain words."""
    return f"{path}: {_WORDS.get(error.errno or 0) or error.strerror or error}"


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Every OSError inside becomes a StoreError that names the file."""
    try:
        yield
    except OSError as error:
        raise StoreError(sentence(path, error)) from error


def text(path: Path) -> str:
    """The text of a file that another program has written; such files are often in Latin-1.

    Raises:
        InputError: it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def write_all(fd: int, data: bytes | memoryview, offset: int) -> int:
    """Write every byte, however few the system takes at a time; returns the offset after them.

    Raises:
        OSError: as pwrite(2); some of the bytes may have been written.
    """
    rest = memoryview(data)
    while rest:
        count = os.pwrite(fd, rest, offset)
        rest, offset = rest[count:], offset + count
    return offset


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a new file's data alone is not enough after a power loss, fsync(2).

    Raises:
        OSError: as open(2) and fsync(2).
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(folder: Path) -> None:
    """Make a folder, private to its owner, and every missing one above it; each is durable on return.

    Raises:
        OSError: as mkdir(2) and fsync(2).
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    sync_folder(folder.parent)


def temporary(path: Path) -> Path:
    """A hidden name beside a file that nobody else uses; it tells the process, so that ``sweep`` can judge."""
    return path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")


def replace(path: Path, data: bytes) -> None:
    """Write a whole file, mode 0600; after a crash there is the old one or the new one, never a part.

    Raises:
        OSError: nothing has changed.
    """
    new = temporary(path)
    try:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            write_all(fd, data, 0)
            os.fsync(fd)
        finally:
            os.close(fd)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sweep(folder: Path) -> int:
    """Remove temporary files whose process has died; returns how many.

    Raises:
        OSError: as unlink(2).
    """
    dead = [path for path in folder.glob(".*.tmp") if not alive(_process(path.name))]
    for path in dead:
        path.unlink(missing_ok=True)
    return len(dead)


def _process(name: str) -> int:
    part = name.split(".")[-3:-2]
    return int(part[0]) if part and part[0].isdecimal() else 0


def alive(pid: int) -> bool:
    """Whether a process runs on this machine (0 is nobody)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0
