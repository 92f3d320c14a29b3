"""A modem's port on the event loop: its bytes, its control lines, its lock file.

Ports differ. A serial port has DTR and DCD; USB sticks may have neither, and a pty has none: there DTR is low when
the speed is B0 or nobody has the port open. After a lost carrier the open descriptor may be dead for good, while the
path leads to a working port; so ports are opened anew by path.

The lock is that of uucp, minicom and pppd: LCK..NAME in /var/lock, with the owner's pid in ten digits (FHS 3.0,
section 5.9). pppd takes none for a port that it gets on its standard input, so we do.

Never: what the bytes mean.
"""

import asyncio
import contextlib
import errno
import os
import select
import termios
from collections.abc import Callable
from pathlib import Path

import serial
from serial.tools import list_ports

from core.errors import LineError, NoLineError

FAULTS = (OSError, termios.error)  # termios.error is no OSError
LOCKS = Path("/var/lock")
WRITE_SECONDS = 5.0


def found() -> list[tuple[str, str]]:
    """The serial ports that this machine has, each with what is known of it; a modem's is among them."""
    ports = sorted(list_ports.comports(), key=lambda port: (port.vid is None, port.device))  # plugged in comes first
    return [(port.device, port.description if port.description != "n/a" else "") for port in ports]


class Port:
    """An open port, raw, with eight data bits and no parity.

    Raises:
        NoLineError: the port is not there, not a serial port, or not for us.
        LineError: another program has it.
    """

    __slots__ = ("_serial", "device")

    def __init__(self, device: str, speed: int, flow: str) -> None:
        self.device = device
        try:
            # Opened with O_NONBLOCK: a plain open() would wait for the carrier.
            self._serial = serial.Serial(device, speed, timeout=0, rtscts=flow == "hardware")
            self._hang_up_on_close()
        except ValueError:
            raise NoLineError(f"{device}: the port has no speed of {speed} bit/s; change line.speed") from None
        except FAULTS as error:
            raise _unopened(device, error) from None

    def _hang_up_on_close(self) -> None:
        flags = termios.tcgetattr(self.fileno())
        flags[2] |= termios.HUPCL
        termios.tcsetattr(self.fileno(), termios.TCSANOW, flags)

    def fileno(self) -> int:
        """The descriptor, for a program that takes the port over while we do not read."""
        return self._serial.fileno()

    async def read(self, seconds: float) -> bytes:
        """What comes within ``seconds``; empty when nothing does.

        Raises:
            LineError: the port was hung up.
        """
        fd = self.fileno()
        loop = asyncio.get_running_loop()
        if not select.select([fd], [], [], 0)[0] and not await _ready(
            lambda call: loop.add_reader(fd, call), lambda: loop.remove_reader(fd), seconds
        ):
            return b""
        try:
            data = os.read(fd, 4096)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            raise LineError(f"{self.device}: the port was hung up")
        return data

    async def write(self, data: bytes) -> None:
        """Hand bytes to the port.

        Raises:
            LineError: the port was hung up, or takes nothing.
        """
        fd = self.fileno()
        loop = asyncio.get_running_loop()
        while data:
            try:
                data = data[os.write(fd, data) :]
            except BlockingIOError:
                if not await _ready(
                    lambda call: loop.add_writer(fd, call), lambda: loop.remove_writer(fd), WRITE_SECONDS
                ):
                    raise LineError(
                        f"{self.device}: the modem takes nothing; is it on? line.flow may be wrong"
                    ) from None
            except OSError:
                raise LineError(f"{self.device}: the port was hung up") from None

    def carrier(self) -> bool | None:
        """Whether the port sees a carrier (DCD); None where it has no such line."""
        try:
            return bool(self._serial.cd)
        except FAULTS:
            return None

    def blocking(self, on: bool) -> None:
        """Let reads wait, as programs expect of the standard input that they get from us."""
        os.set_blocking(self.fileno(), on)

    def drop(self) -> None:
        """Tell the modem to hang up: DTR low, or speed 0 where there is no DTR. Never raises."""
        try:
            self._serial.dtr = False
        except FAULTS:
            with contextlib.suppress(*FAULTS):
                flags = termios.tcgetattr(self.fileno())
                flags[4] = flags[5] = termios.B0
                termios.tcsetattr(self.fileno(), termios.TCSANOW, flags)

    def close(self) -> None:
        """Close; what was not sent is dropped, as else the close may wait half a minute. Never raises."""
        with contextlib.suppress(*FAULTS):
            self._serial.reset_output_buffer()
        with contextlib.suppress(*FAULTS):
            self._serial.close()


async def _ready(add: Callable[[Callable[[], None]], None], remove: Callable[[], object], seconds: float) -> bool:
    """Whether a descriptor is ready before ``seconds`` are over; it is watched only so long."""
    ready = asyncio.Event()
    add(ready.set)
    try:
        async with asyncio.timeout(seconds):
            return await ready.wait()
    except TimeoutError:
        return False
    finally:
        remove()


def _unopened(device: str, error: BaseException) -> LineError:
    """Why a port cannot be opened, and what to do."""
    number = error.errno if isinstance(error, OSError) else error.args[0]
    match number:
        case errno.ENOENT | errno.ENXIO | errno.ENODEV:
            return NoLineError(f"{device}: there is no such port; is the modem plugged in? See line.device")
        case errno.EACCES | errno.EPERM:
            return NoLineError(f"{device}: you may not use it; add your login to the group of the port (dialout)")
        case errno.EBUSY:
            return LineError(f"{device}: another program is using it; try again later")
        case _:
            why = os.strerror(number) if isinstance(number, int) else "this is no serial port"
            return NoLineError(f"{device}: cannot be opened as a modem's port: {why}")


_ours: set[Path] = set()  # locks of this process, which only it can tell from those of a crashed one with its pid


def acquire(device: str) -> Path | None:
    """Take the port's lock file; None where we may not write one, and then there is none.

    Raises:
        LineError: a living process holds it, or this one does.
    """
    path = LOCKS / f"LCK..{os.path.realpath(device).removeprefix('/dev/').replace('/', '_')}"
    if path in _ours:
        raise LineError(f"{device}: a call or a test is using it; try again later")
    for _ in range(3):  # someone else may break the same stale lock
        try:
            _create(path)
        except FileExistsError:
            if holder := _holder(path):
                raise LineError(f"{device}: {holder} is using it ({path}); try again later") from None
            with contextlib.suppress(OSError):
                path.unlink()
        except OSError:
            return None
        else:
            _ours.add(path)
            return path
    return None


def release(lock: Path | None) -> None:
    """Give the lock back. Never raises."""
    if lock:
        _ours.discard(lock)
        with contextlib.suppress(OSError):
            lock.unlink()


def _create(path: Path) -> None:
    """Make the lock file whole or not at all: nobody must read it before the pid is in it."""
    new = path.with_name(f"LTMP.{os.getpid()}")
    try:
        new.write_text(f"{os.getpid():10}\n", encoding="ascii")
        new.chmod(0o644)
        os.link(new, path)
    finally:
        new.unlink(missing_ok=True)


def _holder(path: Path) -> str:
    """Who holds a lock, in words; empty for a stale one, or one of our own that a crash left."""
    try:
        pid = int(path.read_text(encoding="ascii"))
        if pid in (0, os.getpid()):
            return ""
        os.kill(pid, 0)
    except PermissionError:
        return "somebody else" if not os.access(path, os.R_OK) else f"process {pid}"
    except (ValueError, OSError):
        return ""
    return f"process {pid}"
