"""One holder at a time of something of the household's own: a run, the settings.

The kernel holds the lock and frees it when the holder's process ends, however it ends; the file's text only tells
people who that is. So there are no stale locks here, and the file itself is never removed.

Never: a mailbox, which other programs lock too (``dotlock``).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from core.errors import BusyError
from core.mail.clean import safe
from core.store import files


@contextmanager
def exclusive(path: Path, who: str) -> Iterator[None]:
    """Hold the lock; ``who`` is what the next one is told ("mailrun run").

    Raises:
        BusyError: somebody else has it; the sentence tells who, and since when.
        StoreError: the lock file cannot be made.
    """
    fd = _taken(path)
    try:
        _sign(path, fd, f"{os.getpid()} {datetime.now().astimezone():%Y-%m-%d %H:%M} {who}\n")
        yield
        os.ftruncate(fd, 0)
    finally:
        os.close(fd)


def _taken(path: Path) -> int:
    with files.faults(path):
        files.make_folder(path.parent)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # flock(2), which belongs to this opening of the file: fcntl(2) locks would not tell two threads apart.
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            text = os.pread(fd, 400, 0)
            os.close(fd)
            if isinstance(error, BlockingIOError):
                raise BusyError(f"{path}: {_holder(text)}; try again when that is done") from None
            raise
    return fd


def _sign(path: Path, fd: int, text: str) -> None:
    with files.faults(path):
        os.ftruncate(fd, 0)
        files.write_all(fd, text.encode(), 0)


def _holder(text: bytes) -> str:
    words = safe(text.decode(errors="replace").strip()).split(" ", 3)
    if len(words) < 4:
        return "somebody else has just taken it"
    pid, day, hour, who = words
    return f"{who} (process {pid}) has had it since {hour} on {day}"
