import asyncio
import errno
import socket
import ssl
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
            await asyncio.open_connection("127.0.0.1", port, ssl=tls.context())

    assert tls.explain(caught.value, "h").startswith("h cannot be trusted: ")
    assert why in tls.explain(caught.value, "h")
