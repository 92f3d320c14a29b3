"""The queue: what waits to go out, and what became of each recipient.

    waiting -> sending -> sent | bounced           final
                       -> deferred                 goes out with the next run
                       -> uncertain                the line went meanwhile; a person decides: retry or cancel
    any but sent, bounced -> cancelled             final

Never: the letters' bytes (``spool``), or who is tried when (``flush``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from core.errors import InputError
from core.mail.departure import NEXT, Departure
from core.mail.envelope import Envelope, Outcome, State, state
from core.store.ledger import Ledger, moment, stamp

FINAL: frozenset[State] = frozenset({"sent", "bounced", "cancelled"})


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of a letter: its state, the last reply, and when it was tried first and last.

    ``warned``: when the sender was told that it takes long.
    """

    address: str
    state: State
    reply: str = ""
    tries: int = 0
    tried: datetime | None = None
    first: datetime | None = None
    warned: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A letter in the queue; ``size`` in bytes, ``why`` it is held (empty: no reason given), and when it leaves."""

    id: str
    member: str
    sender: str
    recipients: tuple[Recipient, ...]
    size: int
    queued: datetime
    subject: str
    why: str = ""
    departure: Departure = NEXT

    @property
    def held(self) -> bool:
        """Somebody must let it go first."""
        return self.departure.held

    @property
    def final(self) -> bool:
        """Nothing is left to do for any recipient."""
        return all(recipient.state in FINAL for recipient in self.recipients)


def add(
    ledger: Ledger,
    ident: str,
    member: str,
    envelope: Envelope,
    *,
    size: int,
    subject: str,
    now: datetime,
    message_id: str = "",
    departure: Departure = NEXT,
) -> None:
    """Accept a letter for sending; its bytes must be in the spool already.

    By the ``message_id`` reports from outside are matched to it; it may stand in several letters of the queue.

    Raises:
        InputError: it has no recipient, or the queue has a letter of this id.
        BusyError, StoreError: as ``Ledger.transaction``.
    """
    addresses = dict.fromkeys(envelope.recipients)
    if not addresses:
        raise InputError(f"letter {ident} has no recipient; add one")
    with ledger.transaction() as rows:
        new = rows.execute(
            "INSERT OR IGNORE INTO letters"
            " (id, member, sender, size, queued, subject, message_id, held, urgent, not_before)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (ident, member, envelope.sender, size, stamp(now), subject, message_id, *_columns(departure)),
        )
        if not new.rowcount:
            raise InputError(f"letter {ident} is in the queue already")
        rows.executemany(
            "INSERT INTO recipients (id, place, address) VALUES (?, ?, ?)",
            [(ident, place, address) for place, address in enumerate(addresses)],
        )


def pending(ledger: Ledger) -> list[Queued]:
    """Letters with a recipient whose state is not final, the oldest first."""
    return _letters(
        ledger.rows(
            "SELECT * FROM queue WHERE id IN"
            " (SELECT id FROM recipients WHERE state NOT IN ('sent', 'bounced', 'cancelled'))"
            " ORDER BY queued, id, place"
        )
    )


def ids(ledger: Ledger) -> set[str]:
    """The ids of all letters, waiting or done."""
    return {id_ for (id_,) in ledger.rows("SELECT id FROM letters")}


def get(ledger: Ledger, ident: str) -> Queued:
    """One letter, waiting or done.

    Raises:
        InputError: the queue has never had it.
    """
    found = _letters(ledger.rows("SELECT * FROM queue WHERE id = ? ORDER BY place", (ident,)))
    if not found:
        raise InputError(f"there is no letter {ident} in the queue; `mailrun queue` lists them")
    return found[0]


def named(ledger: Ledger, message_id: str) -> list[Queued]:
    """The letters of a Message-ID, waiting or done, the oldest first; none for no Message-ID."""
    if not message_id:
        return []
    return _letters(ledger.rows("SELECT * FROM queue WHERE message_id = ? ORDER BY queued, id, place", (message_id,)))


def find(ledger: Ledger, prefix: str) -> str:
    """The id that begins so: of those that wait, else of those that are done.

    Raises:
        InputError: none or several do.
    """
    found = ledger.rows("SELECT id FROM letters WHERE substr(id, 1, ?) = ?", (len(prefix), prefix))
    ids = {str(row[0]) for row in found}
    if prefix in ids:
        return prefix
    among = sorted(ids & {letter.id for letter in pending(ledger)}) or sorted(ids)
    if not prefix or not among:
        raise InputError(f"there is no letter {prefix!r} in the queue; `mailrun queue` lists them")
    if len(among) > 1:
        raise InputError(
            f"{prefix!r} is the beginning of {len(among)} letters ({', '.join(among[:3])}); give more of it"
        )
    return among[0]


def sending(ledger: Ledger, ident: str, addresses: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Note, durably, that the letter is about to go out; returns those recipients to whom it really may go.

    Somebody may have held, put off or cancelled it since it was read. ``settle`` must follow, after a crash
    ``recover``.
    """
    with ledger.transaction() as rows:
        return tuple(
            address
            for address in addresses
            if rows.execute(
                "UPDATE recipients SET state = 'sending' WHERE id = ? AND address = ?"
                " AND state IN ('waiting', 'deferred')"
                " AND (SELECT NOT held AND coalesce(not_before <= ?, 1) FROM letters l WHERE l.id = recipients.id)",
                (ident, address, stamp(now)),
            ).rowcount
        )


