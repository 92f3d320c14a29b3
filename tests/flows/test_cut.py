"""The line is cut at any moment of a call, or the call is ended by hand: nothing is lost, and nothing comes twice.

The first call is cut after so many bytes one way, the second one is whole. Then each letter that came is in each mbox
once; and each that went out is with the provider once and sent, or it is kept as uncertain and not sent again.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from core import run as one_run
from core import stub
from core.deliver import came
from core.errors import LineError, MailrunError
from core.events import Event, Finished, Progress, Reckoned, Trouble
from core.rehearsal.provider import HOST, provider
from core.rehearsal.relay import Direction, Relay
from core.store import mbox, queue
from core.stub import Answer
from tests.flows.town import Town, letter, some

STRIDE = 47  # bytes from one cut to the next: less than most commands and replies
ENDS = {"up": 2700, "down": 2500}  # bytes that a whole call carries at most; the last cuts never happen

SECURE_STRIDE = 401
SECURE_ENDS = {"up": 5200, "down": 8200}
EVENTS = 45  # more than a whole call has; the last ones never come

WAITING = [
    letter("luc.jackson@home.example", "to Luc", "From here.\n" * 40),
    letter("family@home.example", "to all", ".\n..\n.dot\n"),
    letter("paul.dupont@home.example", "to Paul"),
    letter("nobody.here@home.example", "to nobody"),
    letter("luc@home.example", "to Luc again"),
    b"Received: by another.example\n" + letter("luc@home.example", "to Luc again"),
]
UNKNOWN = "unknown@far.example"
OUT = {
    "short": ("grandma@far.example",),
    "to three": ("grandma@far.example", UNKNOWN, "club@sailing.example"),
    "dots": ("tom@sailing.example", "grandma@far.example"),
    "to nobody known": (UNKNOWN,),
    "long": ("club@sailing.example",),
}
TEXTS = {"dots": ".\n..\nx\n.", "long": "It stands.\n" * 60}


@asynccontextmanager
async def town(folder: Path, relay: Relay, tls: ssl.SSLContext | None = None) -> AsyncIterator[Town]:
    """A house whose provider is at the end of this line, with letters to go both ways."""
    async with (
        provider("house", "secret", WAITING, tls=tls) as isp,
        relay.forward(HOST, isp.smtp) as smtp,
        relay.forward(HOST, isp.pop) as pop,
    ):
        isp.desk.replies[UNKNOWN] = "550 5.1.1 unknown"
        here = Town(folder, replace(isp, smtp=smtp, pop=pop))
        if tls:
            encrypted(here)
        for subject, recipients in OUT.items():
            here.write("ann", ", ".join(recipients), subject, TEXTS.get(subject, "hello\n"))
        relay.open()
        yield here


def encrypted(here: Town) -> None:
    """The settings of a house whose provider speaks TLS."""
    here.open().ledger.close()
    path = here.folder / "household.toml"
    path.write_text(path.read_text().replace('security = "none"', 'security = "tls"'))


def outcomes(here: Town) -> dict[tuple[str, str], str]:
    """What the house believes of each letter out and recipient; those that the queue has done with are "sent"."""
    house = here.open()
    waiting = {
        (one.subject, recipient.address): recipient.state
        for one in queue.pending(house.ledger)
        for recipient in one.recipients
    }
    house.ledger.close()
    return {(subject, to): waiting.get((subject, to), "sent") for subject, every in OUT.items() for to in every}


def accepted(here: Town) -> Counter[tuple[str, str]]:
    """How often the provider has taken each letter for each recipient."""
    taken = here.provider.desk.taken
    subjects = [one.message.partition(b"\nSubject: ")[2].partition(b"\n")[0].decode() for one in taken]
    return Counter(
        (subject, to) for subject, one in zip(subjects, taken, strict=True) for to in one.envelope.recipients
    )


def settled(here: Town) -> None:
    """All that came is in the house once; what went out is sent, or uncertain and with the provider once at most."""
    assert here.subjects("luc") == {"to Luc": 1, "to all": 1, "to Luc again": 1}
    assert here.subjects("luc", "duplicates") == {"to Luc again": 1}
    assert here.subjects("paul") == {"to all": 1, "to Paul": 1, "to nobody": 1}
    assert not here.provider.box.letters()
    believed, taken = outcomes(here), accepted(here)
    for (subject, to), state in believed.items():
        expected = {"sent": {int(to != UNKNOWN)}, "uncertain": {0, 1}, "bounced": {0}}[state]
        assert taken[subject, to] in expected, (subject, to, state)
    reports = sum(here.subjects("ann").values()) - here.subjects("ann")["to all"]
    assert here.subjects("ann")["to all"] == 1
    assert reports == sum(state != "uncertain" for (_, to), state in believed.items() if to == UNKNOWN)
    assert here.subjects("ann", "sent") == dict.fromkeys(OUT, 1)
    for message in here.provider.desk.taken:
        assert message.message.endswith(TEXTS["long"].encode()) or b"Subject: long" not in message.message


async def again(here: Town) -> None:
    """What is uncertain goes once more when a person says so."""
    before, doubtful = accepted(here), {key for key, state in outcomes(here).items() if state == "uncertain"}
    house = here.open()
    for one in queue.pending(house.ledger):
        queue.retry(house.ledger, one.id)
    house.ledger.close()
    if doubtful:
        await here.run()
    assert set(outcomes(here).values()) == {"sent"}
    assert accepted(here) - before == Counter(key for key in doubtful if key[1] != UNKNOWN)


async def cut(here: Town, relay: Relay, direction: Direction, size: int) -> None:
    """A call that loses the line when so many bytes have come through one way; then the line is good again."""
    relay.open()
    relay.drop_after(direction, size)
    with suppress(MailrunError):
        await here.run()
    relay.drop_after(direction, None)
    relay.open()


async def whole(here: Town) -> Finished:
    """The next call, as soon as the provider has noticed that the last one is over."""
    for _ in range(50):
        try:
            return await here.run()
        except LineError as error:
            if "somebody else has this box open" not in str(error):
                raise
    raise TimeoutError


def cuts() -> Iterator[tuple[Direction, int]]:
    """Every moment at which the line is cut."""
    for direction, end in ENDS.items():
        yield from ((direction, size) for size in range(0, end, STRIDE))  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is always there never tells why it went."""
    monkeypatch.setattr(one_run, "GRACE", 0.0)


