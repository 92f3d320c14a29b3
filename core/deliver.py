"""The MDA: letters into members' mboxes, each once, whatever moment the power fails.

A letter for an inbox goes where the member's own rules say (``mail.filing``), and to whom they say; a copy that a rule
made is never copied on. For each mbox, under its locks: what is about to be written goes to the journal, the letters to
the mbox, both are synced, then the journal says done. A second copy of what a member has already is filed in the folder
of duplicates: kept and counted, never dropped. ``recover`` looks after a crash what became of the letters that were
underway.

Never: who gets a letter (``mail.split``, ``mail.route``), or where it came from.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from core.config import Config
from core.errors import StoreError
from core.household import Household
from core.mail import duplicate, filing, headers
from core.mail.filing import Filed, Seen
from core.mail.split import Routed, routed_header
from core.store import arrivals, copies, mbox
from core.store.arrivals import Intent

INBOX = "inbox"
DUPLICATES = "duplicates"  # the folder for copies of what a member has already
MARK = b"X-Mailrun-Id: "
FRONT = frozenset(("delivered-to", "x-mailrun-routed", "x-mailrun-id", "x-mailrun-filed", "status", "x-status"))
# Whatever a hostile letter can make pure code raise: no rule is asked of it, and it is delivered as it came.
BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One letter for the members that ``routed`` names.

    ``source`` says where it came from ("isp/UID", "spool/ID"): a member gets each source once, however often tried.
    ``sender`` is the envelope sender for the From_ line; ``flags`` are those that it has from the beginning.
    What a person has ``given`` to a member is no duplicate, even where the member has a copy, and stays in the inbox.
    Of a ``stub`` only the beginning is here, so that no copy can be told by it; the whole letter has ``size`` bytes.
    Only here are set: ``rule``, the rule that chose the folder, in words, and ``unfiled``: that could not be had.
    """

    source: str
    message: bytes
    routed: Routed
    sender: str
    folder: str = INBOX
    flags: str = ""
    given: bool = False
    stub: bool = False
    size: int = 0
    rule: str = ""
    unfiled: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of letters, by their sources, beyond that their members have them.

    ``duplicates``: the members who had it already, and have it in their folder of duplicates. ``copied``: the members
    who got it by a rule of somebody else's. ``filed``: where a rule put it, as "paul/nelug". ``unfiled``: why a rule
    could not be carried out, so that it is in the inbox.
    """

    duplicates: Mapping[str, tuple[str, ...]]
    copied: Mapping[str, tuple[str, ...]]
    filed: Mapping[str, tuple[str, ...]]
    unfiled: Mapping[str, str]


def deliver(house: Household, letters: Sequence[Delivery], now: datetime) -> Delivered:
    """Put each letter into the mbox of each of its members, by their rules; returns when all of it is on disk.

    A letter of which a member has got a copy lately, from another source, goes into that member's folder of duplicates.
    Letters that nobody claimed, and those that a person gave to somebody, are not filed by rules.

    Raises:
        StoreError: a mbox could not be written; it is as it was before, and trying again doubles nothing.
    """
    keys = {one.source: duplicate.key(one.message) for one in letters if one.folder == INBOX and not one.stub}
    boxes: dict[tuple[str, str], list[Delivery]] = {}
    twice, copied, filed = dict[str, tuple[str, ...]](), dict[str, tuple[str, ...]](), dict[str, tuple[str, ...]]()
    unfiled: dict[str, str] = {}
    for letter in letters:
        for member, placed in _placed(house.config, letter):
            boxes.setdefault((member, placed.folder), []).append(placed)
            _add(copied, [] if member in letter.routed.members else [placed], member)
    for (member, folder), mine in boxes.items():
        again, why = _into(house, member, folder, mine, keys, now)
        if again:
            _into(house, member, DUPLICATES, [_double(letter) for letter in again], {}, now)
        _add(twice, again, member)
        gone = {letter.source for letter in again}
        ruled = [letter for letter in mine if letter.rule and letter.source not in gone]
        _add(filed, [] if why or folder == INBOX else ruled, f"{member}/{folder}")
        unfiled |= {letter.source: _unfiled(member, letter.rule, why) for letter in ruled if why}
    return Delivered(twice, copied, filed, unfiled)


def _add(told: dict[str, tuple[str, ...]], letters: Sequence[Delivery], what: str) -> None:
    """Tell this of letters, too."""
    for letter in letters:
        told[letter.source] = (*told.get(letter.source, ()), what)


def _unfiled(member: str, rule: str, why: str) -> str:
    return f"{member}'s rule ({rule}) could not be carried out, so it is in the inbox: {why}"


def _double(letter: Delivery) -> Delivery:
    return replace(letter, folder=DUPLICATES, flags="", rule="")


def _placed(config: Config, letter: Delivery) -> Iterator[tuple[str, Delivery]]:
    """Each member who gets a letter, and how: by the member's own rules, or by a rule of one who has it."""
    members = dict.fromkeys(letter.routed.members)
    if letter.folder != INBOX or letter.given or letter.routed.how == "postmaster":
        yield from ((member, letter) for member in members)
        return
    seen = filing.see(letter.message, letter.size)
    copies: dict[str, str] = {}
    for member in members:
        filed = _filed(config, member, seen)
        yield member, _by(letter, filed)
        copies |= {to: member for to in filed.copies if to not in members and to not in copies}
    for to, member in copies.items():
        copy = replace(letter, routed=Routed((to,), "rule", "copy", member))
        yield to, _by(copy, _filed(config, to, seen))


