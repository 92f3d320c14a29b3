"""The modem's end of a make-believe port: a pty whose other end is linked at a path.

What the computer does with DTR shows on a pty as "somebody has it open, and the speed is not B0". A carrier that is
lost hangs the tty up where CLOCAL is off, as a serial driver does, and a new tty is at the path.

Never: what the bytes mean.
"""

import asyncio
import contextlib
import os
import select
import termios
import time
import tty
from collections.abc import Callable
from pathlib import Path

WATCH_SECONDS = 0.01  # how often DTR is looked at
DTR_SECONDS = 0.02  # how long it must be low (S25)


class Port:
    """A port whose device is at ``path`` while it is open; ``hear`` gets the bytes, ``dtr`` each change of DTR."""

    def __init__(self, path: Path, hear: Callable[[bytes], None], dtr: Callable[[bool], None]) -> None:
        self.path = path
        self._hear, self._dtr = hear, dtr
        self._fd = -1
        self._reading = self._high = False
        self._low_since = 0.0
        self._watch: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Make the device, and follow what the computer does with it."""
        self._make()
        self._watch = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """The device is gone."""
        if self._watch:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        self._unmake()
        self.path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """To the computer; what it does not read in time is lost, as on a real port."""
        with contextlib.suppress(OSError):
            os.write(self._fd, data)

    def hangup(self) -> None:
        """The carrier is lost: without CLOCAL the tty is dead for whoever has it open."""
        with contextlib.suppress(termios.error):
            if not termios.tcgetattr(self._fd)[2] & termios.CLOCAL:
                self._unmake()
                self._make()

    def _make(self) -> None:
        """A new tty at the path, raw, that nobody has open."""
        self._fd, theirs = os.openpty()
        tty.setraw(theirs)
        flags = termios.tcgetattr(theirs)
        flags[2] |= termios.HUPCL | termios.CLOCAL
        flags[4] = flags[5] = termios.B115200
        termios.tcsetattr(theirs, termios.TCSANOW, flags)
        new = self.path.with_name(f".{self.path.name}.new")
        new.unlink(missing_ok=True)
        new.symlink_to(os.ttyname(theirs))
        new.replace(self.path)
        os.close(theirs)
        os.set_blocking(self._fd, False)

    def _unmake(self) -> None:
        self._read(on=False)
        os.close(self._fd)
        self._fd = -1

    def _read(self, *, on: bool) -> None:
        """Read only while somebody has the tty open: a pty that nobody has is readable all the time."""
        if on != self._reading:
            self._reading = on
            loop = asyncio.get_running_loop()
            loop.add_reader(self._fd, self._readable) if on else loop.remove_reader(self._fd)

    async def _follow(self) -> None:
        """Follow the opens, closes and speed 0 of the tty."""
        while True:
            poll = select.poll()
            poll.register(self._fd, 0)
            opened = not any(event & select.POLLHUP for _, event in poll.poll(0))
            self._read(on=opened)
            self._level(high=opened and termios.tcgetattr(self._fd)[4] != termios.B0)
            await asyncio.sleep(WATCH_SECONDS)

    def _level(self, *, high: bool) -> None:
        """DTR as it is now; it counts as low when it has been so for long enough."""
        now = time.monotonic()
        self._low_since = 0.0 if high else self._low_since or now
        if high != self._high and (high or now - self._low_since >= DTR_SECONDS):
            self._high = high
            self._dtr(high)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, 4096)
        except BlockingIOError:
            return
        except OSError:  # nobody has it open any more
            self._read(on=False)
            return
        self._hear(data)
