"""One mail run: line up, flush and fetch together, ALWAYS hang up. The only orchestra.

Never: a second run of the same household at the same time.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from core import deliver, flush, junk, submit, triage
from core.account import Account
from core.errors import ConfigError, LineError, MailrunError
from core.events import Emit, Finished
from core.fetch import asked as asked_for
from core.fetch import fetch as fetch_box
from core.household import Household, Maildrop, SmartHost, World
from core.limit import allow
from core.open import clock
from core.ready import ready, remember
from core.store import lock
from core.store.queue import Queued
from core.surely import surely
from core.wire.pace import Pace, hurried, plan

Clock = Callable[[], datetime]
Job = Callable[[], Coroutine[None, None, None]]
TICK = 0.1  # seconds between two reports of progress
PATIENCE = 30.0  # seconds that letters wait for the requests for others: longer than TLS takes on the thinnest line
LOOK = 1.0  # seconds between two looks at what people want, while letters still leave
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
    over_budget: bool = False,
) -> Finished:
    """Make one mail run; when cancelled, the line is hung up and the statement written before this ends.

    Raises:
        DeniedError: the month's budget allows no call, and this one is not to be made ``over_budget``.
        BusyError: another run has the line.
        MailrunError: the first fault that kept the run from being complete, after the line is down, the statement is
            written and ``Finished`` is emitted.
    """
    if not over_budget:
        allow(house, clock())
    with lock.exclusive(house.folder / "run.lock", who):
        account = Account(house, world, emit, clock(), over_budget=over_budget)
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
    able = await ready(house, world, _servers(house, world, letters, boxes), account.fault)
    letters, boxes = letters if world.smarthost in able else [], [box for box in boxes if box in able]
    if not letters and not boxes:
        return
    account.plan(letters, fetch=bool(boxes))
    try:
        await world.line.up(account.note)
        for jobs in _jobs(house, world, account, letters, boxes, now):
            if not await _together(world, account, jobs):
                break
    except MailrunError as error:
        account.faults.append(error)
    finally:
        await surely(world.line.down(account.note))
        await remember(house, world)
    await junk.sift(house, account.note, now)


def _servers(
    house: Household, world: World, letters: Sequence[Queued], boxes: Sequence[Maildrop]
) -> dict[str, SmartHost | Maildrop]:
    """With whom there is something to do, under the names by which faults are told."""
    servers: dict[str, SmartHost | Maildrop] = {f"maildrop {box.settings.name}": box for box in boxes}
    if letters and world.smarthost and house.config.smarthost:
        servers[house.config.smarthost.host] = world.smarthost
    return servers


def _jobs(
    house: Household,
    world: World,
    account: Account,
    letters: Sequence[Queued],
    boxes: Sequence[Maildrop],
    now: datetime,
) -> list[dict[str, Job]]:
    """What is to be done over a line that is up: the jobs of a group at the same time, one group after the other."""
    rate = account.rate
    half = house.config.line.duplex == "half"
    pace = plan(rate, account.turn, waiting=bool(letters) and flush.waiting(house, now))
    names = [] if half else [box.settings.name for box in boxes]
    gate = _Gate(names, partial(hurried, pace, rate, sum(letter.size for letter in letters)))
    up: dict[str, Job] = {}
    sent = asyncio.Event()
    if letters and world.smarthost and house.config.smarthost:
        host = house.config.smarthost.host
        send = partial(
            flush.flush, house, world.smarthost, letters, account.note, now, pace, gate.opened, account.may_go
        )
        up[host] = partial(_and_then, send, sent.set)
    else:
        sent.set()

    async def fetch(box: Maildrop) -> None:
        def asked(size: int, turn: float) -> None:
            account.turns += [turn] if turn else []
            gate.asked(box.settings.name, size)

        try:
            tried = await fetch_box(house, box, account.note, now, submit.include, pace, asked, account.may_come)
        finally:
            gate.asked(box.settings.name, 0)
        while more := await _wanted(house, box, tried, sent):
            tried |= more
            tried |= await fetch_box(house, box, account.note, now, submit.include, pace, may=account.may_come)

    down: dict[str, Job] = {f"maildrop {box.settings.name}": partial(fetch, box) for box in boxes}
    return [jobs for jobs in ([up, down] if half else [up | down]) if jobs]


async def _and_then(work: Job, then: Callable[[], None]) -> None:
    """Do it, and tell when it has ended, however it did."""
    try:
        await work()
    finally:
        then()


async def _wanted(house: Household, box: Maildrop, before: Collection[str], sent: asyncio.Event) -> set[str]:
    """The big letters that somebody wants now, though the box is closed; none where nothing keeps the line up."""
    while not sent.is_set():
        if more := asked_for(house, box.settings.name) - set(before):
            return more
        with suppress(TimeoutError):
            await asyncio.wait_for(sent.wait(), LOOK)
    return set()


class _Gate:
    """Where letters wait until those of these ``boxes`` have been asked for, or nobody asks any more.

    A letter that leaves a moment too early makes the requests wait behind a whole buffer. What comes also tells how
    fast the letters must leave: ``pace`` reckons it from the bytes that have been asked for.
    """

    def __init__(self, boxes: Iterable[str], pace: Callable[[int], Pace]) -> None:
        self._boxes = set(boxes)
        self._pace = pace
        self._down = 0
        self._open = asyncio.Event()
        self._look()

    def asked(self, box: str, size: int) -> None:
        """So many bytes of a box have been asked for, or no more will be; told again, it changes nothing."""
        if box in self._boxes:
            self._boxes.remove(box)
            self._down += size
            self._look()

    def _look(self) -> None:
        if not self._boxes:
            self._open.set()

    async def opened(self) -> Pace:
        """The pace for the letters, once they may leave; a box that is slow to answer holds them only so long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._open.wait(), PATIENCE)
        return self._pace(self._down)


async def _together(world: World, account: Account, jobs: Mapping[str, Job]) -> bool:
    """All at once, until all is done or the line is gone; whether it is still up, as far as anybody can tell."""
    tasks = [asyncio.create_task(_job(account, what, work)) for what, work in jobs.items()]
    lost = asyncio.create_task(_gone(world, account))
    ticking = asyncio.create_task(_tick(account))
    working = asyncio.gather(*tasks)
    ends: list[asyncio.Future[Any]] = [lost, working]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
            if not any(isinstance(fault, LineError) for fault in account.faults):
                return True
            # Connections often notice first that the line is gone; the line itself knows why.
            await asyncio.wait({lost}, timeout=GRACE)
        else:
            working.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if lost.done():
            account.faults.insert(0, LineError(lost.result()))
        return not lost.done()
    finally:
        for task in (*tasks, lost, ticking):
            task.cancel()
        await asyncio.gather(*tasks, *ends, ticking, return_exceptions=True)


async def _gone(world: World, account: Account) -> str:
    """Wait until the line is down, or has to be because the call is long over its limit; returns why."""
    tasks = [asyncio.create_task(world.line.lost()), asyncio.create_task(account.overdue())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _job(account: Account, what: str, work: Job) -> None:
    """One direction; its fault ends this job only."""
    try:
        await work()
    except MailrunError as error:
        account.fault(what, error)


async def _tick(account: Account) -> None:
    """Tell both directions' progress while bytes move."""
    while True:
        account.tick()
        await asyncio.sleep(TICK)


def recover(house: Household, now: datetime) -> None:
    """Make good what a crash left half done; call it only while no run is on."""
    deliver.recover(house, now)
    triage.recover(house)
    junk.recover(house)
    flush.recover(house, now)
    submit.home(house, now)
