"""One open SMTP connection, and all letters of a call over it in one stream.

What is written does not run far ahead of the line: the kernel gets the next piece when it has sent the last one, holds
little, and hands it out at the pace that is set. So few letters are in doubt when the line goes. A letter is, from the
moment its last piece was handed over until the server has spoken. (What the kernel still holds then could be asked,
but it goes on sending between the question and the cut, so the answer proves nothing.)

Never: which letters wait, what a refusal leads to, how the connection came about (``net.smarthost``), what bytes mean
(``wire.smtp``).
"""

import asyncio
import fcntl
import socket
import struct
import sys
import termios
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Literal

from core.errors import LineError, MailrunError, PartingError, ProtocolError
from core.mail.envelope import Bounced, Deferred, Outcome, Sent, Uncertain
from core.mail.seven import seven
from core.mail.text import safe
from core.net import tls
from core.net.distance import lasting, socket_of, turn
from core.wire.offers import Offers
from core.wire.pace import Pace
from core.wire.passage import Fate, Letter
from core.wire.smtp import CHUNK, PIECE, Asked, Client, Event, Over, Settled

Traffic = Callable[[Literal["up", "down"], int], None]
Told = Callable[[str, Mapping[str, Outcome]], None]

# Seconds. RFC 5321 section 4.5.3.2 asks for 300 for a command, 180 for a block, 600 for the word on a letter.
COMMAND = 300.0
BLOCK = 180.0
VERDICT = 600.0
GOODBYE = 10.0

SEND_BUFFER = 32768  # bytes that the kernel may hold, those on the way included
REPLY = 500  # characters of a server's reply that are kept
_PACING = 47  # SO_MAX_PACING_RATE: bytes a second that TCP hands to the line; the socket module has no name for it
_UNPACED = 10  # packets of a connection that Linux sends before it begins to pace (tcp_update_skb_after_send)
_UNSENT = 25  # TCP_NOTSENT_LOWAT: bytes that it has and has not sent, at which it wants no more

_OUTCOMES: Mapping[str, Callable[[str], Outcome]] = {
    "sent": Sent,
    "deferred": Deferred,
    "bounced": Bounced,
    "uncertain": Uncertain,
}
_FAULTS: Mapping[str, type[MailrunError]] = {"odd": ProtocolError, "later": LineError, "again": PartingError}


