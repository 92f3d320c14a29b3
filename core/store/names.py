"""Where the servers of the settings were when they were last looked for, so that the next call need not ask.

Never: a question to anybody.
"""

from collections.abc import Mapping
from datetime import datetime

from core.store.ledger import Ledger, stamp
from core.wire.hosts import Found


def recall(ledger: Ledger) -> dict[str, Found]:
    """What is known, by host."""
    rows = ledger.rows("SELECT host, addresses, until FROM names")
    return {host: Found(tuple(addresses.split()), datetime.fromisoformat(until)) for host, addresses, until in rows}


def remember(ledger: Ledger, known: Mapping[str, Found]) -> None:
    """Keep this, and nothing else."""
    if known == recall(ledger):
        return
    with ledger.transaction() as rows:
        rows.execute("DELETE FROM names")
        rows.executemany(
            "INSERT INTO names (host, addresses, until) VALUES (?, ?, ?)",
            [(host, " ".join(found.addresses), stamp(found.until)) for host, found in known.items()],
        )
