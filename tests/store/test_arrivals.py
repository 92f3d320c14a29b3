from datetime import UTC, datetime, timedelta

import pytest

from core.store import arrivals
from core.store.arrivals import Arrival, Intent
from core.store.ledger import Ledger

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
PAUL = Intent("isp/u1", "paul", "inbox", 100, 50)
LUC = Intent("isp/u1", "luc", "inbox", 0, 50)


def test_each_maildrop_has_its_own_uids(ledger: Ledger) -> None:
    """The same UID in two boxes is two letters."""
    arrivals.delivered(ledger, "isp", ["u1", "u2"], NOW)
    arrivals.delivered(ledger, "other", ["u1"], NOW, "stub")

    assert arrivals.known(ledger, "isp") == {uid: Arrival(uid, "delivered", NOW) for uid in ("u1", "u2")}
    assert arrivals.known(ledger, "other") == {"u1": Arrival("u1", "stub", NOW)}


def test_a_second_note_keeps_the_first_time(ledger: Ledger) -> None:
    """Days at the provider are counted from the first arrival."""
    arrivals.delivered(ledger, "isp", ["u1"], NOW, "stub")
    arrivals.delivered(ledger, "isp", ["u1"], LATER, "kept")

    assert arrivals.known(ledger, "isp")["u1"] == Arrival("u1", "kept", NOW)


def test_forgetting_lets_a_uid_be_used_again(ledger: Ledger) -> None:
    """Where a server uses a UID again for another letter, that one is not taken for delivered."""
    arrivals.intend(ledger, [PAUL])
    arrivals.done(ledger, [PAUL], NOW)
    arrivals.delivered(ledger, "isp", ["u1"], NOW)
    arrivals.forget(ledger, "isp", ["u1", "never seen"])

    assert arrivals.known(ledger, "isp") == {}
    assert arrivals.made(ledger, "paul", ["isp/u1"]) == set()


def _made(ledger: Ledger) -> set[str]:
    """The members who have the letter; other sources are asked for too and change nothing."""
    return {member for member in ("paul", "luc") if arrivals.made(ledger, member, ["isp/u1", "isp/u2"]) == {"isp/u1"}}


def test_a_delivery_is_pending_until_done(ledger: Ledger) -> None:
    """The journal tells what was cut off, and who has the letter."""
    arrivals.intend(ledger, [PAUL, LUC])
    begun = arrivals.pending(ledger), _made(ledger)
    arrivals.done(ledger, [PAUL], NOW)

    assert begun == ([LUC, PAUL], set())
    assert (arrivals.pending(ledger), _made(ledger)) == ([LUC], {"paul"})


def test_drop_takes_back_what_came_to_nothing(ledger: Ledger) -> None:
    """An intent is dropped; a delivery that was made is not."""
    arrivals.intend(ledger, [PAUL, LUC])
    arrivals.done(ledger, [PAUL], NOW)
    arrivals.drop(ledger, [PAUL, LUC])

    assert (arrivals.pending(ledger), _made(ledger)) == ([], {"paul"})


def test_a_new_intent_takes_the_place_of_a_cut_off_one(ledger: Ledger) -> None:
    """A second try elsewhere in the file is the one that counts."""
    again = Intent("isp/u1", "paul", "junk", 700, 51)
    arrivals.intend(ledger, [PAUL])
    arrivals.intend(ledger, [again])

    assert arrivals.pending(ledger) == [again]


@pytest.mark.parametrize("count", [0, 1, 2000])
def test_any_number_at_once(ledger: Ledger, count: int) -> None:
    """Nothing and thousands are noted in one transaction."""
    uids = [f"u{number}" for number in range(count)]
    arrivals.delivered(ledger, "isp", uids, NOW)

    assert list(arrivals.known(ledger, "isp")) == sorted(uids)
