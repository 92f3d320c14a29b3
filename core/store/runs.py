"""Runs: the account of each, as it was measured, and how its cost is shared out.

Never: a price or a forecast.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from core.errors import StoreError
from core.events import Finished
from core.store.ledger import Ledger, moment, stamp

_ALL = "SELECT id, started, ended, number, rate, connecting, account, setup, up_rate, down_rate, turn FROM runs"
_CUT_OFF = Finished("failed", why="the program ended before the run did")


@dataclass(frozen=True, slots=True)
class Measured:
    """How a call went: seconds online until letters flowed, and the bit/s of mail each way; 0: too little to tell.

    ``turn``: seconds to the provider and back while the line is idle; 0: unknown.
    """

    setup: float = 0.0
    up: int = 0
    down: int = 0
    turn: float = 0.0


UNKNOWN = Measured()


@dataclass(frozen=True, slots=True)
class Statement:
    """The account of one run; ``rate`` in bit/s as the modem told it, ``connecting`` in seconds; 0: unknown."""

    id: int
    started: datetime
    ended: datetime | None
    number: str
    rate: int
    connecting: float
    finished: Finished
    measured: Measured = UNKNOWN


@dataclass(frozen=True, slots=True)
class Share:
    """A member's part of one run; the house's own is that of no member (empty), for what belongs to no letter."""

    member: str
    direction: str
    bytes: int
    cost: Decimal


def start(ledger: Ledger, now: datetime) -> int:
    """Open the account of a run; returns its number."""
    with ledger.transaction() as rows:
        return int(rows.execute("INSERT INTO runs (started) VALUES (?)", (stamp(now),)).lastrowid or 0)


def finish(
    ledger: Ledger,
    run: int,
    finished: Finished,
    *,
    now: datetime,
    number: str = "",
    rate: int = 0,
    connecting: float = 0.0,
    measured: Measured = UNKNOWN,
    shares: Iterable[Share] = (),
) -> None:
    """Close the account: the number and rate that connected, the seconds that took, and who pays for what."""
    with ledger.transaction() as rows:
        rows.execute(
            "UPDATE runs SET ended = ?, number = ?, rate = ?, connecting = ?, account = ?,"
            " setup = ?, up_rate = ?, down_rate = ?, turn = ? WHERE id = ?",
            (
                *(stamp(now), number, rate, connecting, msgspec.json.encode(finished).decode()),
                *(measured.setup, measured.up, measured.down, measured.turn, run),
            ),
        )
        rows.executemany(
            "INSERT INTO shares (run, member, direction, bytes, cost) VALUES (?, ?, ?, ?, ?)",
            [(run, share.member, share.direction, share.bytes, str(share.cost)) for share in shares],
        )


def statements(ledger: Ledger, limit: int = 100) -> list[Statement]:
    """The accounts of the last runs, the newest first; a run that was cut off has no end, and says so."""
    return [_statement(ledger, row) for row in ledger.rows(f"{_ALL} ORDER BY id DESC LIMIT ?", (limit,))]


def since(ledger: Ledger, when: datetime) -> list[Statement]:
    """The accounts of all runs from some time on, the newest first."""
    rows = ledger.rows(f"{_ALL} WHERE started >= ? ORDER BY id DESC", (stamp(when),))
    return [_statement(ledger, row) for row in rows]


def whole(ledger: Ledger, last: int = 7, number: str = "") -> list[Statement]:
    """The last runs that were complete, the newest first: those over this number, or where there are none, all.

    One that came to its limit (and ``left`` letters) was as complete as it was to be.
    """
    found = [one for one in statements(ledger, 10 * last) if one.finished.outcome == "complete" or one.finished.left]
    return ([one for one in found if one.number == number] or found)[:last]


def shares(ledger: Ledger, runs: Iterable[int]) -> dict[int, list[Share]]:
    """Of each of these runs, how its cost was shared out; runs of older versions have none."""
    found: dict[int, list[Share]] = {}
    rows = ledger.rows(
        "SELECT run, member, direction, bytes, cost FROM shares"
        " WHERE run IN (SELECT value FROM json_each(?)) ORDER BY run, member, direction",
        (msgspec.json.encode(list(runs)).decode(),),
    )
    for run, member, direction, size, cost in rows:
        found.setdefault(run, []).append(Share(member, direction, size, Decimal(cost)))
    return found


def _statement(ledger: Ledger, row: tuple[Any, ...]) -> Statement:
    run, started, ended, number, rate, connecting, account, *measured = row
    try:
        finished = msgspec.json.decode(account, type=Finished) if account else _CUT_OFF
    except msgspec.DecodeError as error:
        raise StoreError(f"{ledger.path}: the account of run {run} is damaged: {error}") from error
    begun = datetime.fromisoformat(started)
    return Statement(run, begun, moment(ended), number, rate, connecting, finished, Measured(*measured))
