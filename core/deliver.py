"""The MDA: letters into members' mboxes, each once, whatever moment the power fails.

For each mbox, under its locks: what is about to be written goes to the journal, the letters to the mbox, both are
synced, then the journal says done. A second copy of what a member has already is filed in the folder of duplicates:
kept and counted, never dropped. ``recover`` looks after a crash what became of the letters that were underway.

Never: who gets a letter (``mail.split``, ``mail.route``), or where it came from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from core.household import Household
from core.mail import duplicate, headers
from core.mail.split import Routed, routed_header
from core.store import arrivals, copies, mbox
from core.store.arrivals import Intent

INBOX = "inbox"
DUPLICATES = "duplicates"  # the folder for copies of what a member has already
MARK = b"X-Mailrun-Id: "
FRONT = frozenset(("delivered-to", "x-mailrun-routed", "x-mailrun-id", "status", "x-status"))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One letter for the members that ``routed`` names.

    ``source`` says where it came from ("isp/UID", "spool/ID"): a member gets each source once, however often tried.
    ``sender`` is the envelope sender for the From_ line; ``flags`` are those that it has from the beginning.
    What a person has ``given`` to a member is no duplicate, even where the member has a copy.
    """

    source: str
    message: bytes
    routed: Routed
    sender: str
    folder: str = INBOX
    flags: str = ""
    given: bool = False


def deliver(house: Household, letters: Sequence[Delivery], now: datetime) -> dict[str, tuple[str, ...]]:
    """Put each letter into the mbox of each of its members; returns when all of it is on disk.

    A letter of which a member has got a copy into the inbox lately, from another source, goes into that member's
    folder of duplicates. The members of whom that is true are returned, by source.

    Raises:
        StoreError: a mbox could not be written; it is as it was before, and trying again doubles nothing.
    """
    keys = {letter.source: duplicate.key(letter.message) for letter in letters if letter.folder == INBOX}
    boxes: dict[tuple[str, str], list[Delivery]] = {}
    for letter in letters:
        for member in dict.fromkeys(letter.routed.members):
            boxes.setdefault((member, letter.folder), []).append(letter)
    filed: dict[str, tuple[str, ...]] = {}
    for (member, folder), mine in boxes.items():
        again = _into(house, member, folder, mine, keys, now)
        if again:
            _into(house, member, DUPLICATES, [replace(letter, folder=DUPLICATES) for letter in again], {}, now)
        filed |= {letter.source: (*filed.get(letter.source, ()), member) for letter in again}
    return filed


def _into(
    house: Household, member: str, folder: str, letters: Sequence[Delivery], keys: Mapping[str, str], now: datetime
) -> list[Delivery]:
    """One mbox: journal, append, sync, done; returns the letters that do not go in there, but to the duplicates."""
    with mbox.locked(house.box(member, folder)) as box:
        made = arrivals.made(house.ledger, member, (letter.source for letter in letters))
        waiting = [letter for letter in letters if letter.source not in made]
        again = _again(house, member, waiting, keys, now) if folder == INBOX else []
        filed = {letter.source for letter in again}
        fresh = [letter for letter in waiting if letter.source not in filed]
        intents = list(_intents(box, member, fresh, keys, now))
        if intents:
            arrivals.intend(house.ledger, intents)
            for letter in fresh:
                box.append(_pieces(member, letter), letter.sender, now)
            box.sync()
            arrivals.done(house.ledger, intents, now)
    return again


def _again(
    house: Household, member: str, letters: Sequence[Delivery], keys: Mapping[str, str], now: datetime
) -> list[Delivery]:
    """The letters of which the member has a copy, or gets one by an earlier of these."""
    have = copies.known(house.ledger, member, keys.values(), now)
    return [
        letter
        for letter in letters
        if have.setdefault(keys[letter.source], letter.source) != letter.source and not letter.given
    ]


def _intents(
    box: mbox.Box, member: str, letters: Sequence[Delivery], keys: Mapping[str, str], now: datetime
) -> Iterator[Intent]:
    """Where each letter is going to stand, in bytes: one behind the other."""
    end = 0
    for letter in letters:
        offset, length = box.plan(_pieces(member, letter), letter.sender, now)
        offset = max(offset, end)
        end = offset + length
        key = keys[letter.source] if letter.folder == INBOX else ""
        yield Intent(letter.source, member, letter.folder, offset, length, key)


def _pieces(member: str, letter: Delivery) -> tuple[bytes, bytes]:
    """What goes in front, and the letter as it came."""
    front = (
        b"Delivered-To: " + member.encode() + b"\n"
        b"X-Mailrun-Routed: " + routed_header(letter.routed) + b"\n" + MARK + letter.source.encode() + b"\n"
    )
    return front + mbox.room(letter.flags), letter.message


def came(message: bytes) -> tuple[str, bytes]:
    """The source that a delivered letter came from, and the letter as it came: without what was put in front of it.

    A letter that was not delivered here has the source "" and is as it is. Its head alone will do.
    """
    front: dict[str, headers.Field] = {}
    for field in headers.fields(headers.split(message)[0]):
        name = field.name.lower()
        if name not in FRONT or name in front:
            break
        front[name] = field
    if "x-mailrun-id" not in front:
        return "", message
    length = sum(len(field.raw) for field in front.values())
    return front["x-mailrun-id"].value.decode("utf-8", "replace"), message[length:]


def recover(house: Household, now: datetime) -> None:
    """After a crash: a letter that stands whole in its mbox is done, a torn one is cut off and will be tried again."""
    pending = sorted(arrivals.pending(house.ledger), key=attrgetter("member", "folder", "offset"))
    for (member, folder), intents in groupby(pending, key=attrgetter("member", "folder")):
        with mbox.locked(house.box(member, folder)) as box:
            for intent in intents:
                if _torn(box, intent):
                    box.truncate(intent.offset)
                    box.sync()
                if box.find(b"\n" + MARK + intent.source.encode() + b"\n") >= 0:
                    arrivals.done(house.ledger, [intent], now)
                else:
                    arrivals.drop(house.ledger, [intent])


def _torn(box: mbox.Box, intent: Intent) -> bool:
    """The mbox ends inside this letter: nothing but its beginning stands behind its offset."""
    if not intent.offset < box.size < intent.offset + intent.length:
        return False
    tail = box.bytes_at(intent.offset, box.size - intent.offset)
    mine = b"\n" + MARK + intent.source.encode() + b"\n" in tail or b"\n\n" not in tail
    return tail.startswith(b"From ") and mine and b"\n\nFrom " not in tail
