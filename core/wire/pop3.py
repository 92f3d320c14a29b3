"""POP3 as the client speaks it, sans-I/O: commands become bytes, bytes become events.

``Client`` remembers which commands are unanswered, so that any number may be on their way at once (RFC 2449
section 6.6) and each reply still finds its own. Letters come in pieces as they arrive. An odd line in a
list is told and skipped. RFC 1939, 2449 (CAPA, response codes), 2595 (STLS), 3206 (AUTH, SYS), 5034 (AUTH).
The server's end is in ``popd``.

Never: sockets, clocks, retries, when to send what. Never a secret in a ``repr``. What a server said is
passed on as it came; who shows it sanitises it.
"""

import base64
import hashlib
import re
from collections import deque
from dataclasses import dataclass, field

from core.errors import ConfigError, ProtocolError
from core.wire.lines import Lines, Unstuffing

_HEAD = 3_000  # bytes of a usual head
_LINE = 78  # bytes of a usual line
_LONGEST = 255  # octets of a command with its CRLF, RFC 5034 section 4
_NUMBER = r"0*[1-9][0-9]{0,8}"


@dataclass(frozen=True, slots=True)
class Listing:
    """A waiting letter: its number in this session, its size by LIST (about), its unique id or ""."""

    number: int
    size: int
    uid: str


@dataclass(frozen=True, slots=True)
class Want:
    """A letter to be fetched: whole, or its head and so many ``lines`` of its body (TOP)."""

    item: Listing
    lines: int | None = None

    @property
    def size(self) -> int:
        """About how many bytes will come."""
        return self.item.size if self.lines is None else min(self.item.size, _HEAD + _LINE * self.lines)


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``answers`` are what to say, in turn, whenever the server asks back (AUTH).

    Raises:
        ConfigError: a line break in a name or password, which would be a second command.
    """

    verb: str
    argument: str = field(default="", repr=False)
    answers: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if re.search(r"[\r\n\0]", self.verb + self.argument):
            raise ConfigError("the user or password for POP3 has a line break in it; it must be one line")

    @property
    def many(self) -> bool:
        """Whether ``+OK`` is followed by lines up to a lone dot."""
        return self.verb in {"CAPA", "RETR", "TOP"} or (self.verb in {"LIST", "UIDL"} and not self.argument)

    @property
    def slow(self) -> bool:
        """Whether a server may take its time: it reads letters, or removes them."""
        return self.many or self.verb == "QUIT"

    @property
    def line(self) -> bytes:
        """The command as it goes over the wire."""
        return " ".join(filter(None, (self.verb, self.argument))).encode() + b"\r\n"


def apop(user: str, password: str, timestamp: str) -> Command:
    """Log in without sending the password (RFC 1939 section 7); ``timestamp`` is the greeting's."""
    digest = hashlib.md5((timestamp + password).encode(), usedforsecurity=False).hexdigest()
    return Command("APOP", f"{user} {digest}")


def plain(user: str, password: str) -> Command:
    """AUTH PLAIN (RFC 4616), in one step where the line is short enough."""
    return _auth("PLAIN", f"\0{user}\0{password}")


def xoauth2(user: str, token: str) -> Command:
    """AUTH XOAUTH2 with an access token; a long one goes in a second step, as Microsoft wants it."""
    return _auth("XOAUTH2", f"user={user}\1auth=Bearer {token}\1\1")


def _auth(mechanism: str, response: str) -> Command:
    """The last answer is empty: a server that says no may ask back to say why (RFC 7628 section 3.2.3)."""
    text = base64.b64encode(response.encode()).decode()
    short = Command("AUTH", f"{mechanism} {text}", ("",))
    return short if len(short.line) <= _LONGEST else Command("AUTH", mechanism, (text, ""))


@dataclass(frozen=True, slots=True)
class Greeting:
    """The server's first line; ``timestamp`` is there if it knows APOP."""

    ok: bool
    text: str
    code: str = ""
    timestamp: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The last event of each command; ``code`` is the response code, such as IN-USE (RFC 2449 section 8)."""

    command: Command
    ok: bool
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """The server asks back during AUTH; ``answer`` is what to send, as it goes over the wire."""

    command: Command
    answer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """The next bytes of a letter; lines end in LF."""

    command: Command
    data: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One line of LIST (``value`` is the size) or UIDL (the unique id)."""

    command: Command
    number: int
    value: str


@dataclass(frozen=True, slots=True)
class Capability:
    """One line of CAPA; the name is in capitals."""

    command: Command
    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Odd:
    """A line of a list that makes no sense; it has been skipped."""

    command: Command
    line: bytes


Event = Greeting | Reply | Challenge | Piece | Item | Capability | Odd


