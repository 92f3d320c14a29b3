"""The telephone bill: what the calls of each month have cost, for whom and which way, and what the budget still allows.

Runs under another currency than today's are counted, but their money is not.

Never: a call allowed or refused (``core.limit``); a price.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from core.household import Household
from core.share import HOUSE
from core.store import runs
from core.store.runs import Share, Statement
from core.tariff import CENT, NOTHING
from core.zone import HERE, local

MONTHS = 12  # so many are told


@dataclass(frozen=True, slots=True)
class Part:
    """What a member (no name: the house itself) has caused: money and bytes of letters, both ways."""

    member: str
    up: Decimal = NOTHING
    down: Decimal = NOTHING
    bytes_up: int = 0
    bytes_down: int = 0

    @property
    def cost(self) -> Decimal:
        """Both ways together."""
        return self.up + self.down


@dataclass(frozen=True, slots=True)
class Month:
    """The calls of a month, which ``first`` begins, and who has caused what."""

    first: date
    runs: int
    seconds: float
    bytes_up: int
    bytes_down: int
    cost: Decimal
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One call: when, how long, for how much money, what was reckoned before it (None: nothing), and for whom."""

    run: int
    started: datetime
    seconds: float
    cost: Decimal
    forecast_seconds: float
    forecast_cost: Decimal | None
    outcome: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """This month first, of the ``months`` that have had a run, and its calls, the newest first.

    ``budget``: money for a month (0: no limit); ``warning``: a sentence once a good part of it is used up, else empty.
    """

    currency: str
    budget: Decimal
    warning: str
    months: tuple[Month, ...]
    calls: tuple[Call, ...]

    @property
    def month(self) -> Month:
        """The month that it is now."""
        return self.months[0]

    @property
    def left(self) -> Decimal | None:
        """What the budget still allows; None: there is no limit."""
        return max(self.budget - self.month.cost, NOTHING) if self.budget else None


def bill(house: Household, now: datetime) -> Bill:
    """The bill of the last months, as of now."""
    here, currency = local(now), house.config.line.tariff.currency
    found = [one for one in runs.since(house.ledger, _months_ago(here, MONTHS - 1)) if one.ended is not None]
    shares = runs.shares(house.ledger, [one.id for one in found])
    by_month: dict[date, list[Statement]] = {local(here).date().replace(day=1): []}
    for one in found:
        by_month.setdefault(local(one.started).date().replace(day=1), []).append(one)
    months = tuple(_month(first, month, shares, currency) for first, month in by_month.items())
    calls = tuple(_call(one, shares, currency) for one in next(iter(by_month.values())))
    return Bill(currency, house.config.bill.budget, warning(house, months[0].cost), months, calls)


def spent(house: Household, now: datetime) -> Decimal:
    """What this month's calls have cost so far."""
    currency = house.config.line.tariff.currency
    found = runs.since(house.ledger, _months_ago(local(now), 0))
    return sum((_money(one, currency) for one in found), NOTHING)


def warning(house: Household, cost: Decimal) -> str:
    """What to say when a month has cost so much; nothing: all is well."""
    limits, currency = house.config.bill, house.config.line.tariff.currency
    if not limits.budget or cost * 100 < limits.budget * limits.warn:
        return ""
    share = int(cost * 100 / limits.budget)
    return f"{share} % of this month's budget is used up: {cost:.2f} of {limits.budget:.2f} {currency}"


def _months_ago(here: datetime, count: int) -> datetime:
    """The beginning of a month: of this one for 0."""
    year, month = divmod(here.year * 12 + here.month - 1 - count, 12)
    return datetime.combine(date(year, month + 1, 1), time(), HERE)


def _month(first: date, found: Sequence[Statement], shares: Mapping[int, Sequence[Share]], currency: str) -> Month:
    accounts = [one.finished for one in found]
    return Month(
        first,
        len(found),
        round(sum(one.seconds_online for one in accounts), 1),
        sum(one.bytes_up for one in accounts),
        sum(one.bytes_down for one in accounts),
        sum((_money(one, currency) for one in found), NOTHING),
        _parts(share for one in found for share in _shares(one, shares, currency)),
    )


def _call(one: Statement, shares: Mapping[int, Sequence[Share]], currency: str) -> Call:
    account = one.finished
    return Call(
        one.id,
        local(one.started),
        account.seconds_online,
        _money(one, currency),
        account.forecast_seconds,
        Decimal(account.forecast_cost) if account.forecast_cost else None,
        account.outcome,
        _parts(_shares(one, shares, currency)),
    )


def _shares(one: Statement, shares: Mapping[int, Sequence[Share]], currency: str) -> Iterable[Share]:
    """How one run is shared out; one of an older version was the house's."""
    cost = _money(one, currency)
    found = shares.get(one.id) or ([Share(HOUSE, "down", 0, cost)] if cost else [])
    return found if cost else [Share(share.member, share.direction, share.bytes, NOTHING) for share in found]


def _parts(shares: Iterable[Share]) -> tuple[Part, ...]:
    """Of each member together, who has caused most first, and the house last."""
    sums: dict[str, Part] = {}
    for share in shares:
        part = sums.get(share.member, Part(share.member))
        sums[share.member] = (
            Part(part.member, part.up + share.cost, part.down, part.bytes_up + share.bytes, part.bytes_down)
            if share.direction == "up"
            else Part(part.member, part.up, part.down + share.cost, part.bytes_up, part.bytes_down + share.bytes)
        )
    order = sorted(sums.values(), key=lambda part: (part.member == HOUSE, -part.cost, part.member))
    return tuple(order)


def _money(one: Statement, currency: str) -> Decimal:
    """What a run has cost in this currency."""
    return Decimal(one.finished.cost).quantize(CENT) if one.finished.currency in (currency, "") else NOTHING
