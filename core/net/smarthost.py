"""The smart host: the provider's SMTP server, to which all mail of the house goes (RFC 5321, RFC 4954).

Here a connection comes about and ends: greeting, TLS, EHLO, AUTH, QUIT.

Never: a letter (``net.sending``), a host name of this machine (EHLO gets the name that it is given), a password
in the clear but where the settings say security = "none".
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPResponse

from core import config
from core.errors import DeniedError, LineError, MailrunError, ProtocolError
from core.mail.text import safe
from core.net import tls
from core.net.connect import reach
from core.net.names import Names
from core.net.secret import Password
from core.net.sending import COMMAND, REPLY, Sending, Traffic
from core.wire.offers import Found, Known, Learn
from core.wire.pace import FREE, Pace

CONNECT = 60.0  # seconds for each of connecting, TLS and the greeting
BDAT = "BDAT"  # beside what EHLO said: the server has taken a letter so
_UNUSABLE = {500, 501, 502, 503, 504, 534, 538}  # "not this way": another way to log in may work

Method = Callable[..., Awaitable[SMTPResponse]]


def _untold(_way: Literal["up", "down"], _size: int) -> None:
    """Nobody counts."""


class SmartHost:
    """The provider's SMTP server (``household.SmartHost``).

    ``ehlo`` is the name that the house gives, under its public domain. ``traffic`` is told the bytes of
    commands, letters and replies as they go; AUTH and what TLS adds are left out.
    """

    def __init__(
        self, settings: config.SmartHost, ehlo: str, traffic: Traffic = _untold, names: Names | None = None
    ) -> None:
        self.settings = settings
        self._password = Password(settings)
        self._names = names or Names()
        self._ehlo = ehlo.encode("idna").decode("ascii")
        self._traffic = traffic
        self._where = f"{settings.host}:{settings.port}"

    async def prepare(self) -> None:
        """Have at hand what needs no line: the password, and whom to trust.

        Raises:
            ConfigError: no password can be had.
        """
        if self.settings.user:
            await self._password.prepare()
        if self.settings.security != "none":
            tls.context(self.settings.host, self.settings.port)

    @asynccontextmanager
    async def session(
        self, pace: Pace = FREE, known: Known | None = None, learn: Learn | None = None
    ) -> AsyncIterator[Sending]:
        """Connect, TLS, EHLO, AUTH; QUIT at the end. Left by an exception, the connection is cut.

        Raises:
            DeniedError: the server refused the login.
            ProtocolError: the server cannot be reached or trusted, or lacks what the settings ask for.
            LineError: the connection was lost, or the server says "later".
        """
        password = await self._password.reveal() if self.settings.user else ""
        found = Found(known)
        client = await self._connect()
        try:
            await self._greet(client)
            if self.settings.user:
                await self._login(client, password)
            sending = self._sending(client, pace, found)
            try:
                yield sending
            finally:
                _note(sending, found)
            await sending.quit()
        finally:
            if isinstance(client.transport, asyncio.Transport):
                client.transport.abort()
            client.close()
            if learn:
                found.report(learn)

    def _sending(self, client: aiosmtplib.SMTP, pace: Pace, found: Found) -> Sending:
        """Our own wire takes over: aiosmtplib takes one turn a command."""
        if not isinstance(client.transport, asyncio.Transport):
            raise LineError(tls.explain(EOFError(), self._where))
        offers = {name.upper(): tuple(value.split()) for name, value in client.esmtp_extensions.items()}
        kept = {name: words for name, words in offers.items() if name not in found.failed}
        return Sending(client.transport, kept, self._where, self._traffic, pace, proven=found.keeps(BDAT))

    async def _connect(self) -> aiosmtplib.SMTP:
        """Up to the greeting, and with STARTTLS up to the encrypted line."""
        host, port, security = self.settings.host, self.settings.port, self.settings.security

        async def begin(connected: socket.socket) -> aiosmtplib.SMTP:
            client = aiosmtplib.SMTP(
                hostname=host,
                sock=connected,
                local_hostname=self._ehlo,
                timeout=CONNECT,
                use_tls=security == "tls",
                start_tls=security == "starttls",
                tls_context=None if security == "none" else tls.context(host, port),
            )
            try:
                await client.connect()
            except aiosmtplib.SMTPConnectError as error:
                raise error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error from None
            return client

        try:
            client = await reach(host, port, self._names, begin, proven=security != "none")
        except aiosmtplib.SMTPResponseException as error:
            raise self._unwelcome(SMTPResponse(error.code, error.message)) from None
        except (OSError, UnicodeError) as error:
            raise self._unreachable(error) from None
        except aiosmtplib.SMTPException:
            raise ProtocolError(
                f"{self._where} offers no STARTTLS, so anybody could listen in; check port and security in [smarthost]"
            ) from None
        if not client.is_connected:
            raise LineError(tls.explain(EOFError(), self._where))
        return client

    async def _greet(self, client: aiosmtplib.SMTP) -> None:
        """EHLO, or HELO where the server knows no EHLO (RFC 5321 section 3.2)."""
        reply = await self._command(client, b"EHLO")
        if reply.code == 250:
            client.last_ehlo_response = reply
        elif reply.code // 100 == 5:
            reply = await self._command(client, b"HELO")
        if reply.code != 250:
            raise self._unwelcome(reply)

    async def _command(self, client: aiosmtplib.SMTP, verb: bytes) -> SMTPResponse:
        """Say who we are, and hear the reply.

        Raises:
            LineError: no reply came.
            ProtocolError: what came is no SMTP.
        """
        name = self._ehlo.encode("ascii")
        self._traffic("up", len(verb) + len(name) + len(" \r\n"))
        try:
            reply = await client.execute_command(verb, name, timeout=COMMAND)
        except OSError as error:
            cause = TimeoutError() if isinstance(error, TimeoutError) else EOFError()
            raise LineError(tls.explain(cause, self._where)) from None
        except aiosmtplib.SMTPException as error:
            raise ProtocolError(f"{self._where} does not speak SMTP: {safe(error.message)[:REPLY]}") from None
        said = reply.message.encode("utf-8", "surrogateescape").split(b"\n")
        self._traffic("down", sum(len(line) + len("250 \r\n") for line in said))
        return reply

    async def _login(self, client: aiosmtplib.SMTP, password: str) -> None:
        """Log in by the first way that both sides know."""
        for name, method in self._methods(client).items():
            if name in client.server_auth_methods and await self._try(method, password):
                return
        raise ProtocolError(f"{self._where} offers no login that mailrun knows; check port and security in [smarthost]")

    def _methods(self, client: aiosmtplib.SMTP) -> dict[str, Method]:
        """Ways to log in, best first: the fewest turns under TLS, else what hides the password."""
        clear: dict[str, Method] = {"plain": client.auth_plain, "login": client.auth_login}
        hidden: dict[str, Method] = {"cram-md5": client.auth_crammd5}
        return hidden | clear if self.settings.security == "none" else clear | hidden

    async def _try(self, method: Method, password: str) -> bool:
        """Whether it worked; False where the server does not log in this way.

        A wrong password is tried once only: providers lock out those who guess.
        """
        try:
            await method(self.settings.user, password, timeout=COMMAND)
        except aiosmtplib.SMTPResponseException as error:
            if error.code in _UNUSABLE:
                return False
            raise self._unproven(SMTPResponse(error.code, error.message)) from None
        except OSError as error:
            raise self._unreachable(error) from None
        return True

    def _unproven(self, reply: SMTPResponse) -> MailrunError:
        """The login did not work: for now (4xx), or with these words."""
        if reply.code // 100 == 4:
            return LineError(f"{self._where} cannot check the login now; try again later: {_words(reply)}")
        return DeniedError(f"{self._where} refused the login; check user and password in [smarthost]: {_words(reply)}")

    def _unwelcome(self, reply: SMTPResponse) -> MailrunError:
        """A greeting that is a refusal: for now (4xx), or for good."""
        if reply.code // 100 == 4:
            return LineError(f"{self._where} takes no letters now; try again later: {_words(reply)}")
        return ProtocolError(f"{self._where} turns this house away; check [smarthost]: {_words(reply)}")

    def _unreachable(self, error: OSError | UnicodeError) -> MailrunError:
        """A connection that did not come about, or ended: what a later try may mend is the line's fault."""
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        passing = isinstance(cause, TimeoutError | ConnectionError)
        passing = passing and not isinstance(cause, ConnectionRefusedError)
        return (LineError if passing else ProtocolError)(tls.explain(cause, self._where))


def _note(sending: Sending, found: Found) -> None:
    """Remember what this call has shown of the server, where that is news."""
    if sending.unkept:
        found.fail(sending.unkept)
    offers = {**sending.offers, BDAT: ()} if sending.proven and not sending.unkept else sending.offers
    if found.ask or offers != found.offers:
        found.tell(offers)


def _words(reply: SMTPResponse) -> str:
    """A reply on one line, safe to show."""
    text = reply.message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return f"{reply.code} {safe(text)[:REPLY]}".rstrip()
