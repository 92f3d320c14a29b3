"""Queue -> smart host: each recipient's outcome into the ledger, the hopeless back to the sender as a report.

Waiting counts from the first call that tried to the one that tries now, and is looked at when one has tried in vain:
after ``warn_after`` days the sender is told, once; after ``give_up_after`` days the letter comes back.

A letter's file stays in the spool until every recipient is settled and every report is delivered; so whatever a
crash leaves half done is found again by ``finish``.

Never: the line, or a retry within the same run.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from core.deliver import Delivery, deliver
from core.errors import LineError, MailrunError, ProtocolError
from core.events import Emit, Outgone, Sending, Trouble
from core.household import Household, SmartHost
from core.household import Sending as Session
from core.mail import bounce
from core.mail.envelope import Bounced, Deferred, Envelope, Outcome, Uncertain, state
from core.mail.masquerade import leaks
from core.mail.posting import readers
from core.mail.split import Routed
from core.store import queue
from core.store.include import include
from core.store.queue import Queued, Recipient
from core.wire.pace import FREE, Pace


def ready(house: Household, emit: Emit, now: datetime) -> list[Queued]:
    """What a call may carry now, urgent before all others and small before big.

    A letter that would leak a local name is held instead.
    """
    letters = []
    for letter in queue.pending(house.ledger):
        addresses = _outward(letter)
        if not addresses or not letter.departure.due(now):
            continue
        found = leaks(Envelope(letter.sender, addresses), house.spool.read(letter.id), house.config)
        if found:
            why = f"it would tell the world about this house: {found[0]}"
            queue.hold(house.ledger, letter.id, why)
            emit(Trouble(f"letter {letter.id}", f"held, because {why}"))
        else:
            letters.append(letter)
    return sorted(letters, key=lambda letter: (not letter.departure.urgent, letter.size))


async def flush(
    house: Household,
    smarthost: SmartHost,
    letters: Sequence[Queued],
    emit: Emit,
    now: datetime,
    pace: Pace = FREE,
    go: Callable[[], Awaitable[Pace]] | None = None,
) -> None:
    """Send these letters over one connection; once it is there, the first waits for ``go``, which knows the pace.

    Raises:
        MailrunError: the connection did not come up or ended early; what was not taken waits for the next call.
    """
    async with smarthost.session(pace) as session:
        if go:
            session.pace(await go())
        for nth, letter in enumerate(letters, 1):
            emit(Sending(letter.id, nth, len(letters), letter.size))
            outcomes = _patient(house, letter, await _send(house, session, letter, now), now)
            _settle(house, letter, outcomes, now)
            finish(house, letter.id, now)
            for address, outcome in outcomes.items():
                emit(Outgone(letter.id, address, state(outcome), outcome.reply))


async def _send(house: Household, session: Session, letter: Queued, now: datetime) -> Mapping[str, Outcome]:
    """One letter; the ledger knows that it is underway before its first byte leaves."""
    message = house.spool.read(letter.id)
    addresses = queue.sending(house.ledger, letter.id, _outward(letter), now)
    if not addresses:  # held, put off or cancelled since the call began
        return {}
    try:
        return await session.send(Envelope(letter.sender, addresses), message)
    except (LineError, ProtocolError):
        queue.unsent(house.ledger, letter.id, addresses)
        raise
    except asyncio.CancelledError:
        if session.doubtful:
            reply = "the run was ended while this letter was on its way"
            queue.settle(house.ledger, letter.id, dict.fromkeys(addresses, Uncertain(reply)), now)
        else:
            queue.unsent(house.ledger, letter.id, addresses)
        raise


def _outward(letter: Queued) -> tuple[str, ...]:
    """The recipients outside the house that still wait for a call."""
    return tuple(r.address for r in letter.recipients if "@" in r.address and r.state in ("waiting", "deferred"))


def _patient(house: Household, letter: Queued, outcomes: Mapping[str, Outcome], now: datetime) -> dict[str, Outcome]:
    """The outcomes, where what was deferred once more after so many days has failed."""
    days = house.config.household.give_up_after
    return {
        address: Bounced(bounce.GIVEN_UP.format(days=days, reply=outcome.reply))
        if isinstance(outcome, Deferred) and _waited(letter, address, now) >= timedelta(days=days)
        else outcome
        for address, outcome in outcomes.items()
    }


def _waited(letter: Queued, address: str, now: datetime) -> timedelta:
    """How long a recipient has been tried: from the first call that tried to this one."""
    first = next((r.first for r in letter.recipients if r.address == address), None)
    return now - (first or now)


def _settle(house: Household, letter: Queued, outcomes: Mapping[str, Outcome], now: datetime) -> None:
    """The outcomes into the ledger, and with them whose delay the sender must hear of."""
    patience = timedelta(days=house.config.household.warn_after)
    late = [
        address
        for address, outcome in outcomes.items()
        if isinstance(outcome, Deferred) and _waited(letter, address, now) >= patience
    ]
    with house.ledger.transaction():
        queue.settle(house.ledger, letter.id, outcomes, now)
        queue.warn(house.ledger, letter.id, late, now)


def finish(house: Household, id_: str, now: datetime) -> None:
    """Report to the sender what bounced and what is late, each once; when nobody waits any more, clear the spool."""
    letter = queue.get(house.ledger, id_)
    for recipient in letter.recipients:
        if recipient.state == "bounced" or (recipient.state == "deferred" and recipient.warned):
            _report(house, letter, recipient, now)
    if letter.final:
        house.spool.remove(id_)


def _report(house: Household, letter: Queued, recipient: Recipient, now: datetime) -> None:
    """A report into the sender's inbox; never one about a report (RFC 5321 section 6.1)."""
    if not letter.sender:
        return
    kind = "bounce" if recipient.state == "bounced" else "delay"
    routed = Routed(_readers(house, letter), "envelope", "bounce", recipient.address)
    message = _words(house, letter, recipient, routed.members[0], now)
    deliver(house, [Delivery(f"{kind}/{letter.id}/{recipient.address}", message, routed, "")], now)


def _words(house: Household, letter: Queued, recipient: Recipient, reader: str, now: datetime) -> bytes:
    """The report about one recipient."""
    envelope, to = Envelope(letter.sender, (recipient.address,)), house.config.members[reader].address
    message, told, unique = house.spool.read(letter.id), {recipient.address: recipient.reply}, uuid.uuid4().hex
    if recipient.state == "bounced":
        return bounce.report(message, envelope, told, to, house.config, now, unique)
    since = recipient.first or letter.queued
    return bounce.delay(message, envelope, told, to, house.config, now, unique, since)


def _readers(house: Household, letter: Queued) -> tuple[str, ...]:
    """Who hears of it: whom the envelope sender stands for (of a list, its owner), else the member who wrote."""
    try:
        return readers(letter.sender, house.config, include) or (letter.member,)
    except MailrunError:  # an alias that leads nowhere since the letter was accepted
        return (letter.member,)


def recover(house: Household, now: datetime) -> None:
    """After a crash: what was underway is uncertain, what was settled is finished, what was not accepted is swept."""
    queue.recover(house.ledger, now)
    with house.ledger.transaction():
        # A letter is accepted inside one such transaction, file and row; a file without a row is no letter.
        house.spool.sweep()
        for id_ in house.spool.ids() - queue.ids(house.ledger):
            house.spool.remove(id_)
    for id_ in house.spool.ids():
        finish(house, id_, now)
