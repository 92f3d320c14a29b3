"""TLS sessions that Debian's own servers take up again: Dovecot as the maildrop, Postfix as the smart host."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Maildrop as Box
from core.config import Secret, Security
from core.config import SmartHost as Host
from core.net.maildrop import Maildrop
from core.net.smarthost import SmartHost
from core.net.tls import Connection
from tests.peers.servers import Box as Running
from tests.peers.servers import Postfix, dovecot, need, postfix

pytestmark = pytest.mark.peers


@pytest.fixture
def resumed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each connection resumed a session, in their order."""
    made: list[bool] = []
    shake = Connection.do_handshake

    def watched(self: Connection) -> None:
        shake(self)
        made.append(bool(self.session_reused))

    monkeypatch.setattr(Connection, "do_handshake", watched)
    return made


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A real maildrop whose login process lives on, so that it remembers."""
    need("dovecot")
    (tmp_path / "pop").mkdir()
    with dovecot(tmp_path / "pop", service_count=0) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.authority))
        yield running


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postfix]:
    """A real smart host."""
    need("postfix")
    (tmp_path / "smtp").mkdir()
    with postfix(tmp_path / "smtp") as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.authority))
        yield running


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_dovecot(box: Running, resumed: list[bool], security: Security) -> None:
    """The second login resumes the session of the first, as does the third."""
    port = box.tls_port if security == "tls" else box.port
    settings = Box(
        name="isp", host="localhost", port=port, security=security, user="household", password=Secret("secret")
    )
    for _ in range(3):
        async with Maildrop(settings).session() as session:
            await session.listing()
            await session.quit()

    assert resumed == [False, True, True]


async def test_one_call(box: Running, resumed: list[bool]) -> None:
    """A new world for each call makes no difference, and nor do two boxes at one host."""
    settings = Box(name="isp", host="localhost", port=box.tls_port, user="household", password=Secret("secret"))

    async def look() -> None:
        async with Maildrop(settings).session() as session:
            await session.quit()

    await look()
    await asyncio.gather(look(), look())

    assert resumed == [False, True, True]


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_postfix(host: Postfix, resumed: list[bool], security: Security) -> None:
    """The smart host's session is resumed as well, with STARTTLS and without."""
    port = host.tls_port if security == "tls" else host.port
    for _ in range(3):
        async with SmartHost(Host(host="localhost", port=port, security=security), "mail.home.example").session():
            pass

    assert resumed == [False, True, True]
