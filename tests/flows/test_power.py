"""The plug is pulled between any two steps: after the next run each person has each letter once."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core import read, stub, triage
from core.deliver import came
from core.move import move
from core.rehearsal.provider import provider
from core.store import arrivals, mbox, queue
from core.store.ledger import Ledger
from tests.flows.town import NOW, Town, letter, some, town

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

STEPS = 80  # more durable steps than the story has; the last cuts never happen


class Mains:
    """Counts what is about to reach the disk, and ends the process before step ``left``: no handler runs after it."""

    def __init__(self, left: int) -> None:
        self.left = left

    def step(self) -> None:
        """One durable step, or the end."""
        self.left -= 1
        if self.left <= 0:
            os._exit(9)

    def guard(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """A call that changes the disk."""

        def guarded(*args: Any, **kwargs: Any) -> Any:
            self.step()
            return call(*args, **kwargs)

        return guarded

    def transaction(self, real: Callable[[Ledger], Any]) -> Callable[[Ledger], Any]:
        """A transaction that may be cut before its commit."""

        @contextmanager
        def guarded(ledger: Ledger) -> Iterator[sqlite3.Connection]:
            with real(ledger) as rows:
                yield rows
                self.step()

        return guarded


async def with_power_for(steps: int, work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Do this in a process of its own, which gets electricity for so many durable steps."""
    pid = os.fork()
    if pid == 0:
        asyncio.events._set_running_loop(None)  # the parent's loop goes on in the parent only
        mains = Mains(steps)
        for name in ("fsync", "pwrite", "write", "ftruncate", "replace", "rename", "unlink", "link"):
            setattr(os, name, mains.guard(getattr(os, name)))
        Ledger.transaction = mains.transaction(Ledger.transaction)  # type: ignore[method-assign, assignment]
        try:
            asyncio.run(work())
        finally:
            os._exit(0)
    await asyncio.to_thread(os.waitpid, pid, 0)


LETTERS = [
    letter("luc.jackson@home.example", "to Luc", "From here.\n" * 40),
    letter("family@home.example", "to all"),
    letter("paul.dupont@home.example", "to Paul"),
    letter("luc@home.example", "to Paul"),
    b"Received: by another.example\n" + letter("paul@home.example", "to Paul"),
]


def settled(here: Town) -> None:
    """Everyone has everything once, the copy filed apart, and nothing is left anywhere."""
    assert here.subjects("luc") == {"to Luc": 1, "to all": 1, "to Paul": 1}
    assert here.subjects("ann") == {"to all": 1}
    assert here.subjects("paul") == {"to all": 1, "to Paul": 1}
    assert here.subjects("paul", "duplicates") == {"to Paul": 1}
    assert not here.provider.box.letters()


@pytest.mark.parametrize("cut", some(range(1, STEPS)))
async def test_fetching_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """Whenever the power fails while letters come in, the next run brings each of them home once."""
    async with town(tmp_path, LETTERS) as here:
        here.open().ledger.close()
        await with_power_for(cut, here.run)

        await here.run()

        settled(here)


RULES = """
[[members.luc.rules]]
subject = "to Luc"
folder = "letters"
copy_to = "ann"
[[members.paul.rules]]
header = { Received = "*" }
folder = "late"
mark = "read"
"""


@pytest.mark.parametrize("cut", some(range(1, STEPS)))
async def test_filing_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """Whenever the power fails while rules file letters and copy them, each is in one folder of each member's, once."""
    async with town(tmp_path, LETTERS) as here:
        here.open().ledger.close()
        path = tmp_path / "household.toml"
        path.write_text(path.read_text() + RULES)
        await with_power_for(cut, here.run)

        await here.run()

        assert (here.subjects("luc"), here.subjects("luc", "letters")) == ({"to all": 1, "to Paul": 1}, {"to Luc": 1})
        assert here.subjects("ann") == {"to all": 1, "to Luc": 1}
        assert here.subjects("paul") + here.subjects("paul", "late") == {"to all": 1, "to Paul": 1}
        assert here.subjects("paul", "duplicates") == {"to Paul": 1}
        assert not here.provider.box.letters()


BIG = [letter("family@home.example", "photos", "far away\n" * 500), letter("luc@home.example", "to Luc")]


@pytest.mark.parametrize("cut", some(range(1, STEPS)))
async def test_a_stub_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """Whenever the power fails while a stub comes, everybody has it once after the next run, and it is listed once."""
    async with town(tmp_path, BIG, "large = 2000") as here:
        here.open().ledger.close()
        await with_power_for(cut, here.run)

        await here.run()

        assert (here.subjects("ann"), here.subjects("luc")) == ({"photos": 1}, {"photos": 1, "to Luc": 1})
        assert [one.members for one in stub.waiting(here.open())] == [("paul", "luc", "ann")]
        assert len(here.provider.box.letters()) == 1


