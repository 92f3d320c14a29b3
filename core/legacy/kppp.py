"""A file of kppp's telephone rules (.rst): what a call costs, by day and hour.

    name=Somewhere
    per_connection=0.05
    minimum_costs=0.15
    flat_init_costs=(0.12, 60)
    default=(0.04, 60)
    on (monday..friday, 12/24) between (19:00..5:59) use (0.02, 60)

A price there is money for a unit of so many seconds; the last line that fits a time holds, as it does here.

Never: what is made of it (``core.adopt``).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal, InvalidOperation

from core.hours import NAMES, minute
from core.hours import hours as spell
from core.legacy.remark import Remark, Verdict

Given = dict[str, object]  # keys of a table, as household.toml has them

_SETTING = re.compile(r"(\w+)\s*=\s*(.*)")
_RULE = re.compile(r"on\s*\((.*?)\)\s*between\s*\((.*?)\)\s*use\s*\((.*?)\)", re.IGNORECASE)
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})")
_SHARE = Decimal("0.000001")  # of money: a minute's price that has no end is cut, so that a unit costs no cent more
_LONGEST = timedelta(days=366)
_OBSOLETE = {
    "name": "a household has one tariff",
    "currency_position": "money is shown with its currency behind it",
    "currency_digits": "money has two digits",
}


@dataclass(frozen=True, slots=True)
class Tariff:
    """The keys of [line.tariff], and those of each [[line.tariff.rules]]."""

    keys: Mapping[str, object] = field(default_factory=dict)
    rules: tuple[Mapping[str, object], ...] = ()
    remarks: tuple[Remark, ...] = field(default=(), compare=False)


def read(text: str) -> Tariff:
    """The prices of a rules file; what cannot be read is only remarked on."""
    keys, rules, remarks = Given(), list[Given](), list[Remark]()
    for number, raw in enumerate(text.split("\n"), 1):
        line = " ".join(raw.partition("#")[0].split())
        if line:
            try:
                verdict, meaning = _read(line, keys, rules)
            except (ValueError, InvalidOperation):
                verdict, meaning = "unknown", "this is no price, or no hour, that is known here"
            remarks.append(Remark(number, line, verdict, meaning))
    return Tariff(keys, tuple(rules), tuple(remarks))


def _read(line: str, keys: Given, rules: list[Given]) -> tuple[Verdict, str]:
    """One line, into the keys or the rules; what became of it.

    Raises:
        ValueError, InvalidOperation: it makes no sense.
    """
    if found := _RULE.fullmatch(line):
        rule = _rule(found[1], found[2], found[3])
        rules.append(rule)
        return "understood", f"line.tariff.rules[{len(rules)}].per_minute = {rule['per_minute']}"
    if not (setting := _SETTING.fullmatch(line)):
        return "unknown", "this is no KEY = VALUE, and no rule"
    key, value = setting[1].lower(), setting[2].strip().strip('"')
    if key in _OBSOLETE:
        return "obsolete", _OBSOLETE[key]
    if not (given := _setting(key, value, keys)):
        return "unknown", "this key is not known here"
    keys |= given
    return "understood", ", ".join(f"line.tariff.{name} = {one}" for name, one in given.items())


def _setting(key: str, value: str, keys: Given) -> Given:
    """The keys that a line outside of the rules stands for; none: it is not known."""
    match key:
        case "currency_symbol":
            return {"currency": value}
        case "per_connection":
            return {"per_call": _added(keys, _money(value))}
        case "minimum_costs":
            return {"minimum": _money(value)}
        case "flat_init_costs":
            first, seconds = _pair(value.strip("()"))
            return {"per_call": _added(keys, first), "free_seconds": round(seconds)}
        case "default":
            return _price(value.strip("()"))
    return {}


def _added(keys: Given, money: Decimal) -> Decimal:
    """A call costs both: what each connection does, and the flat price of its beginning."""
    return Decimal(str(keys.get("per_call", 0))) + money


def _rule(days: str, hours: str, price: str) -> Given:
    start, dots, end = (part.strip() for part in hours.partition(".."))
    span = {"from": start, "to": _end(end)} if dots else {}
    named = tuple(_days(days))
    spell(named, span.get("from", "0:00"), span.get("to", "24:00"))  # are these hours?
    return {"days": named, **span, **_price(price)}


def _end(text: str) -> str:
    """The first minute that is outside: 19:59 is the last one inside."""
    last = minute(text)
    last += last % 60 == 59
    return f"{last // 60}:{last % 60:02}"


def _days(text: str) -> Iterator[str]:
    """Days as household.toml has them."""
    for part in filter(None, (one.strip().lower() for one in text.split(","))):
        first, dots, last = (one.strip() for one in part.partition(".."))
        if first in NAMES and (not dots or last in NAMES):
            yield f"{first[:3]}-{last[:3]}" if dots else first[:3]
        elif dots:
            yield from _dates(first, last)
        elif found := _DATE.fullmatch(first):
            yield f"{int(found[1]):02}-{int(found[2]):02}"
        else:
            yield first  # easter+1


def _dates(first: str, last: str) -> Iterator[str]:
    """All days from one date of the year to another.

    Raises:
        ValueError: these are none.
    """
    found = [_DATE.fullmatch(text) for text in (first, last)]
    begin, end = (date(2000, int(one[1]), int(one[2])) if one else date.max for one in found)
    if date.max in (begin, end) or not timedelta(0) <= end - begin <= _LONGEST:
        raise ValueError(first, last)
    for days in range((end - begin).days + 1):
        yield f"{begin + timedelta(days=days):%m-%d}"


def _price(text: str) -> Given:
    """Money for a unit, as money for a minute."""
    money, seconds = _pair(text)
    minute = f"{(money * 60 / seconds).quantize(_SHARE, ROUND_DOWN):f}".rstrip("0").rstrip(".")
    return {"per_minute": Decimal(minute), "unit_seconds": max(1, round(seconds))}


def _pair(text: str) -> tuple[Decimal, Decimal]:
    """Money and seconds; a third number, from which second on a price holds, is not known here.

    Raises:
        ValueError, InvalidOperation: these are none.
    """
    money, seconds = text.split(",")
    length = _money(seconds)
    if not length:
        raise ValueError(text)
    return _money(money), length


def _money(text: str) -> Decimal:
    value = Decimal(text.strip())
    if not value.is_finite() or not 0 <= value <= 1_000_000:
        raise ValueError(text)
    return value
