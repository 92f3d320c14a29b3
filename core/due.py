"""Is it time for a run? What [due] in household.toml says, and what waits.

An urgent letter makes a run due at once, at any hour: that is what urgent means. All else waits for the hours of
``between``; without ``letters``, ``hours`` and ``every`` a run is due whenever somebody asks, in these hours.

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
    here, waiting = local(now), _waiting(house)
    whole = runs.whole(house.ledger, 1)
    last = whole[0].started if whole else None
    why, open_ = _why(house.config.due, waiting, last, here), _open(house.config, here)
    if why and (open_ or _urgent(waiting, here)):
        return Due(True, why, here)
    times = sorted({at for at in _times(house.config, waiting, last, here) if at > here})
    at = next(
        (
            at
            for at in times
            if _why(house.config.due, waiting, last, at) and (_open(house.config, at) or _urgent(waiting, at))
        ),
        None,
    )
    if why:
        return Due(False, f"{why}, but not at this hour", at)
    return Due(False, f"{counted(sum(letter.departure.due(here) for letter in waiting))} to send", at)


def _waiting(house: Household) -> list[Queued]:
    """Letters for outside that nobody holds."""
    return [
        letter
        for letter in queue.pending(house.ledger)
        if not letter.held and any("@" in r.address and r.state in ("waiting", "deferred") for r in letter.recipients)
    ]


def _urgent(waiting: Sequence[Queued], at: datetime) -> bool:
    return any(letter.departure.urgent and letter.departure.due(at) for letter in waiting)


def _why(rules: config.Due, waiting: Sequence[Queued], last: datetime | None, at: datetime) -> str:
    """The reason for a run at that time, whatever the hour; empty: there is none."""
    ready = [letter for letter in waiting if letter.departure.due(at)]
    if _urgent(ready, at):
        return "an urgent letter waits"
    if not (rules.letters or rules.hours or rules.every):
        return ALWAYS
    if rules.letters and len(ready) >= rules.letters:
        return f"{counted(len(ready))} to send"
    if rules.hours and any(at - letter.queued >= timedelta(hours=rules.hours) for letter in ready):
        return f"a letter has waited for {rules.hours:g} h"
    if rules.every and (last is None or at - last >= timedelta(hours=rules.every)):
        return f"the last whole run was {rules.every:g} h ago" if last else "there was no whole run yet"
    return ""


def _open(settings: config.Config, at: datetime) -> bool:
    """Whether it is an hour for calls that are not urgent."""
    between = settings.due.between
    return not between or any(
        cheap(settings.line.tariff, at) if text == CHEAP else window(text).hold(at) for text in between
    )


def _times(
    settings: config.Config, waiting: Sequence[Queued], last: datetime | None, here: datetime
) -> Iterator[datetime]:
    """The times at which a run may become due."""
    rules = settings.due
    for letter in waiting:
        if letter.departure.not_before:
            yield local(letter.departure.not_before)
        if rules.hours:
            yield local(letter.queued + timedelta(hours=rules.hours))
    if rules.every and last:
        yield local(last + timedelta(hours=rules.every))
    if CHEAP in rules.between:
        yield from changes(settings.line.tariff, here)
    for hours in (window(text) for text in rules.between if text != CHEAP):
        yield from _beginnings(hours, here)


def _beginnings(hours: Hours, here: datetime) -> Iterator[datetime]:
    """When these hours begin on the next days: at their first minute, and at midnight if they run over it."""
    for day in range(WEEK + 1):
        midnight = datetime.combine(here.date() + timedelta(days=day), time(), here.tzinfo)
        yield midnight
        yield midnight + timedelta(minutes=hours.start % DAY)
