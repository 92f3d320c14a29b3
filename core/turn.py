"""Stub -> the whole letter, in its place: wherever in the house the stub is now, with its flags, unread again.

A member may have moved it to another folder or copied it, and the postmaster may have given it to somebody. For each
mbox, under its locks: the letter that is about to stand there goes to the journal, the mbox is rewritten (``rewrite``
survives a crash by itself), then the journal says done. Whoever has the stub no more gets the letter as a new one
(``deliver``).

Never: a stub whose letter has not come; another letter than the stub's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.deliver import INBOX, MARK, Delivery, came, front
from core.errors import BusyError, StoreError
from core.household import Household
from core.mail import duplicate, stub
from core.store import arrivals, index, mbox
from core.store.arrivals import Intent
from core.store.mbox import Box, Entry

STUB = "stub"  # before the source of a letter: of its stub, in the journal
GIVEN = "triage"  # of what the postmaster gave to somebody, which may be a stub
_KEPT = ("delivered-to", "x-mailrun-routed", "x-mailrun-filed")  # what the stub was delivered with


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a stub is, and of which source the whole letter is."""

    member: str
    folder: str
    entry: Entry
    source: str


def turn(house: Household, letters: Sequence[Delivery], now: datetime) -> set[str]:
    """Put these letters in the place of their stubs; returns when all is on disk: the sources of which there were some.

    Raises:
        BusyError, StoreError: a mailbox could not be changed; trying again loses and doubles nothing.
    """
    wanted = {letter.source: letter for letter in letters}
    turned: set[str] = set()
    for member in house.config.members if wanted else ():
        for folder in mbox.folders(house.box(member).parent):
            if places := [one for one in _places(house, member, folder) if one.source in wanted]:
                turned |= _exchange(house, places, wanted, now)
    return turned


def _places(house: Household, member: str, folder: str) -> Iterator[_Place]:
    """The stubs in a folder; a file that is no mailbox has none."""
    path = house.box(member, folder)
    try:
        entries = index.stubs(path)
    except BusyError:
        raise
    except StoreError:
        return
    for entry in entries:
        if source := _source(mbox.head(path, entry)):
            yield _Place(member, folder, entry, source)


def _source(head: bytes) -> str:
    """Of which letter this is our stub; empty: it is none, whatever it says of itself."""
    source, message = came(head)
    known = source.startswith((f"{STUB}/", f"{GIVEN}/")) and message.startswith(stub.NAME.encode())
    mark = stub.mark(message) if known else None
    return f"{mark.maildrop}/{mark.uid}" if mark else ""


def _exchange(house: Household, places: Sequence[_Place], wanted: Mapping[str, Delivery], now: datetime) -> set[str]:
    """One mbox: journal, rewrite, sync, done; the sources of the stubs that were still there."""
    member, folder = places[0].member, places[0].folder
    sources = {one.entry.id: one.source for one in places}
    with mbox.locked(house.box(member, folder)) as box:
        there = box.chosen(list(sources), [one.entry for one in places])
        made = arrivals.made(house.ledger, member, sources.values())
        letters = {sources[entry.id]: wanted[sources[entry.id]] for entry in there}
        intents = [_intent(member, folder, letter) for source, letter in letters.items() if source not in made]
        if there:
            arrivals.intend(house.ledger, intents)
            box.exchange({entry: _pieces(box, entry, wanted[sources[entry.id]]) for entry in there})
            box.sync()
            arrivals.done(house.ledger, intents, now)
    return set(letters)


def _intent(member: str, folder: str, letter: Delivery) -> Intent:
    """It has no length: what a crash leaves here is finished by ``rewrite``, and nothing is to be cut off."""
    key = duplicate.key(letter.message) if folder == INBOX else ""
    return Intent(letter.source, member, folder, 0, 0, key)


def _pieces(box: Box, entry: Entry, letter: Delivery) -> tuple[bytes, bytes]:
    """What was put in front of the stub but for its id, and the letter as it came."""
    found = front(box.head(entry))
    kept = b"".join(found[name].raw for name in _KEPT if name in found)
    flags = "".join(flag for flag in entry.flags if flag not in "RO")
    return kept + MARK + letter.source.encode() + b"\n" + mbox.room(flags), letter.message


def source(letter: Delivery) -> Delivery:
    """A delivery as that of a stub, which is a letter of its own."""
    return replace(letter, source=f"{STUB}/{letter.source}", stub=True)
