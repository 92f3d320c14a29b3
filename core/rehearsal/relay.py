"""The line of the rehearsal: TCP connections that share one slow way up and one slow way down, on loopback.

Each way carries so many bits a second and takes so many seconds, first come, first served, as a modem does. While
the line is down, connections are cut, and new ones get no further. A connection comes about in the three steps of
TCP, each of which takes its way.

Payload is what is counted and paced; of what TCP/IP adds on a real line there is ``Course.overhead``, and no more:
acknowledgements travel for nothing.

Never: what travels.
"""

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

AHEAD = 0.05  # seconds by which the line is booked before it is free: a late wake-up then costs nothing
SLICE = 0.02  # seconds that one piece takes at most: connections share the line that finely
WINDOW = 8192  # bytes that each socket may hold: what a sender got rid of has nearly travelled

Direction = Literal["up", "down"]
_TCP = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends at once only where this is said
_STEPS: tuple[Direction, ...] = ("up", "down", "up")  # SYN, SYN and ACK, ACK

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Course:
    """What one direction is like.

    ``rate`` in bit/s (0: no limit); ``delay`` in seconds; ``fifo``: so many bytes wait for the line in the order in
    which they came, whoever's they are, so that a short reply waits behind a long letter; ``overhead``: bytes that each
    piece is longer on the line; ``packet``: bytes of a piece (0: as few as let connections take turns).
    """

    rate: int = 0
    delay: float = 0.0
    fifo: int = 0
    overhead: int = 0
    packet: int = 0

    @property
    def piece(self) -> int:
        """Bytes that one connection may send before another one has its turn."""
        fair = max(32, min(WINDOW, int(self.rate * SLICE / 8))) if self.rate else WINDOW
        return self.packet or fair

    def seconds(self, size: int) -> float:
        """How long so many bytes keep the line busy."""
        return size * 8 / self.rate if self.rate else 0.0


class Way:
    """One direction at work: bytes ``carried`` so far, and the ``pieces`` that they went in."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.carried = 0
        self.pieces = 0
        self.left: int | None = None  # bytes until the line drops; None: it does not
        self._free = 0.0
        self._turn = asyncio.Lock()
        self._ahead = max(AHEAD, course.seconds(course.fifo))

    async def carry(self, size: int) -> tuple[int, float]:
        """Book the line for ``size`` bytes: how many of them arrive before it drops, and when (loop time)."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            await asyncio.sleep(self._free - self._ahead - loop.time())
            arriving = size if self.left is None else min(size, self.left)
            start = math.nextafter(max(self._free, loop.time()), math.inf)  # no two pieces arrive at once
            self._free = start + self.course.seconds(arriving + self.course.overhead)
            self.carried += arriving
            self.pieces += 1
            if self.left is not None:
                self.left -= arriving
            return arriving, self._free + self.course.delay


class Relay:
    """The line between the house and the provider; ``dropped`` is called when it drops by itself.

    ``down`` is like ``up`` where nothing else is said. ``turns`` is how often, on any connection, the far end spoke
    after the house had: how often somebody may have waited for the line's delay.
    """

    def __init__(
        self, up: Course = Course(), down: Course | None = None, *, dropped: Callable[[], None] = lambda: None
    ) -> None:
        self.ways: dict[Direction, Way] = {"up": Way(up), "down": Way(down or up)}
        self.turns = 0
        self._dropped = dropped
        self._up = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_up(self) -> bool:
        """Whether connections pass."""
        return self._up

    def open(self) -> None:
        """The line is up."""
        self._up = True

    def shut(self) -> None:
        """The line is down: every connection is cut at once."""
        self._up = False
        for writer in list(self._writers):
            writer.transport.abort()

    def drop_after(self, direction: Direction, size: int | None) -> None:
        """Let the line drop when so many more bytes have come through one way (None: it holds)."""
        self.ways[direction].left = size

    @asynccontextmanager
    async def forward(self, host: str, port: int) -> AsyncIterator[int]:
        """Listen on loopback for connections to ``host:port``; gives the port that stands for it."""
        listening = socket.socket(*_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        listening.bind(("127.0.0.1", 0))

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            # Cancelled by ``_end`` only; Python 3.11 logs a handler of a connection that ends as cancelled.
            with suppress(asyncio.CancelledError):
                await self._connect((reader, writer), host, port)

        async with await asyncio.start_server(connected, sock=listening, limit=WINDOW):
            try:
                yield listening.getsockname()[1]
            finally:
                await self._end()

    async def _end(self) -> None:
        self.shut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, home: Stream, host: str, port: int) -> None:
        """One connection, until both ends have closed it, or one has cut it, or the line goes."""
        with suppress(OSError, ExceptionGroup), self._held(home[1]):
            for direction in _STEPS:
                self._check(home)
                await _travel(self.ways[direction])
            far = await _connection(host, port)
            with self._held(far[1]):
                self._check(home)
                await self._join(home, far)

    def _check(self, home: Stream) -> None:
        """A connection that is coming about goes on.

        Raises:
            ConnectionAbortedError: the line is down, or was meanwhile.
        """
        if not self._up or home[1].is_closing():
            raise ConnectionAbortedError

    @contextmanager
    def _held(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        """The connection goes with the line, and when the block fails."""
        self._writers.add(writer)
        try:
            yield
        except BaseException:
            writer.transport.abort()
            raise
        finally:
            self._writers.discard(writer)

    async def _join(self, home: Stream, far: Stream) -> None:
        """Carry both directions to their ends."""
        last = ""

        def speaks(direction: Direction) -> None:
            nonlocal last
            self.turns += (last, direction) == ("up", "down")
            last = direction

        async with asyncio.TaskGroup() as both:
            both.create_task(self._pass("up", home[0], far[1], speaks))
            both.create_task(self._pass("down", far[0], home[1], speaks))
        for _, writer in (home, far):
            writer.close()

    async def _pass(
        self,
        direction: Direction,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        speaks: Callable[[Direction], None],
    ) -> None:
        """All bytes of one direction, and then its end; each arrives when the line has carried it.

        Raises:
            ConnectionError: one end has cut the connection.
        """
        way, loop = self.ways[direction], asyncio.get_running_loop()
        while data := await reader.read(way.course.piece):
            speaks(direction)
            arriving, due = await way.carry(len(data))
            loop.call_at(due, self._arrive, writer, data[:arriving], way.left == 0)
            await writer.drain()
        await _travel(way)
        if not writer.is_closing():
            writer.write_eof()

    def _arrive(self, writer: asyncio.StreamWriter, data: bytes, last: bool) -> None:
        """Hand over what the line has carried; after the last of it, the line drops."""
        if not writer.is_closing():
            writer.write(data)
        if last and self._up:
            self.shut()
            self._dropped()


async def _travel(way: Way) -> None:
    """Wait as long as something without payload is on its way, behind all that went before."""
    arrived = asyncio.Event()
    asyncio.get_running_loop().call_at((await way.carry(0))[1], arrived.set)
    await arrived.wait()


async def _connection(host: str, port: int) -> Stream:
    """A connection that holds little of what it has not passed on yet.

    Raises:
        OSError: nobody answers there.
    """
    far = socket.socket(*_TCP)
    try:
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        far.setblocking(False)
        await asyncio.get_running_loop().sock_connect(far, (host, port))
        return await asyncio.open_connection(sock=far, limit=WINDOW)
    except BaseException:
        far.close()
        raise
