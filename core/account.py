"""The account of one run: the statement is what the run's events add up to.

Never: a decision about the line or a letter.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from core.bill import spent, warning
from core.config import Tariff
from core.errors import LineError, MailrunError
from core.events import (
    Connected,
    Emit,
    Event,
    Fetched,
    Finished,
    HungUp,
    Listed,
    Outgone,
    Progress,
    Reckoned,
    Sending,
    Slower,
    Trouble,
)
from core.forecast import ENOUGH, distance, forecast, lately, learned, measure, weight
from core.household import Household, World
from core.limit import Watch
from core.limit import left as allowed
from core.reckoning import Direction, Measure, Reckoning, Way, rate
from core.share import Cargo, share
from core.store import runs
from core.store.queue import Queued
from core.tariff import cost
from core.zone import local

MOMENT = 0.01  # seconds in which a sample is taken and told
NOBODY_KNOWS = Measure(0.0, 0.0, 1.0, 1.0)


class Account:
    """What the events of a run add up to.

    ``crashed`` until the call has come to its end; of the ``faults`` the first one is the reason that is told.
    """

    def __init__(
        self,
        house: Household,
        world: World,
        emit: Emit,
        started: datetime,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        over_budget: bool = False,
    ) -> None:
        self._house, self._world, self._emit = house, world, emit
        self._started, self._monotonic, self._zero = started, monotonic, monotonic()
        self._run = runs.start(house.ledger, started)
        self._before = (world.traffic.up, world.traffic.down)
        self._sum = Finished("complete")
        self._line, self._online = Connected("", 0), 0.0
        self._reckoning = Reckoning(NOBODY_KNOWS)
        self._samples: list[tuple[float, int, int]] = []
        self._cargo = Cargo()
        self._watch = Watch(house.config, None if over_budget else allowed(house, started))
        self._over, self._why = asyncio.Event(), ""
        self.faults: list[MailrunError] = []
        self.crashed = True
        self.turns: list[float] = []  # seconds to each server and back, as this call has measured them
        world.traffic.odd = lambda text: self.note(Trouble("maildrop", text))

    def plan(self, letters: Sequence[Queued], *, fetch: bool) -> None:
        """What the run is about to carry; the forecast of it goes into the statement."""
        ahead = forecast(self._house, self._started, send=bool(letters), fetch=fetch)
        self._sum = replace(self._sum, forecast_seconds=ahead.seconds, forecast_cost=str(ahead.cost))
        self._cargo = Cargo({letter.id: letter.member for letter in letters})
        how = measure(lately(self._house), self._house.config.line, sends=bool(letters))
        self._reckoning = Reckoning(how, Way(weight(letters)), Way(ahead.bytes_down))

    def note(self, event: Event) -> None:
        """Count an event, and pass it on."""
        if isinstance(event, Listed):
            self.tick()  # what has come until now is no letter
        self._reckoning = self._reckoning.after(event, self._monotonic())
        if isinstance(event, HungUp):
            self.tick()  # the last bytes
        match event:
            case Sending(id=letter, size=size):
                self._cargo.sent(letter, size)
            case Outgone(state=state):
                self._sum = replace(self._sum, **{state: getattr(self._sum, state) + 1})
            case Fetched(members=members, duplicates=copies, size=size, left=left):
                self._cargo.came(members, size)
                self._sum = replace(
                    self._sum,
                    fetched=self._sum.fetched + 1,
                    delivered=self._sum.delivered + len(members),
                    duplicates=self._sum.duplicates + len(copies),
                    stubs=self._sum.stubs + bool(left),
                )
            case Connected():
                self._line = event
                self._watch.connected(self._began)
            case Slower(what=what, why=why):
                self._sum = replace(self._sum, slower=(*self._sum.slower, f"{what}: {why}"))
            case HungUp(seconds=seconds):
                self._online = seconds
                self._sum = replace(self._sum, seconds_online=round(seconds, 1))
        self._emit(event)

    def fault(self, what: str, error: MailrunError) -> None:
        """One part of the run ended early."""
        self.faults.append(error)
        self.note(Trouble(what, str(error)))

    @property
    def rate(self) -> int:
        """Bit/s of the line, as the modem told it, as the house says, or as runs have measured it; 0: unknown."""
        return self._line.rate or self._house.config.line.rate or learned(lately(self._house))

    @property
    def turn(self) -> float:
        """Seconds to the provider and back, as runs have measured them; 0: unknown."""
        return distance(lately(self._house))

    @property
    def moved(self) -> tuple[int, int]:
        """Bytes up and down since the run began."""
        return self._world.traffic.up - self._before[0], self._world.traffic.down - self._before[1]

    def tick(self) -> None:
        """Tell how far both directions are where they have moved, and where the call stands."""
        up, down = self.moved
        if not self._samples or self._samples[-1][1:] != (up, down):
            self._samples.append((self._monotonic(), up, down))
            for progress in self._progress(up, down):
                self.note(progress)
        if self._reckoning.zero is not None:
            self._emit(self._reckoned())
            if self._watch.overdue(self._reckoning.seconds(self._monotonic())):
                self._over.set()

    def may_go(self, size: int, wanted: bool) -> bool:
        """Whether a letter of so many bytes may be sent in this call; urgent ones are ``wanted``."""
        return self._may("up", size, wanted=wanted)

    def may_come(self, size: int, wanted: bool) -> bool:
        """Whether so many bytes may be fetched in this call; what people have asked for is ``wanted``."""
        return self._may("down", size, wanted=wanted)

    def _may(self, way: Direction, size: int, *, wanted: bool) -> bool:
        why = self._watch.begin(self._reckoning, self._monotonic(), way, size, wanted=wanted)
        if why:
            self._reckoning = self._reckoning.without(way, size)
        if why and why != self._why:
            self._why = why
            self.note(Trouble("bill", why))
        return not why

    async def overdue(self) -> str:
        """Wait until the call is late by more than its grace (for ever, if need be); returns why it is cut."""
        await self._over.wait()
        return self._watch.overdue(math.inf)

    def _progress(self, up: int, down: int) -> Iterator[Progress]:
        yield Progress("up", up, max(up, round(self._reckoning.up.total)))
        yield Progress("down", down, max(down, round(self._reckoning.down.total)))

    def _reckoned(self) -> Reckoned:
        at = self._monotonic()
        seconds, left = self._reckoning.seconds(at), self._reckoning.left(at)
        so_far, total = self._cost(seconds), self._cost(seconds + left)
        return Reckoned(round(seconds, 1), str(so_far), round(left, 1), str(total), self._tariff.currency)

    @property
    def _tariff(self) -> Tariff:
        return self._house.config.line.tariff

    def _cost(self, seconds: float) -> Decimal:
        """Of so many seconds online, at the hour at which the line was up."""
        return cost(self._tariff, self._began, seconds)

    @property
    def _began(self) -> datetime:
        """When the call began to cost."""
        zero = self._zero if self._reckoning.zero is None else self._reckoning.zero
        return local(self._started.astimezone(UTC) + timedelta(seconds=zero - self._zero))

    def close(self, ended: datetime) -> Finished:
        """Write the statement and tell it."""
        up, down = self.moved
        if self.crashed and not self.faults:
            self.faults.append(LineError("the run broke off by a mistake in mailrun itself; the line is down"))
        money = self._cost(self._online)
        account = replace(
            self._sum,
            outcome=self._outcome(),
            left=0 if self.faults else self._watch.refused,
            bytes_left=self._watch.left,
            bytes_up=up,
            bytes_down=down,
            cost=str(money),
            currency=self._tariff.currency,
            why=str(self.faults[0]) if self.faults else self._why,
        )
        line = self._line
        runs.finish(
            self._house.ledger,
            self._run,
            account,
            now=ended,
            number=line.number,
            rate=line.rate,
            connecting=line.seconds,
            measured=self._measured(),
            shares=share(self._cargo, up, down, money),
        )
        if said := warning(self._house, spent(self._house, ended)):
            self._emit(Trouble("bill", said))
        self._emit(account)
        return account

    def _outcome(self) -> Literal["complete", "partial", "failed"]:
        """Complete is also what left for the next call what can wait; partial, what came to its limit."""
        done = self._sum.sent or self._sum.fetched or self._sum.bounced
        if self.faults:
            return "partial" if done else "failed"
        return "partial" if self._watch.late else "complete"

    def _measured(self) -> runs.Measured:
        """What this run teaches about the next."""
        began = self._reckoning.flowing - MOMENT
        flow = [sample for sample in self._samples if sample[0] >= began]
        up, down = ([(at, moved[way]) for at, *moved in flow] for way in (0, 1))
        return runs.Measured(round(self._reckoning.setup, 2), _rate(up), _rate(down), min(self.turns, default=0.0))


def _rate(way: Sequence[tuple[float, int]]) -> int:
    """Bit/s of one direction; 0: too little to tell."""
    return round(rate(way)) if way and way[-1][1] - way[0][1] >= ENOUGH else 0