@pytest.mark.parametrize("cut", some(range(20, STEPS + 9)))
async def test_turning_a_stub_whole_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """Whenever the power fails while stubs turn whole, each member has the letter once, and nothing of the stub."""
    async with town(tmp_path, BIG, "large = 2000") as here:
        await here.run()
        house = here.open()
        move(house, "luc", "inbox", [row.id for row in read.rows(house, "luc") if row.whole], "far")
        read.expunge(house, "paul", "inbox", [row.id for row in read.rows(house, "paul")])
        (there,) = stub.waiting(house)
        stub.answer(house, there.maildrop, there.uid, "take")
        house.ledger.close()
        await with_power_for(cut, here.run)

        await here.run()

        boxes = [("paul", "inbox"), ("luc", "far"), ("ann", "inbox")]
        kept = [mbox.read(path, entry) for one in boxes for path in [house.box(*one)] for entry in mbox.entries(path)]
        assert [came(message) for message in kept] == [("isp/00000001", BIG[0])] * 3
        assert (stub.waiting(here.open()), here.provider.box.letters()) == ([], ())


JUNK = """
[junk]
kind = "bogofilter"
check = ["grep", "-q", "casino"]
"""


@pytest.mark.parametrize("cut", some(range(1, STEPS)))
async def test_putting_junk_away_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """Whenever the power fails, a letter that turned out to be junk is in the inbox or in junk, never in both."""
    async with town(tmp_path, [letter("luc@home.example", f"{n}", "casino\n") for n in range(3)]) as here:
        here.open().ledger.close()
        path = tmp_path / "household.toml"
        path.write_text(path.read_text() + JUNK)
        await with_power_for(cut, here.run)

        await here.run()

        assert here.subjects("luc") + here.subjects("luc", "junk") == {"0": 1, "1": 1, "2": 1}
        assert arrivals.sources(here.open().ledger, "junk") == []


@pytest.mark.parametrize("cut", some(range(1, STEPS)))
async def test_sending_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """Whenever the power fails while a letter goes out, it is sent once, or kept as uncertain and not sent again."""
    async with town(tmp_path) as here:
        here.write("luc", "grandma@far.example", "out")
        await with_power_for(cut, partial(here.run, fetch=False))

        await here.run(fetch=False)

        waiting = [r.state for one in queue.pending(here.open().ledger) for r in one.recipients]
        assert (here.taken()["out"], waiting) in ((1, []), (1, ["uncertain"]), (0, ["uncertain"]))
        assert here.subjects("luc", "sent") == {"out": 1}


LETTERS_OUT = {"one": 2, "two": 40, "three": 2, "four": 200}  # lines of each
TO = ("grandma@far.example", "unknown@far.example", "club@sailing.example")


@pytest.mark.parametrize("lacks", [(), ("CHUNKING",), ("CHUNKING", "PIPELINING")])
@pytest.mark.parametrize("cut", some(range(1, STEPS), 8))
async def test_sending_many_survives_a_power_cut(tmp_path: Path, cut: int, lacks: tuple[str, ...]) -> None:
    """Whenever the power fails while letters go out in one stream, each is sent once, or uncertain and left alone."""
    async with provider("house", "secret", smtp_lacks=lacks) as isp:
        here = Town(tmp_path, isp)
        isp.desk.replies[TO[1]] = "550 5.1.1 unknown"
        for subject, lines in LETTERS_OUT.items():
            here.write("luc", ", ".join(TO), subject, "It stands.\n" * lines)
        await with_power_for(cut, partial(here.run, fetch=False))

        await here.run(fetch=False)

        doubtful = {one.subject: {r.state for r in one.recipients} for one in queue.pending(here.open().ledger)}
        for subject in LETTERS_OUT:
            assert here.taken()[subject] in ({0, 1} if subject in doubtful else {1})
        assert all("uncertain" in states <= {"uncertain", "sent", "bounced"} for states in doubtful.values())
        assert here.subjects("luc", "sent") == dict.fromkeys(LETTERS_OUT, 1)


@pytest.mark.parametrize("cut", some(range(1, STEPS)))
async def test_submitting_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """A letter whose acceptance was cut off is either not there at all, or delivered once by the next run."""
    async with town(tmp_path) as here:
        here.open().ledger.close()
        await with_power_for(cut, partial(here.submit, "paul", "luc, grandma@far.example", "cut"))

        await here.run()

        assert (here.subjects("luc")["cut"], here.taken()["cut"]) in ((0, 0), (1, 1))
        assert here.open().spool.ids() == set()


@pytest.mark.parametrize("cut", range(1, 20))
async def test_giving_a_letter_to_somebody_survives_a_power_cut(tmp_path: Path, cut: int) -> None:
    """A letter that was being given to a member is, after the next run, with the one or with the other, never both."""
    async with town(tmp_path, [letter("nobody@home.example", "whose?"), letter("luc@home.example", "mine")]) as here:
        await here.run()
        await with_power_for(cut, partial(given, here))

        await here.run()

        assert (here.subjects("paul")["whose?"], here.subjects("luc")["whose?"]) in ((1, 0), (0, 1))
        assert arrivals.sources(here.open().ledger, "triage") == []


async def given(here: Town) -> None:
    """The postmaster gives the first letter that nobody claimed to Luc."""
    house = here.open()
    triage.assign(house, triage.unclaimed(house)[0].id, "luc", NOW)
