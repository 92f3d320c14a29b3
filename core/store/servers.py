"""Servers: what each one said that it can, when, and where it failed, so that the next call need not ask.

Never: what a name means, or what follows from it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

import msgspec

from core.errors import StoreError
from core.store.ledger import Ledger, moment, stamp
from core.wire.offers import Known, Offers

AGE = timedelta(days=30)  # after that a server is asked again, and tried again at what it failed
_MOST = 100  # names of one server that are kept
_OFFERS = dict[str, tuple[str, ...]]
_FAILED = dict[str, datetime]
T = TypeVar("T")


def recall(ledger: Ledger, host: str, port: int, now: datetime) -> Known | None:
    """What is known of a server; None: nothing.

    It should be asked again after ``AGE``, or when it has failed at something since.
    """
    rows = ledger.rows("SELECT offers, asked, failed FROM servers WHERE (host, port) = (?, ?)", (host.casefold(), port))
    if not rows:
        return None
    offers, asked, failed = _read(ledger, rows[0][0], _OFFERS), moment(rows[0][1]), _read(ledger, rows[0][2], _FAILED)
    recent = {name: when for name, when in failed.items() if when > now - AGE}
    stale = asked is None or asked <= now - AGE or any(when > asked for when in failed.values())
    return Known(offers, frozenset(recent), stale)


def remember(
    ledger: Ledger, host: str, port: int, now: datetime, offers: Offers | None, failed: Collection[str]
) -> None:
    """Keep what a call has found out: what the server told (None: it was not asked), and at what it failed.

    A failure of the same call is older than what the server told: it has been asked since.
    """
    key = (host.casefold(), port)
    with ledger.transaction() as rows:
        rows.execute("INSERT INTO servers (host, port) VALUES (?, ?) ON CONFLICT DO NOTHING", key)
        if offers is not None:
            kept = dict(islice(offers.items(), _MOST))
            told = (msgspec.json.encode(kept).decode(), stamp(now), *key)
            rows.execute("UPDATE servers SET offers = ?, asked = ? WHERE (host, port) = (?, ?)", told)
        if failed:
            [(before,)] = rows.execute("SELECT failed FROM servers WHERE (host, port) = (?, ?)", key)
            since = {name: stamp(when) for name, when in _read(ledger, before, _FAILED).items() if when > now - AGE}
            since |= dict.fromkeys(failed, stamp(now))
            text = msgspec.json.encode(since).decode()
            rows.execute("UPDATE servers SET failed = ? WHERE (host, port) = (?, ?)", (text, *key))


def _read(ledger: Ledger, text: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise StoreError(f"{ledger.path}: what it knows of a server is damaged: {error}") from error
