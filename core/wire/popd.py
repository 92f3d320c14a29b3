"""POP3 as the server speaks it, sans-I/O: bytes become actions, in the order of the commands.

The driver feeds bytes, takes one action after the other by ``step`` and carries each out before it takes the
next; so a client may send any number of commands ahead. The three states are those of RFC 1939: AUTHORIZATION
until ``admit``, TRANSACTION until QUIT, then UPDATE, in which the driver removes what was marked.

Never: sockets, files, whether a password is right. Letters are named by number; the driver reads them.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from core.errors import ProtocolError
from core.wire.lines import Lines
from core.wire.pop3 import Listing, apop

_LONGEST = 16_384  # octets of a command; RFC 2449 asks for 255, a token of AUTH is longer


@dataclass(frozen=True, slots=True)
class Say:
    """Send this."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Secure:
    """Send this, begin TLS, then call ``secured``."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody wants in: call ``admit`` or ``deny``. With APOP only a digest of the password came."""

    user: str
    password: str = field(repr=False)
    digest: str = ""
    timestamp: str = ""

    def proves(self, password: str) -> bool:
        """Whether this login knows ``password``."""
        if not self.digest:
            return hmac.compare_digest(self.password.encode(), password.encode())
        expected = apop(self.user, password, self.timestamp).argument.rpartition(" ")[2]
        return hmac.compare_digest(self.digest.lower().encode(), expected.encode())


@dataclass(frozen=True, slots=True)
class Fetch:
    """Send a letter (``ok``, then the letter stuffed), or of its body only so many lines."""

    number: int
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class Quit:
    """Remove these letters, send ``ok``, or ``err`` when it failed, and close."""

    gone: tuple[int, ...]


Action = Say | Secure | Login | Fetch | Quit


def ok(text: str = "") -> bytes:
    """A good reply's line."""
    return f"+OK {text}".rstrip().encode() + b"\r\n"


def err(text: str, code: str = "") -> bytes:
    """A bad reply's line, with its response code (RFC 2449 section 8)."""
    return f"-ERR {f'[{code}] ' if code else ''}{text}".encode() + b"\r\n"


def head(message: bytes, lines: int) -> bytes:
    """What TOP shows of a message (LF): its head, the empty line, and the first lines of its body."""
    empty = re.search(rb"^\r?\n", message, re.MULTILINE)
    end = empty.end() if empty else len(message)
    for _ in range(lines):
        end = message.find(b"\n", end) + 1
        if not end:
            return message
    return message[:end]


_NONE = err("no such letter")


