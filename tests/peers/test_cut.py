"""The line to Dovecot and Postfix is cut in the middle of a call: nothing is lost, and nothing comes or goes twice."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core import run as one_run
from core.errors import MailrunError
from core.events import Finished
from core.open import clock, open_household
from core.rehearsal.relay import Direction, Relay
from core.store import mbox, queue
from core.submit import submit
from core.world import world
from tests.peers.servers import Box, Postfix, dovecot, need, postfix
from tests.peers.test_run import household

pytestmark = pytest.mark.peers

CUTS: tuple[tuple[Direction, int], ...] = (
    *(("down", size) for size in (0, 40, 150, 400, 900, 1600, 2400)),
    *(("up", size) for size in (1, 60, 200, 500, 900, 1500, 2300, 2900)),
)
COUNT = 5  # letters each way


@dataclass(frozen=True)
class Isp:
    """Both servers."""

    box: Box
    host: Postfix

    def taken(self) -> Counter[str]:
        """The subjects that Postfix has taken."""
        found = (re.search(rb"^Subject: (.*)$", letter, re.MULTILINE) for letter in self.host.taken())
        return Counter(subject[1].decode() for subject in found if subject)


@pytest.fixture(scope="module")
def isp() -> Iterator[Isp]:
    """A provider as providers are."""
    need("dovecot", "postfix")
    # Not in pytest's own folders: each pytest that starts shuts them against the servers' users.
    with (
        TemporaryDirectory() as box,
        TemporaryDirectory() as host,
        dovecot(Path(box)) as there,
        postfix(Path(host)) as here,
    ):
        yield Isp(there, here)


async def called(house: Path) -> Finished:
    """One call."""
    home = open_household(house)
    try:
        return await one_run.run(home, world(home.config, house), lambda _: None)
    finally:
        home.ledger.close()


def left(house: Path) -> dict[str, str]:
    """The letters that are still in the queue, and what of them is believed."""
    home = open_household(house)
    found: dict[str, str] = {one.subject: one.recipients[0].state for one in queue.pending(home.ledger)}
    home.ledger.close()
    return found


@pytest.mark.parametrize(("direction", "size"), CUTS)
async def test_cut(tmp_path: Path, isp: Isp, direction: Direction, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the next call each letter is here once, none is at the provider, and each that went out is there once."""
    monkeypatch.setattr(one_run, "GRACE", 0.0)
    relay, subjects = Relay(), [f"{direction} {size} {n}" for n in range(COUNT)]
    isp.box.put([b"X-Original-To: luc@home.example\nSubject: %d\n\n%s" % (n, b"sea\n" * 90) for n in range(COUNT)])
    async with relay.forward("127.0.0.1", isp.box.port) as pop, relay.forward("127.0.0.1", isp.host.port) as smtp:
        house = household(tmp_path, pop, smtp)
        home = open_household(house)
        for subject in subjects:
            message = f"From: paul\nTo: friend@far.example\nSubject: {subject}\n\n{'sky ' * 80}\n".encode()
            submit(home, message, "paul", None, clock())
        home.ledger.close()
        relay.open()
        relay.drop_after(direction, size)
        with suppress(MailrunError):
            await called(house)
        relay.drop_after(direction, None)
        relay.open()

        account = await called(house)

    assert account.outcome == "complete"
    inbox = house / "mail/luc/inbox"
    heads = b"".join(mbox.head(inbox, entry) for entry in mbox.entries(inbox))
    assert sorted(re.findall(rb"Subject: (\d)", heads)) == [b"%d" % n for n in range(COUNT)]
    assert isp.box.waiting() == []
    taken, doubtful = isp.taken(), left(house)
    assert set(doubtful.values()) <= {"uncertain"}
    for subject in subjects:
        assert taken[subject] in ({0, 1} if subject in doubtful else {1})