class Sending(asyncio.Protocol):
    """One open connection (``household.Sending``); ``net.smarthost`` makes it of one that is logged in.

    ``where`` is host:port, for sentences. ``traffic`` is told bytes that have come, and those that have arrived.
    ``offers`` is what EHLO said; ``unkept``: what the server has promised there and does not know.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        offers: Offers,
        where: str,
        traffic: Traffic,
        pace: Pace,
        *,
        proven: bool = False,
    ) -> None:
        self.offers = offers
        self.unkept = ""
        self._where = where
        self._traffic = traffic
        self._transport = transport
        self._raw = _raw(transport)
        self._client = Client(offers, where, proven=proven)
        self._proven = proven  # when the session began
        self._turn = turn(transport)  # seconds
        self._counted = 0  # bytes of which ``traffic`` knows
        self._paused = False
        self._resting = False  # until the line may have carried what was said last
        self._early = 0  # bytes of the session that Linux does not pace
        self._rate = 0  # bytes a second
        self._moved = asyncio.Event()  # something has changed since it was cleared
        self._fault: MailrunError | None = None  # what the server said, and why it ends the session
        self._lost: LineError | None = None
        self._coming: asyncio.Future[Letter | None] | None = None
        self._begun: Callable[[str], object] = str
        self._told: Told = _untold
        self._accepted: dict[str, Outcome] = {}
        self.pace(pace)
        for each in {transport, self._raw}:
            each.set_write_buffer_limits(high=1, low=0)  # it pauses until the kernel has it all; at 0 TLS never resumes
        transport.set_protocol(self)
        if transport.is_closing():
            self.connection_lost(None)

    @property
    def slower(self) -> Sequence[str]:
        """Why this session takes longer than it need: what the server lacks, as far as that has been found out."""
        turns = self._client.turns + ("PIPELINING" in self.offers)  # the last answers are waited for in any case
        dear = f"{turns} turns in place of 1{lasting((turns - 1) * self._turn)}"
        if "PIPELINING" not in self.offers:
            return (f"it takes nothing ahead (no PIPELINING), so it gets one command at a time: {dear}",)
        if "CHUNKING" not in self.offers:
            return (f"it takes no letters in pieces (no CHUNKING), so each one waits for its leave: {dear}",)
        alone = self._client.turns and not self._proven
        return ("nothing was known of it yet, so the first letter went alone, which took one turn",) if alone else ()

    @property
    def proven(self) -> bool:
        """Whether this server has taken a letter by BDAT."""
        return self._client.proven

    async def send(self, letters: AsyncIterator[Letter], begun: Callable[[str], None], told: Told) -> None:
        """Hand over letters in one stream; what became of each recipient (``household.Sending``).

        A server without 8BITMIME gets them in seven bits.

        Raises:
            PartingError, LineError, ProtocolError: the connection ended before all letters had gone.
        """
        self._begun, self._told = begun, told
        self._await(letters)
        try:
            await self._until(lambda: self._coming is None and not self._client.busy, letters)
        finally:
            if self._client.busy or self._coming:
                self._give_up()
            await self._put_back()

    def pace(self, pace: Pace) -> None:
        """From now on let letters leave at this pace, and what is said at a time be a second of the line at most."""
        if pace.rate:
            self._client.piece = min(PIECE, max(1024, pace.rate))
            self._client.chunk = min(2 * CHUNK, max(CHUNK // 2, 4 * pace.rate))
        self._rate = pace.rate
        with suppress(OSError):  # the connection has gone, and that is found out by what is said on it
            sock = socket_of(self._transport)
            _tune(sock, pace, self._client.piece)
            self._early = _UNPACED * _segment(sock)

    async def accepts(self, sender: str) -> Outcome:
        """Ask whether letters from this address would be taken (MAIL, then RSET); nothing is sent.

        Raises:
            LineError, ProtocolError: the connection ended.
        """
        self._tell(self._client.ask(sender))
        await self._until(lambda: sender in self._accepted and self._client.silent)
        return self._accepted[sender]

    async def quit(self) -> None:
        """Take leave; a server that has left already is no fault."""
        self._client.leave()
        with suppress(MailrunError, TimeoutError):
            async with asyncio.timeout(GOODBYE):
                await self._until(lambda: self._client.silent)
        self.cut()

    def cut(self) -> None:
        """End the connection at once; what the kernel does not have yet stays here."""
        self._transport.abort()

    # What the transport tells (``asyncio.Protocol``).

    def data_received(self, data: bytes) -> None:
        """The server says something."""
        self._traffic("down", len(data))
        self._tell(self._client.receive(data))
        self._count()
        self._moved.set()

    def pause_writing(self) -> None:
        """The kernel has enough."""
        self._paused = True

    def resume_writing(self) -> None:
        """The kernel has it all."""
        self._paused = False
        self._count()
        self._moved.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        del exc  # whatever it was, the other end is gone
        self._lost = LineError(tls.explain(EOFError(), self._where))
        self._moved.set()

    # What goes on.

    async def _until(self, done: Callable[[], bool], letters: AsyncIterator[Letter] | None = None) -> None:
        """Write and hear until this is so.

        Raises:
            LineError, ProtocolError: the connection ended before.
        """
        while True:
            self._moved.clear()
            wrote = self._write(letters)
            if self._fault:
                raise self._fault
            if done():
                return
            if self._lost:
                raise self._lost
            if wrote:
                await asyncio.sleep(0)  # hear before more is said
            else:
                await self._change()

    def _write(self, letters: AsyncIterator[Letter] | None = None) -> bool:
        """Hand over as much as there is to say and as the kernel takes; whether there was any."""
        if self._paused or self._resting or self._fault or self._lost:
            return False
        data = self._client.say()
        while len(data) < self._client.piece and self._take(letters):
            data += self._client.say()
        if data:
            # Packets are filled while more is to come; the last one goes at once.
            self._push(now=len(data) < self._client.piece)
            self._transport.write(data)
            if self._rate and self._client.said < self._early:
                self._rest(len(data) / self._rate)
        return bool(data)

    def _rest(self, seconds: float) -> None:
        """Let the line carry what was said: a first burst would hold up what comes, and make its sender repeat it."""
        self._resting = True
        asyncio.get_running_loop().call_later(seconds, self._rested)

    def _rested(self) -> None:
        self._resting = False
        self._moved.set()

    def _take(self, letters: AsyncIterator[Letter] | None) -> bool:
        """Begin the next letter, if it is wanted and here."""
        if not (letters and self._coming and self._coming.done() and self._client.wants):
            return False
        letter, self._coming = self._coming.result(), None
        if letter is None:
            self._client.leave()
        else:
            self._begun(letter.id)
            self._tell(self._client.add(self._narrow(letter)))
            self._await(letters)
        return True

    def _narrow(self, letter: Letter) -> Letter:
        """The letter as this server takes it."""
        return letter if self._client.wide else replace(letter, message=seven(letter.message))

    def _await(self, letters: AsyncIterator[Letter]) -> None:
        """The next letter is made ready while this one goes out."""
        self._coming = asyncio.ensure_future(_next(letters))
        self._coming.add_done_callback(lambda _: self._moved.set())

    async def _put_back(self) -> None:
        """A letter that was made ready has not been tried."""
        if self._coming is None:
            return
        self._coming.cancel()
        await asyncio.wait({self._coming})
        if not self._coming.cancelled() and not self._coming.exception() and (letter := self._coming.result()):
            self._told(letter.id, {})
        self._coming = None

    def _give_up(self) -> None:
        """End the connection, and settle what was on its way."""
        # Under TLS and after a loss nobody knows how much of what waits here has left.
        known = self._raw is self._transport and self._lost is None
        unsent = self._transport.get_write_buffer_size() if known else 0
        self.cut()
        self._tell(self._client.lost(unsent))

    async def _change(self) -> None:
        """Wait until something has happened.

        Raises:
            LineError: the server keeps us waiting.
        """
        patience = BLOCK if self._paused else VERDICT if self._client.judging else COMMAND
        try:
            async with asyncio.timeout(None if self._client.silent and not self._paused else patience):
                await self._moved.wait()
        except TimeoutError:
            raise LineError(tls.explain(TimeoutError(), self._where)) from None

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case Settled(letter, fates):
                    self._told(letter.id, {address: _outcome(fate) for address, fate in fates.items()})
                case Asked(sender, fate):
                    self._accepted[sender] = _outcome(fate)
                case Over(why, kind, unkept):
                    self.unkept = unkept
                    self._fault = _FAULTS[kind](f"{self._where} {safe(why)[:REPLY]}")

    def _count(self) -> None:
        """Tell how much has arrived: what was answered has, and what the other end's kernel has acknowledged."""
        there = self._client.said
        if not self._client.silent:
            there -= self._transport.get_write_buffer_size() + _held(socket_of(self._transport))
        if there > self._counted:
            self._traffic("up", there - self._counted)
            self._counted = there

    def _push(self, *, now: bool) -> None:
        if connection := socket_of(self._transport):
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, now)


