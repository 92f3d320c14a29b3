"""The two locks of a mailbox: fcntl(2) for mutt, neomutt, s-nail, Dovecot, and ``BOX.lock`` for alpine, procmail, mutt.

First fcntl, then the dotlock, and where the second cannot be had the first is given back: so say mutt, Postfix and
Debian's policy, and two programs that wait for each other cannot starve.

The fcntl lock is one of this opening of the file (F_OFD_SETLK), which traditional locks of other programs respect.
A traditional one would be shared by all threads here, and be lost as soon as any of them closes the same file.

A dotlock tells process, machine and boot. It is stale, and broken, when its process is gone or it is from
before this machine's last start; where it tells no process of this machine, when it is ten minutes old (liblockfile
and c-client say five, Postfix eight). It is broken only while the fcntl lock is held, so that two
mailruns cannot break each other's fresh one.

Never: what is inside a mailbox.
"""

import errno
import fcntl
import os
import stat
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import BusyError, StoreError
from core.mail.clean import safe
from core.store import files

_STALE = 600.0  # seconds
_PAUSE = 0.02  # seconds between tries
_TAKEN = (errno.EAGAIN, errno.EACCES)


@dataclass(frozen=True, slots=True)
class Holder:
    """What a dotlock says: process (0: it does not), machine, boot, and when it was made (seconds of the epoch)."""

    pid: int
    host: str
    boot: str
    made: float


@contextmanager
def writing(path: Path, timeout: float) -> Iterator[tuple[int, bool]]:
    """The mailbox opened for reading and writing under both locks, and whether it was made just now.

    Raises:
        BusyError: somebody else had it all the time (``timeout`` in seconds); tells who.
        StoreError: it cannot be opened or locked, or is no file.
    """
    with files.faults(path):
        files.make_folder(path.parent)
        fd, new = _patiently(path, timeout)
        lock = _name(path)
    try:
        yield fd, new
    finally:
        _free(lock)
        os.close(fd)


@contextmanager
def reading(path: Path, timeout: float) -> Iterator[int]:
    """The mailbox opened for reading under a shared fcntl lock; its access time stays, as biff would see it.

    Raises:
        FileNotFoundError: there is none.
        BusyError, StoreError: as ``writing``.
    """
    deadline = time.monotonic() + timeout
    fd = _open(path, os.O_RDONLY)
    try:
        while not _fcntl(fd, fcntl.F_RDLCK):
            if time.monotonic() > deadline:
                raise BusyError(f"{path}: {_culprit(path, fd)} is writing to this mailbox; try again in a moment")
            time.sleep(_PAUSE)
        yield fd
    finally:
        os.close(fd)


def _patiently(path: Path, timeout: float) -> tuple[int, bool]:
    deadline = time.monotonic() + timeout
    made = False
    while True:
        new = not path.exists()
        fd = _open(path, os.O_RDWR | os.O_CREAT)
        made = made or new
        try:
            if _both(path, fd):
                return fd, made
            who = _culprit(path, fd)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        if time.monotonic() > deadline:
            raise BusyError(f"{path}: {who} has this mailbox locked; close it there, or try again in a moment")
        time.sleep(_PAUSE)


def _open(path: Path, mode: int) -> int:
    """Open a file, and nothing else (a pipe must not make us wait), without a trace in its access time."""
    mode |= os.O_NONBLOCK | os.O_CLOEXEC
    try:
        fd = os.open(path, mode | (os.O_NOATIME if sys.platform == "linux" else 0), 0o600)
    except PermissionError:  # only a file's owner may read it without a trace
        fd = os.open(path, mode, 0o600)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise StoreError(f"{path}: this is no mailbox but a folder, a pipe or a device; name another file")
    return fd


def _both(path: Path, fd: int) -> bool:
    """One try at both locks; also false where the file was replaced between opening and locking it."""
    if not _fcntl(fd, fcntl.F_WRLCK):
        return False
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(fd), path.stat()) and _dotlock(path)
    return False


def _fcntl(fd: int, kind: int) -> bool:
    """Lock the whole file, or leave it."""
    try:
        if sys.platform == "linux":
            fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _flock(kind))
        else:
            fcntl.lockf(fd, (fcntl.LOCK_EX if kind == fcntl.F_WRLCK else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def _flock(kind: int) -> bytes:
    """Linux's struct flock (64-bit offsets): type, whence, start, length 0 (to the end), pid."""
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, 0, 0, 0)


def _name(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _dotlock(path: Path) -> bool:
    """One try to make ``BOX.lock``: linked from a whole file, so that nobody ever sees one without its text."""
    lock = _name(path)
    _break(lock)
    new = files.temporary(lock)
    try:
        new.write_text(f"{os.getpid()}\n{os.uname().nodename}\n{_boot()}\n", encoding="utf-8")
        os.link(new, lock)
    except FileExistsError:
        return False
    finally:
        new.unlink(missing_ok=True)
    return True


def _free(lock: Path) -> None:
    """Remove our dotlock, unless somebody thought it stale and has one of their own there."""
    with suppress(OSError):  # it goes stale with this process
        holder = read(lock)
        if holder and (holder.pid, holder.host) == (os.getpid(), os.uname().nodename):
            lock.unlink()


def _break(lock: Path) -> None:
    holder = read(lock)
    if holder and stale(holder, time.time()):
        lock.unlink(missing_ok=True)
        files.sweep(lock.parent)  # the dead may have left half a rewritten mailbox


def read(lock: Path) -> Holder | None:
    """What a dotlock says; None where there is none.

    Raises:
        OSError: as open(2).
    """
    try:
        with lock.open("rb") as file:
            text, made = file.read(400), os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return None
    words = text.decode(errors="replace").splitlines()[:3]
    pid, host, boot = (*words, *[""] * (3 - len(words)))
    return Holder(int(pid) if pid.strip().isdecimal() else 0, host, boot, made)


def stale(holder: Holder, now: float) -> bool:
    """Whether nobody can be behind this dotlock any more."""
    if not holder.pid or (holder.host and holder.host != os.uname().nodename):
        return now - holder.made > _STALE
    if holder.boot and holder.boot != _boot():
        return True
    return not files.alive(holder.pid)


def _boot() -> str:
    """What tells this start of the machine from the others: after it, process numbers mean somebody else."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _culprit(path: Path, fd: int) -> str:
    """Who keeps us from the mailbox, as well as can be known."""
    holder = read(_name(path))
    pid = holder.pid if holder else _owner(fd)
    if pid <= 0:
        return f"somebody ({_name(path)})" if holder else "another program"
    with suppress(OSError):
        return f"{safe(Path(f'/proc/{pid}/comm').read_text(errors='replace').strip())} (process {pid})"
    return f"process {pid}"


def _owner(fd: int) -> int:
    """The process that has a conflicting fcntl lock; 0 or less: not known."""
    if sys.platform != "linux":
        return 0
    kind, _, _, _, pid = struct.unpack("hhqqi4x", fcntl.fcntl(fd, fcntl.F_GETLK, _flock(fcntl.F_WRLCK)))
    return int(pid) if kind != fcntl.F_UNLCK else 0
