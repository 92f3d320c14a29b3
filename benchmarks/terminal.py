"""A terminal for the benchmarks: a program runs on a pty of its own, and what it paints is timed as bytes arrive.

A key's repaint is over when nothing more has been written for ``QUIET`` seconds; timed is from the key to the last
byte before that silence. Whatever a program does later than that (a clock, a letter shown beside the list) is read
before the next key, and counts for no key.

Never: what a program is or shows; each script knows that of its own programs.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 120.0  # seconds until a program that shows nothing is given up
QUIET = 0.04  # seconds without a byte after which a repaint is over
CALM = 0.25  # the same for a start: whatever it still does must not fall into the first key
ANSWERS = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b[0c": b"\x1b[?62;22c", b"\x1b[6n": b"\x1b[1;1R"}  # what terminals say


@dataclass
class Terminal:
    """One program on one pty; ``seen`` is what it has written since ``forget``."""

    name: str
    pid: int
    fd: int
    started: float
    seen: bytearray = field(default_factory=bytearray)

    def until(self, pattern: str) -> float:
        """Read until the program has written this; seconds since it was started."""
        wanted, end = re.compile(pattern.encode()), time.perf_counter() + PATIENCE
        while not wanted.search(self.seen):
            if time.perf_counter() > end or not self._open(end):
                raise SystemExit(f"{self.name} did not show {pattern}: {bytes(self.seen[-500:])!r}")
        return self.clock()

    def clock(self) -> float:
        """Seconds since the program was started."""
        return time.perf_counter() - self.started

    def press(self, key: str) -> float | None:
        """Press a key, read its repaint; seconds to the last byte of it, None where nothing was repainted."""
        begin = time.perf_counter()
        os.write(self.fd, key.encode())
        last, wait = None, 1.0
        while (at := self._read(wait)) is not None:
            last, wait = at, QUIET
        return None if last is None else last - begin

    def calm(self) -> None:
        """Read until the program has nothing more to write; it has 20 seconds for that."""
        end = time.perf_counter() + 20
        while time.perf_counter() < end and self._read(CALM) is not None:
            pass

    def rest(self) -> float:
        """Read until the program waits for a key again; seconds from its start to the last byte."""
        last, end = self.clock(), time.perf_counter() + PATIENCE
        while time.perf_counter() < end:
            if (at := self._read(CALM)) is not None:
                last = at - self.started
            elif Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S":
                break
        return last

    def forget(self) -> None:
        """What was written until now is of no interest."""
        self.seen.clear()

    def memory(self) -> int:
        """The most memory that was in use until now, in MB."""
        peak = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(peak[1]) // 1024 if peak else 0

    def work(self) -> float:
        """Seconds of a processor that it has used until now."""
        used = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")

    def _open(self, end: float) -> bool:
        """Read once; whether the program is still there."""
        ready = select.select([self.fd], [], [], max(0.0, end - time.perf_counter()))[0]
        return not ready or self._read(0) is not None

    def _read(self, seconds: float) -> float | None:
        """Read what comes within so many seconds; when it came."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return None
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:  # EIO: the other end is closed
            return None
        at = time.perf_counter()
        self.seen += data
        for question, answer in ANSWERS.items():
            if question in data:
                os.write(self.fd, answer)
        return at if data else None

    def end(self) -> None:
        """Kill the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


@contextmanager
def terminal(
    name: str,
    command: Sequence[str],
    *,
    size: tuple[int, int] = (24, 80),
    where: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Terminal]:
    """A program on a terminal of its own, started in the folder ``where``; it is killed at the end."""
    started = time.perf_counter()
    pid, fd = pty.fork()
    if not pid:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        os.chdir(where or Path.cwd())
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", **(env or {}))
        os.environ.pop("LINES", None)
        os.environ.pop("COLUMNS", None)
        os.execvp(command[0], list(command))
    program = Terminal(name, pid, fd, started)
    try:
        yield program
    finally:
        program.end()
