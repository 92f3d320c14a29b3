"""Queue -> smart host: each recipient's outcome into the ledger, the hopeless back to the sender as a report.

Waiting counts from the first call that tried to the one that tries now, and is looked at when one has tried in vain:
after ``warn_after`` days the sender is told, once; after ``give_up_after`` days the letter comes back.

A letter's file stays in the spool until every recipient is settled and every report is delivered; so whatever a
crash leaves half done is found again by ``finish``.

Never: the line, or a retry within the same run.
"""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from core.deliver import Delivery, deliver
from core.errors import MailrunError, PartingError
from core.events import Emit, Outgone, Sending, Slower, Trouble
from core.household import Household, SmartHost
from core.mail import bounce
from core.mail.envelope import Bounced, Deferred, Envelope, Outcome, state
from core.mail.masquerade import leaks
from core.mail.posting import readers
from core.mail.split import Routed
from core.store import queue, servers
from core.store.include import include
from core.store.queue import Queued, Recipient
from core.surely import surely
from core.wire.offers import Known, Learn
from core.wire.pace import FREE, Pace
from core.wire.passage import Letter

May = Callable[[int, bool], bool]  # whether a letter of so many bytes may go; it is urgent


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
    may: May = lambda *_: True,
) -> None:
    """Send these letters over one connection; once it is there, the first waits for ``go``, which knows the pace.

    ``may`` is asked before each letter: what it refuses waits for the next call.

    Where the server ends the connection by its own word, and has settled some of them, the rest goes over another one.

    Raises:
        MailrunError: the connection did not come up or ended early; what was not taken waits for the next call.
    """
    stream = _Stream(house, letters, emit, now, may)
    settling = asyncio.create_task(stream.settle())
    try:
        while stream.left:
            try:
                async with (
                    smarthost.session(pace, *_known(house, now)) as session,
                    aclosing(stream.letters(settling)) as source,
                ):
                    if go:
                        session.pace(await go())
                    try:
                        await session.send(source, stream.begun, stream.told)
                    finally:
                        stream.slower(session.slower)
                break
            except PartingError as error:
                if stream.left:
                    emit(Trouble(stream.host, f"{error}; the other letters go over a new connection"))
    finally:
        stream.close()
        await surely(_ended(settling))


def _known(house: Household, now: datetime) -> tuple[Known | None, Learn | None]:
    """What earlier calls have learned of the smart host, and who hears what this one does."""
    host = house.config.smarthost
    if host is None:
        return None, None
    server = (house.ledger, host.host, host.port, now)
    return servers.recall(*server), partial(servers.remember, *server)


def waiting(house: Household, now: datetime) -> bool:
    """Whether the smart host is known to want each letter to wait for an answer: it takes none in pieces."""
    known, _ = _known(house, now)
    return known is not None and bool(known.offers) and ("CHUNKING" not in known.offers or "CHUNKING" in known.failed)


async def _ended(task: asyncio.Task[None]) -> None:
    await task


class _Stream:
    """The letters of one call. ``left`` have no answer yet; each that has one is settled while others go out."""

    def __init__(self, house: Household, letters: Sequence[Queued], emit: Emit, now: datetime, may: May) -> None:
        self.left = {letter.id: letter for letter in letters}
        self.host = house.config.smarthost.host if house.config.smarthost else "smart host"
        self._house, self._emit, self._now, self._may = house, emit, now, may
        self._places = {letter.id: nth for nth, letter in enumerate(letters, 1)}
        self._underway: dict[str, Letter] = {}  # noted in the ledger as such
        self._answers: list[_Answer] = []
        self._news = asyncio.Event()
        self._open = True

    def slower(self, why: Sequence[str]) -> None:
        """Tell what the server lacks, and what that has cost."""
        for sentence in why:
            self._emit(Slower(self.host, sentence))

    async def letters(self, settling: asyncio.Task[None]) -> AsyncGenerator[Letter, None]:
        """One after the other; the ledger knows of each that it is underway before its first byte leaves."""
        for letter in tuple(self.left.values()):
            if settling.done():  # what is answered can no more be written down
                return
            if not self._may(letter.size, letter.departure.urgent):
                del self.left[letter.id]
                continue
            await surely(asyncio.to_thread(_underway, self._house, letter, self._now), self._note)
            if letter.id in self._underway:
                yield self._underway[letter.id]

    def _note(self, letter: Letter) -> None:
        if letter.recipients:  # else it was held, put off or cancelled since the call began
            self._underway[letter.id] = letter

    def begun(self, id_: str) -> None:
        """The first byte of a letter leaves."""
        self._emit(Sending(id_, self._places[id_], len(self._places), self.left[id_].size))

    def told(self, id_: str, outcomes: Mapping[str, Outcome]) -> None:
        """What became of a letter; it is written down as soon as the disk has time."""
        letter, tried = self.left[id_], self._underway.pop(id_).recipients
        if outcomes:
            del self.left[id_]
        self._answers.append(_Answer(letter, tried, _patient(self._house, letter, outcomes, self._now)))
        self._news.set()

    async def settle(self) -> None:
        """Write down what was answered, several letters at a time, until the stream is closed."""
        while self._open or self._answers:
            await self._news.wait()
            self._news.clear()
            answers, self._answers = self._answers, []
            if answers:
                await surely(asyncio.to_thread(_settle, self._house, answers, self._now), self._tell)

    def close(self) -> None:
        """No more will be answered; a letter that was only made ready has not been tried."""
        for id_ in tuple(self._underway):
            self.told(id_, {})
        self._open = False
        self._news.set()

    def _tell(self, answers: Sequence["_Answer"]) -> None:
        for answer in answers:
            for address, outcome in answer.outcomes.items():
                self._emit(Outgone(answer.letter.id, address, state(outcome), outcome.reply))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of a letter that had gone, or was to go, to ``tried``; who has no outcome was not tried after all."""

    letter: Queued
    tried: tuple[str, ...]
    outcomes: Mapping[str, Outcome]


def _underway(house: Household, letter: Queued, now: datetime) -> Letter:
    """The letter with those recipients to whom it may really go, and they are noted."""
    message = house.spool.read(letter.id)
    return Letter(letter.id, letter.sender, queue.sending(house.ledger, letter.id, _outward(letter), now), message)


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


def _settle(house: Household, answers: Sequence[_Answer], now: datetime) -> Sequence[_Answer]:
    """The outcomes into the ledger, and with them whose delay the sender must hear of."""
    patience = timedelta(days=house.config.household.warn_after)
    with house.ledger.transaction():
        for answer in answers:
            letter = answer.letter
            late = [
                address
                for address, outcome in answer.outcomes.items()
                if isinstance(outcome, Deferred) and _waited(letter, address, now) >= patience
            ]
            queue.settle(house.ledger, letter.id, answer.outcomes, now)
            queue.warn(house.ledger, letter.id, late, now)
            queue.unsent(house.ledger, letter.id, set(answer.tried) - answer.outcomes.keys())
    for answer in answers:
        if answer.outcomes:
            finish(house, answer.letter.id, now)
    return answers


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
