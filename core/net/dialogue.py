"""One POP3 connection: commands go out, and one reader gives each reply to whoever asked.

Any number of tasks may ask at the same time. Where the server takes commands ahead (``pipelining``) they go out at
once, several in one packet; otherwise each waits for the reply to the one before.

Never: which commands make sense (``maildrop``, ``fetching``), or what bytes mean (``wire.pop3``).
"""

import asyncio
import contextlib
import io
from collections import deque
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Literal, Self

from core.errors import LineError, MailrunError, ProtocolError
from core.net import tls
from core.net.distance import hasten, turn
from core.wire.pop3 import Capability, Challenge, Client, Command, Event, Greeting, Item, Odd, Piece, Reply

QUIET = 120.0  # seconds without a byte while a reply is due: longer than any queue on a line that is still alive
NEXT = 1 / 4  # of that, for a short reply behind one that has come: the command was sent ahead, and may be lost
HANDSHAKE = 60.0  # seconds for TLS: on the thinnest lines a certificate chain alone takes twenty
GOODBYE = 1.0  # seconds to end TLS and TCP in good order; all that matters has been said by then
_CHUNK = 65_536

Traffic = Callable[[Literal["up", "down"], int], None]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def goodbye(out: asyncio.StreamWriter) -> None:
    """End TLS and TCP in good order, unless the other end keeps us waiting."""
    out.close()
    with contextlib.suppress(OSError):
        async with asyncio.timeout(GOODBYE):
            await out.wait_closed()


