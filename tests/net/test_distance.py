"""What the system knows of a connection."""

import asyncio
import sys

import pytest

from core.net.distance import hasten, lasting, turn


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.read(9))
    writer.close()


async def test_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine is near to itself; of a closed connection, and by other systems, nothing is told."""
    async with await asyncio.start_server(_echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        hasten(writer.transport)
        writer.write(b"hello")
        assert await reader.read() == b"hello"
        here = turn(writer.transport)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "platform", "darwin")
            hasten(writer.transport)
            elsewhere = turn(writer.transport)
        writer.close()
        await writer.wait_closed()
        hasten(writer.transport)

        assert 0 < here < 0.1
        assert (elsewhere, turn(writer.transport)) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("time", "words"), [(0.0, ""), (0.06, ""), (0.6, ", some 0.6 s"), (9.94, ", some 9.9 s"), (36.6, ", some 37 s")]
)
def test_lasting(time: float, words: str) -> None:
    """What nobody would notice is not told; tenths matter only in little."""
    assert lasting(time) == words
