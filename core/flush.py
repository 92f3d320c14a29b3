"""Queue -> smart host: each recipient's outcome into the ledger, the hopeless back to the sender as a report.

A letter's file stays in the spool until every recipient is settled and every report is delivered; so whatever a
crash leaves half done is found again by ``finish``.

Never: the line, or a retry within the same run.
"""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from core.deliver import Delivery, deliver
from core.errors import LineError, ProtocolError
from core.events import Emit, Outgone, Sending, Trouble
from core.household import Household, SmartHost
from core.household import Sending as Session
from core.mail import bounce
from core.mail.envelope import Envelope, Outcome, Uncertain, state
from core.mail.masquerade import leaks
from core.mail.split import Routed
from core.store import queue
from core.store.queue import Queued


def ready(house: Household, emit: Emit) -> list[Queued]:
    """What the next call may carry, small before big; a letter that would leak a local name is held instead."""
    letters = []
    for letter in queue.pending(house.ledger):
        addresses = _outward(letter)
        if not addresses or letter.held:
            continue
        found = leaks(Envelope(letter.sender, addresses), house.spool.read(letter.id), house.config)
        if found:
            why = f"it would tell the world about this house: {found[0]}"
            queue.hold(house.ledger, letter.id, why)
            emit(Trouble(f"letter {letter.id}", f"held, because {why}"))
        else:
            letters.append(letter)
    return sorted(letters, key=lambda letter: letter.size)


async def flush(house: Household, smarthost: SmartHost, letters: Sequence[Queued], emit: Emit, now: datetime) -> None:
    """Send these letters over one connection.

    Raises:
        MailrunError: the connection did not come up or ended early; what was not taken waits for the next call.
    """
    async with smarthost.session() as session:
        for nth, letter in enumerate(letters, 1):
            emit(Sending(letter.id, nth, len(letters), letter.size))
            outcomes = await _send(house, session, letter, now)
            queue.settle(house.ledger, letter.id, outcomes, now)
            finish(house, letter.id, now)
            for address, outcome in outcomes.items():
                emit(Outgone(letter.id, address, state(outcome), outcome.reply))


async def _send(house: Household, session: Session, letter: Queued, now: datetime) -> Mapping[str, Outcome]:
    """One letter; the ledger knows that it is underway before its first byte leaves."""
    message = house.spool.read(letter.id)
    addresses = queue.sending(house.ledger, letter.id, _outward(letter))
    if not addresses:  # held or cancelled since the call began
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


def finish(house: Household, id_: str, now: datetime) -> None:
    """Report what bounced to the sender, once; when nobody waits for the letter any more, take it off the spool."""
    letter = queue.get(house.ledger, id_)
    refused = {r.address: r.reply for r in letter.recipients if r.state == "bounced"}
    for address, reply in refused.items():
        _report(house, letter, address, reply, now)
    if letter.final:
        house.spool.remove(id_)


def _report(house: Household, letter: Queued, address: str, reply: str, now: datetime) -> None:
    """A bounce into the sender's inbox; never one for a bounce (RFC 5321 section 6.1)."""
    if not letter.sender:
        return
    envelope = Envelope(letter.sender, (address,))
    message = bounce.report(
        house.spool.read(letter.id),
        envelope,
        {address: reply},
        house.config.members[letter.member].address,
        house.config,
        now,
        uuid.uuid4().hex,
    )
    routed = Routed((letter.member,), "envelope", "bounce", address)
    deliver(house, [Delivery(f"bounce/{letter.id}/{address}", message, routed, "")], now)


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
