"""Runs: the account of each, and what they teach about the next.

Never: money or forecasts; only what was measured.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from core.errors import StoreError
from core.events import Finished
from core.store.ledger import Ledger, moment, stamp

_ENOUGH = 10_000  # bytes: a run that carried less measures round trips, not the line's rate
_CUT_OFF = Finished("failed", why="the program ended before the run did")


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


@dataclass(frozen=True, slots=True)
class Typical:
    """Medians of recent runs: bytes that came, bit/s really carried, seconds until connected; 0: unknown."""

    bytes_down: int = 0
    rate: int = 0
    connecting: float = 0.0


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
) -> None:
    """Close the account: the number and rate that connected, and the seconds that took."""
    with ledger.transaction() as rows:
        rows.execute(
            "UPDATE runs SET ended = ?, number = ?, rate = ?, connecting = ?, account = ? WHERE id = ?",
            (stamp(now), number, rate, connecting, msgspec.json.encode(finished).decode(), run),
        )


def statements(ledger: Ledger, limit: int = 100) -> list[Statement]:
    """The accounts of the last runs, the newest first; a run that was cut off has no end, and says so."""
    rows = ledger.rows(
        "SELECT id, started, ended, number, rate, connecting, account FROM runs ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return [_statement(ledger, row) for row in rows]


def _statement(ledger: Ledger, row: tuple[Any, ...]) -> Statement:
    run, started, ended, number, rate, connecting, account = row
    try:
        finished = msgspec.json.decode(account, type=Finished) if account else _CUT_OFF
    except msgspec.DecodeError as error:
        raise StoreError(f"{ledger.path}: the account of run {run} is damaged: {error}") from error
    return Statement(run, datetime.fromisoformat(started), moment(ended), number, rate, connecting, finished)


def typical(ledger: Ledger, last: int = 7) -> Typical:
    """What to expect of the next run, by the last complete ones."""
    runs = [one for one in statements(ledger, 10 * last) if one.finished.outcome == "complete"][:last]
    if not runs:
        return Typical()
    rates = [measured for one in runs if (measured := _rate(one.finished))]
    return Typical(
        bytes_down=round(_median(one.finished.bytes_down for one in runs)),
        rate=round(_median(rates)) if rates else 0,
        connecting=_median(one.connecting for one in runs),
    )


def _rate(finished: Finished) -> float:
    """Bit/s, both directions together; 0 where too little was carried to tell."""
    carried = finished.bytes_up + finished.bytes_down
    return 8 * carried / finished.seconds_online if carried >= _ENOUGH and finished.seconds_online > 0 else 0.0


def _median(values: Iterable[float]) -> float:
    """As in ``statistics``, which takes longer to load than all of this house."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
