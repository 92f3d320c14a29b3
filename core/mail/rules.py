"""Rules that a person makes of one letter: what comes like this is for that member, from now on.

A rule is one more name in household.toml: a reader of a list, an address of a member's, an alias, or a sender whose
letters are a member's.

Never: the file (``store.settings``), the decision itself (``split``).
"""

from dataclasses import dataclass
from typing import Literal

from core.mail.clean import safe

Kind = Literal["list", "also", "alias", "sender"]
_WORDS = {
    "list": "letters over the list {key} are for {member}",
    "also": "{key} is an address of {member}'s",
    "alias": "letters to {key} are for {member}",
    "sender": "letters from {key} are for {member}, where no address in them tells",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a letter has to have: ``key`` is a list's name, an address of ours, an alias, or a sender or his domain."""

    kind: Kind
    key: str


def words(rule: Rule, member: str) -> str:
    """A rule in a sentence for the screen."""
    return _WORDS[rule.kind].format(key=safe(rule.key), member=safe(member))
