"""The Hayes dialogue: what a modem says, as events (ITU-T V.250, and what makers have added to it).

The same few answers come in many spellings: in words or as numbers, with the command echoed or not, among
noise, and cut anywhere by the port. After CONNECT all bytes belong to the other computer; only NO CARRIER is
still looked for.

Never: sockets, serial ports, the clock, asyncio; a sentence for people.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ok:
    """The command was done. ``text`` is the line as it came, here and below."""

    text: str


@dataclass(frozen=True, slots=True)
class Connect:
    """The modems are connected, at ``rate`` bit/s (0: the modem does not tell)."""

    text: str
    rate: int


@dataclass(frozen=True, slots=True)
class Ring:
    """Somebody calls us."""

    text: str


@dataclass(frozen=True, slots=True)
class NoCarrier:
    """No modem answered, or the connection is lost."""

    text: str


@dataclass(frozen=True, slots=True)
class Error:
    """The modem does not know the command."""

    text: str


@dataclass(frozen=True, slots=True)
class NoDialtone:
    """The telephone line is dead, or somebody speaks on it."""

    text: str


@dataclass(frozen=True, slots=True)
class Busy:
    """The other side speaks."""

    text: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nobody lifts the receiver."""

    text: str


@dataclass(frozen=True, slots=True)
class Voice:
    """A person answered, or an announcement."""

    text: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """The modem itself makes us wait before this number is dialled again."""

    text: str


@dataclass(frozen=True, slots=True)
class Blacklisted:
    """The modem itself refuses this number after too many failed calls."""

    text: str


@dataclass(frozen=True, slots=True)
class Echo:
    """Our own command, sent back."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Any other line: the answer to a question, or noise."""

    text: str


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of the other computer, after CONNECT."""

    data: bytes


Refusal = NoCarrier | Error | NoDialtone | Busy | NoAnswer | Voice | Delayed | Blacklisted
Result = Ok | Connect | Refusal
Event = Result | Ring | Echo | Text | Data

LONGEST = 512  # bytes of a line; noise without line ends is cut to it

_WORDS: dict[str, type[Ok | Ring | Refusal]] = {
    "OK": Ok,
    "RING": Ring,
    "NO CARRIER": NoCarrier,
    "ERROR": Error,
    "COMMAND ERROR": Error,
    "NO DIALTONE": NoDialtone,
    "NO DIAL TONE": NoDialtone,
    "BUSY": Busy,
    "NO ANSWER": NoAnswer,
    "VOICE": Voice,
    "DELAYED": Delayed,
    "BLACKLISTED": Blacklisted,
}
_CODES: dict[str, type[Ok | Ring | Refusal]] = {
    "0": Ok,
    "2": Ring,
    "3": NoCarrier,
    "4": Error,
    "6": NoDialtone,
    "7": Busy,
    "8": NoAnswer,
}
# Codes above 8 are each maker's own, and nearly all mean CONNECT at some speed. These mean something else on some
# modems (USRobotics, Rockwell); a call that is wrongly held for connected costs money.
_RATES = {"1": 0, "5": 1200, "10": 2400}
_OTHERS: dict[str, type[Refusal | Text]] = {
    "9": Text,  # RINGING
    "11": Text,  # RINGING
    "12": Voice,
    "24": Delayed,
    "32": Blacklisted,
}

_RATE = re.compile(r"(?<!\w)(\d{3,6})(?!\d)")
_DIAL = re.compile(r"AT.*(?<![&%\\*+])D", re.IGNORECASE)
_LOST = re.compile(rb"(?:^|[\r\n])NO CARRIER\r\n")
_LOST_LENGTH = len(b"\r\nNO CARRIER\r\n")


class Dialogue:
    """One modem's side of the talk, from the first command to NO CARRIER."""

    __slots__ = ("_buffer", "_carrier", "_command", "_fresh", "_online", "_tail")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._command = ""
        self._carrier = 0
        self._online = self._fresh = False
        self._tail = b""

    def send(self, command: str) -> bytes:
        """The bytes of a command; from here on the modem is taken to be in command state."""
        self._command, self._carrier, self._online = command, 0, False
        return command.encode("latin-1", "replace") + b"\r"

    def escape(self) -> bytes:
        """The escape sequence, for between two guard times; from here on the modem is in command state."""
        self._command, self._online = "", False
        return b"+++"

    def receive(self, data: bytes) -> list[Event]:
        """The events in what came; an unfinished line waits for its rest."""
        self._buffer += data
        events: list[Event] = []
        while not self._online and (line := self._line()) is not None:
            events += self._event(line)
        if self._online:
            return events + self._data()
        del self._buffer[:-LONGEST]
        return events

    def _line(self) -> bytes | None:
        """The next whole line; CR ends one as well as LF, for numbers come with CR alone."""
        ends = [at for end in b"\r\n" if (at := self._buffer.find(end)) >= 0]
        if not ends:
            return None
        line = bytes(self._buffer[: min(ends)])
        del self._buffer[: min(ends) + 1]
        return line

    def _event(self, line: bytes) -> list[Event]:
        text = line.decode("latin-1").strip()
        words = re.sub(r"[^ -~]", "", text).strip().upper()  # without line noise
        if not words:
            return [Text(text)] if text else []
        if words == self._command.strip().upper():
            return [Echo(text)]
        return [self._result(text, words)]

    def _result(self, text: str, words: str) -> Event:
        """What a line means, by its words or by its number."""
        if kind := _WORDS.get(words) or _CODES.get(words):
            return kind(text)
        if words in _RATES or re.match(r"CONNECT\b", words):
            return self._connect(text, _RATES.get(words) or _rate(words))
        if re.match(r"\+CM[ES] ERROR", words):
            return Error(text)
        if re.match(r"DELAYED\b", words):
            return Delayed(text)
        if re.match(r"CARRIER \d", words):  # the line's own rate, where CONNECT tells the port's
            self._carrier = _rate(words)
        if _DIAL.match(self._command) and re.fullmatch(r"[1-9]\d{0,2}", words):
            return _OTHERS[words](text) if words in _OTHERS else self._connect(text, 0)
        return Text(text)

    def _connect(self, text: str, rate: int) -> Connect:
        self._online, self._fresh, self._tail = True, True, b""
        return Connect(text, self._carrier or rate)

    def _data(self) -> list[Event]:
        """What came after CONNECT, and whether the modem says in between that it is over."""
        data = bytes(self._buffer)
        self._buffer.clear()
        if self._fresh and data:
            data, self._fresh = data.removeprefix(b"\n"), False  # the second half of CONNECT's line end
        seen = self._tail + data
        self._tail = seen[-_LOST_LENGTH:]
        events: list[Event] = [Data(data)] if data else []
        if _LOST.search(seen):
            self._online, self._tail = False, b""
            events.append(NoCarrier("NO CARRIER"))
        return events


def _rate(words: str) -> int:
    """The bit/s in a line such as CONNECT 33600/ARQ/V34/LAPM/V42BIS; 0 where it has none."""
    found = _RATE.search(words)
    return int(found[1]) if found else 0
