"""The MDA: letters into members' mboxes, each once, whatever moment the power fails.

For each mbox, under its locks: what is about to be written goes to the journal, the letters to the mbox, both are
synced, then the journal says done. ``recover`` looks after a crash what became of the letters that were underway.

Never: who gets a letter (``mail.split``, ``mail.route``), or where it came from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from core.household import Household
from core.mail.split import Routed, routed_header
from core.store import arrivals, mbox
from core.store.arrivals import Intent

MARK = b"X-Mailrun-Id: "


@dataclass(frozen=True, slots=True)
class Delivery:
    """One letter for the members that ``routed`` names.

    ``source`` says where it came from ("isp/UID", "spool/ID"): a member gets each source once, however often tried.
    ``sender`` is the envelope sender for the From_ line.
    """

    source: str
    message: bytes
    routed: Routed
    sender: str
    folder: str = "inbox"


def deliver(house: Household, letters: Sequence[Delivery], now: datetime) -> None:
    """Put each letter into the mbox of each of its members; returns when all of it is on disk.

    Raises:
        StoreError: a mbox could not be written; it is as it was before, and trying again doubles nothing.
    """
    boxes: dict[tuple[str, str], list[Delivery]] = {}
    for letter in letters:
        for member in dict.fromkeys(letter.routed.members):
            boxes.setdefault((member, letter.folder), []).append(letter)
    for (member, folder), mine in boxes.items():
        _into(house, member, folder, mine, now)


def _into(house: Household, member: str, folder: str, letters: Sequence[Delivery], now: datetime) -> None:
    """One mbox: journal, append, sync, done."""
    with mbox.locked(house.box(member, folder)) as box:
        made = arrivals.made(house.ledger, member, (letter.source for letter in letters))
        fresh = [letter for letter in letters if letter.source not in made]
        intents = list(_intents(box, member, fresh, now))
        if not intents:
            return
        arrivals.intend(house.ledger, intents)
        for letter in fresh:
            box.append(_pieces(member, letter), letter.sender, now)
        box.sync()
        arrivals.done(house.ledger, intents, now)


def _intents(box: mbox.Box, member: str, letters: Sequence[Delivery], now: datetime) -> Iterator[Intent]:
    """Where each letter is going to stand, in bytes: one behind the other."""
    end = 0
    for letter in letters:
        offset, length = box.plan(_pieces(member, letter), letter.sender, now)
        offset = max(offset, end)
        end = offset + length
        yield Intent(letter.source, member, letter.folder, offset, length)


def _pieces(member: str, letter: Delivery) -> tuple[bytes, bytes]:
    """What goes in front, and the letter as it came."""
    front = (
        b"Delivered-To: " + member.encode() + b"\n"
        b"X-Mailrun-Routed: " + routed_header(letter.routed) + b"\n" + MARK + letter.source.encode() + b"\n"
    )
    return front + mbox.ROOM, letter.message


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
