"""Letters that nobody claimed, and letters at the wrong person: to whom they go, and the rule that will see to it.

A letter that is given to somebody is delivered there, journalled as "triage/ID", and only then taken from where it
was; a crash in between is made good by ``recover`` before the next run.

Never: a rule of its own making (``mail.rules``), a letter that is in nobody's mailbox.
"""

from collections.abc import Collection
from datetime import datetime

from core.household import Household
from core.mail.rules import Rule, words
from core.read import Row

__all__ = ["Rule", "always", "assign", "preview", "recover", "rules", "unclaimed", "words"]


def unclaimed(house: Household) -> list[Row]:
    """What waits in the postmaster's inbox because nobody claimed it, in the order of its coming."""
    raise NotImplementedError


def assign(house: Household, id_: str, member: str, now: datetime, *, owner: str = "", folder: str = "inbox") -> None:
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
    raise NotImplementedError


def rules(house: Household, id_: str, *, owner: str = "", folder: str = "inbox") -> list[Rule]:
    """The rules that would have caught a letter, the closest first; empty where nothing in it could be one.

    ``words(rule, member)`` tells one in a sentence.

    Raises:
        InputError: there is no such letter.
    """
    raise NotImplementedError


def preview(house: Household, rule: Rule, member: str) -> list[Row]:
    """The unclaimed letters that this rule would give to this member (the one it was made for is among them)."""
    raise NotImplementedError


def always(house: Household, rule: Rule, member: str, ids: Collection[str], now: datetime) -> Household:
    """Write the rule into household.toml, then give the member these unclaimed letters; the house with the rule.

    Raises:
        BusyError: somebody else is changing the file, or has a mailbox; what was not done yet can be tried again.
        ConfigError: with this rule the file could not be used; nothing was changed.
        InputError: there is no such member or letter.
        StoreError: the disk refused.
    """
    raise NotImplementedError


def recover(house: Household) -> None:
    """After a crash: what was given to somebody, and is safe there, leaves where it was."""
    raise NotImplementedError