class Client:
    """The client's end of one connection."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._greeted = False
        self._pending: deque[Command] = deque()
        self._asked = 0  # how often the server has asked back during this AUTH
        self._many: _Many | None = None

    @property
    def pending(self) -> int:
        """How many commands (and the greeting) wait for the end of their replies."""
        return len(self._pending) + (not self._greeted)

    @property
    def between(self) -> bool:
        """Whether all that came has come to its end: the next byte begins a reply."""
        return self._many is None and not self._lines.held and not self._asked

    def send(self, command: Command) -> bytes:
        """The bytes of a command; its reply is expected after those of all earlier ones."""
        self._pending.append(command)
        return command.line

    def receive(self, data: bytes) -> list[Event]:
        """What these bytes tell.

        Raises:
            ProtocolError: this is no POP3, or nobody asked for it.
        """
        self._lines.feed(data)
        events: list[Event] = []
        while (more := self._next()) is not None:
            events += more
        return events

    def _next(self) -> list[Event] | None:
        """What the next line, or the next piece of a letter or list, tells; None: more bytes are needed."""
        if self._many is not None:
            data = self._lines.rest()
            return self._continue(self._many, data) if data else None
        line = self._lines.line()
        if line is None:
            return None
        return self._status(line) if self._greeted else self._greet(line)

    def _greet(self, line: bytes) -> list[Event]:
        ok, code, text = _parse(line, "the greeting")
        self._greeted = True
        timestamp = re.search(r"<[^<>\s]+@[^<>\s]+>", text)
        return [Greeting(ok, text, code, timestamp[0] if timestamp and ok else "")]

    def _status(self, line: bytes) -> list[Event]:
        if not self._pending:
            raise ProtocolError(f"the server said {_shown(line)} without being asked")
        command = self._pending[0]
        if command.verb == "AUTH" and line.startswith(b"+") and not _is(line, b"+OK"):
            return [self._challenge(command)]
        ok, code, text = _parse(line, command.verb)
        if ok and command.many:
            self._many = _Many(command, Reply(command, ok, text, code))
            return []
        self._answered()
        if command.verb == "STLS" and self._lines.rest():
            raise ProtocolError("the server, or somebody on the way, spoke on in the clear after STLS")
        return [Reply(command, ok, text, code)]

    def _challenge(self, command: Command) -> Challenge:
        """The next answer; ``*`` gives up when the server asks more often than the mechanism has steps."""
        answer = command.answers[self._asked] if self._asked < len(command.answers) else "*"
        self._asked += 1
        return Challenge(command, answer.encode() + b"\r\n")

    def _continue(self, many: "_Many", data: bytes) -> list[Event]:
        events, rest = many.feed(data)
        if rest is not None:
            self._answered()
            self._lines.feed(rest)
            events.append(many.reply)
        return events

    def _answered(self) -> None:
        self._pending.popleft()
        self._asked, self._many = 0, None


class _Many:
    """The lines that follow a ``+OK``, up to the lone dot."""

    def __init__(self, command: Command, reply: Reply) -> None:
        self.reply = reply
        self._command = command
        self._unstuffing = Unstuffing()
        self._lines = Lines()

    def feed(self, data: bytes) -> tuple[list[Event], bytes | None]:
        """What these bytes tell, and what follows the end (None: it has not come)."""
        piece, rest = self._unstuffing.feed(data)
        if self._command.verb in {"RETR", "TOP"}:
            return ([Piece(self._command, piece)] if piece else []), rest
        self._lines.feed(piece)
        return [_entry(self._command, line) for line in iter(self._lines.line, None)], rest


def _entry(command: Command, line: bytes) -> Event:
    """One line of CAPA, LIST or UIDL."""
    words = line.decode("ascii", "replace").split()
    if command.verb == "CAPA" and words:
        return Capability(command, words[0].upper(), tuple(words[1:]))
    value = r"\d+" if command.verb == "LIST" else r"[!-~]+"
    if len(words) >= 2 and re.fullmatch(_NUMBER, words[0]) and re.fullmatch(value, words[1], re.ASCII):
        return Item(command, int(words[0]), words[1])
    return Odd(command, line)


def _parse(line: bytes, what: str) -> tuple[bool, str, str]:
    """Whether a status line is ``+OK``, its response code, and its text.

    Raises:
        ProtocolError: it is neither ``+OK`` nor ``-ERR``.
    """
    ok = _is(line, b"+OK")
    if not ok and not _is(line, b"-ERR"):
        raise ProtocolError(f"the server's answer to {what} is {_shown(line)}, which is no POP3")
    text = line[3 if ok else 4 :].decode("utf-8", "replace").strip()
    code = re.match(r"\[([A-Za-z0-9/-]+)\]\s*", text)
    return (ok, code[1].upper(), text[code.end() :]) if code else (ok, "", text)


def _is(line: bytes, word: bytes) -> bool:
    return line[: len(word)].upper() == word


def _shown(line: bytes) -> str:
    """A server's line inside a sentence: short, and nothing in it reaches a terminal as it is."""
    return ascii(line[:60].decode("latin-1"))
