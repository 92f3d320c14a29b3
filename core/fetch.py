"""Maildrop -> new unique ids -> split -> deliver -> ledger -> DELE.

A letter is deleted at the provider only after it is in every recipient's mbox and in the ledger. While one batch of
letters is being written to disk the next one comes in, so that the line never waits for the disk.

Never: the line, or a name server.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from core import config as settings
from core import fail
from core.deliver import Delivered, Delivery, deliver
from core.errors import MailrunError
from core.events import Emit, Fetched, Listed, Slower, Trouble
from core.household import Fetching, Household, Maildrop
from core.mail import addresses, headers
from core.mail.headers import Field
from core.mail.report import Report, likely
from core.mail.split import Routed, split
from core.mail.text import safe
from core.post import forward
from core.store import arrivals, servers
from core.store.arrivals import Arrival
from core.surely import surely
from core.wire.pace import FREE, Pace
from core.wire.pop3 import Listing, Want

BATCH = 64  # letters that share one fsync; more would only delay their DELE
# Whatever a hostile message can make pure code raise: such a letter goes to the postmaster, the others go on.
BROKEN = (ArithmeticError, AttributeError, LookupError, MailrunError, RecursionError, TypeError, ValueError)

DIGEST = "sha256:"  # such an id is ours: the server gave none

Arrived = tuple[Want, bytes]


@dataclass(frozen=True, slots=True)
class _Visit:
    """What every step of emptying one maildrop needs; ``seen`` are the ids of all letters that we have, and grows."""

    house: Household
    box: settings.Maildrop
    now: datetime
    include: Callable[[str], str]
    seen: set[str]


async def fetch(
    house: Household,
    maildrop: Maildrop,
    emit: Emit,
    now: datetime,
    include: Callable[[str], str],
    pace: Pace = FREE,
    ready: Callable[[int], None] = lambda _: None,
) -> None:
    """Empty one maildrop into the house.

    ``ready`` is told how many bytes of letters come, once they have been asked for.

    Raises:
        MailrunError: the box could not be reached, or the session ended early; what was delivered stays delivered.
    """
    name, server = maildrop.settings.name, (house.ledger, maildrop.settings.host, maildrop.settings.port, now)
    learn = partial(servers.remember, *server)
    async with maildrop.session(pace, servers.recall(*server), learn) as session:
        listing = _unique(await session.listing())
        known = arrivals.known(house.ledger, name)
        visit = _Visit(house, maildrop.settings, now, include, set(known))
        # An id that the provider no longer lists was deleted for good; it may be given to another letter one day.
        gone = known.keys() - {item.uid for item in listing}
        arrivals.forget(house.ledger, name, {uid for uid in gone if not uid.startswith(DIGEST)})
        fresh = sorted((item for item in listing if item.uid not in known), key=lambda item: item.size)
        emit(Listed(name, len(fresh), sum(item.size for item in fresh)))
        await session.delete(_due(listing, known, now - timedelta(days=visit.box.keep_days)))
        await _stream(visit, session, fresh, emit, ready)
        await session.quit()
        for why in session.slower:
            emit(Slower(f"maildrop {name}", why))
        arrivals.forget(house.ledger, name, {uid for uid in gone if uid.startswith(DIGEST)})


def _due(listing: Sequence[Listing], known: Mapping[str, Arrival], before: datetime) -> list[Listing]:
    """What was delivered earlier and has been kept at the provider long enough."""
    return [item for item in listing if item.uid in known and known[item.uid].when <= before]


def _unique(listing: Sequence[Listing]) -> list[Listing]:
    """Ids that a server gives to two letters tell nothing: such letters are known by their content instead."""
    times = Counter(item.uid for item in listing)
    return [item if times[item.uid] == 1 else replace(item, uid="") for item in listing]


async def _stream(
    visit: _Visit, session: Fetching, fresh: Sequence[Listing], emit: Emit, ready: Callable[[int], None]
) -> None:
    """Read letters and write batches at the same time; each batch is deleted once it is safe."""
    arrived: asyncio.Queue[Arrived] = asyncio.Queue(maxsize=BATCH)

    async def read() -> None:
        async for letter in session.retrieve([Want(item) for item in fresh]):
            await arrived.put(letter)

    def tell(events: Sequence[Fetched | Trouble]) -> None:
        for event in events:
            emit(event)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)  # it begins, and asks for as many as it may
    ready(sum(item.size for item in fresh))
    try:
        while batch := await _batch(arrived, reading):
            await surely(asyncio.to_thread(_take, visit, batch), tell)
            if not visit.box.keep_days:
                await session.delete([want.item for want, _ in batch])
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


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


def _take(visit: _Visit, batch: Sequence[Arrived]) -> list[Fetched | Trouble]:
    """Split, deliver and note one batch; what to tell of it."""
    name, told, letters, arrived = visit.box.name, list[Fetched | Trouble](), list[Delivery](), list[Fetched]()
    reports = list[Report | None]()
    for want, message in batch:
        uid = want.item.uid or DIGEST + hashlib.sha256(message).hexdigest()
        if uid in visit.seen:
            continue
        visit.seen.add(uid)
        routed, why = judge(message, visit.box, visit.house.config, visit.include)
        fields = headers.fields(headers.split(message)[0])
        author = sender(fields)
        letters.append(Delivery(f"{name}/{uid}", message, routed, author))
        reports += [fail.read(message)] if likely(fields) else []
        told += [Trouble(f"letter {uid} of {name}", why)] if why else []
        arrived.append(
            Fetched(name, safe(uid), len(message), routed.members, routed.how, safe(author), _subject(fields))
        )
    became = deliver(visit.house, letters, visit.now)
    told += [Trouble(f"letter {source}", why) for source, why in became.unfiled.items()]
    uids = [letter.source.removeprefix(f"{name}/") for letter in letters]
    with visit.house.ledger.transaction():
        for one in filter(None, reports):
            fail.note(visit.house, one, visit.now)
        for letter in letters:
            forward(visit.house, letter.message, letter.routed, visit.include, visit.now)
        arrivals.delivered(visit.house.ledger, name, uids, visit.now)
    return told + [_fate(one, letter.source, became) for one, letter in zip(arrived, letters, strict=True)]


def _fate(letter: Fetched, source: str, became: Delivered) -> Fetched:
    """A letter with all the members who have it now, and those who had it before."""
    members = (*letter.members, *became.copied.get(source, ()))
    filed = tuple(safe(one) for one in became.filed.get(source, ()))
    return replace(letter, members=members, duplicates=became.duplicates.get(source, ()), filed=filed)


def judge(
    message: bytes, box: settings.Maildrop, config: settings.Config, include: Callable[[str], str]
) -> tuple[Routed, str]:
    """Who gets it; what nobody can make sense of is the postmaster's, with the reason."""
    try:
        return split(message, box, config, include), ""
    except BROKEN as error:
        why = f"could not be split ({type(error).__name__}), so the postmaster has it"
        return Routed((config.household.postmaster,), "postmaster", "", ""), why


def _subject(fields: Sequence[Field]) -> str:
    subject = headers.first(fields, "subject")
    return safe(headers.decode(subject.value)) if subject else ""


def sender(fields: Sequence[Field]) -> str:
    """For the From_ line: the return path as the provider noted it, else the author."""
    for name in ("return-path", "from"):
        field = headers.first(fields, name)
        found = addresses.mailboxes(field.value) if field else []
        if found:
            return found[0].address
    return ""
