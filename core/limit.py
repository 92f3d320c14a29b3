"""How far a call may go: its minutes and its money, what is left of the month's budget, and the edge of a paid unit.

A call is never cut at its limit: no letter is begun that would not be through by then. What is on its way comes to its
end, the servers hear goodbye, so that what was fetched is deleted there, and the line comes down. Only a call that
is late by more than its grace is cut.

Never: a clock, the line; ``at`` is passed in as in ``core.reckoning``.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core import config
from core.bill import spent
from core.check import Finding
from core.errors import DeniedError
from core.forecast import lately, measure
from core.household import Household
from core.reckoning import Direction, Reckoning
from core.tariff import NOTHING, cost, edge, lasting
from core.zone import local

GRACE = 30.0  # seconds beyond its limit after which a call is cut


@dataclass(frozen=True, slots=True)
class Limit:
    """So many seconds online a call may last; ``why``: what ends it, as in "its limit of 5 minutes"."""

    seconds: float = math.inf
    why: str = ""


def limit(bill: config.Bill, tariff: config.Tariff, began: datetime, left: Decimal | None) -> Limit:
    """The narrowest limit of a call that begins then; ``left`` is what the month's budget still allows (None: all)."""
    found = [Limit()]
    if bill.max_minutes:
        unit = "minute" if bill.max_minutes == 1 else "minutes"
        found.append(Limit(bill.max_minutes * 60, f"its limit of {bill.max_minutes:g} {unit}"))
    if bill.max_cost:
        money = f"{bill.max_cost:.2f} {tariff.currency}"
        found.append(Limit(lasting(tariff, began, bill.max_cost), f"its limit of {money}"))
    if left is not None:
        found.append(Limit(lasting(tariff, began, left), "the end of this month's budget"))
    return min(found, key=lambda one: one.seconds)


def left(house: Household, now: datetime) -> Decimal | None:
    """What the month's budget still allows; None: there is no budget."""
    budget = house.config.bill.budget
    return max(budget - spent(house, now), NOTHING) if budget else None


def allow(house: Household, now: datetime) -> None:
    """Look whether the month's budget allows one more call, be it the shortest.

    Raises:
        DeniedError: it does not.
    """
    rest, tariff = left(house, now), house.config.line.tariff
    if rest is None or cost(tariff, local(now), 1.0) <= rest:
        return
    budget = house.config.bill.budget
    used = f"this month's calls have cost {spent(house, now):.2f} of a budget of {budget:.2f} {tariff.currency}"
    raise DeniedError(
        f"{used}, so no call is made; bill.budget sets it, and `mailrun run --over-budget` makes one all the same"
    )


def look(house: Household, now: datetime) -> Iterator[Finding]:
    """Whether a call that keeps its limits can carry anything: one that cannot would be paid for nothing each time."""
    line = house.config.line
    found, empty = limit(house.config.bill, line.tariff, local(now), None), measure(lately(house), line, sends=False)
    if found.seconds < empty.seconds(0, 0):
        what = f"a call without a letter takes about {empty.seconds(0, 0):.0f} s, and comes to {found.why} before that"
        yield Finding("fail", what, f"raise max_minutes or max_cost of [bill] in {house.folder / config.FILE}")
    elif found.why:
        yield Finding("ok", f"a call may last {found.seconds:.0f} s; then it comes to {found.why}")


class Watch:
    """What has been begun in one call, and what may still be."""

    def __init__(self, settings: config.Config, left: Decimal | None) -> None:
        self._settings, self._left = settings, left
        self._began: datetime | None = None
        self._begun: dict[Direction, int] = {"up": 0, "down": 0}
        self._base: dict[Direction, int] = {}
        self.limit = Limit()
        self.refused = 0
        self.left = 0  # bytes at the provider
        self.late = False  # some of it because of a limit

    def connected(self, began: datetime) -> None:
        """From then on the call costs."""
        self._began = began
        self.limit = limit(self._settings.bill, self._settings.line.tariff, began, self._left)

    def begin(self, now: Reckoning, at: float, way: Direction, size: int, *, wanted: bool) -> str:
        """Whether a letter of so many bytes may be begun: if not, why the rest is left for the next call.

        Somebody has asked for what is ``wanted``, or it is urgent.
        """
        self._base.setdefault(way, now.way(way).done)
        late = self._late(now, at, way, size)
        why = late or self._dear(now, at, way, size, wanted=wanted)
        if why:
            self.refused += 1
            self.left += size if way == "down" else 0
            self.late = self.late or bool(late)
        else:
            self._begun[way] += size
        return why

    def overdue(self, seconds: float) -> str:
        """Why the call is cut now; empty: it is not."""
        if seconds < self.limit.seconds + GRACE:
            return ""
        return f"the call was {GRACE:.0f} s over {self.limit.why}, and was cut"

    def _late(self, now: Reckoning, at: float, way: Direction, size: int) -> str:
        """Over the limit, as far as the rates of this call tell."""
        sizes = {one: self._rest(now, one) + (size if one == way else 0) for one in self._begun}
        if now.seconds(at) + now.needed(at, sizes["up"], sizes["down"]) <= self.limit.seconds:
            return ""
        return f"the call comes to {self.limit.why}"

    def _dear(self, now: Reckoning, at: float, way: Direction, size: int, *, wanted: bool) -> str:
        """A letter that can wait, and would begin one more paid unit."""
        patience = self._settings.bill.can_wait
        if wanted or not patience or size <= patience or self._began is None:
            return ""
        other: Direction = "down" if way == "up" else "up"
        anyway = {way: self._rest(now, way), other: now.way(other).rest}
        end = now.seconds(at) + now.needed(at, anyway["up"], anyway["down"])
        anyway[way] += size
        later = now.seconds(at) + now.needed(at, anyway["up"], anyway["down"])
        if later <= end + edge(self._settings.line.tariff, self._began, end):
            return ""
        return "the call comes to the end of a paid unit, and what is left can wait"

    def _rest(self, now: Reckoning, way: Direction) -> float:
        """Bytes of letters that have been begun and are not through."""
        return max(0, self._begun[way] - (now.way(way).done - self._base.get(way, now.way(way).done)))
