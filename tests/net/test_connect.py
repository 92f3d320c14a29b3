"""Connections by name: a name server of our own, servers on several addresses of loopback, real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import ProtocolError
from core.net import connect as connecting
from core.net.connect import connect
from core.net.names import Names
from core.net.resolver import Resolver
from core.wire.hosts import Found

HOST = "pop.isp.example"
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
LATER, LONG_AGO = NOON + timedelta(hours=1), NOON - timedelta(days=9)


class Zone(Resolver):
    """Knows one host; counts the questions. No answer where it has no address."""

    def __init__(self, *addresses: str) -> None:
        super().__init__()
        self.there = addresses
        self.questions: list[str] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def find(self, host: str, now: datetime) -> Found:
        """The addresses, for an hour."""
        self.questions.append(host)
        await self.hold.wait()
        if not self.there:
            raise ProtocolError("no name server answered")
        return Found(self.there, now + timedelta(hours=1))


@asynccontextmanager
async def server(address: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """A server that takes connections at one address; its port."""

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(connected, address, port) as running:
        yield running.sockets[0].getsockname()[1]


def names(zone: Zone, *known: str, until: datetime = LATER, file: Path = Path("/dev/null")) -> Names:
    """Names at noon, with these addresses from before."""
    made = Names(zone, file=file, clock=lambda: NOON)
    made.learn({HOST: Found(known, until)} if known else {})
    return made


async def reached(port: int, where: Names, *, proven: bool = False, host: str = HOST) -> str:
    """The address at which a server answered."""
    with await connect(host, port, where, proven=proven) as connected:
        return str(connected.getpeername()[0])


async def test_asks_once() -> None:
    """Two connections to a host at the same moment are one question, and later ones are none."""
    zone = Zone("127.0.0.1")
    where = names(zone)
    async with server() as port:
        both = await asyncio.gather(reached(port, where), reached(port, where))
        third = await reached(port, where)

    assert ([*both], third, zone.questions) == (["127.0.0.1"] * 2, "127.0.0.1", [HOST])
    assert where.known == {HOST: Found(("127.0.0.1",), LATER)}


async def test_question_waits_for_name_servers() -> None:
    """The DNS is asked once the line's name servers are known; who needs no answer does not wait for them."""
    known = asyncio.Event()

    async def ready() -> None:
        await known.wait()

    zone = Zone("127.0.0.1")
    where = Names(zone, ready, file=Path("/dev/null"), clock=lambda: NOON)
    async with server() as port:
        assert await reached(port, where, host="127.0.0.1") == "127.0.0.1"
        asking = asyncio.create_task(reached(port, where))
        await asyncio.sleep(0)
        assert zone.questions == []
        known.set()
        assert await asking == "127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_no_question(host: str) -> None:
    """Addresses, and names that are a matter of this machine, are no matter for the DNS."""
    zone = Zone()
    async with server() as port:
        assert await reached(port, names(zone), host=host) == "127.0.0.1"
    assert zone.questions == []


async def test_hosts_file(tmp_path: Path) -> None:
    """The hosts file goes before all that was remembered or could be asked."""
    (tmp_path / "hosts").write_text(f"127.0.0.3 {HOST}\n")
    zone = Zone("127.0.0.1")
    async with server("127.0.0.3") as port:
        assert await reached(port, names(zone, "127.0.0.1", file=tmp_path / "hosts")) == "127.0.0.3"
    assert zone.questions == []


async def test_remembered() -> None:
    """As long as an answer counts, nobody is asked."""
    zone = Zone()
    async with server("127.0.0.2") as port:
        assert await reached(port, names(zone, "127.0.0.2")) == "127.0.0.2"
    assert zone.questions == []


async def test_moved() -> None:
    """Where nobody answers at the remembered address, the DNS is asked, and its answer remembered."""
    zone = Zone("127.0.0.3")
    where = names(zone, "127.0.0.2")
    async with server("127.0.0.3") as port:
        assert await reached(port, where) == "127.0.0.3"
    assert where.known[HOST].addresses == ("127.0.0.3",)


async def test_old_answer_with_proof() -> None:
    """Under TLS an answer that has run out is used at once, and the DNS is asked beside; nobody waits for it."""
    zone = Zone("127.0.0.3")
    where = names(zone, "127.0.0.2", until=LONG_AGO)
    zone.hold.clear()
    async with server("127.0.0.2") as port:
        assert await reached(port, where, proven=True) == "127.0.0.2"
        assert zone.questions == [HOST]
        zone.hold.set()
        assert await where.ask(HOST) == ("127.0.0.3",)
    assert zone.questions == [HOST]
    await where.close()


async def test_old_answer_without_proof() -> None:
    """Without TLS an answer that has run out is used by nobody."""
    zone = Zone("127.0.0.3")
    async with server("127.0.0.3") as port:
        assert await reached(port, names(zone, "127.0.0.2", until=LONG_AGO)) == "127.0.0.3"


async def test_left_alone() -> None:
    """A question that is still open at the end is given up."""
    zone = Zone("127.0.0.3")
    where = names(zone, "127.0.0.2", until=LONG_AGO)
    zone.hold.clear()
    async with server("127.0.0.2") as port:
        await reached(port, where, proven=True)
        await where.close()
    assert where.known[HOST].until == LONG_AGO


async def test_silent_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that keeps silent is tried beside the next one, and the one that answered comes first from then on."""
    monkeypatch.setattr(connecting, "STAGGER", 0.01)
    where = names(Zone(), "127.0.0.2", "127.0.0.3")
    with socket.create_server(("127.0.0.2", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]  # nobody accepts, so the next to connect hears nothing
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.2", port))
        async with server("127.0.0.3", port):
            assert await reached(port, where) == "127.0.0.3"
        for one in waiting:
            one.close()
    assert where.known[HOST].addresses == ("127.0.0.3", "127.0.0.2")


@pytest.mark.parametrize("known", [(), ("127.0.0.2", "127.0.0.3")])
async def test_nobody(known: Sequence[str]) -> None:
    """Where nobody answers at any address, that is told; where no address is known, that is."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConnectionRefusedError if known else socket.gaierror):
            await connect("pop.isp.invalid", port, names_of(known))


def names_of(known: Sequence[str]) -> Names:
    """Names with no name server that answers."""
    made = Names(Zone(), file=Path("/dev/null"), clock=lambda: NOON)
    made.learn({"pop.isp.invalid": Found(tuple(known), LATER)} if known else {})
    return made


async def test_options() -> None:
    """What the system must know before it connects, it does."""
    async with server() as port:
        with await connect("127.0.0.1", port, names(Zone()), [(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)]) as made:
            assert made.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 16384  # Linux doubles it
            assert not made.getblocking()
