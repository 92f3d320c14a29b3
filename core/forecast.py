"""What would the next run carry, how long would it take, and what would it cost?

Reckoned from the queue, from what earlier runs brought and how fast, and from the tariff; always "about". How a run
goes is learned from the last complete ones over the same number: what no letter explains is what a call takes anyway.

Never: the line itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from core import config
from core.config import Tariff
from core.household import Household
from core.reckoning import Measure
from core.store import queue, runs, stubs
from core.store.queue import Queued
from core.store.runs import Statement
from core.tariff import CENT, cheaper, cost, price
from core.zone import local

BITS = 10  # line bits for a byte, while no run has measured the rate: framing, TCP/IP and protocol
RATE = 33_600  # bit/s of a line of which nothing is known
TURNS = 8  # round trips of a run that no pipelining saves
TURN = {"modem": 0.4, "command": 0.6, "always": 0.1}  # seconds of one of them
LINK = 3.0  # seconds in which the link program negotiates, while the call is paid for
LETTER = 200  # bytes of protocol for one letter
ENDS = 65  # bytes of a letter for each that its line ends add on the way
ENOUGH = 10_000  # bytes: a run that carried less measures round trips, not the line's rate
APART = timedelta(hours=1)  # what comes is in proportion to the time since the last call, if calls are so far apart
BOUNDS = (0.2, 4.0)  # times as much as is usual, at least and at most
ASKED = ("take", "next")  # answers of people who want the whole of a stub


@dataclass(frozen=True, slots=True)
class Forecast:
    """The next run: letters and bytes out, bytes in as lately, seconds online, money; ``rate``: bit/s of mail out.

    Not ``known``: no run has been complete yet, so what waits at the provider is anybody's guess and is not in it.
    ``connecting``: seconds until the line is up, unpaid. ``cheaper``: the first time from which the same call costs
    less, and how much. ``per_minute``: what a minute costs now. ``rate_down``: bit/s of mail in.
    """

    messages_up: int
    bytes_up: int
    bytes_down: int
    seconds: float
    cost: Decimal
    currency: str
    known: bool = True
    rate: int = 0
    connecting: float = 0.0
    cheaper_from: datetime | None = None
    cheaper_cost: Decimal | None = None
    per_minute: Decimal | None = None
    rate_down: int = 0


def forecast(house: Household, now: datetime, *, send: bool = True, fetch: bool = True) -> Forecast:
    """Reckon a run of this house that begins now."""
    line, at = house.config.line, local(now)
    letters = waiting(house, now) if send else []
    past = lately(house)
    up, down = weight(letters), _coming(house, past, now) if fetch else 0
    how = measure(past, line, sends=bool(letters))
    seconds = round(how.seconds(up, down), 1) if letters or fetch else 0.0
    later, less = cheaper(line.tariff, at, seconds) or (None, None)
    return Forecast(
        len(letters),
        up,
        down,
        seconds,
        cost(line.tariff, at, seconds),
        line.tariff.currency,
        bool(past),
        round(how.up),
        round(_median([one.connecting for one in past]), 1),
        later,
        less,
        price(line.tariff, at).per_minute,
        round(how.down),
    )


def waiting(house: Household, now: datetime) -> list[Queued]:
    """The letters that a run carries that begins now."""
    return [
        letter
        for letter in queue.pending(house.ledger)
        if letter.departure.due(now)
        and any("@" in r.address and r.state in ("waiting", "deferred") for r in letter.recipients)
    ]


def weight(letters: Iterable[Queued]) -> int:
    """Bytes on the line of these letters."""
    return sum(letter.size + letter.size // ENDS + LETTER for letter in letters)


def lately(house: Household) -> list[Statement]:
    """The runs that the next one is likely to resemble."""
    return runs.whole(house.ledger, number=next(iter(house.config.line.numbers), ""))


def measure(past: Sequence[Statement], line: config.Line, *, sends: bool) -> Measure:
    """How a run goes on this line, by earlier ones that sent letters if it does; before there are any, as is usual."""
    least = [8 * one.finished.bytes_down / one.finished.seconds_online for one in past if one.finished.seconds_online]
    usual = max((_median([one.rate for one in past if one.rate]) or line.rate or RATE) * 8 / BITS, *least, 1.0)
    rates = [_rate(past, "up"), _rate(past, "down")]
    up, down = (max(rate or max(rates) or usual, 1) for rate in rates)
    half = line.duplex == "half"
    how = Measure(0.0, 0.0, up, down, half)
    if not past:
        fixed = TURNS * TURN[line.kind] + (LINK if line.kind == "modem" and line.link else 0.0)
        return Measure(fixed * 0.7, fixed * 0.3, up, down, half)
    alike = [one for one in past if bool(one.finished.sent) == sends] or past
    runs = [one.finished for one in alike]
    fixed = _median([max(0.0, one.seconds_online - how.seconds(one.bytes_up, one.bytes_down)) for one in runs])
    setup = min(fixed, _median([one.measured.setup for one in alike if one.measured.setup]) or fixed * 0.7)
    return Measure(setup, fixed - setup, up, down, half)


def learned(past: Sequence[Statement]) -> int:
    """Bit/s that the line carries, as far as earlier runs have measured it; 0: they have not."""
    return round(max(_rate(past, "up"), _rate(past, "down")))


def distance(past: Sequence[Statement]) -> float:
    """Seconds to the provider and back, as earlier runs have measured them; 0: they have not."""
    return _median(one.measured.turn for one in past if one.measured.turn)


def carriage(ahead: Forecast, tariff: Tariff, size: int, *, down: bool = False) -> tuple[float, Decimal]:
    """Seconds and money by which so many bytes make a run longer: its share, not whole billed units."""
    seconds = size * 8 / ((down and ahead.rate_down) or ahead.rate)
    minute = tariff.per_minute if ahead.per_minute is None else ahead.per_minute
    return seconds, (Decimal(str(seconds)) / 60 * minute).quantize(CENT, ROUND_CEILING)


def _coming(house: Household, past: Sequence[Statement], now: datetime) -> int:
    """Bytes that are likely to come: as lately, by the time since the last call; and those that are there for sure.

    These are what people have asked for, and what the last call has left at its limit.
    """
    sure = sum(stub.left for stub in stubs.waiting(house.ledger) if stub.answer in ASKED)
    sure += sum(one.finished.bytes_left for one in runs.statements(house.ledger, 1))
    usual = _median([one.finished.bytes_down for one in past])
    gaps = [(later.started - earlier.started) / APART for later, earlier in pairwise(past)]
    if past and (gap := _median(gaps)) >= 1:
        low, high = BOUNDS
        usual *= min(high, max(low, (now - past[0].started) / APART / gap))
    return round(usual) + sure


def _rate(past: Sequence[Statement], way: str) -> float:
    """Bit/s of one direction, by the runs in which it carried most, else by all; 0: none carried enough to tell."""
    most = _median(rate for one in past if _most(one) == way and (rate := _told(one, way)))
    return most or _median(rate for one in past if (rate := _told(one, way)))


def _most(one: Statement) -> str:
    """The direction that carried most in a run."""
    return "up" if one.finished.bytes_up > one.finished.bytes_down else "down"


def _told(one: Statement, way: str) -> float:
    """Bit/s of one direction in one run; of runs of older versions only that of the whole call is known."""
    size, seconds = getattr(one.finished, f"bytes_{way}"), one.finished.seconds_online
    whole = 8 * size / seconds if seconds and size >= ENOUGH and _most(one) == way else 0.0
    return getattr(one.measured, way) or whole


def _median(values: Iterable[float]) -> float:
    """As in ``statistics``, which takes longer to load than all of this house; 0 of nothing."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if not ordered:
        return 0.0
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
