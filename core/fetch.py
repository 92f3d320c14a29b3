"""Maildrop -> new unique ids -> letters, and stubs of the big ones -> ``receive`` -> DELE.

A letter is deleted at the provider only after it is whole in every recipient's mbox and in the ledger, or when somebody
has said so. While one batch of letters is being written to disk the next one comes in, so that the line never waits for
the disk. Of big letters only the beginning is fetched, until somebody asks for more: before this call, or while it
lasts, in whatever process.

Never: the line, or a name server.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from core import config as settings
from core.events import Emit, Listed, Slower, Trouble
from core.household import Fetching, Household, Maildrop
from core.mail.lines import size
from core.receive import DIGEST, Arrived, Taken, Visit, settle, take
from core.store import arrivals, servers, stubs
from core.store.arrivals import Arrival
from core.store.stubs import Answer, Stub
from core.surely import surely
from core.turn import STUB
from core.wire.pace import FREE, Pace
from core.wire.pop3 import Listing, Want

May = Callable[[int, bool], bool]  # whether a letter of so many bytes may come; somebody has asked for it

BATCH = 64  # letters that share one fsync; more would only delay their DELE
FEW = 12  # lines of a big letter: its first words, and what is attached to it
READABLE = 60  # lines with which nearly every letter can be read: of those with several parts the text comes first
LONG = (
    12_000  # bytes of a letter above which "letters" fetches so many lines; below, the end costs less than a question
)


async def fetch(
    house: Household,
    maildrop: Maildrop,
    emit: Emit,
    now: datetime,
    include: Callable[[str], str],
    pace: Pace = FREE,
    ready: Callable[[int, float], None] = lambda *_: None,
    may: May = lambda *_: True,
) -> set[str]:
    """Empty one maildrop into the house, but for what is big; the ids of the stubs that were asked for, and tried.

    ``ready`` is told how many bytes of letters come, once they have been asked for, and the seconds of a turn.
    ``may`` is asked before each letter: what it refuses stays at the provider for the next call.

    Raises:
        MailrunError: the box could not be reached, or the session ended early; what was delivered stays delivered.
    """
    name, server = maildrop.settings.name, (house.ledger, maildrop.settings.host, maildrop.settings.port, now)
    learn = partial(servers.remember, *server)
    async with maildrop.session(pace, servers.recall(*server), learn) as session:
        listing = _unique(await session.listing())
        known = arrivals.known(house.ledger, name)
        half = set(stubs.known(house.ledger, name)) | _delivered(house, name)
        visit = Visit(house, maildrop.settings, now, include, set(known), half)
        # An id that the provider no longer lists was deleted for good; it may be given to another letter one day.
        gone = known.keys() - {item.uid for item in listing}
        arrivals.forget(house.ledger, name, {uid for uid in gone if not uid.startswith(DIGEST)})
        _lost(visit, half - {item.uid for item in listing}, emit)
        await session.delete(_due(listing, known, now - timedelta(days=visit.box.keep_days)))
        tried = await _letters(visit, session, listing, emit, ready, may)
        unwanted = _answered(visit, listing, "delete")
        await session.delete(unwanted)
        await session.quit()
        for why in session.slower:
            emit(Slower(f"maildrop {name}", why))
        _deleted(visit, [item.uid for item in unwanted])
        arrivals.forget(house.ledger, name, {uid for uid in gone if uid.startswith(DIGEST)})
    return tried


def asked(house: Household, maildrop: str) -> set[str]:
    """The ids of the stubs that somebody wants as soon as there is a line."""
    return {uid for uid, stub in stubs.known(house.ledger, maildrop).items() if stub.answer == "take"}


def _delivered(house: Household, name: str) -> set[str]:
    """The ids of stubs that are in the house, even if a crash kept them from being noted."""
    prefix = f"{STUB}/{name}"
    return {source.removeprefix(f"{prefix}/") for source in arrivals.sources(house.ledger, prefix)}


def _lost(visit: Visit, uids: Collection[str], emit: Emit) -> None:
    """Tell of stubs that will not be whole any more: somebody else has deleted them at the provider."""
    there = stubs.known(visit.house.ledger, visit.box.name)
    for uid in uids:
        if uid in there and there[uid].answer != "delete":
            emit(Trouble(f"letter {_named(there[uid])}", "it is gone from the provider, only its beginning is here"))
    settle(visit, list(uids))


def _named(stub: Stub) -> str:
    return f"{stub.subject or 'without a subject'}, from {stub.sender or 'nobody'}"


def _due(listing: Sequence[Listing], known: Mapping[str, Arrival], before: datetime) -> list[Listing]:
    """What was delivered whole earlier, and has been kept at the provider long enough."""
    whole = {uid: arrival.when for uid, arrival in known.items() if arrival.state != "stub"}
    return [item for item in listing if item.uid in whole and whole[item.uid] <= before]


def _unique(listing: Sequence[Listing]) -> list[Listing]:
    """Ids that a server gives to two letters tell nothing: such letters are known by their content instead."""
    times = Counter(item.uid for item in listing)
    return [item if times[item.uid] == 1 else replace(item, uid="") for item in listing]


async def _letters(
    visit: Visit,
    session: Fetching,
    listing: Sequence[Listing],
    emit: Emit,
    ready: Callable[[int, float], None],
    may: May,
) -> set[str]:
    """What is new, and what was asked for, the small before the big; then what is asked for meanwhile."""
    known = frozenset(visit.seen)
    chosen = _answered(visit, listing, "take", "next")
    wants = [_want(visit.box, item) for item in listing if item.uid not in known]
    wants = sorted([*wants, *map(Want, chosen)], key=lambda want: want.size)
    await _stream(visit, session, [want for want in wants if want.lines is None or session.top], emit, may, ready)
    unseen = [want.item for want in wants if want.lines is not None and want.item.uid not in visit.seen]
    refused = [] if session.top else unseen  # else this call has no time for them, or they are gone
    await _stream(visit, session, _unseen(visit, refused, emit), emit, may)
    tried = {item.uid for item in chosen}
    while more := [item for item in _answered(visit, listing, "take") if item.uid not in tried]:
        tried |= {item.uid for item in more}
        await _stream(visit, session, sorted(map(Want, more), key=lambda want: want.size), emit, may)
    return tried


def _want(box: settings.Maildrop, item: Listing) -> Want:
    """As much of a new letter as is fetched unasked. Without an id of its own it could not be asked for later."""
    letters = box.fetch == "letters"
    if item.uid and _big(box, item):
        return Want(item, READABLE if letters else FEW)
    return Want(item, READABLE) if item.uid and letters and item.size > LONG else Want(item)


def _big(box: settings.Maildrop, item: Listing) -> bool:
    return 0 < box.large < item.size


def _answered(visit: Visit, listing: Iterable[Listing], *answers: Answer) -> list[Listing]:
    """The stubs about which people have said so by now."""
    said = {uid for uid, stub in stubs.known(visit.house.ledger, visit.box.name).items() if stub.answer in answers}
    return [item for item in listing if item.uid in said & visit.halves]


def _unseen(visit: Visit, refused: Sequence[Listing], emit: Emit) -> list[Want]:
    """What to do with letters of which the server gives no beginning: those above the limit wait there to be asked for.

    Of them nothing but the size is known, so nobody has them; the others are fetched whole.
    """
    name = visit.box.name
    waiting = [item for item in refused if _big(visit.box, item)]
    for item in waiting:
        why = "stays at the provider, and the server has no TOP to tell what it is; `mailrun stubs` lists it"
        emit(Trouble(f"letter {item.number} of {name}", f"it has {size(item.size)}, {why}"))
    with visit.house.ledger.transaction():
        arrivals.delivered(visit.house.ledger, name, [item.uid for item in waiting], visit.now, "stub")
        stubs.add(
            visit.house.ledger,
            [Stub(0, name, item.uid, item.size, item.size, "", "", (), visit.now) for item in waiting],
        )
    visit.seen.update(item.uid for item in waiting)
    visit.halves.update(item.uid for item in waiting)
    return [Want(item) for item in refused if not _big(visit.box, item)]


def _deleted(visit: Visit, uids: Sequence[str]) -> None:
    """The provider has confirmed that these are gone: they are not asked for again, and not fetched if they stay."""
    with visit.house.ledger.transaction():
        arrivals.delivered(visit.house.ledger, visit.box.name, uids, visit.now)
        settle(visit, uids)


async def _stream(
    visit: Visit,
    session: Fetching,
    wants: Sequence[Want],
    emit: Emit,
    may: May,
    ready: Callable[[int, float], None] | None = None,
) -> None:
    """Read letters and write batches at the same time; each batch is deleted once it is safe."""
    if wants or ready:
        emit(Listed(visit.box.name, len(wants), sum(want.size for want in wants)))
    arrived: asyncio.Queue[Arrived] = asyncio.Queue(maxsize=BATCH)

    async def read() -> None:
        async for letter in session.retrieve(want for want in wants if may(want.size, _asked(visit, want))):
            await arrived.put(letter)

    def tell(taken: Taken) -> None:
        whole.extend(taken.whole)
        for event in taken.told:
            emit(event)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)  # it begins, and asks for as many as it may
    if ready:
        ready(sum(want.size for want in wants), session.turn)
    try:
        while batch := await _batch(arrived, reading):
            whole: list[Listing] = []
            await surely(asyncio.to_thread(take, visit, batch), tell)
            if not visit.box.keep_days:
                await session.delete(whole)
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def _asked(visit: Visit, want: Want) -> bool:
    """Whether people have asked for it: it is the whole of a stub."""
    return want.lines is None and want.item.uid in visit.halves


async def _batch(arrived: asyncio.Queue[Arrived], reading: asyncio.Task[None]) -> list[Arrived]:
    """All that has come by now, at least one letter; empty when the reading has ended and all is taken."""
    first = asyncio.create_task(arrived.get())
    try:
        await asyncio.wait({first, reading}, return_when=asyncio.FIRST_COMPLETED)
        if not first.done() and arrived.empty():
            return []
        batch = [await first]
    finally:
        first.cancel()
    while len(batch) < BATCH and not arrived.empty():
        batch.append(arrived.get_nowait())
    return batch