@pytest.mark.parametrize(("direction", "size"), some([*cuts()]))
async def test_cut(tmp_path: Path, direction: Direction, size: int) -> None:
    """Wherever the line is cut, after the next call everything is where it belongs, once, or shown as uncertain."""
    relay = Relay()
    async with town(tmp_path, relay) as here:
        await cut(here, relay, direction, size)

        account = await whole(here)

        assert account.outcome == "complete"
        settled(here)
        await again(here)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whoever vouches for the provider."""
    return trustme.CA()


def secure_cuts() -> Iterator[tuple[Direction, int]]:
    """The same under TLS, whose handshakes come first."""
    for direction, end in SECURE_ENDS.items():
        yield from ((direction, size) for size in range(0, end, SECURE_STRIDE))  # type: ignore[misc]


@pytest.mark.parametrize(("direction", "size"), some([*secure_cuts()], 2))
async def test_cut_under_tls(
    tmp_path: Path, direction: Direction, size: int, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same holds under TLS, where the line may go in the middle of a record."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context, relay = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), Relay()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with town(tmp_path, relay, context) as here:
        await cut(here, relay, direction, size)

        account = await whole(here)

        assert account.outcome == "complete"
        settled(here)
        await again(here)


async def test_cuts_reach_the_end(tmp_path: Path) -> None:
    """A whole call carries less than where the last cut is, and not much less."""
    relay = Relay()
    async with town(tmp_path, relay) as here:
        await here.run()
        settled(here)
    for direction, end in ENDS.items():
        assert end / 2 < relay.ways[direction].carried < end - STRIDE  # type: ignore[index]


class Hand(list[Event]):
    """Whoever watches a call's events, and ends it by hand at one of them."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self.call: asyncio.Task[object] | None = None

    def append(self, event: Event) -> None:
        """One more has come; those of the clock do not count."""
        super().append(event)
        self.at -= not isinstance(event, Progress | Reckoned)
        if self.at == 0 and self.call is not None:
            self.call.cancel()


