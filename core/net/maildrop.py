"""A POP3 box at the provider: connect, TLS, log in.

Never: the letters (``fetching``), replies and their order (``dialogue``), an unverified certificate, a second try
with a password that was refused.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from core import config
from core.errors import DeniedError, LineError, MailrunError, ProtocolError
from core.mail.text import safe
from core.net import tls
from core.net.connect import reach
from core.net.dialogue import HANDSHAKE, QUIET, Asked, Dialogue, Streams, Traffic
from core.net.fetching import WINDOW, Session, lists_of
from core.net.names import Names
from core.net.secret import Password
from core.wire.offers import Found, Known, Learn
from core.wire.pace import FREE, Pace
from core.wire.pop3 import Capability, Command, Greeting, Reply, apop, plain, xoauth2

CONNECT = 60.0  # seconds for name, TCP and TLS together, over all of a host's addresses
_BUSY = {"IN-USE", "LOGIN-DELAY", "SYS/TEMP"}  # RFC 2449 section 8.1, RFC 3206 section 4
_OFFERED = {"USER": "USER", "AUTH": "SASL"}  # commands to log in -> what offers them
_LOCKED = re.compile(r"\block|in use|busy|another (session|connection)", re.IGNORECASE)


def _nobody(*_: object) -> None:
    """Whoever does not want to know."""


class Maildrop:
    """A box; implements ``household.Maildrop``.

    ``traffic`` gets the bytes of both directions as they are written and read; ``tell`` gets a sentence for
    whatever goes wrong with one letter while the others go on; ``quiet`` is how many seconds a reply may take;
    ``window`` is how many bytes of letters are asked for ahead; ``names`` knows where hosts are.
    """

    def __init__(
        self,
        settings: config.Maildrop,
        traffic: Traffic = _nobody,
        tell: Callable[[str], None] = _nobody,
        *,
        quiet: float = QUIET,
        window: int = WINDOW,
        names: Names | None = None,
    ) -> None:
        self.settings = settings
        self._password = Password(settings)
        self._names = names or Names()
        self._where = f"maildrop {settings.name}"
        self._traffic = traffic
        self._tell = tell
        self._quiet = quiet
        self._window = window

    async def prepare(self) -> None:
        """Have at hand what needs no line: the password, and whom to trust.

        Raises:
            ConfigError: no password can be had.
        """
        await self._password.prepare()
        if self.settings.security != "none":
            tls.context(self.settings.host, self.settings.port)

    @asynccontextmanager
    async def session(
        self, pace: Pace = FREE, known: Known | None = None, learn: Learn | None = None
    ) -> AsyncIterator[Session]:
        """Connect, TLS, log in. Leaving without ``quit`` drops the connection, and nothing is deleted.

        Raises:
            ConfigError: no password can be had.
            ProtocolError: the server could not be reached or trusted, or speaks no POP3 that we know.
            DeniedError: it refused user and password.
            LineError: the box is locked or the server is busy, or the connection ended; try again later.
        """
        secret = await self._password.reveal()
        found = Found(known)
        try:
            async with AsyncExitStack() as stack:
                dialogue, lists = await self._enter(stack, pace, secret, found)
                try:
                    yield Session(dialogue, lists, found, self._tell, window=self._window)
                finally:
                    if dialogue.stranded:
                        found.fail("PIPELINING")
        finally:
            found.report(learn or _nobody)

    async def _enter(
        self, stack: AsyncExitStack, pace: Pace, secret: str, found: Found
    ) -> tuple[Dialogue, Sequence[Asked]]:
        """Connect and log in; where commands sent ahead may have ended the connection, once more without any.

        The password has not been refused then: nobody has answered it.
        """
        dialogue = await self._dial(stack, pace)
        try:
            return dialogue, await self._open(dialogue, secret, found)
        except (LineError, ProtocolError) as error:
            if error is not dialogue.error or not dialogue.stranded:
                raise
        await stack.aclose()
        dialogue = await self._dial(stack, pace)
        found.failed.add("PIPELINING")  # for now
        try:
            return dialogue, await self._open(dialogue, secret, found)
        finally:
            if dialogue.error is None:  # it has answered: the fault was in the commands, not in the line
                found.fail("PIPELINING")

    async def _dial(self, stack: AsyncExitStack, pace: Pace) -> Dialogue:
        """A connection that ends with the stack."""
        streams = await self._connect(pace)
        dialogue = Dialogue(streams, self._where, self.settings.host, self._traffic, self._quiet)
        return await stack.enter_async_context(dialogue)

    async def _connect(self, pace: Pace) -> Streams:
        host, port, security = self.settings.host, self.settings.port, self.settings.security
        context = tls.context(host, port) if security == "tls" else None
        options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, pace.receiving)] if pace.receiving else []

        async def begin(connected: socket.socket) -> Streams:
            return await asyncio.open_connection(
                sock=connected,
                ssl=context,
                server_hostname=host if context else None,
                ssl_handshake_timeout=HANDSHAKE if context else None,
            )

        try:
            async with asyncio.timeout(CONNECT):
                return await reach(host, port, self._names, begin, options, proven=security != "none")
        except (OSError, UnicodeError) as error:
            raise ProtocolError(f"{self._where}: {tls.explain(error, host)}") from error

    async def _open(self, dialogue: Dialogue, secret: str, found: Found) -> Sequence[Asked]:
        """Log in; the lists, already on their way.

        CAPA is asked where nothing is known, and then now and then; it costs a turn only where nothing goes ahead.
        """
        greeting = await dialogue.greeting()
        if not greeting.ok:
            raise self._refused(greeting)
        if self.settings.security == "starttls":
            await self._secure(dialogue)
        dialogue.pipelining = found.keeps("PIPELINING")
        ask = [Command("CAPA")] if found.ask else []
        if ask and not dialogue.pipelining:
            await _tell(dialogue.ask(*ask)[0], found)
            dialogue.pipelining, ask = found.keeps("PIPELINING"), []
        return await self._login(dialogue, ask, self._ways(found, greeting.timestamp, secret), found)

    async def _secure(self, dialogue: Dialogue) -> None:
        """STLS without asking CAPA first: the server's answer tells as much, a turn earlier."""
        reply = await dialogue.ask(Command("STLS"))[0].reply()
        if not reply.ok:
            raise ProtocolError(
                f"{self._where}: {self.settings.host} offers no TLS on port {self.settings.port}; "
                f'security = "tls" with port 995 may work'
            )
        try:
            await dialogue.secure()
        except ProtocolError as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                self._names.forget(self.settings.host)  # somebody else may live there now
            raise

    def _ways(self, found: Found, timestamp: str, secret: str) -> Sequence[Command]:
        """The commands that log in; under "auto" the password goes in clear only where nothing better is known.

        Raises:
            ProtocolError: the settings ask for APOP, and the server has none.
        """
        box = self.settings
        sasl = found.keeps("SASL") and "PLAIN" in map(str.upper, found.offers["SASL"])
        if box.auth == "xoauth2":
            return [xoauth2(box.user, secret)]
        if box.auth == "apop" and not timestamp:
            raise ProtocolError(f'{self._where}: {box.host} has no APOP; set auth = "auto"')
        if box.auth == "apop" or (box.auth == "auto" and timestamp and box.security == "none"):
            return [apop(box.user, secret, timestamp)]
        if sasl and (box.auth == "plain" or not found.keeps("USER")):
            return [plain(box.user, secret)]
        return [Command("USER", box.user), Command("PASS", secret)]

    async def _login(
        self, dialogue: Dialogue, ask: Sequence[Command], login: Sequence[Command], found: Found
    ) -> Sequence[Asked]:
        """Log in, and have the lists on their way: in the same packet where the server allows it."""
        ahead = dialogue.pipelining and login[0].verb != "AUTH"  # AUTH may ask back, RFC 5034 section 4
        asked = dialogue.ask(*ask, *login, *lists_of(found)) if ahead else dialogue.ask(*ask)
        told, asked = asked[: len(ask)], asked[len(ask) :]
        for nth, command in enumerate(login):
            reply = await (asked[nth] if ahead else dialogue.ask(command)[0]).reply()
            if not reply.ok:
                raise self._denied(reply, found, ahead=ahead)
        for one in told:
            await _tell(one, found)
            dialogue.pipelining = found.keeps("PIPELINING")
        return asked[len(login) :] or dialogue.ask(*lists_of(found))

    def _denied(self, reply: Reply, found: Found, *, ahead: bool) -> MailrunError:
        """Why the login was refused; unless the server blames the password (RFC 3206), the next call does it otherwise.

        What was remembered of it may not be true any more, or it does not take a password that was sent ahead.
        """
        error, verb = self._refused(reply), reply.command.verb
        if isinstance(error, DeniedError) and reply.code != "AUTH":
            if ahead and verb == "PASS":
                found.fail("PIPELINING")
            elif found.remembered and verb in _OFFERED:
                found.fail(_OFFERED[verb])
        return error

    def _refused(self, reply: Reply | Greeting) -> MailrunError:
        """Why one did not get in: later is better, never, or with another password."""
        box, text = self.settings, safe(reply.text) or "no reason told"
        if reply.code in _BUSY or (not reply.code and _LOCKED.search(reply.text)):
            return LineError(f"{self._where} is locked or {box.host} is busy; try again in some minutes: {text}")
        if reply.code == "SYS/PERM" or isinstance(reply, Greeting):
            return ProtocolError(f"{self._where}: {box.host} lets nobody in: {text}")
        return DeniedError(f"{self._where}: {box.host} refused user {box.user}; check user and password: {text}")


async def _tell(asked: Asked, found: Found) -> None:
    """What CAPA tells; nothing where the server does not know it."""
    await asked.reply()
    found.tell({event.name: event.arguments for event in asked.told if isinstance(event, Capability)})
