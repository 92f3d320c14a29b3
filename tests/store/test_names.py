from datetime import UTC, datetime
from pathlib import Path

from core.store import names
from core.store.ledger import open_ledger
from core.wire.hosts import Found

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
POP = Found(("192.0.2.7", "2001:db8::7"), NOON)
SMTP = Found(("192.0.2.8",), NOON)


def test_remembers(tmp_path: Path) -> None:
    """What is known outlasts the process, in its order; what is no longer told is gone."""
    ledger = open_ledger(tmp_path / "ledger.db")
    names.remember(ledger, {"pop.isp.example": POP, "smtp.isp.example": SMTP})
    names.remember(ledger, {"pop.isp.example": POP})
    ledger.close()

    assert names.recall(open_ledger(tmp_path / "ledger.db")) == {"pop.isp.example": POP}


def test_nothing_known(tmp_path: Path) -> None:
    """A new ledger knows no host."""
    assert names.recall(open_ledger(tmp_path / "ledger.db")) == {}
