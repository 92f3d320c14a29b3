"""A POP3 box at the provider: connect, TLS, log in.

Never: the letters (``fetching``), replies and their order (``dialogue``), an unverified certificate, a second try
with a password that was refused.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from core import config
from core.errors import DeniedError, LineError, MailrunError, ProtocolError
from core.mail.text import safe
from core.net import tls
from core.net.dialogue import HANDSHAKE, QUIET, Asked, Dialogue, Streams, Traffic
from core.net.fetching import LISTS, WINDOW, Session
from core.net.secret import password
from core.wire.pace import FREE, Pace
from core.wire.pop3 import Capability, Command, Greeting, Offers, Reply, apop, plain, xoauth2

CONNECT = 60.0  # seconds for name, TCP and TLS together, over all of a host's addresses
STAGGER = 5.0  # seconds until another of a host's addresses is tried beside the first
_BUSY = {"IN-USE", "LOGIN-DELAY", "SYS/TEMP"}  # RFC 2449 section 8.1, RFC 3206 section 4
_LOCKED = re.compile(r"\block|in use|busy|another (session|connection)", re.IGNORECASE)


def _nobody(*_: object) -> None:
    """Whoever does not want to know."""


class Maildrop:
    """A box; implements ``household.Maildrop``.

    ``traffic`` gets the bytes of both directions as they are written and read; ``tell`` gets a sentence for
    whatever goes wrong with one letter while the others go on; ``quiet`` is how many seconds a reply may take;
    ``window`` is how many bytes of letters are asked for ahead.
    """

    def __init__(
        self,
        settings: config.Maildrop,
        traffic: Traffic = _nobody,
        tell: Callable[[str], None] = _nobody,
        *,
        quiet: float = QUIET,
        window: int = WINDOW,
    ) -> None:
        self.settings = settings
        self._where = f"maildrop {settings.name}"
        self._traffic = traffic
        self._tell = tell
        self._quiet = quiet
        self._window = window

    @asynccontextmanager
    async def session(self, pace: Pace = FREE, offers: Offers | None = None) -> AsyncIterator[Session]:
        """Connect, TLS, log in. Leaving without ``quit`` drops the connection, and nothing is deleted.

        Raises:
            ConfigError: no password can be had.
            ProtocolError: the server could not be reached or trusted, or speaks no POP3 that we know.
            DeniedError: it refused user and password.
            LineError: the box is locked or the server is busy, or the connection ended; try again later.
        """
        del pace, offers
        secret = await asyncio.to_thread(password, self.settings)
        streams = await self._connect()
        async with Dialogue(streams, self._where, self.settings.host, self._traffic, self._quiet) as dialogue:
            yield await self._open(dialogue, secret)

    async def _connect(self) -> Streams:
        host, port = self.settings.host, self.settings.port
        context = tls.context(host, port) if self.settings.security == "tls" else None
        try:
            async with asyncio.timeout(CONNECT):
                return await asyncio.open_connection(
                    host,
                    port,
                    ssl=context,
                    ssl_handshake_timeout=HANDSHAKE if context else None,
                    happy_eyeballs_delay=STAGGER,
                )
        except (OSError, UnicodeError) as error:
            raise ProtocolError(f"{self._where}: {tls.explain(error, host)}") from error

    async def _open(self, dialogue: Dialogue, secret: str) -> Session:
        greeting = await dialogue.greeting()
        if not greeting.ok:
            raise self._refused(greeting)
        if self.settings.security == "starttls":
            await self._secure(dialogue)
        offers = await self._offers(dialogue)
        dialogue.pipelining = "PIPELINING" in offers
        lists = await self._enter(dialogue, self._login(offers, greeting.timestamp, secret))
        return Session(dialogue, lists, self._tell, unique="UIDL" in offers, window=self._window)

    async def _secure(self, dialogue: Dialogue) -> None:
        """STLS without asking CAPA first: the server's answer tells as much, a turn earlier."""
        reply = await dialogue.ask(Command("STLS"))[0].reply()
        if not reply.ok:
            raise ProtocolError(
                f"{self._where}: {self.settings.host} offers no TLS on port {self.settings.port}; "
                f'security = "tls" with port 995 may work'
            )
        await dialogue.secure()

    async def _offers(self, dialogue: Dialogue) -> Offers:
        """What CAPA tells; nothing where the server does not know it."""
        [asked] = dialogue.ask(Command("CAPA"))
        await asked.reply()
        return {event.name: event.arguments for event in asked.told if isinstance(event, Capability)}

    def _login(self, offers: Offers, timestamp: str, secret: str) -> Sequence[Command]:
        """The commands that log in; under "auto" the password goes in clear only where nothing better is known.

        Raises:
            ProtocolError: the settings ask for APOP, and the server has none.
        """
        box, sasl = self.settings, "PLAIN" in map(str.upper, offers.get("SASL", ()))
        if box.auth == "xoauth2":
            return [xoauth2(box.user, secret)]
        if box.auth == "apop" and not timestamp:
            raise ProtocolError(f'{self._where}: {box.host} has no APOP; set auth = "auto"')
        if box.auth == "apop" or (box.auth == "auto" and timestamp and box.security == "none"):
            return [apop(box.user, secret, timestamp)]
        if sasl and (box.auth == "plain" or "USER" not in offers):
            return [plain(box.user, secret)]
        return [Command("USER", box.user), Command("PASS", secret)]

    async def _enter(self, dialogue: Dialogue, login: Sequence[Command]) -> Sequence[Asked]:
        """Log in, and have the lists on their way: in the same packet where the server allows it."""
        ahead = dialogue.pipelining and login[0].verb != "AUTH"  # AUTH may ask back, RFC 5034 section 4
        asked = dialogue.ask(*login, *LISTS) if ahead else []
        for nth, command in enumerate(login):
            reply = await (asked[nth] if ahead else dialogue.ask(command)[0]).reply()
            if not reply.ok:
                raise self._refused(reply)
        return asked[len(login) :] or dialogue.ask(*LISTS)

    def _refused(self, reply: Reply | Greeting) -> MailrunError:
        """Why one did not get in: later is better, never, or with another password."""
        box, text = self.settings, safe(reply.text) or "no reason told"
        if reply.code in _BUSY or (not reply.code and _LOCKED.search(reply.text)):
            return LineError(f"{self._where} is locked or {box.host} is busy; try again in some minutes: {text}")
        if reply.code == "SYS/PERM" or isinstance(reply, Greeting):
            return ProtocolError(f"{self._where}: {box.host} lets nobody in: {text}")
        return DeniedError(f"{self._where}: {box.host} refused user {box.user}; check user and password: {text}")
