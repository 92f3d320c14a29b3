"""One mail run: line up, flush and fetch together, ALWAYS hang up. The only orchestra.

Never: a second run of the same household at the same time.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from core import deliver, flush, junk, submit, triage
from core.account import Account
from core.errors import ConfigError, LineError, MailrunError
from core.events import Emit, Finished
from core.fetch import fetch as fetch_box
from core.household import Household, World
from core.open import clock
from core.store import lock
from core.surely import surely

Clock = Callable[[], datetime]
Job = Callable[[], Coroutine[None, None, None]]
TICK = 0.1  # seconds between two reports of progress
GRACE = 1.0  # seconds for the line to say why, when connections on it fail


async def run(
    house: Household,
    world: World,
    emit: Emit,
    *,
    send: bool = True,
    fetch: bool = True,
    clock: Clock = clock,
    who: str = "mailrun run",
) -> Finished:
    """Make one mail run; when cancelled, the line is hung up and the statement written before this ends.

    Raises:
        BusyError: another run has the line.
        MailrunError: the first fault that kept the run from being complete, after the line is down, the statement is
            written and ``Finished`` is emitted.
    """
    with lock.exclusive(house.folder / "run.lock", who):
        account = Account(house, world, emit, clock())
        try:
            await _call(house, world, account, send=send, fetch=fetch, clock=clock)
            account.crashed = False
        except asyncio.CancelledError:
            account.faults.append(LineError("the run was ended by hand"))
            raise
        finally:
            finished = account.close(clock())
        if account.faults:
            raise account.faults[0]
        return finished


async def _call(house: Household, world: World, account: Account, *, send: bool, fetch: bool, clock: Clock) -> None:
    """Everything between lifting the receiver and putting it down."""
    now = clock()
    recover(house, now)
    letters = flush.ready(house, account.note, now) if send else []
    boxes = world.maildrops if fetch else ()
    if letters and world.smarthost is None:
        account.fault(
            "smart host",
            ConfigError("household.toml has no [smarthost], so letters for outside cannot go out"),
        )
        letters = []
    if not letters and not boxes:
        return
    account.totals["up"] = sum(letter.size for letter in letters)
    jobs: dict[str, Job] = {}
    if letters and world.smarthost and house.config.smarthost:
        jobs[house.config.smarthost.host] = partial(flush.flush, house, world.smarthost, letters, account.note, now)
    for box in boxes:
        jobs[f"maildrop {box.settings.name}"] = partial(fetch_box, house, box, account.note, now, submit.include)
    try:
        await world.line.up(account.note)
        await _together(world, account, jobs)
    except MailrunError as error:
        account.faults.append(error)
    finally:
        await surely(world.line.down(account.note))
    await junk.sift(house, account.note, now)


async def _together(world: World, account: Account, jobs: Mapping[str, Job]) -> None:
    """Both directions at once, until all is done or the line is gone."""
    tasks = [asyncio.create_task(_job(account, what, work)) for what, work in jobs.items()]
    lost = asyncio.create_task(world.line.lost())
    ticking = asyncio.create_task(_tick(account))
    working = asyncio.gather(*tasks)
    ends: list[asyncio.Future[Any]] = [lost, working]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
            if not any(isinstance(fault, LineError) for fault in account.faults):
                return
            # Connections often notice first that the line is gone; the line itself knows why.
            await asyncio.wait({lost}, timeout=GRACE)
        else:
            working.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if lost.done():
            account.faults.insert(0, LineError(lost.result()))
    finally:
        for task in (*tasks, lost, ticking):
            task.cancel()
        await asyncio.gather(*tasks, *ends, ticking, return_exceptions=True)


async def _job(account: Account, what: str, work: Job) -> None:
    """One direction; its fault ends this job only."""
    try:
        await work()
    except MailrunError as error:
        account.fault(what, error)


async def _tick(account: Account) -> None:
    """Tell both directions' progress while bytes move."""
    before = (-1, -1)
    while True:
        if before != account.moved:
            before = account.moved
            for progress in account.progress():
                account.note(progress)
        await asyncio.sleep(TICK)


def recover(house: Household, now: datetime) -> None:
    """Make good what a crash left half done; call it only while no run is on."""
    deliver.recover(house, now)
    triage.recover(house)
    junk.recover(house)
    flush.recover(house, now)
    submit.home(house, now)
