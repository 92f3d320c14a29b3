import asyncio
import contextlib
import poplib
import ssl
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import pytest
import trustme

from core.errors import ProtocolError, StoreError
from core.net.popserver import Letter, serve
from core.wire.popd import Login

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Note:
    """A letter in memory; one without text cannot be read."""

    uid: str
    text: bytes

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.text)

    def read(self) -> bytes:
        """The letter."""
        if not self.text:
            raise StoreError(f"{self.uid} is gone")
        return self.text


class Shelf:
    """A box in memory for user "anna" with the password "sesame"; a full one removes nothing."""

    def __init__(self, *texts: bytes, broken: bool = False, full: bool = False) -> None:
        self.notes = {f"id{nth}": Note(f"id{nth}", text) for nth, text in enumerate(texts, 1)}
        self.broken, self.full = broken, full

    def letters(self) -> Sequence[Letter]:
        """All of them."""
        if self.broken:
            raise StoreError("the box is no mbox")
        return list(self.notes.values())

    def remove(self, uids: Collection[str]) -> None:
        """Some of them go."""
        if self.full:
            raise StoreError("the disk is full")
        for uid in uids:
            del self.notes[uid]

    def door(self, login: Login) -> "Shelf | None":
        """For those who know the word."""
        return self if login.user == "anna" and login.proves("sesame") else None


TEXTS = (b"Subject: one\n\n.dot\n", b"Subject: two\n\nlast\n\n", b"no end")
Visit = Callable[[poplib.POP3], None]


async def visit(port: int, what: Visit, context: ssl.SSLContext | None = None) -> None:
    """Python's own client, in a thread."""

    def run() -> None:
        client = poplib.POP3_SSL(HOST, port, context=context, timeout=5) if context else poplib.POP3(HOST, port, 5)
        with contextlib.closing(client):
            what(client)

    await asyncio.to_thread(run)


def fetch(client: poplib.POP3) -> None:
    """All of TEXTS, by every command."""
    client.user("anna")
    client.pass_("sesame")
    assert client.stat() == (3, sum(map(len, TEXTS)))
    assert client.list()[1] == [b"1 19", b"2 20", b"3 6"]
    assert client.uidl()[1] == [b"1 id1", b"2 id2", b"3 id3"]
    assert client.retr(1)[1] == [b"Subject: one", b"", b".dot"]
    assert client.retr(2)[1] == [b"Subject: two", b"", b"last", b""]
    assert client.retr(3)[1] == [b"no end"]
    assert client.top(1, 0)[1] == [b"Subject: one", b""]
    client.dele(2)
    client.noop()


async def test_plain() -> None:
    """Python's client reads everything, and what it marked goes at QUIT."""
    shelf = Shelf(*TEXTS)

    def what(client: poplib.POP3) -> None:
        fetch(client)
        assert len(shelf.notes) == 3
        client.quit()

    async with serve(HOST, 0, shelf.door) as port:
        await visit(port, what)

    assert list(shelf.notes) == ["id1", "id3"]


async def test_no_quit() -> None:
    """A client that goes without QUIT has deleted nothing."""
    shelf = Shelf(*TEXTS)
    async with serve(HOST, 0, shelf.door) as port:
        await visit(port, fetch)

    assert len(shelf.notes) == 3


@pytest.fixture
def authority() -> trustme.CA:
    """Somebody who vouches for the server."""
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    """The server's TLS."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(made)
    return made


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """The client's TLS."""
    made = ssl.create_default_context()
    authority.configure_trust(made)
    return made


