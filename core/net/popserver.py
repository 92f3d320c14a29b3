"""A POP3 server for a house: letters out of any box, to whoever proves who he is.

Letters are removed at QUIT only, and a box that somebody has open is locked to everybody else. Boxes and logins are
asked in threads, for they touch the disk.

Never: the protocol (``wire.popd``), where letters are kept, who may read them.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from core.config import Security
from core.errors import MailrunError, ProtocolError
from core.mail.text import safe
from core.net.dialogue import HANDSHAKE, Streams, goodbye
from core.wire.lines import Stuffing
from core.wire.pop3 import Listing
from core.wire.popd import Action, Fetch, Login, Quit, Say, Secure, Server, err, head, ok

IDLE = 600.0  # seconds without a command; RFC 1939 section 3 asks for no less
_ALL = 1_048_576  # bytes: more than streams hold back, so that nothing said in the clear is left when TLS begins
_CHUNK = 65_536
_TRIES = 3  # wrong logins before the connection is closed


class Letter(Protocol):
    """A letter in a box."""

    @property
    def uid(self) -> str:
        """Its unique id: 1 to 70 printable characters without space, never given to another letter."""

    @property
    def size(self) -> int:
        """About how many bytes."""

    def read(self) -> bytes:
        """The letter; lines end in LF. Called in a thread; may raise StoreError."""


class Box(Protocol):
    """A maildrop."""

    def letters(self) -> Sequence[Letter]:
        """What is in it now. Called in a thread; may raise StoreError."""

    def remove(self, uids: Collection[str]) -> None:
        """Delete these. Called in a thread; may raise StoreError, and the client is told that they are not deleted."""


Door = Callable[[Login], Box | None]
"""Called in a thread: the box of whoever logs in; None when he does not prove who he is."""


@dataclass(frozen=True, slots=True)
class _House:
    """What all connections share."""

    door: Door
    security: Security
    context: ssl.SSLContext | None
    lacks: Collection[str]
    deaf: bool
    apop: bool
    idle: float
    open: set[str]
    tasks: set[asyncio.Task[None]]


@asynccontextmanager
async def serve(
    host: str,
    port: int,
    door: Door,
    *,
    security: Security = "none",
    context: ssl.SSLContext | None = None,
    lacks: Collection[str] = (),
    deaf: bool = False,
    apop: bool = False,
    idle: float = IDLE,
) -> AsyncIterator[int]:
    """Serve until left; yields the port (for ``port`` 0: a free one).

    ``context`` is needed for "tls" and "starttls"; with "starttls" nobody logs in before STLS. ``lacks`` names verbs
    and capabilities to do without, as some servers do (CAPA, UIDL, TOP, PIPELINING ...); a ``deaf`` server hears not
    what is sent ahead of its replies. ``apop`` needs a door that knows the passwords themselves. Leaving drops every
    connection; nothing is removed by that.

    Raises:
        ProtocolError: the port cannot be had.
    """
    house = _House(door, security, context, lacks, deaf, apop, idle, set(), set())

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_Connection(house, (reader, writer)).run())
        house.tasks.add(task)
        task.add_done_callback(house.tasks.discard)

    try:
        server = await asyncio.start_server(connected, host, port, ssl=context if security == "tls" else None)
    except OSError as error:
        raise ProtocolError(f"POP3 cannot be served on {host} port {port}: {error.strerror}") from error
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in house.tasks:
            task.cancel()
        await asyncio.gather(*house.tasks, return_exceptions=True)


class _Connection:
    """One client."""

    def __init__(self, house: _House, streams: Streams) -> None:
        self._house = house
        self._in, self._out = streams
        timestamp = f"<{uuid4().hex}@pop3>" if house.apop else ""  # a host name has no business here
        stls = house.security == "starttls"
        self._server = Server(timestamp=timestamp, stls=stls, lacks=house.lacks, deaf=house.deaf)
        self._box: Box | None = None
        self._letters: Sequence[Letter] = ()
        self._user = ""
        self._over = False

    async def run(self) -> None:
        """Serve until QUIT, or until the client is gone or silent."""
        try:
            await self._talk()
        except (OSError, ProtocolError):
            pass  # gone, silent, or no POP3: there is nobody to tell
        finally:
            self._free()
            self._out.transport.abort()

    async def _talk(self) -> None:
        self._out.write(self._server.greeting())
        while not self._over:
            await self._drain()
            async with asyncio.timeout(self._house.idle):
                data = await self._in.read(_ALL)
            if not data:
                return
            self._server.feed(data)
            await self._answer()
        self._free()
        await goodbye(self._out)

    def _free(self) -> None:
        """Others may open the box now."""
        self._house.open.discard(self._user)
        self._user = ""

    async def _drain(self) -> None:
        """Wait until the client has taken what was said; it has as long as for a command."""
        async with asyncio.timeout(self._house.idle):
            await self._out.drain()

    async def _answer(self) -> None:
        """Carry out every command that has come; short replies go out together."""
        said = b""
        while not self._over and (action := self._server.step()) is not None:
            if isinstance(action, Say) and len(said) < _CHUNK:
                said += action.data
                continue
            self._out.write(said)
            said = b""
            await self._act(action)
        self._out.write(said)

    async def _act(self, action: Action) -> None:
        match action:
            case Say(data):
                self._out.write(data)
                await self._drain()
            case Secure(data):
                await self._secure(data)
            case Login():
                self._out.write(await self._login(action))
                self._over = self._server.denied >= _TRIES
            case Fetch(number, lines):
                await self._fetch(self._letters[number - 1], lines)
            case Quit(gone):
                self._out.write(await self._remove([self._letters[number - 1].uid for number in gone]))
                self._over = True

    async def _secure(self, data: bytes) -> None:
        self._out.write(data)
        assert self._house.context is not None
        await self._out.start_tls(self._house.context, ssl_handshake_timeout=HANDSHAKE)
        self._server.secured()

    async def _login(self, login: Login) -> bytes:
        """Open the box, unless somebody else has."""
        box = await asyncio.to_thread(self._house.door, login)
        if box is None:
            return self._server.deny("wrong user or password", "AUTH")
        if login.user in self._house.open:
            return self._server.deny("somebody else has this box open", "IN-USE")
        self._house.open.add(login.user)
        self._box, self._user = box, login.user
        try:
            self._letters = await asyncio.to_thread(box.letters)
        except MailrunError as error:
            self._free()
            return self._server.deny(safe(str(error)), "SYS/TEMP")
        return self._server.admit(
            [Listing(nth, letter.size, letter.uid) for nth, letter in enumerate(self._letters, 1)]
        )

    async def _fetch(self, letter: Letter, lines: int | None) -> None:
        try:
            message = await asyncio.to_thread(letter.read)
        except MailrunError as error:
            self._out.write(err(safe(str(error)), "SYS/TEMP"))
            return
        whole = memoryview(message if lines is None else head(message, lines))
        stuffing = Stuffing()
        self._out.write(ok(f"{len(whole)} octets"))
        for start in range(0, len(whole), _CHUNK):
            self._out.write(stuffing.feed(bytes(whole[start : start + _CHUNK])))
            await self._drain()
        self._out.write(stuffing.end())

    async def _remove(self, uids: Sequence[str]) -> bytes:
        try:
            if self._box is not None and uids:
                await asyncio.to_thread(self._box.remove, uids)
        except MailrunError as error:
            return err(f"not deleted: {safe(str(error))}", "SYS/TEMP")
        return ok("goodbye")
