"""What would the next run carry, how long would it take, and what would it cost?

Reckoned from the queue, from what earlier runs brought and how fast, and from the tariff; always "about".

Never: the line itself.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from core.config import Tariff
from core.household import Household
from core.store import queue, runs
from core.tariff import cost
from core.zone import local

BITS = 10  # line bits for a byte, while no run has measured the rate: framing, TCP/IP and protocol
RATE = 33_600  # bit/s of a line of which nothing is known
TURNS = 8  # round trips of a run that no pipelining saves
TURN = {"modem": 0.4, "command": 0.6, "always": 0.1}  # seconds of one of them
LINK = 3.0  # seconds in which the link program negotiates, while the call is paid for
LETTER = 200  # bytes of protocol for one letter


@dataclass(frozen=True, slots=True)
class Forecast:
    """The next run: letters and bytes out, bytes in as lately, seconds online, money; ``rate``: bit/s of mail.

    Not ``known``: no run has been complete yet, so what waits at the provider is anybody's guess and is not in it.
    """

    messages_up: int
    bytes_up: int
    bytes_down: int
    seconds: float
    cost: Decimal
    currency: str
    known: bool = True
    rate: int = 0


def forecast(house: Household, now: datetime) -> Forecast:
    """Reckon a run of this house that begins now."""
    line = house.config.line
    letters = [
        letter
        for letter in queue.pending(house.ledger)
        if letter.departure.due(now)
        and any("@" in r.address and r.state in ("waiting", "deferred") for r in letter.recipients)
    ]
    past = runs.typical(house.ledger)
    up = sum(letter.size + LETTER for letter in letters)
    carried = max(up, past.bytes_down)
    rate = past.rate or (line.rate or RATE) * 8 // BITS
    seconds = TURNS * TURN[line.kind] + carried * 8 / rate
    if line.kind == "modem" and line.link:
        seconds += LINK
    price = cost(line.tariff, local(now), seconds)
    known = past != runs.Typical()
    return Forecast(len(letters), up, past.bytes_down, round(seconds, 1), price, line.tariff.currency, known, rate)


def carriage(ahead: Forecast, tariff: Tariff, size: int) -> tuple[float, Decimal]:
    """Seconds and money by which so many bytes make a run longer: its share, not whole billed units."""
    seconds = size * 8 / ahead.rate
    return seconds, (Decimal(str(seconds)) / 60 * tariff.per_minute).quantize(Decimal("0.01"), ROUND_CEILING)
