"""Which direction goes when."""

import asyncio
from pathlib import Path

import pytest

from core import run
from core.config import FILE
from core.errors import DeniedError
from core.events import Event, Fetched, HungUp, Listed, Outgone, Sending
from core.store import runs
from core.wire.pace import FREE, Pace
from tests.flows.town import letter, town

WAITING = [letter("luc.jackson@home.example", f"to Luc {nth}") for nth in range(3)]


def places(events: list[Event], kind: type[Event]) -> list[int]:
    """Where events of a kind stand."""
    return [place for place, event in enumerate(events) if isinstance(event, kind)]


async def test_letters_leave_once_the_others_were_asked_for(tmp_path: Path) -> None:
    """Both connections are opened at once, but no letter leaves before the box was listed."""
    async with town(tmp_path, WAITING) as here:
        here.write("paul", "grandma@far.example")

        await here.run()

        assert places(here.events, Listed)[0] < places(here.events, Sending)[0]


async def test_letters_leave_where_the_box_is_shut(tmp_path: Path) -> None:
    """A box that lets nobody in holds no letter back."""
    async with town(tmp_path, WAITING) as here:
        here.write("paul", "grandma@far.example", "to Grandma")
        (tmp_path / FILE).write_text((tmp_path / FILE).read_text().replace('"secret"', '"wrong"', 1))

        with pytest.raises(DeniedError, match="maildrop isp"):
            await here.run()

        assert here.taken() == {"to Grandma": 1}


async def test_half_duplex_sends_and_then_fetches(tmp_path: Path) -> None:
    """On a line that carries one way at a time all letters are answered before the box is opened."""
    async with town(tmp_path, WAITING) as here:
        here.open().ledger.close()
        (tmp_path / FILE).write_text((tmp_path / FILE).read_text() + '[line]\nduplex = "half"\n')
        here.write("paul", "grandma@far.example")

        account = await here.run()

        assert (account.sent, account.fetched) == (1, 3)
        assert places(here.events, Outgone)[-1] < places(here.events, Listed)[0] < places(here.events, Fetched)[0]
        assert places(here.events, HungUp)[0] > places(here.events, Fetched)[-1]


async def test_the_way_to_the_provider_is_remembered(tmp_path: Path) -> None:
    """A run notes how long a turn takes, for the next one's windows."""
    async with town(tmp_path, WAITING) as here:
        await here.run()

        house = here.open()
        [statement] = runs.statements(house.ledger)
        house.ledger.close()
        assert 0 < statement.measured.turn < 1


async def test_a_silent_box_holds_letters_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody tells that letters were asked for, the others leave after a while all the same."""
    monkeypatch.setattr(run, "PATIENCE", 0.001)
    gate = run._Gate(["isp"], lambda down: Pace(rate=down) if down else FREE)

    assert await gate.opened() == FREE


async def test_letters_wait_for_each_box_once() -> None:
    """The gate opens when every box has told, and reckons with all that comes."""
    gate = run._Gate(["isp", "luc"], lambda down: Pace(rate=down))
    waiting = asyncio.create_task(gate.opened())
    gate.asked("isp", 3000)
    gate.asked("isp", 0)
    await asyncio.sleep(0)
    assert not waiting.done()

    gate.asked("luc", 400)

    assert await waiting == Pace(rate=3400)
