"""A second copy of a letter: filed apart for the member who has it already, kept and counted, never dropped."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.config import parse
from core.deliver import Delivery, came, deliver, recover
from core.events import Fetched, words
from core.household import Household
from core.mail.split import Routed
from core.store import arrivals, mbox
from core.store.ledger import open_ledger
from core.store.spool import Spool
from tests.flows.town import TOML, letter, town

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MESSAGE = b"From: grandma@far.example\nMessage-ID: <1@far.example>\nSubject: cake\n\nhello\n"
LUC = Routed(("luc",), "envelope", "X-Original-To", "luc.jackson@home.example")
BOTH = Routed(("luc", "paul"), "guess", "To", "luc.jackson@home.example")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    """A house without a line."""
    config = parse(TOML.format(pop=110, smtp=25, maildrop=""))
    ledger = open_ledger(tmp_path / "ledger.db")
    yield Household(tmp_path, config, Spool(tmp_path / "spool"), ledger)
    ledger.close()


def sources(house: Household, member: str, folder: str = "inbox") -> list[str]:
    """Where the letters in a folder came from."""
    return [came(head)[0] for _, head in mbox.heads(house.box(member, folder))]


def put(house: Household, source: str, routed: Routed = LUC, message: bytes = MESSAGE, days: float = 0) -> None:
    """Deliver one letter."""
    deliver(house, [Delivery(source, message, routed, "grandma@far.example")], NOW + timedelta(days=days))


def test_second_copy_is_filed_apart(house: Household) -> None:
    """The same letter from another source goes into the folder of duplicates, byte for byte."""
    put(house, "isp/1")
    put(house, "isp/2", message=b"Received: by another.example\n" + MESSAGE)

    assert (sources(house, "luc"), sources(house, "luc", "duplicates")) == (["isp/1"], ["isp/2"])
    path = house.box("luc", "duplicates")
    (entry,) = mbox.entries(path)
    assert came(mbox.read(path, entry))[1] == b"Received: by another.example\n" + MESSAGE


def test_same_source_is_no_duplicate(house: Household) -> None:
    """A letter that is delivered again from the same source, as after a crash, is there once and filed nowhere."""
    put(house, "isp/1")
    put(house, "isp/1")

    assert sources(house, "luc") == ["isp/1"]
    assert not house.box("luc", "duplicates").exists()


def test_duplicate_is_filed_once(house: Household) -> None:
    """The duplicate itself, delivered again from its source, does not come into the inbox or a second time."""
    for source in ("isp/1", "isp/2", "isp/2"):
        put(house, source)

    assert (sources(house, "luc"), sources(house, "luc", "duplicates")) == (["isp/1"], ["isp/2"])


def test_copies_are_told_per_member(house: Household) -> None:
    """Who has it not yet gets it in the inbox; the other one among the duplicates. Both are named to the caller."""
    put(house, "isp/1")

    became = deliver(house, [Delivery("isp/2", MESSAGE, BOTH, "")], NOW)

    assert became.duplicates == {"isp/2": ("luc",)}
    assert (sources(house, "paul"), sources(house, "luc", "duplicates")) == (["isp/2"], ["isp/2"])


def test_copies_in_one_batch(house: Household) -> None:
    """Of two copies that come together the first is delivered."""
    became = deliver(house, [Delivery(f"isp/{n}", MESSAGE, BOTH, "") for n in (1, 2)], NOW)

    assert became.duplicates == {"isp/2": ("luc", "paul")}
    assert (sources(house, "luc"), sources(house, "paul", "duplicates")) == (["isp/1"], ["isp/2"])


@pytest.mark.parametrize(
    "other",
    [
        MESSAGE.replace(b"<1@", b"<2@"),
        MESSAGE + b"-- \nThis list is read by many.\n",
        MESSAGE.replace(b"Message-ID: <1@far.example>\n", b""),
    ],
)
def test_another_letter_is_no_copy(house: Household, other: bytes) -> None:
    """Another Message-ID, another text or no Message-ID is another letter."""
    put(house, "isp/1")
    put(house, "isp/2", message=other)

    assert sources(house, "luc") == ["isp/1", "isp/2"]


@pytest.mark.parametrize(("subject", "inbox"), [(b"cake", ["isp/1"]), (b"pie", ["isp/1", "isp/2"])])
def test_letter_without_a_message_id(house: Household, subject: bytes, inbox: list[str]) -> None:
    """Author, date, subject and text tell copies of letters without a Message-ID."""
    bare = b"From: grandma@far.example\nSubject: %s\n\nhello\n"
    put(house, "isp/1", message=bare % b"cake")
    put(house, "isp/2", message=bare % subject)

    assert sources(house, "luc") == inbox


def test_copy_after_a_month_is_a_letter(house: Household) -> None:
    """A copy that comes more than 30 days later goes into the inbox."""
    put(house, "isp/1")
    put(house, "isp/2", days=29)
    put(house, "isp/3", days=31)

    assert (sources(house, "luc"), sources(house, "luc", "duplicates")) == (["isp/1", "isp/3"], ["isp/2"])


def test_key_survives_a_crash_before_the_journal_says_done(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter that recovery finds in its mbox is known, so that its copy is a duplicate."""
    monkeypatch.setattr(arrivals, "done", _dark)
    with pytest.raises(OSError, match="dark"):
        put(house, "isp/1")
    monkeypatch.undo()

    recover(house, NOW)
    put(house, "isp/2")

    assert (sources(house, "luc"), sources(house, "luc", "duplicates")) == (["isp/1"], ["isp/2"])


