"""A make-believe modem on a pty: it speaks Hayes as a real one does, and each number behaves as it is told.

    async with Modem(Path("/tmp/modem"), {"5550199": "answers", "5550111": "busy"}) as modem:
        ...  # dial on /tmp/modem; modem.drop() is a lost carrier

Never: IP. What the far side says is a function's affair; bytes that go another way are reported with ``carry``.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from core.rehearsal.port import Port

Behaviour = Literal["answers", "busy", "no carrier", "no dialtone", "no answer", "voice"]

_REFUSALS: dict[Behaviour, str] = {
    "busy": "BUSY",
    "no carrier": "NO CARRIER",
    "no dialtone": "NO DIALTONE",
    "no answer": "NO ANSWER",
    "voice": "VOICE",
}
_CODES = {
    "OK": 0,
    "NO CARRIER": 3,
    "ERROR": 4,
    "NO DIALTONE": 6,
    "BUSY": 7,
    "NO ANSWER": 8,
    "VOICE": 12,
}
_COMMAND = re.compile(r"D.*|S\d+=\d+|&[A-Z]\d*|[BEHLMNOQTVWXYZ]\d*|[\\%*][A-Z]\d*")


def nobody(_: bool) -> None:
    """The hook that nobody watches."""


def silence(_: bytes) -> bytes:
    """The far side that says nothing."""
    return b""


class Modem:
    """A modem at ``path``, which becomes a link to its tty.

    Args:
        path: where the device is to be; the folder must be there.
        numbers: what happens when one is dialled; any other gives NO CARRIER.
        rate: bit/s, told at CONNECT.
        connect: the words at CONNECT.
        seconds: from the dial command to the result.
        guard: the guard time of +++, seconds (S12).
        dtr: whether the port has DTR; without it only +++ and ATH hang up.
        drop_after: the carrier is lost after so many bytes in either direction (0: never).
        hook: called with true when a call is connected, with false when it has ended.
        far: the far side: called with b"" at CONNECT, and with what comes; returns what it says.
    """

    def __init__(
        self,
        path: Path,
        numbers: Mapping[str, Behaviour],
        *,
        rate: int = 33600,
        connect: str = "CONNECT {rate}",
        seconds: float = 0.02,
        guard: float = 1.0,
        dtr: bool = True,
        drop_after: int = 0,
        hook: Callable[[bool], None] = nobody,
        far: Callable[[bytes], bytes] = silence,
    ) -> None:
        self.path = path
        self.numbers = dict(numbers)
        self.rate = rate
        self.drop_after = drop_after
        self.dialled: list[str] = []
        self.commands: list[str] = []
        self.carried = 0
        self.state: Literal["command", "dialing", "online", "escaped"] = "command"
        self._words, self._seconds, self._guard, self._wired = connect, seconds, guard, dtr
        self._hook, self._far = hook, far
        self._port = Port(path, self._typed, self._level)
        self._quiet_since = 0.0
        self._line = bytearray()
        self._plus = 0
        self._call: asyncio.Task[None] | None = None
        self._factory()

    async def __aenter__(self) -> Self:
        self._port.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._onhook()
        await self._port.close()

    @property
    def offhook(self) -> bool:
        """Whether the telephone line is in use, and costs."""
        return self.state != "command"

    def carry(self, count: int) -> None:
        """Count bytes of the call that do not go over the tty; may lose the carrier."""
        self.carried += count
        if self.drop_after and self.carried >= self.drop_after:
            self.drop()

    def drop(self) -> None:
        """The carrier is lost. Nothing happens when there is none."""
        if self.state not in ("online", "escaped"):
            return
        self._onhook()
        self._say("NO CARRIER")
        self._port.hangup()

    # -- commands

    def _factory(self) -> None:
        self._echo, self._verbose, self._quiet = True, True, False
        self._extended, self._on_dtr = 4, 2

    def _level(self, high: bool) -> None:
        """DTR has changed; low hangs up, where the modem was told so by &D2."""
        if not high:
            self._line.clear()
            if self._wired and self._on_dtr >= 2:
                self._onhook()

    def _typed(self, data: bytes) -> None:
        """Bytes from the computer: to the far side, or to us."""
        if self.state == "online":
            self._send(data)
            return
        for byte in data:
            self._key(byte)

    def _key(self, byte: int) -> None:
        """One byte in command state."""
        if self.state == "dialing":  # any key ends the call
            self._onhook()
            self._say("NO CARRIER")
            return
        if self._echo:
            self._port.write(bytes([byte]))
        if byte == 13:
            line = self._line.decode("latin-1").strip().upper()
            self._line.clear()
            self._command(line)
        elif byte >= 32:
            self._line.append(byte)

    def _command(self, line: str) -> None:
        """One command line; what does not begin with AT is no command, and gets no answer."""
        if (at := line.find("AT")) < 0:
            return
        self.commands.append(line[at:])
        rest = line[at + 2 :].replace(" ", "")
        while found := _COMMAND.match(rest):
            if found[0][0] in "DO":  # these give their own result
                self._dial(re.sub(r"[^\d*#]", "", found[0])) if found[0][0] == "D" else self._back()
                return
            self._set(found[0])
            rest = rest[found.end() :]
        self._say("ERROR" if rest else "OK")

    def _set(self, word: str) -> None:
        """One command of a line that takes effect at once; those without any effect here are taken, too."""
        number = int(re.sub(r"\D", "", word) or 0)
        match word.rstrip("0123456789"):
            case "H":
                self._onhook()
            case "Z":
                self._onhook()
                self._factory()
            case "E":
                self._echo = number == 1
            case "V":
                self._verbose = number == 1
            case "Q":
                self._quiet = number == 1
            case "X":
                self._extended = number
            case "&D":
                self._on_dtr = number
            case "&F":
                self._factory()

    def _say(self, text: str) -> None:
        """A result: in words or as a number, or not at all."""
        if self._quiet:
            return
        if self._verbose:
            self._port.write(f"\r\n{text}\r\n".encode())
        else:
            self._port.write(f"{_CODES.get(text, 1)}\r".encode())  # what is not there is a kind of CONNECT

    # -- the call

    def _dial(self, number: str) -> None:
        if self.offhook:
            self._say("ERROR")
            return
        self.dialled.append(number)
        self.state = "dialing"
        self._call = asyncio.create_task(self._ring(self.numbers.get(number, "no carrier")))

    async def _ring(self, behaviour: Behaviour) -> None:
        await asyncio.sleep(self._seconds)
        self._call = None
        if behaviour == "answers":
            self.carried = 0
            self._hook(True)
            self._online()
            self._hear(b"")
        else:
            self._onhook()
            self._say(self._told(behaviour))

    def _told(self, behaviour: Behaviour) -> str:
        """The refusal that ATX lets the modem tell: X4 all, X0 only NO CARRIER."""
        text = _REFUSALS[behaviour]
        known = {"NO DIALTONE": (2, 4), "BUSY": (3, 4)}.get(text, (0, 1, 2, 3, 4))
        return text if self._extended in known else "NO CARRIER"

    def _back(self) -> None:
        """ATO: from the escaped state back to the call."""
        self._online() if self.state == "escaped" else self._say("NO CARRIER")

    def _online(self) -> None:
        self.state, self._plus, self._quiet_since = "online", 0, time.monotonic()
        self._say(self._words.format(rate=self.rate) if self._extended else "CONNECT")

    def _onhook(self) -> None:
        """Put the phone down, whatever it was doing."""
        if self._call:
            self._call.cancel()
            self._call = None
        connected, self.state = self.state in ("online", "escaped"), "command"
        if connected:
            self._hook(False)

    def _send(self, data: bytes) -> None:
        """From the computer to the far side, watching for the escape sequence."""
        now = time.monotonic()
        if data.strip(b"+") == b"" and (self._plus or now - self._quiet_since >= self._guard):
            self._plus += len(data)
            if self._plus == 3:
                asyncio.get_running_loop().call_later(self._guard, self._escape, now)
        else:
            self._plus = 0
        self._quiet_since = now
        self._hear(data)

    def _escape(self, since: float) -> None:
        if self.state == "online" and self._plus == 3 and self._quiet_since == since:
            self.state = "escaped"
            self._say("OK")
        self._plus = 0

    def _hear(self, data: bytes) -> None:
        """The far side hears, and says something."""
        said = self._far(data)
        self._port.write(said)
        self.carry(len(data) + len(said))
