"""What is known of servers."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import StoreError
from core.store import servers
from core.store.ledger import Ledger
from core.wire.offers import Known

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)
OFFERS = {"PIPELINING": (), "SASL": ("PLAIN", "LOGIN")}


def test_what_a_server_told_is_known_until_it_is_old(ledger: Ledger) -> None:
    """Offers come back as they were told, for that host and port alone; after a month they should be asked again."""
    servers.remember(ledger, "Pop.isp.example", 110, NOW, OFFERS, ())

    assert servers.recall(ledger, "pop.ISP.example", 110, NOW + 29 * DAY) == Known(OFFERS)
    assert servers.recall(ledger, "pop.isp.example", 110, NOW + 30 * DAY) == Known(OFFERS, stale=True)
    assert servers.recall(ledger, "pop.isp.example", 995, NOW) is None


def test_a_server_that_tells_nothing_is_known_for_that(ledger: Ledger) -> None:
    """Whoever knows no CAPA need not be asked at every call."""
    servers.remember(ledger, "old", 110, NOW, {}, ())

    assert servers.recall(ledger, "old", 110, NOW + DAY) == Known({})


def test_a_failure_since_then_is_a_reason_to_ask_again(ledger: Ledger) -> None:
    """What failed at a later call makes what is known doubtful until the server has been asked; it stays failed."""
    servers.remember(ledger, "isp", 110, NOW, OFFERS, ())
    servers.remember(ledger, "isp", 110, NOW + DAY, None, {"PIPELINING"})
    doubtful = servers.recall(ledger, "isp", 110, NOW + 2 * DAY)
    servers.remember(ledger, "isp", 110, NOW + 2 * DAY, OFFERS, {"UIDL"})

    assert doubtful == Known(OFFERS, frozenset({"PIPELINING"}), stale=True)
    assert servers.recall(ledger, "isp", 110, NOW + 3 * DAY) == Known(OFFERS, frozenset({"PIPELINING", "UIDL"}))


def test_a_failure_is_forgotten_after_a_month(ledger: Ledger) -> None:
    """A server is tried again with what it once failed at."""
    servers.remember(ledger, "isp", 110, NOW, OFFERS, {"PIPELINING"})
    servers.remember(ledger, "isp", 110, NOW + 20 * DAY, OFFERS, {"UIDL"})

    assert servers.recall(ledger, "isp", 110, NOW + 31 * DAY) == Known(OFFERS, frozenset({"UIDL"}))


def test_a_talkative_server_is_not_kept_whole(ledger: Ledger) -> None:
    """Of a thousand offers a hundred are kept."""
    servers.remember(ledger, "isp", 110, NOW, {f"X{nth}": () for nth in range(1000)}, ())

    known = servers.recall(ledger, "isp", 110, NOW)
    assert known is not None
    assert len(known.offers) == 100


def test_damage_is_told_with_the_file(ledger: Ledger) -> None:
    """What makes no sense in the ledger ends in a sentence that names it."""
    servers.remember(ledger, "isp", 110, NOW, OFFERS, ())
    with ledger.transaction() as rows:
        rows.execute("UPDATE servers SET offers = '[1'")

    with pytest.raises(StoreError, match=r"ledger.db: what it knows of a server is damaged"):
        servers.recall(ledger, "isp", 110, NOW)
