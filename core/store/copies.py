"""Copies: which letters each member has got lately, by the key under which a second copy would come.

Keys are remembered for 30 days; a copy that comes later is a letter of its own.

Never: a letter, or what makes two letters one (``mail.duplicate``).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.store.ledger import Ledger, stamp

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Copy:
    """A letter that a member has in the inbox: its key, and the source that it came from."""

    member: str
    key: str
    source: str


def remember(ledger: Ledger, copies: Iterable[Copy], now: datetime) -> None:
    """These are in their inboxes since now; of two copies the first counts. What is too old is forgotten."""
    with ledger.transaction() as rows:
        rows.execute("DELETE FROM copies WHERE at <= ?", (stamp(now - KEPT),))
        rows.executemany(
            "INSERT INTO copies (member, key, source, at) VALUES (?, ?, ?, ?) ON CONFLICT (member, key) DO NOTHING",
            [(one.member, one.key, one.source, stamp(now)) for one in copies],
        )


def known(ledger: Ledger, member: str, keys: Iterable[str], now: datetime) -> dict[str, str]:
    """Of these keys, those whose letter the member has got within the last 30 days, and from which source."""
    rows = ledger.rows(
        "SELECT key, source FROM copies WHERE member = ? AND at > ? AND key IN (SELECT value FROM json_each(?))",
        (member, stamp(now - KEPT), json.dumps(list(keys))),
    )
    return dict(rows)


def forget(ledger: Ledger, copy: Copy) -> None:
    """The member has this copy no more: it was given to somebody else."""
    with ledger.transaction() as rows:
        rows.execute(
            "DELETE FROM copies WHERE member = ? AND key = ? AND source = ?", (copy.member, copy.key, copy.source)
        )
