"""Questions to the DNS, answered by a name server of our own on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from core.errors import ProtocolError
from core.net.resolver import Resolver

ZONE = {
    ("home.example.", "MX"): ["20 backup.isp.example.", "10 mx.isp.example."],
    ("nomail.example.", "MX"): ["0 ."],
    ("mx.isp.example.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("mx.isp.example.", "AAAA"): ["2001:db8::1"],
    ("four.example.", "A"): ["192.0.2.4"],
    ("six.example.", "AAAA"): ["2001:db8::6"],
}
SERVFAIL = "broken.example."


class NameServer(asyncio.DatagramProtocol):
    """Knows ZONE; silent when told so."""

    def __init__(self, *, silent: bool = False) -> None:
        self.silent = silent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = cast(asyncio.DatagramTransport, transport)  # Python 3.11's own is no subclass of it

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One question, one answer."""
        if self.silent:
            return
        query = dns.message.from_wire(data)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        [asked] = query.question
        name, kind = asked.name.to_text(), dns.rdatatype.to_text(asked.rdtype)
        if name == SERVFAIL:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif records := ZONE.get((name, kind)):
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *records))
        elif all(known != name for known, _ in ZONE):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(reply.to_wire(), addr)


@asynccontextmanager
async def resolver(*, silent: bool = False) -> AsyncIterator[Resolver]:
    """A resolver that asks only our name server."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: NameServer(silent=silent), ("127.0.0.1", 0))
    try:
        yield Resolver(["127.0.0.1"], transport.get_extra_info("sockname")[1], lifetime=0.2 if silent else 5)
    finally:
        transport.close()


@pytest.mark.parametrize(
    ("domain", "hosts"),
    [
        ("home.example", ["mx.isp.example", "backup.isp.example"]),
        ("home.example.", ["mx.isp.example", "backup.isp.example"]),
        ("nomail.example", []),
        ("four.example", []),
        ("nowhere.example", []),
    ],
)
async def test_mx(domain: str, hosts: list[str]) -> None:
    """Mail hosts come best first; there may be none, for want of a record, of the name, or of the wish for mail."""
    async with resolver() as asked:
        assert await asked.mx(domain) == hosts


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("mx.isp.example", ["192.0.2.1", "192.0.2.2", "2001:db8::1"]),
        ("four.example", ["192.0.2.4"]),
        ("home.example", []),
        ("nowhere.example", []),
    ],
)
async def test_addresses(host: str, addresses: list[str]) -> None:
    """Addresses of both kinds, as far as there are any."""
    async with resolver() as asked:
        assert sorted(await asked.addresses(host)) == addresses


async def test_server_failure() -> None:
    """A name server that fails is a fault, not an answer."""
    async with resolver() as asked:
        with pytest.raises(ProtocolError, match=r"about broken.example: the name servers say"):
            await asked.mx("broken.example")


async def test_silence() -> None:
    """A name server that does not answer costs a bounded time."""
    async with resolver(silent=True) as asked:
        with pytest.raises(ProtocolError, match="no name server answered in time"):
            await asked.mx("home.example")


@pytest.mark.parametrize("name", ["a" * 70 + ".example", "two..dots", "\x1b" + "[2J" * 30])
async def test_bad_names(name: str) -> None:
    """What can be no name at all is a fault that is safe to show."""
    async with resolver() as asked:
        with pytest.raises(ProtocolError, match="nothing could be learned about") as caught:
            await asked.mx(name)
    assert "\x1b" not in str(caught.value)


NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("host", "addresses", "seconds"),
    [
        ("four.example", {"192.0.2.4"}, 60),
        ("six.example", {"2001:db8::6"}, 60),
        ("nowhere.example", set(), 0),
    ],
)
async def test_find(host: str, addresses: set[str], seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The addresses that can be reached from here count as long as the name server says."""
    monkeypatch.setattr("core.net.resolver._routed", lambda _: True)
    async with resolver() as asked:
        found = await asked.find(host, NOON)

    assert (set(found.addresses), found.until - NOON) == (addresses, timedelta(seconds=seconds))


async def test_find_asks_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is found by IPv4 is not looked for by IPv6."""
    monkeypatch.setattr("core.net.resolver._routed", lambda _: True)
    async with resolver() as asked:
        assert set((await asked.find("mx.isp.example", NOON)).addresses) == {"192.0.2.1", "192.0.2.2"}


async def test_find_fails() -> None:
    """A name server that cannot tell is a fault here, too."""
    async with resolver() as asked:
        with pytest.raises(ProtocolError, match="they could not find out"):
            await asked.find("broken.example", NOON)
