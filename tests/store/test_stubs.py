"""Stubs in the ledger: noted once, answered by anybody, forgotten when they are whole."""

from datetime import UTC, datetime
from pathlib import Path

from core.store import stubs
from core.store.ledger import open_ledger
from core.store.stubs import Stub

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PHOTOS = Stub(0, "isp", "u1", 2_400_000, 2_398_000, "marta@island.example", "Photographs", ("paul", "ann"), NOW)


def test_a_stub_is_there_until_it_is_forgotten(tmp_path: Path) -> None:
    """It comes back as it was noted, with a number of its own that no later one gets."""
    ledger = open_ledger(tmp_path / "ledger.db")
    stubs.add(ledger, [PHOTOS])
    (first,) = stubs.waiting(ledger)
    stubs.forget(ledger, "isp", ["u1"])
    assert stubs.waiting(ledger) == []
    stubs.add(ledger, [PHOTOS])

    (second,) = stubs.waiting(ledger)

    assert (first.maildrop, first.uid, first.left, first.members) == ("isp", "u1", 2_398_000, ("paul", "ann"))
    assert (first.number, second.number, second.arrived) == (1, 2, NOW)
    ledger.close()


def test_an_answer_is_seen_by_another_process(tmp_path: Path) -> None:
    """The last answer counts, even if the stub is noted again; there is none for what is gone."""
    one, other = open_ledger(tmp_path / "ledger.db"), open_ledger(tmp_path / "ledger.db")
    stubs.add(one, [PHOTOS])
    assert stubs.known(one, "isp")["u1"].answer == "leave"

    assert stubs.answer(other, "isp", "u1", "take")
    assert not stubs.answer(other, "isp", "u2", "take")
    stubs.add(one, [PHOTOS])

    assert stubs.known(one, "isp")["u1"].answer == "take"
    assert stubs.known(one, "other") == {}
    one.close()
    other.close()