def settle(ledger: Ledger, ident: str, outcomes: Mapping[str, Outcome], now: datetime) -> None:
    """Note what became of recipients; counts the try.

    Where a person cancelled meanwhile, deferred changes nothing; sent, bounced and uncertain are the truth.

    Raises:
        InputError: the letter or a recipient is not in the queue.
    """
    with ledger.transaction() as rows:
        for address, outcome in outcomes.items():
            done = rows.execute(
                "UPDATE recipients SET reply = :reply, tries = tries + 1, tried = :now,"
                " first = coalesce(first, :now),"
                " state = CASE WHEN state = 'cancelled' AND :state = 'deferred' THEN state ELSE :state END"
                " WHERE id = :id AND address = :address",
                {
                    "id": ident,
                    "address": address,
                    "state": state(outcome),
                    "reply": outcome.reply,
                    "now": stamp(now),
                },
            )
            if not done.rowcount:
                raise InputError(f"letter {ident} has no recipient {address} in the queue")


def warn(ledger: Ledger, ident: str, addresses: Iterable[str], now: datetime) -> None:
    """Note that the sender is to be told how long it takes; once for each recipient, so the first time stays."""
    with ledger.transaction() as rows:
        rows.executemany(
            "UPDATE recipients SET warned = coalesce(warned, ?) WHERE id = ? AND address = ?",
            [(stamp(now), ident, address) for address in addresses],
        )


def unsent(ledger: Ledger, id: str, addresses: Iterable[str]) -> None:  # noqa: A002 - see add
    """The line went before the letter did: back to waiting, as if it had not been tried."""
    with ledger.transaction() as rows:
        rows.executemany(
            "UPDATE recipients SET state = 'waiting' WHERE id = ? AND address = ? AND state = 'sending'",
            [(id, address) for address in addresses],
        )


def recover(ledger: Ledger, now: datetime) -> int:
    """What a crash left as "sending" is uncertain: nobody knows whether it was taken. Returns how many.

    Only for whoever holds the household's run lock: another run's letters may be on their way.
    """
    with ledger.transaction() as rows:
        return rows.execute(
            "UPDATE recipients SET state = 'uncertain', tries = tries + 1, tried = :now,"
            " first = coalesce(first, :now), reply = 'the program ended while the letter was on its way'"
            " WHERE state = 'sending'",
            {"now": stamp(now)},
        ).rowcount


def hold(ledger: Ledger, ident: str, why: str = "") -> None:
    """Keep a letter back from the next runs.

    Raises:
        InputError: it is unknown or done.
    """
    with ledger.transaction() as rows:
        _open(ledger, ident)
        rows.execute("UPDATE letters SET held = 1, why = ? WHERE id = ?", (why, ident))


def release(ledger: Ledger, ident: str) -> None:
    """Let a letter that was held or put off go with the next run.

    Raises:
        InputError: it is unknown or done.
    """
    with ledger.transaction() as rows:
        _open(ledger, ident)
        rows.execute("UPDATE letters SET held = 0, why = '', not_before = NULL WHERE id = ?", (ident,))


def depart(ledger: Ledger, ident: str, departure: Departure) -> None:
    """Let a letter leave so from now on: held, urgent, not before some time, or with the next run.

    Raises:
        InputError: it is unknown or done.
    """
    with ledger.transaction() as rows:
        _open(ledger, ident)
        columns = (*_columns(departure), ident)
        rows.execute("UPDATE letters SET held = ?, urgent = ?, not_before = ?, why = '' WHERE id = ?", columns)


def _columns(departure: Departure) -> tuple[bool, bool, str | None]:
    at = departure.not_before
    return departure.held, departure.urgent, stamp(at) if at else None


def cancel(ledger: Ledger, ident: str) -> None:
    """Give up on every recipient who does not have the letter yet.

    Raises:
        InputError: it is unknown or done.
    """
    with ledger.transaction() as rows:
        _open(ledger, ident)
        rows.execute(
            "UPDATE recipients SET state = 'cancelled' WHERE id = ? AND state NOT IN ('sent', 'bounced')",
            (ident,),
        )


def retry(ledger: Ledger, ident: str) -> None:
    """Send it again to the deferred and uncertain: a person's decision, for the uncertain may get it twice.

    Raises:
        InputError: it is unknown or done.
    """
    with ledger.transaction() as rows:
        _open(ledger, ident)
        rows.execute(
            "UPDATE recipients SET state = 'waiting' WHERE id = ? AND state IN ('deferred', 'uncertain')",
            (ident,),
        )


def _open(ledger: Ledger, ident: str) -> None:
    letter = get(ledger, ident)
    if letter.final:
        states = ", ".join(sorted({recipient.state for recipient in letter.recipients}))
        raise InputError(f"letter {ident} is done ({states}); nothing can be changed any more")


def _letters(rows: list[tuple[Any, ...]]) -> list[Queued]:
    return [_letter(list(group)) for _, group in groupby(rows, key=lambda row: row[0])]


def _letter(rows: list[tuple[Any, ...]]) -> Queued:
    id_, member, sender, size, queued, subject, held, why, urgent, not_before = rows[0][:10]
    recipients = tuple(
        Recipient(address, word, reply, tries, moment(tried), moment(first), moment(warned))
        for address, word, reply, tries, tried, first, warned in (row[10:17] for row in rows)
    )
    departure = Departure(bool(held), bool(urgent), moment(not_before))
    return Queued(id_, member, sender, recipients, size, datetime.fromisoformat(queued), subject, why, departure)
