"""Letters that nobody claimed, or at the wrong person: given to whom they are for, once or always.

Never: a rule that nobody has looked at.
"""

from collections.abc import Collection

from textual.message import Message

from core import triage
from core.mail.rules import Rule
from tui import messages
from tui.verbs.desk import Desk


def propose(desk: Desk, key: str, member: str) -> Message:
    """The rules that would have given this letter to the member."""
    found = triage.rules(desk.house, key)
    return messages.Proposed(tuple((rule, triage.words(rule, member)) for rule in found))


def preview(desk: Desk, rule: Rule, member: str) -> Message:
    """The letters that nobody claimed and this rule would give to the member."""
    return messages.Caught(triage.preview(desk.house, rule, member))


def always(desk: Desk, rule: Rule, member: str, keys: Collection[str]) -> Message:
    """Write the rule, and give these letters out by it."""
    return messages.Ruled(triage.always(desk.house, rule, member, keys, desk.now).config)
