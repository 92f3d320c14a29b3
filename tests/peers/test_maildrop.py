"""Our POP3 against Debian's own Dovecot: what one call learns saves the next one turns."""

from collections.abc import Collection, Iterator

import pytest

from core.config import Maildrop as Settings
from core.config import Secret, Security
from core.errors import DeniedError
from core.net.maildrop import Maildrop
from core.wire.offers import Known, Offers
from core.wire.pace import Pace
from core.wire.pop3 import Want
from tests.peers.servers import Box, dovecot, need

pytestmark = pytest.mark.peers

LETTERS = [b"Subject: %d\n\n" % nth + b".dots\n" * (nth * 100) for nth in range(1, 9)]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A real maildrop."""
    need("dovecot")
    with dovecot(tmp_path_factory.mktemp("isp")) as running:
        yield running


class Call:
    """One call: what it brought, how often it wrote, and what it has learned."""

    def __init__(self, box: Box, security: Security, password: str = "secret") -> None:
        port = box.tls_port if security == "tls" else box.port
        self.settings = Settings(
            name="isp", host="localhost", port=port, security=security, user="household", password=Secret(password)
        )
        self.texts: list[bytes] = []
        self.writes = 0
        self.offers: Offers | None = None
        self.failed: Collection[str] = ()

    async def make(self, known: Known | None) -> "Call":
        """Fetch all, delete all."""
        maildrop = Maildrop(self.settings, self._traffic)
        async with maildrop.session(Pace(receiving=16_384), known, self._learn) as session:
            listing = await session.listing()
            self.texts = [text async for _, text in session.retrieve([Want(item) for item in listing])]
            await session.delete(listing)
            assert 0 < session.turn < 1
            await session.quit()
        return self

    def _traffic(self, way: str, _: int) -> None:
        self.writes += way == "up"

    def _learn(self, offers: Offers | None, failed: Collection[str]) -> None:
        self.offers, self.failed = offers, failed


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_second_call(box: Box, security: Security, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the first call has learned of Dovecot, the second writes three times: login, RETRs, DELEs and QUIT."""
    monkeypatch.setenv("SSL_CERT_FILE", str(box.authority))
    box.put(LETTERS)
    first = await Call(box, security).make(None)
    assert first.offers is not None
    box.put(LETTERS)

    second = await Call(box, security).make(Known(first.offers))

    assert (first.texts, second.texts, box.waiting()) == (LETTERS, LETTERS, [])
    assert (second.writes, first.writes) == (3 + (security == "starttls"), 4 + (security == "starttls"))
    assert (first.failed, second.failed, second.offers) == (frozenset(), (), None)


async def test_old_knowledge(box: Box) -> None:
    """What is known for long is renewed in the packet of the login, and nothing is lost by that."""
    box.put(LETTERS)

    call = await Call(box, "none").make(Known({"PIPELINING": (), "OLD": ()}, stale=True))

    assert (call.texts, call.writes, box.waiting()) == (LETTERS, 3, [])
    assert {"PIPELINING", "UIDL", "TOP"} <= set(call.offers or {})
    assert "OLD" not in (call.offers or {})


async def test_wrong_password(box: Box) -> None:
    """Dovecot blames the password, so nothing else is blamed."""
    call = Call(box, "none", "guess")
    with pytest.raises(DeniedError):
        await call.make(Known({"PIPELINING": (), "USER": (), "UIDL": ()}))

    assert (call.writes, call.failed) == (1, ())
