"""The provider of the rehearsal, on loopback: a smart host that keeps what it takes, and a POP3 box.

The smart host says PIPELINING, CHUNKING, 8BITMIME, SIZE and SMTPUTF8, wants a login where it is given one, and
refuses or defers whom it is told to. The box is one for the whole house, and opens with the same login; there may be
more, each with its own. All can be told to lack what some servers lack.

Never: a letter that leaves this machine.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from core.config import Security
from core.mail.envelope import Envelope
from core.net import popserver
from core.net.smtpserver import Server
from core.wire import lines
from core.wire.popd import Login

HOST = "127.0.0.1"
MEGABYTE = 1_000_000

# aiosmtpd warns of its own old attributes; without a handler Python would write that into the demo's screen.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that the smart host has taken (lines end in LF)."""

    envelope: Envelope
    message: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in the box (``popserver.Letter``)."""

    uid: str
    message: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes as they travel."""
        return len(lines.to_wire(self.message))

    def read(self) -> bytes:
        """The letter."""
        return self.message


class Box:
    """The box of the house (``popserver.Box``)."""

    def __init__(self, messages: Iterable[bytes] = ()) -> None:
        self._letters: dict[str, Letter] = {}
        self._ever = 0  # a unique id is never given twice
        for message in messages:
            self.add(message)

    def add(self, message: bytes) -> str:
        """One more letter has come (lines end in LF); gives its unique id."""
        self._ever += 1
        uid = f"{self._ever:08d}"
        self._letters[uid] = Letter(uid, message)
        return uid

    def letters(self) -> Sequence[Letter]:
        """What is in it."""
        return tuple(self._letters.values())

    def remove(self, uids: Collection[str]) -> None:
        """Delete these."""
        for uid in uids:
            self._letters.pop(uid, None)


@dataclass(slots=True)
class Desk:
    """What the smart host does with letters: aiosmtpd's handler.

    ``replies`` has what is said in place of "250": to a recipient, to a sender, and for the key "" to a whole letter.
    """

    user: str = ""
    password: str = field(default="", repr=False)
    replies: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)

    def authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
        """Whether the login is right."""
        right = LoginPassword(self.user.encode(), self.password.encode())
        return AuthResult(success=data == right, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd finds its hooks by name
        self, _server: SMTP, session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """A sender."""
        if self.user and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if address in self.replies:
            return self.replies[address]
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """A recipient."""
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """The letter."""
        if "" in self.replies:
            return self.replies[""]
        to = Envelope(envelope.mail_from or "", tuple(envelope.rcpt_tos))
        self.taken.append(Taken(to, lines.to_disk(envelope.content)))
        return f"250 2.0.0 taken as {len(self.taken)}"


@asynccontextmanager
async def smarthost(
    desk: Desk,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    limit: int = 10 * MEGABYTE,
    utf8: bool = True,
    lacks: Collection[str] = (),
    deaf: bool = False,
) -> AsyncIterator[int]:
    """A smart host on loopback until the block ends; gives its port.

    ``limit`` is its SIZE in bytes; ``lacks`` and ``deaf`` are as in ``smtpserver.Server``.
    """
    loop = asyncio.get_running_loop()
    servers: list[Server] = []

    def connected() -> Server:
        servers.append(
            Server(
                desk,
                hostname="smtp.isp.example",  # never asked of the system: that would be a look-up
                ident="ESMTP",
                data_size_limit=limit,
                enable_SMTPUTF8=utf8,
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=desk.authenticate,
                auth_require_tls=not desk.user,
                loop=loop,
                lacks=lacks,
                deaf=deaf,
            )
        )
        return servers[-1]

    server = await loop.create_server(connected, HOST, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await _leave(servers)


async def _leave(servers: list[Server]) -> None:
    """Cut what is still connected; the rest of each dialogue ends with it."""
    tasks = [each._handler_coroutine for each in servers if each._handler_coroutine]  # noqa: SLF001 - no public way
    for task in tasks:
        task.cancel()
    for each in servers:
        if isinstance(each.transport, asyncio.WriteTransport):
            each.transport.abort()
    await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Account:
    """One more box (lines of its ``messages`` end in LF), and who may open it."""

    user: str
    password: str = field(repr=False)
    messages: Iterable[bytes] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that is open: what it took, what waits, and the ports of its two servers.

    ``box`` is the house's, ``others`` are those of single people, by user.
    """

    desk: Desk
    box: Box
    smtp: int
    pop: int
    others: Mapping[str, Box] = field(default_factory=dict)


@asynccontextmanager
async def provider(
    user: str,
    password: str,
    messages: Iterable[bytes] = (),
    *,
    others: Sequence[Account] = (),
    tls: ssl.SSLContext | None = None,
    smtp_lacks: Collection[str] = (),
    pop_lacks: Collection[str] = (),
    deaf: Collection[Literal["smtp", "pop"]] = (),
) -> AsyncIterator[Provider]:
    """Both servers on loopback until the block ends, with ``messages`` (lines end in LF) waiting in the box.

    With ``tls`` both speak TLS from the first byte. What they lack is as in ``smtpserver`` and ``popserver``; those
    that are ``deaf`` hear nothing that is sent ahead of a reply.
    """
    security: Security = "tls" if tls else "none"
    desk, accounts = Desk(user, password), (Account(user, password, messages), *others)
    boxes = {account.user: Box(account.messages) for account in accounts}
    passwords = {account.user: account.password for account in accounts}

    def door(login: Login) -> Box | None:
        return boxes[login.user] if login.user in boxes and login.proves(passwords[login.user]) else None

    async with (
        smarthost(desk, tls=tls, lacks=smtp_lacks, deaf="smtp" in deaf) as smtp,
        popserver.serve(HOST, 0, door, security=security, context=tls, lacks=pop_lacks, deaf="pop" in deaf) as pop,
    ):
        rest = {name: box for name, box in boxes.items() if name != user}
        yield Provider(desk, boxes[user], smtp, pop, rest)