class Asked:
    """A command on its way, and what has been told about it so far."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.ahead = False  # it was sent before the reply to the one before it had come
        self.told: list[Item | Capability | Odd] = []
        self.size = 0  # bytes of the letter that have come
        self._reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._letter = io.BytesIO()  # hands its bytes over without a copy

    async def reply(self) -> Reply:
        """The end of the reply.

        Raises:
            LineError, ProtocolError: the connection ended before.
        """
        return await asyncio.shield(self._reply)

    def letter(self) -> bytes:
        """The letter that came with the reply; it is gone from here then."""
        letter, self._letter = self._letter.getvalue(), io.BytesIO()
        return letter

    def tell(self, event: Piece | Item | Capability | Odd) -> None:
        """A part of the reply."""
        if isinstance(event, Piece):
            self.size += self._letter.write(event.data)
        else:
            self.told.append(event)

    def end(self, end: Reply | MailrunError) -> None:
        """The end of the reply, or why there is none."""
        if isinstance(end, Reply):
            self._reply.set_result(end)
        else:
            self._reply.set_exception(end)
            self._reply.exception()  # nobody may be waiting for this one


class Dialogue:
    """An open connection; leaving it drops the connection.

    ``where`` begins every sentence about it; ``host`` is the name in its certificate; ``quiet`` is in seconds.
    """

    def __init__(self, streams: Streams, where: str, host: str, traffic: Traffic, quiet: float = QUIET) -> None:
        self.where = where
        self.pipelining = False
        self.error: MailrunError | None = None  # why the connection is no more
        self.turns = 0  # how often the server was asked when it had nothing to do; since TLS began, where it does
        self.stranded = False  # it ended over commands that were sent ahead: the server may not bear that
        self.watch: Callable[[], None] | None = None  # called after bytes have come
        self._host = host
        self._in, self._out = streams
        self._traffic = traffic
        self._quiet = quiet
        self._client = Client()
        self._greeting: asyncio.Future[Greeting] = asyncio.get_running_loop().create_future()
        self._came = 0
        self._unsent: deque[Asked] = deque()
        self._sent: deque[Asked] = deque()

    async def __aenter__(self) -> Self:
        self._clock = asyncio.timeout(None)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reading.cancel()
        self._out.transport.abort()
        await asyncio.wait({self._reading})
        if not self._reading.cancelled():
            self._reading.result()  # only a mistake of ours raises here, and it must be seen

    async def greeting(self) -> Greeting:
        """The server's first line.

        Raises:
            LineError, ProtocolError: there was none.
        """
        return await asyncio.shield(self._greeting)

    def ask(self, *commands: Command) -> list[Asked]:
        """Send these, now or as soon as the server may have them; returns at once. Only after the greeting.

        Raises:
            LineError, ProtocolError: the connection has ended.
        """
        if self.error is not None:
            raise self.error
        asked = [Asked(command) for command in commands]
        self._unsent += asked
        self._send()
        return asked

    def withdraw(self, asked: Collection[Asked]) -> None:
        """Do not send these, as far as they have not been sent."""
        self._unsent = deque(one for one in self._unsent if one not in asked)

    @property
    def clocked(self) -> tuple[float, int]:
        """The time in seconds, and how many bytes have come by now."""
        return asyncio.get_running_loop().time(), self._came

    @property
    def turn(self) -> float:
        """Seconds to the server and back when nothing else is on the line; 0: unknown, or the connection is closed."""
        return turn(self._out.transport)

    def hasten(self) -> None:
        """Much is about to come: let the server know early that it arrives."""
        hasten(self._out.transport)

    async def secure(self) -> None:
        """Begin TLS; the server has agreed to.

        Raises:
            ProtocolError: the server cannot be trusted, or does not speak TLS after all.
        """
        context = tls.context(self._host, self._out.get_extra_info("peername")[1])
        try:
            await self._out.start_tls(context, server_hostname=self._host, ssl_handshake_timeout=HANDSHAKE)
        except OSError as error:
            raise ProtocolError(f"{self.where}: {tls.explain(error, self._host)}") from error
        self.turns = 0

    def close(self) -> None:
        """End TLS and TCP in good order, and wait for nothing: each turn of a line is paid for."""
        self._out.close()

    async def _read(self) -> None:
        """Give every reply to whoever asked, until the connection ends."""
        try:
            async with self._clock:
                self._rewind()
                while data := await self._in.read(_CHUNK):
                    self._receive(data)
            self._strand(closed=True)
            self._end(LineError(f"{self.where}: {self._host} closed the connection"))
        except MailrunError as error:
            self._strand(closed=True)
            self._end(ProtocolError(f"{self.where}: {error}"))
        except OSError as error:
            self._strand(closed=isinstance(error, ConnectionError))
            self._end(LineError(f"{self.where}: {tls.explain(error, self._host)}"))
        finally:
            if self.error is None:
                self._end(LineError(f"{self.where}: the connection was given up"))

    def _receive(self, data: bytes) -> None:
        self._traffic("down", len(data))
        self._came += len(data)
        for event in self._client.receive(data):
            self._give(event)
        if self.watch is not None:
            self.watch()
        self._send()
        self._rewind()

    def _give(self, event: Event) -> None:
        match event:
            case Greeting():
                self._greeting.set_result(event)
            case Challenge():
                self._write(event.answer)
            case Reply():
                self._sent.popleft().end(event)
            case _:
                self._sent[0].tell(event)

    def _send(self) -> None:
        """Write what may be written, all of it at once: packets cost too."""
        data, waiting = b"", bool(self._sent)
        while self._unsent and (self.pipelining or not self._sent):
            self._unsent[0].ahead = bool(self._sent)
            self._sent.append(self._unsent.popleft())
            data += self._client.send(self._sent[-1].command)
        if data:
            self.turns += not waiting
            self._write(data)
            self._rewind()

    def _write(self, data: bytes) -> None:
        self._traffic("up", len(data))
        self._out.write(data)

    def _rewind(self) -> None:
        """The server has ``quiet`` seconds from now, if a reply is due."""
        now = asyncio.get_running_loop().time()
        quiet = self._quiet * (NEXT if self._next is not None and not self._next.command.slow else 1)
        self._clock.reschedule(now + quiet if self._client.pending else None)

    @property
    def _next(self) -> Asked | None:
        """The command whose reply would begin now, if it was sent ahead and the one before it has been answered."""
        return self._sent[0] if self._sent and self._sent[0].ahead and self._client.between else None

    def _strand(self, *, closed: bool) -> None:
        """Whether what was sent ahead may be why the connection ends; what takes a server long proves nothing."""
        ahead = self._next is not None or (closed and self._client.between and len(self._sent) > 1)
        self.stranded = ahead and self._sent[0].command.verb != "QUIT"

    def _end(self, error: MailrunError) -> None:
        """Tell everybody who waits."""
        self.error = error
        for asked in (*self._sent, *self._unsent):
            asked.end(error)
        if not self._greeting.done():
            self._greeting.set_exception(error)
            self._greeting.exception()  # nobody may be waiting for it
