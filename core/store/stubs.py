"""Stubs: the letters of which only a beginning is in the house, and what people have answered about them.

A stub is at the provider until somebody takes or deletes it. Answers are read by a run that is on, perhaps in another
process, and carried out at the next call where none is.

Never: a letter, an mbox, a server.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.store.ledger import Ledger, stamp

Answer = Literal["take", "next", "leave", "delete"]


@dataclass(frozen=True, slots=True)
class Stub:
    """A letter that is at the provider: ``size`` bytes, of which ``left`` are not in the house.

    ``number`` is what people call it by. ``members`` have its beginning; nobody has, and ``sender`` and ``subject`` are
    empty, where the server tells no more than the size. ``answer``: "take" now, or as soon as a line is up; "next":
    with the next call; "leave" it, as is done with what nobody answers; "delete" it at the provider.
    """

    number: int
    maildrop: str
    uid: str
    size: int
    left: int
    sender: str
    subject: str
    members: tuple[str, ...]
    arrived: datetime
    answer: Answer = "leave"


_ALL = "SELECT number, maildrop, uid, size, missing, sender, subject, members, at, answer FROM stubs"


def add(ledger: Ledger, stubs: Iterable[Stub]) -> None:
    """These are at the provider; the ledger numbers them. One that is noted already keeps its number and its answer."""
    with ledger.transaction() as rows:
        rows.executemany(
            "INSERT INTO stubs (maildrop, uid, size, missing, sender, subject, members, at, answer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (maildrop, uid) DO UPDATE SET members = excluded.members",
            [_row(stub) for stub in stubs],
        )


def waiting(ledger: Ledger) -> list[Stub]:
    """All of them, in the order of their coming."""
    return [_stub(row) for row in ledger.rows(f"{_ALL} ORDER BY number")]


def known(ledger: Ledger, maildrop: str) -> dict[str, Stub]:
    """Those of one maildrop, by UID."""
    rows = ledger.rows(f"{_ALL} WHERE maildrop = ? ORDER BY number", (maildrop,))
    return {stub.uid: stub for stub in map(_stub, rows)}


def _row(stub: Stub) -> tuple[object, ...]:
    what = (stub.maildrop, stub.uid, stub.size, stub.left, stub.sender, stub.subject)
    return (*what, " ".join(stub.members), stamp(stub.arrived), stub.answer)


def _stub(row: Sequence[Any]) -> Stub:
    number, maildrop, uid, size, left, sender, subject, members, at, said = row
    return Stub(
        number, maildrop, uid, size, left, sender, subject, tuple(members.split()), datetime.fromisoformat(at), said
    )


def answer(ledger: Ledger, maildrop: str, uid: str, said: Answer) -> bool:
    """Note what is to become of one; whether it is still there."""
    with ledger.transaction() as rows:
        changed = rows.execute("UPDATE stubs SET answer = ? WHERE maildrop = ? AND uid = ?", (said, maildrop, uid))
        return changed.rowcount > 0


def forget(ledger: Ledger, maildrop: str, uids: Iterable[str]) -> None:
    """These are whole now, or gone from the server."""
    with ledger.transaction() as rows:
        rows.execute(
            "DELETE FROM stubs WHERE maildrop = ? AND uid IN (SELECT value FROM json_each(?))",
            (maildrop, json.dumps(list(uids))),
        )
