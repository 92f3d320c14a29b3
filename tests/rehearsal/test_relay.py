"""The paced line: what two connections share, in what order, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from core.rehearsal.relay import Course, Direction, Relay

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def far_end(talk: Talk) -> AsyncIterator[int]:
    """A server at the far end; gives its port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except OSError:
            pass
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says back what it hears, until the end."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def line(talk: Talk, relay: Relay) -> AsyncIterator[int]:
    """The far end behind a relay that is up; gives the port at home."""
    relay.open()
    async with far_end(talk) as far, relay.forward("127.0.0.1", far) as port:
        yield port


async def call(port: int, data: bytes) -> bytes:
    """Connect, say something, hear everything until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.close()


async def took(work: Awaitable[object]) -> float:
    """Seconds of the loop's clock."""
    began = asyncio.get_running_loop().time()
    await work
    return asyncio.get_running_loop().time() - began


async def test_everything_arrives() -> None:
    """Bytes come through both ways in order, and the end of a connection after them."""
    data = bytes(range(256)) * 4000
    relay = Relay()
    async with line(echo, relay) as port:
        assert await call(port, data) == data
    assert {way: relay.ways[way].carried for way in relay.ways} == {"up": len(data), "down": len(data)}


@pytest.mark.parametrize(("rate", "size"), [(33_600, 1_680), (256_000, 12_800)])
async def test_rate(rate: int, size: int) -> None:
    """What travels takes as long as its bits do, within a few percent, and both ways at once."""
    relay = Relay(Course(rate))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(size))
        await reader.read(-1)

    async with line(talk, relay) as port:
        seconds = await took(call(port, bytes(size)))
    assert seconds == pytest.approx(size * 8 / rate, rel=0.1)


async def test_shared() -> None:
    """Two connections share the line: each has half of it, not one after the other."""
    relay = Relay(Course(80_000))
    half: list[int] = []

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        got = 0
        while data := await reader.read(65536):
            got += len(data)
            half.append(got)

    async with line(talk, relay) as port:
        seconds = await took(asyncio.gather(call(port, bytes(2000)), call(port, bytes(2000))))
    assert seconds == pytest.approx(4000 * 8 / 80_000, rel=0.1)
    assert max(half[: len(half) // 2]) < 1500  # neither was done at half time


async def test_delay() -> None:
    """Each way adds its own delay to what travels, and to the three steps in which a connection comes about."""
    async with line(echo, Relay(Course(0, 0.02), Course(0, 0.06))) as port:
        there_and_back = 0.02 + 0.06
        assert await took(call(port, b"hello")) == pytest.approx(2 * there_and_back + 0.02, abs=0.03)


async def test_down() -> None:
    """While the line is down nobody gets through, and what was open is cut."""
    relay = Relay()
    async with line(echo, relay) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        relay.shut()
        assert not relay.is_up
        assert await _end(reader) == b""
        writer.close()
        later, other = await asyncio.open_connection("127.0.0.1", port)
        assert await _end(later) == b""
        other.close()
        relay.open()
        assert await call(port, b"again") == b"again"


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("size", [1, 1000, 20_000])
async def test_drop(direction: Direction, size: int) -> None:
    """The line drops after exactly so many bytes one way; they arrive, and nothing after them."""
    dropped: list[bool] = []
    heard = asyncio.get_running_loop().create_future()
    relay = Relay(dropped=lambda: dropped.append(True))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if direction == "down":
            writer.write(bytes(50_000))
        heard.set_result(len(await _end(reader)))

    relay.drop_after(direction, size)
    async with line(talk, relay) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if direction == "up":
            writer.write(bytes(50_000))
        down = len(await _end(reader))
        writer.close()
        assert {"up": await heard, "down": down}[direction] == size
    assert dropped == [True]
    assert relay.ways[direction].carried == size


async def test_nobody_at_the_far_end() -> None:
    """When the far end does not answer, the connection at home ends."""
    relay = Relay()
    relay.open()
    async with far_end(echo) as port:
        pass
    async with relay.forward("127.0.0.1", port) as home:
        reader, writer = await asyncio.open_connection("127.0.0.1", home)
        assert await _end(reader) == b""
        writer.close()


async def _end(reader: asyncio.StreamReader) -> bytes:
    """All that comes before the connection ends, by whatever end."""
    data = b""
    try:
        while piece := await reader.read(65536):
            data += piece
    except ConnectionError:
        pass
    return data


async def test_unlike() -> None:
    """The two ways can have different rates."""
    relay = Relay(Course(800_000), Course(80_000))
    async with line(echo, relay) as port:
        assert await took(call(port, bytes(2000))) == pytest.approx(2000 * 8 / 80_000, rel=0.2)


async def test_overhead() -> None:
    """Each piece is longer on the line than what it carries, which is counted without that."""
    relay = Relay(Course(80_000, packet=100, overhead=100))
    async with line(echo, relay) as port:
        seconds = await took(call(port, bytes(2000)))
    up = relay.ways["up"]
    assert up.carried == 2000
    assert up.pieces in range(23, 30)  # twenty full ones, two steps of the connection and its end
    assert seconds > 2 * 2000 * 8 / 80_000


@pytest.mark.parametrize("fifo", [0, 4000])
async def test_fifo(fifo: int) -> None:
    """A short reply waits behind all that has come to the line before it; without a queue it takes its turn at once."""
    relay, done = Relay(Course(80_000, fifo=fifo)), list[str]()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(4000) if await reader.readexactly(1) == b"l" else b"!")

    async def hear(work: Awaitable[bytes], name: str) -> None:
        await work
        done.append(name)

    async with line(talk, relay) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"l")
        await reader.readexactly(1000)
        await asyncio.gather(hear(reader.read(), "long"), hear(call(port, b"s"), "short"))
        writer.close()
    assert done == (["long", "short"] if fifo else ["short", "long"])


async def test_turns() -> None:
    """Each time the far end speaks after the house has, on any connection, is a turn."""
    relay = Relay()
    async with line(echo, relay) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"hello")
            await reader.readexactly(5)
        writer.close()
        await call(port, b"hello")
    assert relay.turns == 4
