"""The account of one run: the statement is what the run's events add up to.

Never: a decision about the line or a letter.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

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
    Slower,
    Trouble,
)
from core.household import Household, World
from core.store import runs
from core.tariff import cost
from core.zone import local


class Account:
    """What the events of a run add up to.

    ``totals`` are the bytes that are to be carried, as far as that is known; ``crashed`` until the call has come to
    its end; of the ``faults`` the first one is the reason that is told.
    """

    def __init__(self, house: Household, world: World, emit: Emit, started: datetime) -> None:
        self._house, self._world, self._emit, self._began = house, world, emit, started
        self._run = runs.start(house.ledger, started)
        self._before = (world.traffic.up, world.traffic.down)
        self._sum = Finished("complete")
        self._line = Connected("", 0)
        self.totals = {"up": 0, "down": 0}
        self.faults: list[MailrunError] = []
        self.crashed = True  # until the call has come to its end
        world.traffic.odd = lambda text: self.note(Trouble("maildrop", text))

    def note(self, event: Event) -> None:
        """Count an event, and pass it on."""
        match event:
            case Outgone(state=state):
                self._sum = replace(self._sum, **{state: getattr(self._sum, state) + 1})
            case Fetched(members=members, duplicates=copies, left=left):
                self._sum = replace(
                    self._sum,
                    fetched=self._sum.fetched + 1,
                    delivered=self._sum.delivered + len(members),
                    duplicates=self._sum.duplicates + len(copies),
                    stubs=self._sum.stubs + bool(left),
                )
            case Listed(size=size):
                self.totals["down"] += size
            case Connected():
                self._line = event
            case Slower(what=what, why=why):
                self._sum = replace(self._sum, slower=(*self._sum.slower, f"{what}: {why}"))
            case HungUp(seconds=seconds):
                self._sum = replace(self._sum, seconds_online=round(seconds, 1))
        self._emit(event)

    def fault(self, what: str, error: MailrunError) -> None:
        """One part of the run ended early."""
        self.faults.append(error)
        self.note(Trouble(what, str(error)))

    @property
    def rate(self) -> int:
        """Bit/s of the line, as the modem told it; 0: unknown."""
        return self._line.rate

    @property
    def moved(self) -> tuple[int, int]:
        """Bytes up and down since the run began."""
        return self._world.traffic.up - self._before[0], self._world.traffic.down - self._before[1]

    def progress(self) -> Iterator[Progress]:
        """How far both directions are."""
        up, down = self.moved
        yield Progress("up", up, max(up, self.totals["up"]))
        yield Progress("down", down, max(down, self.totals["down"]))

    def close(self, ended: datetime) -> Finished:
        """Write the statement and tell it."""
        up, down = self.moved
        tariff = self._house.config.line.tariff
        if self.crashed and not self.faults:
            self.faults.append(LineError("the run broke off by a mistake in mailrun itself; the line is down"))
        done = self._sum.sent or self._sum.fetched or self._sum.bounced
        account = replace(
            self._sum,
            outcome="complete" if not self.faults else "partial" if done else "failed",
            bytes_up=up,
            bytes_down=down,
            cost=str(cost(tariff, local(self._began), self._sum.seconds_online)),
            currency=tariff.currency,
            why=str(self.faults[0]) if self.faults else "",
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
        )
        self._emit(account)
        return account
