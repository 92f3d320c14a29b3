"""Change the rest of a mailbox from some letter on, so that a crash at any moment loses nothing.

The file keeps its inode: other programs have it open, and wait for their locks on that inode; a new file renamed
over it would lose the letters that they append afterwards. So mutt, c-client and Dovecot rewrite in place, and
so do we. But a crash between the first and the last byte would leave neither the old nor the new mailbox. Therefore
the new rest is first written to a side file ``.BOX.START-OLD-NEW.rewrite`` (where the rest begins, the old and the
new size of the box) and synced; from then on the change has happened. Whoever uses the box next here finishes it.

Where another program changed the size of the box in between, its letters are worth more than our change: the box
stays as it is, and the side file becomes a mailbox of its own, ``BOX.rescued``. Letters may then be there twice,
none is lost.

Never: without both locks on the mailbox.
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from core.store import files
from core.store.mboxrd import BLOCK

Part = bytes | tuple[int, int]  # new bytes, or (offset, length) of old ones


def rewrite(path: Path, fd: int, start: int, parts: Iterable[Part]) -> None:
    """Put these parts in the place of everything from ``start``.

    Raises:
        OSError: the disk refused, and the box is as it was; or it will be as wanted once ``recover`` gets through.
    """
    parts, old = list(parts), os.fstat(fd).st_size
    new = start + sum(len(part) if isinstance(part, bytes) else part[1] for part in parts)
    if new == start:
        os.ftruncate(fd, start)
        os.fsync(fd)
        return
    side = path.with_name(f".{path.name}.{start}-{old}-{new}.rewrite")
    _prepare(side, fd, parts)
    _extend(fd, side, start, old, new)
    _apply(fd, side, start, new)


def _prepare(side: Path, fd: int, parts: list[Part]) -> None:
    temporary = files.temporary(side)
    try:
        out = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            at = 0
            for part in parts:
                at = files.write_all(out, part, at) if isinstance(part, bytes) else _copy(fd, *part, out, at)
            os.fsync(out)
        finally:
            os.close(out)
        temporary.rename(side)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    files.sync_folder(side.parent)


def _copy(source: int, offset: int, length: int, target: int, at: int) -> int:
    """Copy bytes between files in blocks; returns where they end in the target."""
    end = offset + length
    while offset < end and (block := os.pread(source, min(BLOCK, end - offset), offset)):
        at = files.write_all(target, block, at)
        offset += len(block)
    return at


def _extend(fd: int, side: Path, start: int, old: int, new: int) -> None:
    """Write what lies beyond the old end first: a full disk is met before anything old has been touched."""
    if new <= old:
        return
    try:
        source = os.open(side, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _copy(source, old - start, new - old, fd, old)
            os.fsync(fd)
        finally:
            os.close(source)
    except OSError:
        os.ftruncate(fd, old)
        side.unlink(missing_ok=True)
        raise


def _apply(fd: int, side: Path, start: int, new: int) -> None:
    source = os.open(side, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _copy(source, 0, new - start, fd, start)
    finally:
        os.close(source)
    os.ftruncate(fd, new)
    os.fsync(fd)
    side.unlink()
    files.sync_folder(side.parent)


def left(path: Path) -> list[Path]:
    """Side files of changes that have not been finished."""
    with suppress(FileNotFoundError):
        wanted = re.compile(re.escape(f".{path.name}.") + r"\d+-\d+-\d+\.rewrite")
        return [entry for entry in path.parent.iterdir() if wanted.fullmatch(entry.name)]
    return []


def recover(path: Path, fd: int) -> None:
    """Finish a change that a crash cut off; call it after taking the locks.

    Raises:
        OSError: the disk refused; a later try may get through.
    """
    for side in left(path):
        start, old, new = (int(number) for number in side.name.split(".")[-2].split("-"))
        if min(old, new) <= os.fstat(fd).st_size <= max(old, new):
            _apply(fd, side, start, new)
        else:
            _rescue(path, side)


def _rescue(path: Path, side: Path) -> None:
    names = (path.with_name(f"{path.name}.rescued{number or ''}") for number in range(1000))
    side.rename(next(name for name in names if not name.exists()))
    files.sync_folder(path.parent)
