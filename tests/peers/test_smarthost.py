"""Letters in one stream to a real Postfix: with all that it can, and with what it can taken from it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core import config
from core.errors import MailrunError
from core.mail.envelope import Envelope, state
from core.net.smarthost import SmartHost
from core.rehearsal.relay import Relay
from core.wire.offers import Known
from core.wire.pace import Pace
from tests.net.outgoing import Post
from tests.peers.servers import Postfix, need, postfix

pytestmark = pytest.mark.peers

LACKS = {"BDAT": "", "DATA": "chunking", "plain": "chunking, pipelining"}
REFUSED = {
    "smtpd_recipient_restrictions": "check_sender_access inline:{{spam@home.example = REJECT not you}},"
    " check_recipient_access inline:{{nobody@far.example = REJECT who?}, {later@far.example = DEFER busy}}"
}
BODY = "A line.\n.\n..\n.dots\n" + "Grüße und ein langer Text\n" * 40
KNOWN = Known({"BDAT": ()})  # the house has sent letters so before


def letter(id_: str, body: str = BODY) -> bytes:
    """A letter that is known by its id."""
    head = f"From: paul@home.example\nDate: Sat, 21 Nov 2026 12:00:00 +0000\nMessage-ID: <{id_}@home.example>\n"
    return f"{head}Subject: {id_}\n\n{body}".encode()


def ids(taken: list[bytes]) -> Counter[str]:
    """How often each letter is there."""
    return Counter(one.partition(b"Message-ID: <")[2].partition(b"@")[0].decode() for one in taken)


@pytest.fixture(params=LACKS, scope="module")
def host(request: pytest.FixtureRequest) -> Iterator[Postfix]:
    """A smart host of each kind; it refuses some, and does not say how big a letter may be."""
    need("postfix")
    settings = REFUSED | {"smtpd_discard_ehlo_keywords": f"size, {LACKS[request.param]}"}
    # Not in pytest's own folders: each pytest that starts shuts them against Postfix' user.
    with TemporaryDirectory() as folder, postfix(Path(folder), message_size_limit="100000", **settings) as running:
        yield running


def smarthost(port: int) -> SmartHost:
    """A smart host in the clear."""
    return SmartHost(config.SmartHost(host="127.0.0.1", port=port, security="none"), "mail.home.example")


async def test_each_letter_has_its_own_fate(host: Postfix) -> None:
    """Refused recipients, a refused sender and a letter that is too big leave the others as they are."""
    paul, spam = "paul@home.example", "spam@home.example"
    stream = [
        (Envelope(paul, ("a@far.example",)), letter("0")),
        (Envelope(paul, ("nobody@far.example",)), letter("1")),
        (Envelope(paul, ("a@far.example", "nobody@far.example", "later@far.example", "b@far.example")), letter("2")),
        (Envelope(spam, ("a@far.example",)), letter("3")),
        (Envelope(paul, ("a@far.example",)), letter("4", "a long line of a big letter\n" * 9000)),
        (Envelope("", ("b@far.example",)), letter("5", "")),
    ]
    post = Post()
    async with smarthost(host.port).session(Pace(), KNOWN) as session:
        await post.send(session, *stream)

    fates = [[state(post.outcomes[n][to]) for to in stream[n][0].recipients] for n in range(6)]
    assert fates == [["sent"], ["bounced"], ["sent", "bounced", "deferred", "sent"], ["bounced"], ["bounced"], ["sent"]]
    taken = host.taken()
    assert ids(taken) == {"0": 1, "2": 2, "5": 1}
    assert letter("0") in [one[one.index(b"From: paul") :] for one in taken]


CUTS = [*(("up", size) for size in range(0, 5400, 180)), *(("down", size) for size in range(0, 700, 29))]


async def test_cut(host: Postfix) -> None:
    """Wherever the line is cut, what is sent was taken, and what was taken is sent or in doubt."""
    relay, fates = Relay(), dict[str, str]()
    async with relay.forward("127.0.0.1", host.port) as port:
        for direction, size in CUTS:
            relay.open()
            relay.drop_after(direction, size)  # type: ignore[arg-type]
            names = [f"{direction}{size}-{n}" for n in range(3)]
            post = Post()
            with suppress(MailrunError):
                async with smarthost(port).session(Pace(), KNOWN) as session:
                    stream = [(Envelope("paul@home.example", ("a@far.example",)), letter(name)) for name in names]
                    await post.send(session, *stream)
            relay.drop_after(direction, None)  # type: ignore[arg-type]
            for name, outcomes in zip(names, post.outcomes.values(), strict=False):
                fates[name] = state(outcomes["a@far.example"]) if outcomes else ""

    taken = Counter({name: count for name, count in ids(host.taken()).items() if "-" in name})
    assert all(taken[name] in {"sent": {1}, "uncertain": {0, 1}}.get(fate, {0}) for name, fate in fates.items())
    assert taken.keys() <= fates.keys()
    assert {"sent", "uncertain"} <= set(fates.values())
