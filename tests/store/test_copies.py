import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import StoreError
from core.store import arrivals, copies
from core.store.arrivals import Intent
from core.store.copies import KEPT, Copy
from core.store.ledger import STEPS, Ledger, open_ledger

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LUCS = Copy("luc", "k1", "isp/u1")


def test_key_is_known_with_its_source(ledger: Ledger) -> None:
    """Of the keys that are asked for, those of the member's own letters are known."""
    copies.remember(ledger, [LUCS, Copy("paul", "k2", "isp/u1")], NOW)

    assert copies.known(ledger, "luc", ["k1", "k2", "k3"], NOW) == {"k1": "isp/u1"}


def test_first_copy_counts(ledger: Ledger) -> None:
    """A second copy changes neither the source nor the time."""
    copies.remember(ledger, [LUCS], NOW)
    copies.remember(ledger, [Copy("luc", "k1", "isp/u2")], NOW + timedelta(days=20))

    assert copies.known(ledger, "luc", ["k1"], NOW + timedelta(days=29)) == {"k1": "isp/u1"}
    assert copies.known(ledger, "luc", ["k1"], NOW + KEPT) == {}


def test_old_keys_are_forgotten(ledger: Ledger) -> None:
    """After 30 days a key leaves the ledger, and the next copy is a first one."""
    copies.remember(ledger, [LUCS], NOW)
    copies.remember(ledger, [Copy("luc", "k1", "isp/u9")], NOW + KEPT)

    assert ledger.rows("SELECT source FROM copies") == [("isp/u9",)]


def test_copy_that_went_to_somebody_else_is_forgotten(ledger: Ledger) -> None:
    """Only this copy of this member's is forgotten."""
    copies.remember(ledger, [LUCS], NOW)
    copies.forget(ledger, Copy("luc", "k1", "isp/other"))
    assert copies.known(ledger, "luc", ["k1"], NOW) == {"k1": "isp/u1"}

    copies.forget(ledger, LUCS)

    assert copies.known(ledger, "luc", ["k1"], NOW) == {}


def test_key_is_remembered_with_the_delivery(ledger: Ledger) -> None:
    """The journal keeps the key until the delivery is done; then it is known, in the same transaction."""
    intent = Intent("isp/u1", "luc", "inbox", 0, 50, "k1")
    arrivals.intend(ledger, [intent, Intent("isp/u2", "luc", "sent", 0, 50)])
    assert arrivals.pending(ledger)[0] == intent
    assert copies.known(ledger, "luc", ["k1"], NOW) == {}

    arrivals.done(ledger, arrivals.pending(ledger), NOW)

    assert copies.known(ledger, "luc", ["k1", ""], NOW) == {"k1": "isp/u1"}


def test_delivery_that_cannot_be_noted_leaves_no_key(ledger: Ledger) -> None:
    """When the transaction fails, neither the delivery nor its key is in the ledger."""
    intent = Intent("isp/u1", "luc", "inbox", 0, 50, "k1")
    arrivals.intend(ledger, [intent])
    ledger.rows("CREATE TRIGGER full BEFORE INSERT ON copies BEGIN SELECT RAISE(ABORT, 'full'); END")

    with pytest.raises(StoreError, match="full"):
        arrivals.done(ledger, [intent], NOW)

    assert arrivals.pending(ledger) == [intent]
    assert copies.known(ledger, "luc", ["k1"], NOW) == {}


def test_ledger_of_an_earlier_mailrun_learns_copies(tmp_path: Path) -> None:
    """A ledger without keys is brought up to date, and its deliveries stay."""
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as old:
        for statement in STEPS[0]:
            old.execute(statement)
        old.execute("INSERT INTO deliveries VALUES ('isp/u1', 'luc', 'inbox', 0, 50, NULL)")
        old.execute("PRAGMA user_version=1")
    old.close()

    ledger = open_ledger(path)

    assert arrivals.pending(ledger) == [Intent("isp/u1", "luc", "inbox", 0, 50, "")]
    ledger.close()
