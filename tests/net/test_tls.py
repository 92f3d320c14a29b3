import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from core.net import tls

PAST = datetime.now(UTC) - timedelta(days=9)

CASES: list[tuple[Exception, str]] = [
    (socket.gaierror(socket.EAI_NONAME, "x"), "h is not known to the domain name system"),
    (TimeoutError(), "h did not answer in time"),
    (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "h refused the connection"),
    (ConnectionResetError(), "h closed the connection"),
    (BrokenPipeError(), "h closed the connection"),
    (asyncio.IncompleteReadError(b"", 1), "h closed the connection"),
    (OSError(errno.ENETUNREACH, "Connect call failed ('::1', 1)"), "h cannot be reached: Network is unreachable"),
    (OSError("Multiple exceptions: [Errno 113] a, [Errno 111] b"), "h cannot be reached: No route to host"),
    (UnicodeError("label too long"), "h cannot be reached: UnicodeError"),
    (ssl.SSLError(1, "x"), "h failed at TLS: no reason told"),
    (ssl.SSLEOFError(8, "x"), "h closed the connection"),
    (ssl.SSLCertVerificationError(1, "x"), "h cannot be trusted: verification failed"),
]


@pytest.mark.parametrize(("error", "sentence"), CASES)
def test_explain(error: Exception, sentence: str) -> None:
    """Each fault is one sentence that names the host."""
    assert tls.explain(error, "h").startswith(sentence)


@pytest.mark.parametrize(
    ("name", "expires", "known", "why"),
    [
        ("127.0.0.1", None, False, "an authority that this machine does not know"),
        ("mail.far.example", None, True, "for a name, not for this IP address"),
        ("127.0.0.1", PAST, True, "its certificate has expired"),
    ],
)
async def test_certificates(
    name: str, expires: datetime | None, known: bool, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with a certificate is told in plain words."""
    authority = trustme.CA()
    (authority if known else trustme.CA()).cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=expires).configure_cert(context)

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ssl.SSLError) as caught:
            await asyncio.open_connection("127.0.0.1", port, ssl=tls.context("127.0.0.1", port))

    assert tls.explain(caught.value, "h").startswith("h cannot be trusted: ")
    assert why in tls.explain(caught.value, "h")


NAME = "localhost"


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], ssl.SSLContext]:
    """Makes TLS for a server whose authority this machine knows."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    def make() -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(NAME).configure_cert(context)
        return context

    return make


@asynccontextmanager
async def greeter(context: ssl.SSLContext, port: int = 0) -> AsyncIterator[int]:
    """A server that says one line; its port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"+OK\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", port, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def resumed(port: int, name: str = NAME) -> bool:
    """Connect, hear the greeting, leave: whether the session was one from before."""
    context = tls.context(NAME, port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    await reader.readline()
    reused: bool = writer.get_extra_info("ssl_object").session_reused
    writer.transport.abort()
    return reused


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_resumes(version: ssl.TLSVersion, certified: Callable[[], ssl.SSLContext]) -> None:
    """Each connection after the first resumes a session, also one that was resumed."""
    context = certified()
    context.maximum_version = version
    async with greeter(context) as port:
        assert [await resumed(port) for _ in range(4)] == [False, True, True, True]


async def test_server_without_sessions(certified: Callable[[], ssl.SSLContext]) -> None:
    """A server that gives no tickets is met as if for the first time."""
    context = certified()
    context.num_tickets = 0
    async with greeter(context) as port:
        assert [await resumed(port) for _ in range(3)] == [False, False, False]


async def test_server_that_has_forgotten(certified: Callable[[], ssl.SSLContext]) -> None:
    """A server that was started anew shakes hands in full, and the session after that is the new one."""
    async with greeter(certified()) as port:
        assert [await resumed(port) for _ in range(2)] == [False, True]
    async with greeter(certified(), port) as port:
        assert [await resumed(port) for _ in range(2)] == [False, True]


async def test_session_is_for_one_name(certified: Callable[[], ssl.SSLContext]) -> None:
    """Under another name nothing is resumed, and the certificate is looked at."""
    async with greeter(certified()) as port:
        await resumed(port)
        with pytest.raises(ssl.SSLCertVerificationError):
            await resumed(port, "mail.far.example")
        assert await resumed(port)


async def test_certificate_is_looked_at_again(
    certified: Callable[[], ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a day the certificate counts again, even if the session was resumed in between."""
    async with greeter(certified()) as port:
        assert [await resumed(port) for _ in range(2)] == [False, True]
        monkeypatch.setattr(tls, "MEMORY", 0)
        assert not await resumed(port)


async def test_authorities_changed(
    certified: Callable[[], ssl.SSLContext], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is resumed by authority of those who are trusted no more."""
    async with greeter(certified()) as port:
        assert [await resumed(port) for _ in range(2)] == [False, True]
        trustme.CA().cert_pem.write_to_path(tmp_path / "others.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "others.pem"))
        with pytest.raises(ssl.SSLCertVerificationError):
            await resumed(port)