def _filed(config: Config, member: str, seen: Seen) -> Filed:
    """What a member's rules make of it."""
    try:
        return filing.file(config.members[member].rules, seen)
    except BROKEN:
        return Filed()


def _by(letter: Delivery, filed: Filed) -> Delivery:
    return replace(letter, folder=filed.folder or INBOX, flags=filed.flags, rule=filed.by) if filed.by else letter


def _into(
    house: Household, member: str, folder: str, letters: Sequence[Delivery], keys: Mapping[str, str], now: datetime
) -> tuple[list[Delivery], str]:
    """One mbox: journal, append, sync, done.

    Returns the letters that do not go in there, but to the duplicates; and why it had to be the inbox, if so.
    """
    ruled = all(letter.rule for letter in letters)
    with _opened(house, member, folder, otherwise=INBOX if ruled else folder) as (box, why):
        letters = [replace(letter, flags="", unfiled=True) for letter in letters] if why else letters
        made = arrivals.made(house.ledger, member, (letter.source for letter in letters))
        waiting = [letter for letter in letters if letter.source not in made]
        again = _again(house, member, waiting, keys, now)
        filed = {letter.source for letter in again}
        fresh = [letter for letter in waiting if letter.source not in filed]
        intents = list(_intents(box, member, fresh, keys, now))
        if intents:
            arrivals.intend(house.ledger, intents)
            for letter in fresh:
                box.append(_pieces(member, letter), letter.sender, now)
            box.sync()
            arrivals.done(house.ledger, intents, now)
    return again, why


@contextmanager
def _opened(house: Household, member: str, folder: str, otherwise: str) -> Iterator[tuple[mbox.Box, str]]:
    """A folder to write into, or else the other one, with the reason; nothing has been written then."""
    with ExitStack() as stack:
        try:
            box, why = stack.enter_context(mbox.locked(house.box(member, folder))), ""
        except StoreError as error:
            if folder == otherwise:
                raise
            box, why = stack.enter_context(mbox.locked(house.box(member, otherwise))), str(error)
        yield box, why


def _again(
    house: Household, member: str, letters: Sequence[Delivery], keys: Mapping[str, str], now: datetime
) -> list[Delivery]:
    """The letters of which the member has a copy, or gets one by an earlier of these."""
    have = copies.known(house.ledger, member, keys.values(), now)
    return [
        letter
        for letter in letters
        if (key := keys.get(letter.source))
        and have.setdefault(key, letter.source) != letter.source
        and not letter.given
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
        folder = INBOX if letter.unfiled else letter.folder
        yield Intent(letter.source, member, folder, offset, length, keys.get(letter.source, ""))


def _pieces(member: str, letter: Delivery) -> tuple[bytes, bytes]:
    """What goes in front, and the letter as it came."""
    front = b"Delivered-To: " + member.encode() + b"\nX-Mailrun-Routed: " + routed_header(letter.routed) + b"\n"
    front += filing.note(letter.rule, letter.folder, unfiled=letter.unfiled) if letter.rule else b""
    front += MARK + letter.source.encode() + b"\n"
    return front + mbox.room(letter.flags), letter.message


def came(message: bytes) -> tuple[str, bytes]:
    """The source that a delivered letter came from, and the letter as it came: without what was put in front of it.

    A letter that was not delivered here has the source "" and is as it is. Its head alone will do.
    """
    found = front(message)
    if "x-mailrun-id" not in found:
        return "", message
    length = sum(len(field.raw) for field in found.values())
    return found["x-mailrun-id"].value.decode("utf-8", "replace"), message[length:]


def front(message: bytes) -> dict[str, headers.Field]:
    """The fields that were put in front of a letter when it was delivered, by their names in lower case."""
    found: dict[str, headers.Field] = {}
    for field in headers.fields(headers.split(message)[0]):
        name = field.name.lower()
        if name not in FRONT or name in found or (name == "x-mailrun-filed" and "x-mailrun-id" in found):
            break
        found[name] = field
    return found


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
