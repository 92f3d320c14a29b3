"""Arrivals: what of each maildrop is in the house, and the journal that lets no delivery happen twice.

A delivery goes, under the mbox lock: ``intend`` -> append -> sync -> ``done``. What ``pending`` shows was cut off
between these; whoever recovers looks into the mbox and calls ``done`` or ``drop``. What is done is also remembered in
``copies``, in the same transaction.

Never: an mbox, a server.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.store import copies
from core.store.copies import Copy
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
    """One delivery: the letter's source ("MAILDROP/UID", "spool/ID") and its place in an mbox, in bytes.

    ``key`` is that by which another copy will be told (``mail.duplicate``); empty where none is looked for.
    """

    source: str
    member: str
    folder: str
    offset: int
    length: int
    key: str = ""


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
            "INSERT INTO deliveries (source, member, folder, start, length, key) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (source, member) DO UPDATE SET folder = excluded.folder, start = excluded.start,"
            " length = excluded.length, key = excluded.key, done = NULL",
            [(one.source, one.member, one.folder, one.offset, one.length, one.key) for one in intents],
        )


def done(ledger: Ledger, intents: Sequence[Intent], now: datetime) -> None:
    """These letters are in their mboxes and synced; their keys are remembered."""
    with ledger.transaction() as rows:
        rows.executemany(
            "UPDATE deliveries SET start = ?, length = ?, done = ? WHERE source = ? AND member = ?",
            [(one.offset, one.length, stamp(now), one.source, one.member) for one in intents],
        )
        copies.remember(ledger, [Copy(one.member, one.key, one.source) for one in intents if one.key], now)


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
            "SELECT source, member, folder, start, length, key FROM deliveries WHERE done IS NULL"
            " ORDER BY member, folder, start"
        )
    ]


def sources(ledger: Ledger, maildrop: str) -> list[str]:
    """The sources under this name of which letters have been delivered."""
    rows = ledger.rows(
        "SELECT DISTINCT source FROM deliveries WHERE source > ? AND source < ? AND done IS NOT NULL",
        (f"{maildrop}/", f"{maildrop}0"),  # 0 comes after /
    )
    return [source for (source,) in rows]


def brought(ledger: Ledger, member: str, folder: str, now: datetime) -> set[str]:
    """The sources of what was delivered to a member's folder at this time."""
    rows = ledger.rows(
        "SELECT source FROM deliveries WHERE member = ? AND folder = ? AND done = ?", (member, folder, stamp(now))
    )
    return {source for (source,) in rows}


def made(ledger: Ledger, member: str, sources: Iterable[str]) -> set[str]:
    """From which of these sources the member has the letter."""
    rows = ledger.rows(
        "SELECT source FROM deliveries WHERE member = ? AND done IS NOT NULL"
        " AND source IN (SELECT value FROM json_each(?))",
        (member, json.dumps(list(sources))),
    )
    return {source for (source,) in rows}
