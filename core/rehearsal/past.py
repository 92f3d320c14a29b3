"""The calls that the made-up house has made before: four months of evenings, up to the storm that took the poles.

They are in the ledger as real ones would be, so that forecasts, bill and charts have something to go by.

Never: a random number; the same house has made the same calls, whenever it is asked.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.config import Config
from core.events import Finished
from core.household import Household
from core.share import Cargo, share
from core.store import runs
from core.store.runs import Measured
from core.tariff import cost
from core.zone import local

DAYS = 120  # since when
STORM = 8  # days ago: the poles lie down, and nobody gets through until they stand again
RATE, KEPT = 33_600, 0.97  # bit/s of the modem, and what of it letters get
CONNECTING = 3.0  # seconds
SETUP, TAIL = 1.1, 0.6  # seconds of a call before and after its letters
PER_LETTER = 1_500  # bytes, about
LUCK = 16  # in so many calls one finds the number busy, and one loses the line
NO_WAY = Finished("failed", why="5550199: no dial tone; is the telephone cable in, and nobody on the phone?")
ENGAGED = Finished("failed", why="5550199 is busy")
LOST = "the carrier was lost"


@dataclass(frozen=True, slots=True)
class Call:
    """One of them: when, what it carried, and by how much its forecast was wrong."""

    began: datetime
    up: int
    down: int
    wrong: float
    luck: int


def call_up(house: Household, now: datetime) -> None:
    """Note all of them in the ledger, in one transaction."""
    with house.ledger.transaction():
        for call in _calls(now):
            _note(house, call, _finished(house.config, call, stormy=now - call.began < timedelta(days=STORM)))


def _calls(now: datetime) -> Iterator[Call]:
    """One every evening, at about twenty to seven, but for the days on which nobody thought of it."""
    evening = local(now).replace(hour=18, minute=40, second=0, microsecond=0)
    for day in range(DAYS, STORM - 3, -1):
        minutes, up, down, many, wrong, luck, forgotten, _ = hashlib.shake_128(b"call %d" % day).digest(8)
        if forgotten % 9 or day <= STORM:
            began = evening - timedelta(days=day, minutes=minutes % 40)
            pictures = many * 500 if day % 5 == 1 else many * 20  # some days bring what somebody has drawn
            yield Call(began, up * 30 * (up % 3), 14_000 + down * 60 + pictures, wrong / 1280 - 0.1, luck % LUCK)


def _finished(config: Config, call: Call, *, stormy: bool) -> Finished:
    """The account of a call."""
    if stormy or not call.luck:
        return NO_WAY if stormy else ENGAGED
    lost = call.luck == 1
    up, down = (size // 2 if lost else size for size in (call.up, call.down))
    seconds, whole = _seconds(up, down), _seconds(call.up, call.down) * (1 + call.wrong)
    tariff = config.line.tariff
    return Finished(
        "partial" if lost else "complete",
        sent=up // PER_LETTER,
        fetched=down // PER_LETTER,
        delivered=down // PER_LETTER,
        bytes_up=up,
        bytes_down=down,
        seconds_online=round(seconds, 1),
        cost=str(cost(tariff, call.began, seconds)),
        currency=tariff.currency,
        why=LOST if lost else "",
        forecast_seconds=round(whole, 1),
        forecast_cost=str(cost(tariff, call.began, whole)),
    )


def _seconds(up: int, down: int) -> float:
    """How long it takes to carry so much, both ways at once."""
    return SETUP + max(up, down) * 8 / (RATE * KEPT) + TAIL


def _note(house: Household, call: Call, finished: Finished) -> None:
    """The account into the ledger, and what each member has caused."""
    up, down, cargo = finished.bytes_up, finished.bytes_down, Cargo({"": "paul"})
    cargo.sent("", up * 9 // 10)
    for nth, member in enumerate(house.config.members, 2):
        cargo.came((member,), down // (nth + call.luck % 3))
    through = finished.seconds_online > 0
    carried = round(RATE * KEPT)
    runs.finish(
        house.ledger,
        runs.start(house.ledger, call.began),
        finished,
        now=call.began + timedelta(seconds=finished.seconds_online + CONNECTING),
        number=house.config.line.numbers[0] if through else "",
        rate=RATE if through else 0,
        connecting=CONNECTING if through else 0.0,
        measured=Measured(SETUP, carried if up > down else 0, carried) if through else runs.UNKNOWN,
        shares=share(cargo, up, down, Decimal(finished.cost)) if through else (),
    )