def test_letter_that_did_not_get_in_has_no_key(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a crash kept the first one out of the mbox, its copy is the one that is delivered."""
    monkeypatch.setattr(mbox.Box, "append", _dark)
    with pytest.raises(OSError, match="dark"):
        put(house, "isp/1")
    monkeypatch.undo()

    recover(house, NOW)
    put(house, "isp/2")

    assert sources(house, "luc") == ["isp/2"]


def _dark(*rest: object) -> None:
    raise OSError("dark")


async def test_account_counts_duplicates(tmp_path: Path) -> None:
    """The run tells of each duplicate, and its statement how many there were."""
    cake = letter("luc.jackson@home.example", "cake")
    again = b"Received: by another.example\n" + letter("LUC.JACKSON@home.example", "cake")
    async with town(tmp_path, [cake, again]) as here:
        account = await here.run()

        told = [words(event) for event in here.events if isinstance(event, Fetched) and event.duplicates]
        assert (account.fetched, account.delivered, account.duplicates) == (2, 2, 1)
        assert (here.subjects("luc"), here.subjects("luc", "duplicates")) == ({"cake": 1}, {"cake": 1})
        assert len(told) == 1
        assert told[0].endswith("(filed as a duplicate for luc)")
        assert "2 fetched (1 filed as duplicates)" in words(account)
        assert not here.provider.box.letters()


async def test_own_letter_to_a_list_comes_into_the_inbox_once(tmp_path: Path) -> None:
    """The copy in sent does not make one's own letter, back from the list, a duplicate; one in the inbox does."""
    async with town(tmp_path) as here:
        here.write("paul", "choir@lists.example, luc", "practice")
        await here.run(fetch=False)
        (taken,) = here.provider.desk.taken
        for member in ("paul.dupont", "luc.jackson"):
            here.provider.box.add(f"X-Original-To: {member}@home.example\n".encode() + taken.message)

        await here.run()

        assert (here.subjects("paul", "sent"), here.subjects("paul")) == ({"practice": 1}, {"practice": 1})
        assert (here.subjects("luc"), here.subjects("luc", "duplicates")) == ({"practice": 1}, {"practice": 1})