@pytest.mark.parametrize("nth", some(range(1, EVENTS)))
async def test_ended_by_hand(tmp_path: Path, nth: int) -> None:
    """Whenever a person ends the call, after the next one everything is where it belongs, once, or uncertain."""
    async with town(tmp_path, Relay()) as here:
        hand = Hand(nth)
        here.events, hand.call = hand, asyncio.create_task(here.run())
        await asyncio.wait({hand.call})
        assert (hand.at > 0) != hand.call.cancelled()

        account = await whole(here)

        assert account.outcome == "complete"
        settled(here)
        await again(here)


async def test_events_reach_the_end(tmp_path: Path) -> None:
    """A whole call has fewer events than those at which it is ended, and not much fewer."""
    async with town(tmp_path, Relay()) as here:
        await here.run()
        assert EVENTS / 3 < sum(not isinstance(event, Progress | Reckoned) for event in here.events) < EVENTS - 1


LARGE = "large = 2000"
BIG = letter("luc@home.example\nX-Original-To: ann@home.example", "big", "The whole story.\n" * 200)
SMALL = letter("luc@home.example", "small")
BIG_STRIDE, BIG_END = 149, 4500  # bytes that come with the big letter


@asynccontextmanager
async def waiting_for(folder: Path, relay: Relay) -> AsyncIterator[Town]:
    """A house with a stub, behind this line, and one more letter at the provider."""
    async with provider("house", "secret", [BIG]) as isp, relay.forward(HOST, isp.pop) as pop:
        here = Town(folder, replace(isp, pop=pop), LARGE)
        relay.open()
        await here.run()
        isp.box.add(SMALL)
        yield here


def say(here: Town, answer: Answer) -> None:
    """Somebody answers about the stub."""
    house = here.open()
    (there,) = stub.waiting(house)
    stub.answer(house, there.maildrop, there.uid, answer)
    house.ledger.close()


def stubs(here: Town) -> int:
    """How many wait at the provider, as far as the house knows."""
    house = here.open()
    found = len(stub.waiting(house))
    house.ledger.close()
    return found


@pytest.mark.parametrize("size", range(0, 1000, 61))
async def test_cut_while_a_stub_comes(tmp_path: Path, size: int) -> None:
    """Wherever the line is cut, the beginning of a big letter comes once, and stays a stub."""
    relay = Relay()
    async with provider("house", "secret", [BIG, SMALL]) as isp, relay.forward(HOST, isp.pop) as pop:
        here = Town(tmp_path, replace(isp, pop=pop), LARGE)
        await cut(here, relay, "down", size)

        await whole(here)

        assert here.subjects("luc") == {"big": 1, "small": 1}
        assert here.subjects("ann") == {"big": 1}
        assert (stubs(here), len(isp.box.letters())) == (1, 1)


@pytest.mark.parametrize(
    ("direction", "size"),
    some([*(("down", size) for size in range(0, BIG_END, BIG_STRIDE)), *(("up", size) for size in range(0, 130, 6))]),
)
async def test_cut_while_a_stub_turns_whole(tmp_path: Path, direction: Direction, size: int) -> None:
    """Wherever the line is cut, the big letter is whole after the next call, once with each who has it."""
    relay = Relay()
    async with waiting_for(tmp_path, relay) as here:
        say(here, "take")
        await cut(here, relay, direction, size)

        await whole(here)

        for member, letters in (("luc", {"big": 1, "small": 1}), ("ann", {"big": 1})):
            assert here.subjects(member) == letters
            path = tmp_path / "mail" / member / "inbox"
            assert came(mbox.read(path, mbox.entries(path)[0]))[1] == BIG
        assert (stubs(here), len(here.provider.box.letters())) == (0, 0)


@pytest.mark.parametrize(("direction", "size"), [*(("down", n) for n in range(0, 300, 17)), ("up", 60), ("up", 80)])
async def test_cut_while_a_stub_is_deleted(tmp_path: Path, direction: Direction, size: int) -> None:
    """Wherever the line is cut, what somebody has deleted there is gone after the next call, and not missed."""
    relay = Relay()
    async with waiting_for(tmp_path, relay) as here:
        say(here, "delete")
        await cut(here, relay, direction, size)

        await whole(here)

        assert here.subjects("luc") == {"big": 1, "small": 1}
        assert not [event for event in here.events if isinstance(event, Trouble)]
        assert (stubs(here), len(here.provider.box.letters())) == (0, 0)
