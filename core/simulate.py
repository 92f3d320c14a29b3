"""What would happen: to a letter that has not come, and to those that have if the settings were others.

Letters are judged as they were fetched, without what delivery put in front.

Never: a change on disk.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from core import receive
from core.config import Config, Maildrop
from core.deliver import came
from core.errors import InputError
from core.household import Household
from core.mail import filing
from core.mail.filing import Filed
from core.mail.split import Routed
from core.mail.text import safe
from core.read import Row, heads
from core.submit import include

__all__ = ["Change", "compare", "difference", "filed", "judge", "maildrop"]

GIVEN = "triage"  # the source of letters that somebody gave to somebody; they had been fetched once
_NO_DATE = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """A letter that would go to others: whom it goes to with the settings of now, and with the changed ones."""

    row: Row
    before: Routed
    after: Routed


def judge(message: bytes, config: Config, name: str = "") -> Routed:
    """Who would get a message that comes from the maildrop of this name (empty: the first one), by which evidence.

    Raises:
        InputError: there is no maildrop of that name.
    """
    if name and name not in {box.name for box in config.maildrop}:
        there = ", ".join(box.name for box in config.maildrop) or "none"
        raise InputError(f"there is no maildrop {safe(name)}; there are: {there}")
    return receive.judge(message.replace(b"\r\n", b"\n"), maildrop(config, name), config, include)[0]


def filed(message: bytes, routed: Routed, config: Config) -> dict[str, Filed]:
    """What the rules of those who would get a message would make of it, by member; only where a rule fits."""
    seen = filing.see(message.replace(b"\r\n", b"\n"))
    members = () if routed.how == "postmaster" else routed.members
    found = {member: filing.file(config.members[member].rules, seen) for member in members}
    return {member: one for member, one in found.items() if one.by}


def maildrop(config: Config, source: str) -> Maildrop:
    """The maildrop that a letter came from ("isp/UID"); the first one where that cannot be told any more."""
    named = [box for box in config.maildrop if box.name == source.partition("/")[0]]
    return next(iter((*named, *config.maildrop)), Maildrop(name="any", host="", user=""))


def difference(message: bytes, source: str, before: Config, after: Config) -> tuple[Routed, Routed] | None:
    """Whom a letter goes to with two settings; None where these are the same members."""
    routed = [receive.judge(message, maildrop(config, source), config, include)[0] for config in (before, after)]
    return None if set(routed[0].members) == set(routed[1].members) else (routed[0], routed[1])


def compare(house: Household, changed: Config, limit: int = 100) -> list[Change]:
    """Which of the last letters that were fetched for the house would go to other members, the newest first.

    The last are sought in all inboxes, by their dates; a letter for several members is one letter.

    Raises:
        BusyError, StoreError: a mailbox could not be read.
    """
    fetched = {GIVEN, *(box.name for box in house.config.maildrop)}
    letters: dict[str, tuple[Row, bytes]] = {}
    for member in house.config.members:
        for row, head in heads(house, member):
            source, message = came(head)
            if source.partition("/")[0] in fetched:
                letters.setdefault(source, (row, message))
    last = sorted(letters.items(), key=lambda item: item[1][0].date or _NO_DATE, reverse=True)[:limit]
    return [
        Change(row, *routed)
        for source, (row, message) in last
        if (routed := difference(message, source, house.config, changed))
    ]
