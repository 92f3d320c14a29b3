"""Real mail sent on by a member: nothing of the house is in what the smart host gets.

The house is called as machines in the messages are, so that there is much to find. The look at the final bytes is
one of its own and knows nothing of ours.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from core.events import Event
from core.open import open_household
from core.rehearsal.provider import provider
from core.run import run
from core.store import queue
from core.submit import submit
from core.world import world
from tests.peers.test_corpus import as_served, named_corpus

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOCAL = ("jalapeno", "localhost", "localdomain", "minotaur.apache.org", "phobos.labs.netnoteinc.com", "zzzz.org")
TOML = f"""\
[household]
host = "jalapeno"
local_domains = {list(LOCAL)}
domain = "home.example"
postmaster = "paul"
[members.paul]
address = "Paul.Dupont@home.example"
[members.zzzz]
address = "Luc.Jackson@home.example"
[smarthost]
host = "127.0.0.1"
port = PORT
security = "none"
user = "house"
password = "secret"
"""
NAMES = re.compile(rf"(?i)(?<![\w-])(?:{'|'.join(map(re.escape, LOCAL))})(?![\w-]|\.\w)")
PRIVATE = re.compile(
    r"(?<![\w.])(?:10\.\d+|127\.\d+|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+(?![\w.-]|\.\d)"
)
BLIND = re.compile(r"(?im)^(?:resent-)?bcc[ \t]*:")
PART = re.compile(rb"(?m)^--\S[^\n]*\n((?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+)\n")


def looked(message: bytes) -> list[str]:
    """What the heads of a message and its parts tell: as they stand, unfolded, and with their encoded words read."""
    heads = b"\n".join([message.partition(b"\n\n")[0], *PART.findall(message)])
    head = heads.decode("utf-8", "replace")
    return [found[0] for text in views(head) for look in (NAMES, PRIVATE, BLIND) if (found := look.search(text))]


def views(head: str) -> Iterator[str]:
    """The ways in which somebody outside could read a head."""
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", head)
    yield from (head, unfolded)
    for line in unfolded.splitlines():
        try:
            yield str(make_header(decode_header(line)))
        except (HeaderParseError, LookupError, ValueError):
            continue


async def test_no_real_letter_tells_of_the_house(tmp_path: Path) -> None:
    """Each message that a member sends on is held with the place shown, or reaches the smart host without a trace."""
    messages = {name: as_served(message) for name, message in named_corpus().items()}
    told, events = sum(bool(looked(message)) for message in messages.values()), list[Event]()
    async with provider("house", "secret") as isp:
        (tmp_path / "household.toml").write_text(TOML.replace("PORT", str(isp.smtp)))
        (tmp_path / "household.toml").chmod(0o600)
        house = open_household(tmp_path)
        with house.ledger.transaction():  # one sync for all
            ids = {
                submit(house, message, "zzzz", [f"n{number}@far.example"], NOW, copy=False).id: name
                for number, (name, message) in enumerate(messages.items())
            }
        finished = await run(house, world(house.config, tmp_path), events.append, fetch=False)
        held = {ids[letter.id]: letter.why for letter in queue.pending(house.ledger) if letter.held}
        house.ledger.close()

    assert told > len(messages) // 2, "the house is no longer called as machines in the messages are"
    assert 0 < len(held) < told // 10
    assert (finished.sent + len(held), len(isp.desk.taken)) == (len(messages), finished.sent)
    assert {name: why for name, why in held.items() if "known in this house only" not in why} == {}
    leaked = {taken.envelope.recipients[0]: looked(taken.message) for taken in isp.desk.taken if looked(taken.message)}
    assert leaked == {}
    assert {taken.envelope.sender for taken in isp.desk.taken} == {"Luc.Jackson@home.example"}