class Server:
    """The server's end of one connection.

    ``timestamp`` (RFC 1939 section 7) offers APOP; ``stls`` offers TLS and takes no login before it; ``lacks``
    names verbs and capabilities that this server does not have. A ``deaf`` server hears nothing of what is sent ahead
    of its replies, whatever it says of PIPELINING.
    """

    def __init__(
        self, *, timestamp: str = "", stls: bool = False, lacks: Collection[str] = (), deaf: bool = False
    ) -> None:
        self.denied = 0  # how often a login was wrong
        self._timestamp = timestamp
        self._stls = stls
        self._lacks = lacks
        self._deaf = deaf
        self._lines = Lines()
        self._user = ""
        self._asking = False  # AUTH PLAIN: the next line is the response
        self._commands: dict[str, Callable[[str], Action]] = {
            "CAPA": self._capa,
            "STLS": self._secure,
            "USER": self._name,
            "PASS": self._pass,
            "APOP": self._digest,
            "AUTH": self._auth,
            "QUIT": self._quit,
        }
        self._letters: dict[int, Listing] = {}
        self._gone: set[int] = set()

    def greeting(self) -> bytes:
        """The first line."""
        return ok(f"ready {self._timestamp}")

    def feed(self, data: bytes) -> None:
        """More bytes from the client."""
        self._lines.feed(data)

    def step(self) -> Action | None:
        """What to do next; None: more bytes are needed.

        Raises:
            ProtocolError: a command without end.
        """
        line = self._lines.line()
        if (self._lines.held if line is None else len(line)) > _LONGEST:
            raise ProtocolError("the client sent a command without end")
        if line is None:
            return None
        if self._deaf:
            self._lines = Lines()
        if self._asking:
            return self._response(line)
        verb, _, argument = line.decode("utf-8", "replace").partition(" ")
        return self._command(verb.upper(), argument)

    def admit(self, letters: Sequence[Listing]) -> bytes:
        """The login was right, and these are the letters; the reply."""
        self._commands = {
            "CAPA": self._capa,
            "STAT": self._stat,
            "LIST": self._list,
            "UIDL": self._uidl,
            "RETR": self._retr,
            "TOP": self._top,
            "DELE": self._dele,
            "RSET": self._rset,
            "NOOP": self._noop,
            "QUIT": self._quit,
        }
        self._letters = {letter.number: letter for letter in letters}
        return ok(f"{len(letters)} letters")

    def deny(self, text: str, code: str) -> bytes:
        """The login was wrong, or cannot be now; the reply."""
        self.denied += 1
        return err(text, code)

    def secured(self) -> None:
        """TLS has begun: what was said before is forgotten (RFC 2595 section 4)."""
        self._stls = False
        self._lines = Lines()
        self._user = ""

    def _command(self, verb: str, argument: str) -> Action:
        if verb not in self._commands or verb in self._lacks:
            return Say(err("no such command here"))
        if self._stls and verb in {"USER", "PASS", "APOP", "AUTH"}:
            return Say(err("begin TLS first, by STLS"))
        return self._commands[verb](argument)

    def _capa(self, _: str) -> Action:
        offers = ["TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING"]
        offers += ["STLS"] if self._stls else ["USER", "SASL PLAIN"]
        return Say(_many(offer for offer in offers if offer.split()[0] not in self._lacks))

    def _secure(self, _: str) -> Action:
        return Secure(ok("begin TLS")) if self._stls else Say(err("no TLS here"))

    def _name(self, user: str) -> Action:
        self._user = user
        return Say(ok())

    def _pass(self, password: str) -> Action:
        return Login(self._user, password) if self._user else Say(err("USER first"))

    def _digest(self, argument: str) -> Action:
        user, _, digest = argument.rpartition(" ")
        if not self._timestamp or not user:
            return Say(err("no APOP here"))
        return Login(user, "", digest, self._timestamp)

    def _auth(self, argument: str) -> Action:
        mechanism, _, response = argument.partition(" ")
        if not mechanism:
            return Say(_many(["PLAIN"]))
        if mechanism.upper() != "PLAIN":
            return Say(err("no such mechanism"))
        if response:
            return self._response(response.encode())
        self._asking = True
        return Say(b"+ \r\n")

    def _response(self, line: bytes) -> Action:
        """The response of AUTH PLAIN (RFC 4616): authorization id, user, password."""
        self._asking = False
        try:
            _, user, password = base64.b64decode(line, validate=True).decode().split("\0")
        except (binascii.Error, ValueError):
            return Say(err("the authentication was given up or is no PLAIN"))
        return Login(user, password)

    def _quit(self, _: str) -> Action:
        return Quit(tuple(sorted(self._gone)))

    def _here(self) -> list[Listing]:
        """The letters that are not marked for deletion."""
        return [letter for number, letter in self._letters.items() if number not in self._gone]

    def _one(self, argument: str) -> Listing | None:
        """The letter that an argument names; None: there is none, or it is marked."""
        word = argument.strip()
        number = int(word) if re.fullmatch(r"[0-9]{1,9}", word) else 0
        return None if number in self._gone else self._letters.get(number)

    def _stat(self, _: str) -> Action:
        here = self._here()
        return Say(ok(f"{len(here)} {sum(letter.size for letter in here)}"))

    def _list(self, argument: str) -> Action:
        return self._listed(argument, lambda letter: f"{letter.number} {letter.size}")

    def _uidl(self, argument: str) -> Action:
        return self._listed(argument, lambda letter: f"{letter.number} {letter.uid}")

    def _listed(self, argument: str, show: Callable[[Listing], str]) -> Action:
        if not argument:
            return Say(_many(map(show, self._here())))
        letter = self._one(argument)
        return Say(ok(show(letter)) if letter else _NONE)

    def _retr(self, argument: str) -> Action:
        letter = self._one(argument)
        return Fetch(letter.number) if letter else Say(_NONE)

    def _top(self, argument: str) -> Action:
        number, _, lines = argument.strip().partition(" ")
        letter = self._one(number)
        if letter is None or not re.fullmatch(r"[0-9]{1,9}", lines.strip()):
            return Say(_NONE)
        return Fetch(letter.number, int(lines))

    def _dele(self, argument: str) -> Action:
        letter = self._one(argument)
        if letter is None:
            return Say(_NONE)
        self._gone.add(letter.number)
        return Say(ok())

    def _rset(self, _: str) -> Action:
        self._gone.clear()
        return Say(ok())

    def _noop(self, _: str) -> Action:
        return Say(ok())


def _many(lines: Iterable[str]) -> bytes:
    """A good reply that goes on up to a lone dot."""
    return ok() + "".join(f"{line}\r\n" for line in lines).encode() + b".\r\n"
