"""All letters of a call in one stream, when something comes between them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import flush
from core.errors import LineError
from core.events import Event, Outgone, Sending, Slower, Trouble
from core.rehearsal.provider import Desk, provider
from core.store import queue, servers
from core.wire.pace import FREE, Pace
from tests.flows.town import NOW, Town, town


def write(here: Town, count: int) -> list[str]:
    """Letters to Grandma, each a little longer than the one before; their ids."""
    return [here.write("paul", "grandma@far.example", f"{n}", "x\n" * n) for n in range(count)]


async def test_a_promise_that_is_not_kept(tmp_path: Path) -> None:
    """A server that says CHUNKING and knows no BDAT gets all letters otherwise in the same call, and is remembered."""
    async with provider("house", "secret", smtp_lacks=["BDAT"]) as isp:
        here = Town(tmp_path, isp)
        write(here, 3)
        account = await here.run()
        assert (account.outcome, account.sent, here.taken().total()) == ("complete", 3, 3)
        assert next(event.why for event in here.events if isinstance(event, Trouble)).count("promised CHUNKING") == 1

        write(here, 2)
        account = await here.run()

        assert (account.sent, [event for event in here.events if isinstance(event, Trouble)]) == (2, [])
        assert any("no CHUNKING" in event.why for event in here.events if isinstance(event, Slower))


async def test_what_a_server_takes_is_remembered(tmp_path: Path) -> None:
    """Until a server has taken a letter by BDAT no second one follows it; later calls know that it has."""
    async with town(tmp_path) as here:
        write(here, 3)
        await here.run()

        known = servers.recall(here.open().ledger, "127.0.0.1", here.provider.smtp, NOW)
        assert known
        assert {"BDAT", "CHUNKING", "PIPELINING"} <= known.offers.keys()
        assert here.taken().total() == 3


def only(most: int) -> Callable[..., Any]:
    """What a server says to MAIL that takes so many letters over one connection."""
    usual = Desk.handle_MAIL

    async def limited(desk: Desk, server: Any, session: Any, *rest: Any) -> str:
        session.letters = getattr(session, "letters", 0) + 1
        return "421 4.7.0 enough" if session.letters > most else await usual(desk, server, session, *rest)

    return limited


async def test_a_server_that_takes_few_letters_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server ends the connection after some letters, the rest goes over another one in the same call."""
    monkeypatch.setattr(Desk, "handle_MAIL", only(2))
    async with town(tmp_path) as here:
        write(here, 4)

        account = await here.run()

        assert sorted(here.taken()) == ["0", "1", "3"]
        assert (account.sent, account.deferred, account.outcome) == (3, 1, "complete")


async def test_a_server_that_takes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that goes at the first letter is not called again, and only that letter was tried."""
    monkeypatch.setattr(Desk, "handle_MAIL", only(0))
    async with town(tmp_path) as here:
        ids = write(here, 3)

        with pytest.raises(LineError, match="takes no more letters now; try again later: 421"):
            await here.run()

        states = [queue.get(here.open().ledger, id_).recipients[0] for id_ in ids]
        assert [(one.state, one.tries) for one in states] == [("deferred", 1), ("waiting", 0), ("waiting", 0)]


async def test_a_letter_that_is_held_while_others_go(tmp_path: Path) -> None:
    """Somebody may hold a letter until it is made ready to leave."""
    async with town(tmp_path) as here:
        ids = write(here, 4)

        class Hand(list[Event]):
            def append(self, event: Event) -> None:
                super().append(event)
                if isinstance(event, Sending) and event.nth == 1:
                    queue.hold(here.open().ledger, ids[3])

        here.events = Hand()
        account = await here.run()

        assert (account.sent, account.outcome) == (3, "complete")
        assert [(one.id, one.recipients[0].state) for one in queue.pending(here.open().ledger)] == [(ids[3], "waiting")]


async def test_letters_wait_for_the_word(tmp_path: Path) -> None:
    """The connection is there before the word to begin comes, and no letter has left; the ledger knows of none."""
    async with town(tmp_path) as here:
        ids, house, told = write(here, 2), here.open(), list[Event]()
        smarthost, come, word = here.outside(house).smarthost, asyncio.Event(), asyncio.Event()
        assert smarthost

        async def go() -> Pace:
            come.set()
            await word.wait()
            return Pace(rate=50_000)

        sending = asyncio.create_task(
            flush.flush(house, smarthost, flush.ready(house, told.append, NOW), told.append, NOW, FREE, go)
        )
        await come.wait()
        assert (told, queue.get(house.ledger, ids[0]).recipients[0].state) == ([], "waiting")
        word.set()
        await sending

        assert here.taken() == {"0": 1, "1": 1}
        assert [event.state for event in told if isinstance(event, Outgone)] == ["sent", "sent"]
        house.ledger.close()
