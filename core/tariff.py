"""What a call costs, and how long it may last for its money.

A call is paid by units: each costs what the rule of its beginning says, the last rule that fits; in the hours of no
rule, what [line.tariff] says. The first ``free_seconds`` are paid with ``per_call``, and no call that connects costs
less than ``minimum``. Money is exact until the end, where it is rounded up to the cent.

Hours are those of the zone of ``began``: give it one that knows summer time (``core.zone``).

Never: a clock; what a call carries.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from core.config import Tariff
from core.hours import DAY, Hours, hours

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
WEEK = 7  # days in which a cheaper hour is looked for
FOR_EVER = 10**12  # units
_FAR = 9 * 86400  # seconds of a call that nobody makes: what is not paid until then never is


@dataclass(frozen=True, slots=True)
class Price:
    """What holds at some time: money for the call if it begins there, for a minute, and the seconds of a unit."""

    per_call: Decimal
    per_minute: Decimal
    unit: int


@dataclass(frozen=True, slots=True)
class _Span:
    """So many units in a row that have one price; ``start`` in seconds of the call."""

    start: Decimal
    price: Price
    units: int

    @property
    def each(self) -> Decimal:
        """A unit in sixtieths of money, which are exact."""
        return self.price.per_minute * self.price.unit


def cost(tariff: Tariff, began: datetime, seconds: float) -> Decimal:
    """What a call costs that begins then and is online so long; nothing when it never connected."""
    if seconds <= 0:
        return NOTHING
    whole = price(tariff, began).per_call + _paid(tariff, began, seconds) / 60
    return max(whole, tariff.minimum).quantize(CENT, ROUND_CEILING)


def edge(tariff: Tariff, began: datetime, seconds: float) -> float:
    """In how many seconds such a call will cost more than it does now: the end of the paid unit; inf: never."""
    paid = (tariff.minimum - price(tariff, began).per_call) * 60
    if seconds > 0:
        paid = max(paid, _paid(tariff, began, seconds))
    return _until(tariff, began, max(paid, NOTHING)) - max(seconds, 0.0)


def lasting(tariff: Tariff, began: datetime, money: Decimal) -> float:
    """How many seconds of a call that begins then are paid with so much money; 0: not its first, inf: all."""
    paid = (money - price(tariff, began).per_call) * 60
    return 0.0 if money < tariff.minimum or paid < 0 else _until(tariff, began, paid)


def price(tariff: Tariff, at: datetime) -> Price:
    """What holds at that time."""
    usual, rules = _prices(tariff)
    return next((price for when, price in reversed(rules) if when.hold(at)), usual)


def cheaper(tariff: Tariff, now: datetime, seconds: float) -> tuple[datetime, Decimal] | None:
    """The first time within a week from which such a call costs less than one that begins now, and what it costs."""
    here = cost(tariff, now, seconds)
    for at in changes(tariff, now):
        if (there := cost(tariff, at, seconds)) < here:
            return at, there
    return None


def cheap(tariff: Tariff, at: datetime) -> bool:
    """Whether a minute costs then as little as it ever does in the week that follows."""
    here = price(tariff, at).per_minute
    return all(here <= price(tariff, later).per_minute for later in changes(tariff, at))


def changes(tariff: Tariff, now: datetime) -> Iterator[datetime]:
    """The times within a week at which prices may change, in their order."""
    _, rules = _prices(tariff)
    for day in range(WEEK + 1):
        midnight = datetime.combine(now.date() + timedelta(days=day), time(), now.tzinfo)
        for minute in _minutes(rules):
            at = midnight + timedelta(minutes=minute)
            if rules and at > now:
                yield at


@lru_cache(maxsize=16)
def _prices(tariff: Tariff) -> tuple[Price, tuple[tuple[Hours, Price], ...]]:
    """The usual price, and those of the rules."""
    usual = Price(tariff.per_call, tariff.per_minute, tariff.unit_seconds)
    rules = [
        (
            hours(rule.days, rule.from_, rule.to),
            Price(
                usual.per_call if rule.per_call is None else rule.per_call,
                rule.per_minute,
                rule.unit_seconds or usual.unit,
            ),
        )
        for rule in tariff.rules
    ]
    return usual, tuple(rules)


def _minutes(rules: tuple[tuple[Hours, Price], ...]) -> list[int]:
    """The minutes of a day at which prices may change; its end is the next one's beginning."""
    return sorted({0, *(minute % DAY for when, _ in rules for minute in (when.start, when.end))})


def _paid(tariff: Tariff, began: datetime, seconds: float) -> Decimal:
    """What the units cost that begin within so many seconds, in sixtieths."""
    length, paid = Decimal(str(seconds)), Decimal(0)
    for span in _spans(tariff, began):
        if span.start >= length:
            break
        begun = math.ceil((length - span.start) / span.price.unit)
        paid += min(begun, span.units) * span.each
    return paid


def _until(tariff: Tariff, began: datetime, paid: Decimal) -> float:
    """The second of a call at which the units cost more than these sixtieths."""
    for span in _spans(tariff, began):
        if span.start > _FAR:
            break
        if span.each * span.units > paid:
            return float(span.start + paid // span.each * span.price.unit)
        paid -= span.each * span.units
    return math.inf


def _spans(tariff: Tariff, began: datetime) -> Iterator[_Span]:
    """The units of a call that lasts for ever."""
    start, (usual, rules) = Decimal(tariff.free_seconds), _prices(tariff)
    if not rules:
        yield _Span(start, usual, FOR_EVER)
        return
    minutes = _minutes(rules)
    while True:
        at = _after(began, float(start))
        here = price(tariff, at)
        units = max(1, math.ceil(_steady(at, minutes) / here.unit))
        yield _Span(start, here, units)
        start += units * here.unit


def _steady(at: datetime, minutes: list[int]) -> float:
    """Seconds for which prices do not change, from then on; fewer where clocks are put forward or back meanwhile."""
    now = at.hour * 60 + at.minute
    seconds = (next((minute for minute in minutes if minute > now), DAY) - now) * 60 - at.second - at.microsecond / 1e6
    while seconds > 1 and _after(at, seconds).utcoffset() != at.utcoffset():
        seconds /= 2
    return seconds


def _after(at: datetime, seconds: float) -> datetime:
    """So many seconds later, on the clock of the same zone."""
    return (at.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(at.tzinfo)
