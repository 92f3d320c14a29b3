"""Failures: recipients of sent letters of whom a report came later that they did not get theirs.

That the smart host has taken a letter stays true (``queue``); this says that it was in vain.

Never: reading a report (``mail.report``), or which letter it is about (``fail``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.store.ledger import Ledger, stamp


@dataclass(frozen=True, slots=True)
class Failure:
    """A recipient who did not get a letter: why, in plain words, what the server there said, and since when known."""

    address: str
    why: str
    reply: str
    when: datetime


def note(ledger: Ledger, ident: str, failures: Iterable[Failure]) -> None:
    """Remember these of a letter in the queue; of two for one recipient the first counts."""
    with ledger.transaction() as rows:
        rows.executemany(
            "INSERT INTO failures (id, address, why, reply, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id, address) DO NOTHING",
            [(ident, one.address, one.why, one.reply, stamp(one.when)) for one in failures],
        )


def known(ledger: Ledger, ident: str) -> tuple[Failure, ...]:
    """What was reported of a letter, in the order of its recipients."""
    rows = ledger.rows(
        "SELECT f.address, f.why, f.reply, f.at FROM failures f"
        " JOIN recipients r ON (f.id, f.address) = (r.id, r.address) WHERE f.id = ? ORDER BY r.place",
        (ident,),
    )
    return tuple(Failure(address, why, reply, datetime.fromisoformat(at)) for address, why, reply, at in rows)


def named(ledger: Ledger, member: str) -> frozenset[str]:
    """The Message-IDs of a member's letters that some recipient did not get: refused at once, or reported later."""
    rows = ledger.rows(
        "SELECT message_id FROM letters WHERE member = ? AND message_id != '' AND id IN"
        " (SELECT id FROM failures UNION SELECT id FROM recipients WHERE state = 'bounced')",
        (member,),
    )
    return frozenset(str(message_id) for (message_id,) in rows)
