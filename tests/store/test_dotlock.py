import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import BusyError, StoreError
from core.store import dotlock
from core.store.dotlock import Holder

HOST = os.uname().nodename
HOLD = "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, int(sys.argv[2])); print(1, flush=True); input()"


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """An empty mailbox."""
    path = tmp_path / "inbox"
    path.touch()
    return path


@contextmanager
def _locked_elsewhere(box: Path, kind: int = fcntl.LOCK_EX) -> Iterator[int]:
    """Another process holds a traditional fcntl lock, as mutt does."""
    argv = [sys.executable, "-c", HOLD, str(box), str(kind)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        yield child.pid
        child.communicate(b"\n")


def _dead() -> int:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return child


def _others_can_lock(box: Path) -> bool:
    """Whether another process gets a traditional lock."""
    child = os.fork()
    if not child:
        try:
            fcntl.lockf(os.open(box, os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def test_both_locks_are_held_and_freed(box: Path) -> None:
    """Inside, the dotlock tells our process and nobody gets a traditional lock; outside, nothing is left."""
    with dotlock.writing(box, 0):
        assert (box.parent / "inbox.lock").read_text().splitlines()[:2] == [str(os.getpid()), HOST]
        assert not _others_can_lock(box)

    assert _others_can_lock(box)
    assert [path.name for path in box.parent.iterdir()] == ["inbox"]


def test_another_opening_in_this_process_does_not_free_it(box: Path) -> None:
    """A thread that closes the same file leaves the lock: it belongs to one opening, not to the process."""
    with dotlock.writing(box, 0):
        box.read_bytes()

        assert not _others_can_lock(box)


def test_two_threads_exclude_each_other(box: Path) -> None:
    """A second writer and a second reader of the same process must wait."""
    with dotlock.writing(box, 0):
        with pytest.raises(BusyError), dotlock.writing(box, 0):
            pass
        with pytest.raises(BusyError), dotlock.reading(box, 0):
            pass


def test_the_holder_is_named(box: Path) -> None:
    """The sentence has the file and the process that has it."""
    with _locked_elsewhere(box) as pid:
        for lock in (dotlock.writing, dotlock.reading):
            with pytest.raises(BusyError, match=rf"{re.escape(str(box))}: .*\(process {pid}\)"), lock(box, 0):
                pass


def test_readers_share(box: Path) -> None:
    """Several may read at once, but not write."""
    readers = _locked_elsewhere(box, fcntl.LOCK_SH), dotlock.reading(box, 0), dotlock.reading(box, 0)
    with readers[0], readers[1], readers[2], pytest.raises(BusyError), dotlock.writing(box, 0):
        pass


def test_a_living_processs_dotlock_is_respected(box: Path) -> None:
    """A dotlock whose process lives is waited for, in vain here, and stays; the fcntl lock is given back."""
    lock = box.parent / "inbox.lock"
    lock.write_text(f"{os.getppid()}\n")
    with pytest.raises(BusyError, match=f"process {os.getppid()}"), dotlock.writing(box, 0):
        pass

    assert lock.exists()
    assert _others_can_lock(box)


def test_a_killed_holders_lock_is_broken(box: Path) -> None:
    """The dotlock of one of us that was killed does not stop the next one."""
    child = os.fork()
    if not child:
        with dotlock.writing(box, 0):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    assert (box.parent / "inbox.lock").exists()
    with dotlock.writing(box, 0):
        assert dotlock.read(box.parent / "inbox.lock") != Holder(child, HOST, dotlock._boot(), 0)


@pytest.mark.parametrize(
    ("process", "host", "boot", "age", "stale"),
    [
        ("alive", "here", "this", 10**6, False),
        ("alive", "", "", 10**6, False),
        ("dead", "here", "this", 0, True),
        ("dead", "", "", 0, True),
        ("alive", "here", "another", 0, True),
        ("dead", "elsewhere", "", 0, False),
        ("alive", "elsewhere", "", 601, True),
        ("", "", "", 599, False),
        ("", "", "", 601, True),
        ("", "", "", -601, False),
    ],
)
def test_when_a_dotlock_is_stale(*, process: str, host: str, boot: str, age: float, stale: bool) -> None:
    """Its process is gone, or it is from before a restart, or it tells nothing and is old."""
    pid = {"alive": os.getpid, "dead": _dead}.get(process, int)()
    machine = HOST if host == "here" else host
    start = dotlock._boot() if boot == "this" else boot

    assert dotlock.stale(Holder(pid, machine, start, 1000.0), 1000.0 + age) is stale


@pytest.mark.parametrize(
    ("text", "pid", "host"),
    [(b"", 0, ""), (b"812\n", 812, ""), (b"  812\nhost\nboot\nmore\n", 812, "host"), (b"0", 0, ""), (b"\xff\n", 0, "")],
)
def test_dotlocks_of_other_programs_are_read(text: bytes, pid: int, host: str, tmp_path: Path) -> None:
    """Empty ones, with a process only, and ones with more."""
    (tmp_path / "box.lock").write_bytes(text)
    holder = dotlock.read(tmp_path / "box.lock")

    assert holder is not None
    assert (holder.pid, holder.host) == (pid, host)


def test_a_lock_of_somebody_elses_is_left(box: Path) -> None:
    """Where another program thought our dotlock stale and made its own, ours is not to be removed."""
    lock = box.parent / "inbox.lock"
    with dotlock.writing(box, 0):
        lock.unlink()
        lock.write_text("1\n")

    assert lock.read_text() == "1\n"


def test_a_box_that_is_replaced_while_we_wait_is_opened_again(box: Path) -> None:
    """The lock is on the file of that name, not on one that was renamed away."""
    other = box.with_name("other")
    other.write_bytes(b"new")
    original = dotlock._fcntl

    def replaced(fd: int, kind: int) -> bool:
        if other.exists():
            other.replace(box)
        return original(fd, kind)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dotlock, "_fcntl", replaced)
        with dotlock.writing(box, 1) as (fd, _):
            assert os.pread(fd, 3, 0) == b"new"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_no_mailbox(make: Callable[[Path], None], tmp_path: Path) -> None:
    """A pipe or a folder is told, and nobody waits for it."""
    make(tmp_path / "box")

    for lock in (dotlock.writing, dotlock.reading):
        with pytest.raises(StoreError), lock(tmp_path / "box", 0):
            pass