async def _next(letters: AsyncIterator[Letter]) -> Letter | None:
    return await anext(letters, None)


def _untold(_id: str, _outcomes: Mapping[str, Outcome]) -> None:
    """Nobody listens."""


def _outcome(fate: Fate) -> Outcome:
    return _OUTCOMES[fate.state](safe(fate.reply)[:REPLY])


def _raw(transport: asyncio.Transport) -> asyncio.Transport:
    """What is below TLS, which has a buffer of its own; asyncio shows it to nobody."""
    below = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
    return below if isinstance(below, asyncio.Transport) else transport


def _tune(sock: socket.socket | None, pace: Pace, unsent: int) -> None:
    """Let the kernel hold little, and send no faster than the pace, where the system can (Linux)."""
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, pace.sending or SEND_BUFFER)
    if sys.platform != "linux":
        return
    if pace.rate:
        sock.setsockopt(socket.SOL_SOCKET, _PACING, pace.rate)
    sock.setsockopt(socket.IPPROTO_TCP, _UNSENT, unsent)


def _segment(sock: socket.socket | None) -> int:
    """Bytes in a full packet, where the system paces all but the first packets (Linux); else 0."""
    if sock is None or sys.platform != "linux":
        return 0
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)


def _held(sock: socket.socket | None) -> int:
    """Bytes that the kernel has and the other end has not acknowledged; 0 where it cannot tell."""
    if sock is None:
        return 0
    try:
        return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4)))[0])
    except (OSError, ValueError):
        return 0
