"""Is it time for a run? What [due] in household.toml says, and what waits.

An urgent letter makes a run due at once, at any hour: that is what urgent means. All else waits for the hours of
``between``; without ``letters``, ``hours`` and ``every`` a run is due whenever somebody asks, in these hours. After a
run there is a ``pause``: what it could not carry, because the line was busy or a server said later, would start one
after the other, and each costs money.

Never: a run; a budget, which refuses (``core.limit``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from core import config
from core.config import CHEAP
from core.events import letters as counted
from core.hours import DAY, Hours, window
from core.household import Household
from core.store import queue, runs
from core.store.queue import Queued
from core.tariff import changes, cheap
from core.zone import local

ALWAYS = "a run is made whenever it is asked for"  # where nothing is said about it
WEEK = 7  # days for which it is looked ahead


@dataclass(frozen=True, slots=True)
class Due:
    """Whether a run is due ``now``, why or why not, and ``at`` what time it will be as things stand (None: unknown)."""

    now: bool
    why: str
    at: datetime | None = None


def due(house: Household, now: datetime) -> Due:
    """Look whether a run is due."""
    here, case = local(now), _case(house)
    why = case.why(here)
    if why and case.open(here):
        return Due(True, why, here)
    at = next((at for at in sorted(set(case.times(here))) if at > here and case.why(at) and case.open(at)), None)
    if why:
        return Due(False, f"{why}, but not at this hour", at)
    if case.paused(here):
        return Due(False, f"the last run began less than {case.rules.pause:g} min ago", at)
    return Due(False, f"{counted(sum(letter.departure.due(here) for letter in case.waiting))} to send", at)


@dataclass(frozen=True, slots=True)
class _Case:
    """What decides: letters for outside that nobody holds, and when the last whole run, and the last of all, began."""

    settings: config.Config
    waiting: Sequence[Queued]
    whole: datetime | None
    tried: datetime | None

    @property
    def rules(self) -> config.Due:
        """What the house says about it."""
        return self.settings.due

    def why(self, at: datetime) -> str:
        """The reason for a run at that time, whatever the hour; empty: there is none."""
        rules = self.rules
        if self.urgent(at):
            return "an urgent letter waits"
        if not (rules.letters or rules.hours or rules.every):
            return ALWAYS
        return "" if self.paused(at) else self._met(at)

    def _met(self, at: datetime) -> str:
        """The condition that is met; empty: none is."""
        rules, ready = self.rules, [letter for letter in self.waiting if letter.departure.due(at)]
        if rules.letters and len(ready) >= rules.letters:
            return f"{counted(len(ready))} to send"
        if rules.hours and any(at - letter.queued >= timedelta(hours=rules.hours) for letter in ready):
            return f"a letter has waited for {rules.hours:g} h"
        if rules.every and (self.whole is None or at - self.whole >= timedelta(hours=rules.every)):
            return f"the last whole run was {rules.every:g} h ago" if self.whole else "there was no whole run yet"
        return ""

    def urgent(self, at: datetime) -> bool:
        """Whether an urgent letter waits; one that was there at the last run has its pause, too."""
        fresh = None if not self.paused(at) else self.tried
        ready = (letter for letter in self.waiting if letter.departure.urgent and letter.departure.due(at))
        return any(fresh is None or letter.queued > fresh for letter in ready)

    def paused(self, at: datetime) -> bool:
        """Whether the last run, whatever came of it, is so short a time ago that another would be the same."""
        return self.tried is not None and at - self.tried < timedelta(minutes=self.rules.pause)

    def open(self, at: datetime) -> bool:
        """Whether it is an hour for a run."""
        return (
            not self.rules.between
            or self.urgent(at)
            or any(
                cheap(self.settings.line.tariff, at) if text == CHEAP else window(text).hold(at)
                for text in self.rules.between
            )
        )

    def times(self, here: datetime) -> Iterator[datetime]:
        """The times at which a run may become due."""
        for letter in self.waiting:
            if letter.departure.not_before:
                yield local(letter.departure.not_before)
            if self.rules.hours:
                yield local(letter.queued + timedelta(hours=self.rules.hours))
        if self.rules.every and self.whole:
            yield local(self.whole + timedelta(hours=self.rules.every))
        if self.tried:
            yield local(self.tried + timedelta(minutes=self.rules.pause))
        if CHEAP in self.rules.between:
            yield from changes(self.settings.line.tariff, here)
        for hours in (window(text) for text in self.rules.between if text != CHEAP):
            yield from _beginnings(hours, here)


def _case(house: Household) -> _Case:
    """As it is now."""
    waiting = [
        letter
        for letter in queue.pending(house.ledger)
        if not letter.held and any("@" in r.address and r.state in ("waiting", "deferred") for r in letter.recipients)
    ]
    whole, tried = runs.whole(house.ledger, 1), runs.statements(house.ledger, 1)
    return _Case(house.config, waiting, *(one[0].started if one else None for one in (whole, tried)))


def _beginnings(hours: Hours, here: datetime) -> Iterator[datetime]:
    """When these hours begin on the next days: at their first minute, and at midnight if they run over it."""
    for day in range(WEEK + 1):
        midnight = datetime.combine(here.date() + timedelta(days=day), time(), here.tzinfo)
        yield midnight
        yield midnight + timedelta(minutes=hours.start % DAY)
