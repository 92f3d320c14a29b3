"""Letters that nobody claimed, and letters at the wrong person: to whom they go, and the rule that will see to it.

A letter that is given to somebody is delivered there, journalled as "triage/OWNER/FOLDER/ID", and only then taken from
where it was; a crash in between is made good by ``recover`` before the next run.

Never: what a rule means (``mail.rules``), a letter that is in nobody's mailbox.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, unquote

from core import config as settings
from core import read, simulate
from core.deliver import INBOX, Delivery, came, deliver
from core.errors import InputError
from core.household import Household
from core.mail import aliases, duplicate, headers
from core.mail.names import names
from core.mail.rules import Rule, catches, change, propose, words
from core.mail.split import Routed
from core.mail.text import safe
from core.read import Row, Rows
from core.receive import BROKEN, sender
from core.store import arrivals, copies, files, mbox
from core.store.copies import Copy
from core.store.settings import edit
from core.submit import include

__all__ = ["Rule", "always", "assign", "preview", "recover", "rules", "unclaimed", "words"]


def unclaimed(house: Household, *, trust: bool = False) -> Rows:
    """What waits in the postmaster's inbox because nobody claimed it, in the order of its coming."""
    return read.unclaimed(house, trust=trust)


def _unclaimed(house: Household) -> list[tuple[Row, bytes]]:
    waiting = read.heads(house, house.config.household.postmaster)
    return [(row, head) for row, head in waiting if row.routed and row.routed.how == "postmaster"]


def assign(house: Household, id_: str, member: str, now: datetime, *, owner: str = "", folder: str = INBOX) -> None:
    """Give a letter to a member: into that inbox, with its flags, then out of where it was.

    Args:
        house: The household.
        id_: The letter, by its id or the unique beginning of it.
        member: Who gets it.
        now: The time.
        owner: In whose mailbox it is; the postmaster's, when empty.
        folder: In which folder it is.

    Raises:
        InputError: there is no such member or letter.
        BusyError, StoreError: a mailbox could not be written; trying again loses and doubles nothing.
    """
    _known(house.config, member)
    owner = owner or house.config.household.postmaster
    letter = read.letter(house, owner, folder, id_)
    origin, message = came(letter.raw)
    place = f"{owner}/{quote(folder, safe='')}/{letter.row.id}"
    routed = Routed((member,), "rule", simulate.GIVEN, owner)
    author = sender(headers.fields(headers.split(message)[0]))
    flags = letter.row.flags
    deliver(house, [Delivery(f"{simulate.GIVEN}/{place}", message, routed, author, flags=flags, given=True)], now)
    if owner != member:
        copies.forget(house.ledger, Copy(owner, duplicate.key(message), origin))
    _leave(house, place)


def _known(config: settings.Config, member: str) -> None:
    if member not in config.members:
        near = aliases.nearest(member, names(config))
        there = ", ".join(config.members)
        raise InputError(f"{safe(member)} is no member of this house{near or f'; the members are {there}'}")


def _leave(house: Household, place: str) -> None:
    """The letter is safe where it belongs: take it out of here, and then the note that says so."""
    owner, folder, id_ = place.split("/")
    mbox.remove(house.box(owner, unquote(folder)), [id_])
    arrivals.forget(house.ledger, simulate.GIVEN, [place])


def recover(house: Household) -> None:
    """After a crash: what was given to somebody, and is safe there, leaves where it was."""
    for source in arrivals.sources(house.ledger, simulate.GIVEN):
        _leave(house, source.partition("/")[2])


def rules(house: Household, id_: str, *, owner: str = "", folder: str = INBOX) -> list[Rule]:
    """The rules that would have caught a letter, the closest first; empty where nothing in it could be one.

    ``words(rule, member)`` tells one in a sentence.

    Raises:
        InputError: there is no such letter.
    """
    letter = read.letter(house, owner or house.config.household.postmaster, folder, id_)
    source, message = came(letter.raw)
    with suppress(*BROKEN):  # no rule can catch what breaks the splitter
        return propose(message, simulate.maildrop(house.config, source), house.config, include)
    return []


def preview(house: Household, rule: Rule, member: str) -> list[Row]:
    """The unclaimed letters that this rule would give to this member (the one it was made for is among them).

    Raises:
        InputError: there is no such member.
    """
    _known(house.config, member)
    return [row for row, head in _unclaimed(house) if _caught(house, rule, member, head)]


def _caught(house: Household, rule: Rule, member: str, head: bytes) -> bool:
    source, message = came(head)
    with suppress(*BROKEN):
        return catches(rule, member, message, simulate.maildrop(house.config, source), house.config, include)
    return False


def always(house: Household, rule: Rule, member: str, ids: Collection[str], now: datetime) -> Household:
    """Write the rule into household.toml, then give the member these unclaimed letters; the house with the rule.

    Raises:
        BusyError: somebody else is changing the file, or has a mailbox; what was not done yet can be tried again.
        ConfigError: with this rule the file could not be used; nothing was changed.
        InputError: there is no such member or letter.
        StoreError: the disk refused.
    """
    path = house.folder / settings.FILE
    with files.faults(path):
        seen = path.read_text(encoding="utf-8")
    current = settings.parse(seen, str(path))
    _known(current, member)
    keys, value = change(rule, member, current)
    ruled = replace(house, config=settings.parse(edit(path, {keys: value}, seen), str(path)))
    for id_ in ids:
        assign(ruled, id_, member, now)
    return ruled