async def test_tls(context: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    """The same in TLS."""
    async with serve(HOST, 0, Shelf(*TEXTS).door, security="tls", context=context) as port:
        await visit(port, fetch, trusting)


async def test_stls(context: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    """With STLS nobody logs in before it, and everything works after it."""

    def what(client: poplib.POP3) -> None:
        assert "STLS" in client.capa()
        with pytest.raises(poplib.error_proto, match="begin TLS first"):
            client.user("anna")
        client.stls(trusting)
        assert "STLS" not in client.capa()
        fetch(client)
        client.quit()

    async with serve(HOST, 0, Shelf(*TEXTS).door, security="starttls", context=context) as port:
        await visit(port, what)


async def test_apop() -> None:
    """APOP opens the box to those who know the password."""

    def what(client: poplib.POP3) -> None:
        with pytest.raises(poplib.error_proto, match=r"\[AUTH\] wrong user or password"):
            client.apop("anna", "barley")
        client.apop("anna", "sesame")
        assert client.stat()[0] == 3

    async with serve(HOST, 0, Shelf(*TEXTS).door, apop=True) as port:
        await visit(port, what)


async def test_lock() -> None:
    """A box is open to one at a time, and free again as soon as that one has gone."""
    shelf = Shelf(*TEXTS)

    def enter(client: poplib.POP3) -> None:
        client.user("anna")
        client.pass_("sesame")

    def both(client: poplib.POP3) -> None:
        enter(client)
        with contextlib.closing(poplib.POP3(HOST, port, 5)) as other:
            with pytest.raises(poplib.error_proto, match=r"\[IN-USE\]"):
                enter(other)
            client.quit()
            enter(other)

    async with serve(HOST, 0, shelf.door) as port:
        await visit(port, both)


async def test_guessing() -> None:
    """The third wrong password ends the connection."""

    def what(client: poplib.POP3) -> None:
        for _ in range(3):
            client.user("anna")
            with pytest.raises(poplib.error_proto, match="wrong user or password"):
                client.pass_("barley")
        with pytest.raises((poplib.error_proto, OSError)):
            client.noop()

    async with serve(HOST, 0, Shelf().door) as port:
        await visit(port, what)


async def test_disk_faults() -> None:
    """What the disk refuses is told, and the server goes on."""

    def unreadable(client: poplib.POP3) -> None:
        client.user("anna")
        client.pass_("sesame")
        with pytest.raises(poplib.error_proto, match=r"\[SYS/TEMP\] id1 is gone"):
            client.retr(1)
        assert client.retr(2)[1] == [b"here"]
        client.dele(2)
        with pytest.raises(poplib.error_proto, match=r"\[SYS/TEMP\] not deleted: the disk is full"):
            client.quit()

    def closed(client: poplib.POP3) -> None:
        client.user("anna")
        with pytest.raises(poplib.error_proto, match=r"\[SYS/TEMP\] the box is no mbox"):
            client.pass_("sesame")

    async with serve(HOST, 0, Shelf(b"", b"here\n", full=True).door) as port:
        await visit(port, unreadable)
    async with serve(HOST, 0, Shelf(broken=True).door) as port:
        await visit(port, closed)
        await visit(port, closed)


async def test_idle() -> None:
    """A silent client is let go."""
    async with serve(HOST, 0, Shelf().door, idle=0.02) as port:
        reader, writer = await asyncio.open_connection(HOST, port)
        assert await reader.read() == b"+OK ready\r\n"
        writer.close()


async def test_babble() -> None:
    """A command without end ends the connection, not the server."""
    async with serve(HOST, 0, Shelf().door) as port:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(b"x" * 100_000)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b"+OK ready\r\n"
        writer.close()
        await visit(port, lambda client: None)


async def test_leaving_drops_clients() -> None:
    """Whoever is connected when the server goes is dropped, and nothing of his is deleted."""
    shelf = Shelf(*TEXTS)
    async with serve(HOST, 0, shelf.door) as port:
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(b"USER anna\r\nPASS sesame\r\nDELE 1\r\nNOOP\r\n")
        for _ in range(5):
            await reader.readline()
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()

    assert len(shelf.notes) == 3


async def test_port_taken() -> None:
    """A port that somebody else has is told."""
    async with serve(HOST, 0, Shelf().door) as port:
        with pytest.raises(ProtocolError, match=rf"POP3 cannot be served on 127.0.0.1 port {port}"):
            async with serve(HOST, port, Shelf().door):
                pass
