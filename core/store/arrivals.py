"""Arrivals: what of each maildrop is in the house, and the journal that lets no delivery happen twice.

A delivery goes, under the mbox lock: ``intend`` -> append -> sync -> ``done``. What ``pending`` shows was cut off
between these; whoever recovers looks into the mbox and calls ``done`` or ``drop``.

Never: an mbox, a server.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.store.ledger import Ledger, stamp

Kind = Literal["delivered", "kept", "stub"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A letter of a maildrop that we have since ``when``; kept: it may stay there too; stub: only its head came."""

    uid: str
    state: Kind
    when: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """One delivery: the letter's source ("MAILDROP/UID", "spool/ID") and its place in an mbox, in bytes."""

    source: str
    member: str
    folder: str
    offset: int
    length: int


def known(ledger: Ledger, maildrop: str) -> dict[str, Arrival]:
    """All that we have of a maildrop, by UID."""
    rows = ledger.rows("SELECT uid, state, at FROM arrivals WHERE maildrop = ?", (maildrop,))
    return {uid: Arrival(uid, state, datetime.fromisoformat(at)) for uid, state, at in rows}


def delivered(ledger: Ledger, maildrop: str, uids: Iterable[str], now: datetime, state: Kind = "delivered") -> None:
    """Note that we have these letters; one that is noted already keeps the time of its first arrival."""
    with ledger.transaction() as rows:
        rows.executemany(
            "INSERT INTO arrivals (maildrop, uid, state, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (maildrop, uid) DO UPDATE SET state = excluded.state",
            [(maildrop, uid, state, stamp(now)) for uid in uids],
        )


def forget(ledger: Ledger, maildrop: str, uids: Iterable[str]) -> None:
    """These are gone from the server. Their deliveries are forgotten too: some servers use a UID again."""
    gone = list(uids)
    with ledger.transaction() as rows:
        rows.executemany("DELETE FROM arrivals WHERE maildrop = ? AND uid = ?", [(maildrop, uid) for uid in gone])
        rows.executemany(
            "DELETE FROM deliveries WHERE source = ? AND done IS NOT NULL",
            [(f"{maildrop}/{uid}",) for uid in gone],
        )


def intend(ledger: Ledger, intents: Iterable[Intent]) -> None:
    """Note, durably, what is about to be appended; an earlier intent that came to nothing is replaced."""
    with ledger.transaction() as rows:
        rows.executemany(
            "INSERT INTO deliveries (source, member, folder, start, length) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (source, member) DO UPDATE SET folder = excluded.folder, start = excluded.start,"
            " length = excluded.length, done = NULL",
            [(one.source, one.member, one.folder, one.offset, one.length) for one in intents],
        )


def done(ledger: Ledger, intents: Iterable[Intent], now: datetime) -> None:
    """These letters are in their mboxes and synced."""
    with ledger.transaction() as rows:
        rows.executemany(
            "UPDATE deliveries SET start = ?, length = ?, done = ? WHERE source = ? AND member = ?",
            [(one.offset, one.length, stamp(now), one.source, one.member) for one in intents],
        )


def drop(ledger: Ledger, intents: Iterable[Intent]) -> None:
    """These letters did not get into their mboxes; what is done stays."""
    with ledger.transaction() as rows:
        rows.executemany(
            "DELETE FROM deliveries WHERE source = ? AND member = ? AND done IS NULL",
            [(one.source, one.member) for one in intents],
        )


def pending(ledger: Ledger) -> list[Intent]:
    """Deliveries that began and did not end, in the order of their places."""
    return [
        Intent(*row)
        for row in ledger.rows(
            "SELECT source, member, folder, start, length FROM deliveries WHERE done IS NULL"
            " ORDER BY member, folder, start"
        )
    ]


def made(ledger: Ledger, source: str) -> set[str]:
    """The members who have the letter from this source."""
    rows = ledger.rows("SELECT member FROM deliveries WHERE source = ? AND done IS NOT NULL", (source,))
    return {member for (member,) in rows}
