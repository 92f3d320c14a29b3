"""A real terminal for what Pilot cannot see: the program runs on a pty, and what it writes is read as bytes."""

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds until a test gives up


@dataclass
class Terminal:
    """One program on one pty; ``seen`` is all that it has written."""

    process: subprocess.Popen[bytes]
    fd: int
    seen: bytearray = field(default_factory=bytearray)

    def wait_for(self, text: str, start: int = 0) -> int:
        """Read until the text has been written; where it ends."""
        until = time.monotonic() + PATIENCE
        while (at := self.seen.find(text.encode(), start)) < 0:
            assert time.monotonic() < until, f"no {text!r} in {bytes(self.seen[-2000:])!r}"
            self._read(0.1)
        return at + len(text.encode())

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.fd, keys.encode())

    def quiet(self, seconds: float = 0.25) -> None:
        """Read until nothing has been written for a while."""
        until = time.monotonic() + PATIENCE
        while self._read(seconds):
            assert time.monotonic() < until, "the program does not come to rest"

    def resize(self, lines: int, columns: int) -> None:
        """Give the window another size."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def modes(self) -> list[object]:
        """What the line discipline does now: echo, lines, signals (termios)."""
        return termios.tcgetattr(self.fd)

    def close(self) -> None:
        """Close the window."""
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1

    def end(self) -> int:
        """Read until the program ends; its exit status."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < until, "the program does not end"
            self._read(0.1) if self.fd >= 0 else time.sleep(0.05)
        while self.fd >= 0 and self._read(0.0):
            pass
        return self.process.returncode

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.fd], [], [], seconds)
        try:
            data = os.read(self.fd, 65536) if ready else b""
        except OSError:  # EIO: the other end is closed
            data = b""
        self.seen += data
        return bool(data)


@contextmanager
def terminal(
    arguments: Sequence[str], *, size: tuple[int, int] = (24, 80), env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run Python with these arguments on a pty of its own; it is killed at the end if it is still there."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    # The size of the terminal that the tests run in, where it is exported, is not the size of this one.
    outer = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    settings = {**outer, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **(env or {})}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=settings,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no thread; else nothing hangs it up
    )
    os.close(slave)
    screen = Terminal(process, master)
    try:
        yield screen
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        screen.close()
