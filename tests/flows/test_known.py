"""What a house remembers of its provider's POP3 server makes the next call shorter."""

from pathlib import Path

from core.store import servers
from core.wire.offers import Known
from tests.flows.town import NOW, Town, letter, town

WAITING = [letter("luc@home.example", "one")]


def known(here: Town) -> Known | None:
    """What the house knows of its maildrop's server."""
    house = here.open()
    try:
        return servers.recall(house.ledger, "127.0.0.1", here.provider.pop, NOW)
    finally:
        house.ledger.close()


async def test_the_second_call_asks_for_nothing_that_is_known(tmp_path: Path) -> None:
    """The first statement says that nothing was known; the second one has nothing to say."""
    async with town(tmp_path, WAITING) as here:
        first = await here.run(now=NOW)
        learned = known(here)
        second = await here.run(now=NOW)

        assert learned is not None
        assert {"PIPELINING", "UIDL", "TOP", "USER"} <= set(learned.offers)
        assert first.slower == ("maildrop isp: nothing was known of it yet, and to ask took one turn",)
        assert (second.outcome, second.slower) == ("complete", ())
        assert known(here) == learned


async def test_a_month_later_it_is_asked_again(tmp_path: Path) -> None:
    """Old knowledge is renewed beside the login, which nobody has to be told of."""
    async with town(tmp_path, WAITING) as here:
        house = here.open()
        servers.remember(house.ledger, "127.0.0.1", here.provider.pop, NOW - 2 * servers.AGE, {"PIPELINING": ()}, ())
        house.ledger.close()

        account = await here.run(now=NOW)

        renewed = known(here)
        assert renewed is not None
        assert ("UIDL" in renewed.offers, renewed.stale) == (True, False)
        assert (account.fetched, account.slower) == (1, ())
