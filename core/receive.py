"""Letters of a maildrop -> split -> deliver, or turn their stubs whole -> ledger: one batch at a time.

Each letter is split by its head, as a stub too; a stub is delivered at once, and its members are told what is missing.

Never: the line, or a server.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core import config as settings
from core import fail
from core.deliver import Delivered, Delivery, deliver
from core.errors import MailrunError
from core.events import Fetched, Trouble
from core.household import Household
from core.mail import addresses, headers, stub
from core.mail.headers import Field
from core.mail.report import Report, likely
from core.mail.split import Routed, split
from core.mail.stub import Mark
from core.mail.text import safe
from core.post import forward
from core.store import arrivals, stubs
from core.store.stubs import Stub
from core.turn import STUB, source, turn
from core.wire.pop3 import Listing, Want

# Whatever a hostile message can make pure code raise: such a letter goes to the postmaster, the others go on.
BROKEN = (ArithmeticError, AttributeError, LookupError, MailrunError, RecursionError, TypeError, ValueError)
DIGEST = "sha256:"  # such an id is ours: the server gave none

Arrived = tuple[Want, bytes]


@dataclass(frozen=True, slots=True)
class Visit:
    """What every step of emptying one maildrop needs.

    ``seen`` are the ids of all letters that we have, stubs too, and grows; ``halves`` those of the stubs, and shrinks
    as they come whole.
    """

    house: Household
    box: settings.Maildrop
    now: datetime
    include: Callable[[str], str]
    seen: set[str]
    halves: set[str]

    def source(self, uid: str) -> str:
        """The source of a letter, as the journal has it."""
        return f"{self.box.name}/{uid}"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: what to tell of it, and which letters are whole and safe."""

    told: Sequence[Fetched | Trouble]
    whole: Sequence[Listing]


@dataclass(frozen=True, slots=True)
class _Letter:
    """One letter that came, whole or as a stub of which ``left`` bytes of ``size`` are missing."""

    uid: str
    size: int
    left: int
    delivery: Delivery
    fields: Sequence[Field]
    came: Fetched
    why: str  # it could not be split
    report: Report | None


def take(visit: Visit, batch: Sequence[Arrived]) -> Taken:
    """Split, deliver and note one batch."""
    letters = [letter for want, message in batch if (letter := _letter(visit, want, message))]
    half = [letter for letter in letters if letter.left]
    whole = [letter for letter in letters if not letter.left]
    turned = turn(visit.house, [one.delivery for one in whole if one.uid in visit.halves], visit.now)
    became = deliver(visit.house, [one.delivery for one in letters if not _settled(one, turned)], visit.now)
    uids = [letter.uid for letter in whole]
    with visit.house.ledger.transaction():
        for letter in letters:
            _note(visit, letter)
        arrivals.delivered(visit.house.ledger, visit.box.name, uids, visit.now)
        arrivals.delivered(visit.house.ledger, visit.box.name, [one.uid for one in half], visit.now, "stub")
        stubs.add(visit.house.ledger, [_stub(visit, letter, became) for letter in half])
        settle(visit, [uid for uid in uids if uid in visit.halves])
    told = [Trouble(f"letter {letter.uid} of {visit.box.name}", letter.why) for letter in letters if letter.why]
    told += [Trouble(f"letter {source.removeprefix(f'{STUB}/')}", why) for source, why in became.unfiled.items()]
    mine = {letter.uid for letter in half}
    return Taken(
        [*told, *(_fate(letter, became) for letter in letters)],
        [want.item for want, _ in batch if want.lines is None or want.item.uid not in mine | visit.halves],
    )


def settle(visit: Visit, uids: Sequence[str]) -> None:
    """These are stubs no more: they have come whole, or are gone from the provider."""
    stubs.forget(visit.house.ledger, visit.box.name, uids)
    arrivals.forget(visit.house.ledger, STUB, [visit.source(uid) for uid in uids])
    visit.halves.difference_update(uids)


def _letter(visit: Visit, want: Want, message: bytes) -> _Letter | None:
    """What came, with all that is to be known of it; None: we have it."""
    uid = want.item.uid or DIGEST + hashlib.sha256(message).hexdigest()
    left = 0 if want.lines is None else stub.missing(message, want.lines, want.item.size)
    if uid in visit.seen and (left or uid not in visit.halves):
        return None
    visit.seen.add(uid)
    if left:
        visit.halves.add(uid)
    routed, why = judge(message, visit.box, visit.house.config, visit.include)
    fields = headers.fields(headers.split(message)[0])
    author = sender(fields)
    delivery = Delivery(visit.source(uid), message, routed, author)
    if left:
        made = stub.made(Mark(want.item.size, left, visit.box.name, uid), message)
        delivery = source(replace(delivery, message=made, size=want.item.size))
    about = (routed.members, routed.how, safe(author), _subject(fields))
    came = Fetched(visit.box.name, safe(uid), len(message), *about, left=left)
    report = fail.read(message) if likely(fields) else None
    return _Letter(uid, want.item.size, left, delivery, fields, came, why, report)


def _settled(letter: _Letter, turned: set[str]) -> bool:
    """Whether nobody else is to get a letter: nobody claimed it, and it has turned whole where it was given."""
    return letter.delivery.routed.how == "postmaster" and letter.delivery.source in turned


def _note(visit: Visit, letter: _Letter) -> None:
    """What else a letter does: it reports on one of ours, or is for readers of a list who live outside."""
    if letter.report:
        fail.note(visit.house, letter.report, visit.now)
    if not letter.left:
        forward(visit.house, letter.delivery.message, letter.delivery.routed, visit.include, visit.now)


def _stub(visit: Visit, letter: _Letter, became: Delivered) -> Stub:
    came, copied = letter.came, became.copied.get(letter.delivery.source, ())
    members = (*came.members, *copied)
    return Stub(0, visit.box.name, letter.uid, letter.size, letter.left, came.sender, came.subject, members, visit.now)


def _fate(letter: _Letter, became: Delivered) -> Fetched:
    """A letter with all the members who have it now, and those who had it before."""
    source = letter.delivery.source
    members = (*letter.came.members, *became.copied.get(source, ()))
    filed = tuple(safe(one) for one in became.filed.get(source, ()))
    return replace(letter.came, members=members, duplicates=became.duplicates.get(source, ()), filed=filed)


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
