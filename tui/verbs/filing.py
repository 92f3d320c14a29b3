"""Rules of one's own, made of a letter: what it could be, what that would catch, and the rule written.

Never: a letter moved.
"""

from textual.message import Message

from core import filing
from core.config import Filing
from core.deliver import INBOX
from core.read import folders
from tui import messages
from tui.values import Likeness
from tui.verbs.desk import Desk


def propose(desk: Desk, folder: str, key: str) -> Message:
    """The rules that a letter would make, and the folders that there are."""
    found = filing.propose(desk.house, desk.member, folder, key)
    likes = tuple(Likeness(one.rule, one.words, one.caught) for one in found)
    there = folders(desk.house, desk.member)
    many = any(each.name == INBOX and each.total > filing.MANY for each in there)
    inbox = f"the newest {filing.MANY:,} of the inbox" if many else "the inbox"
    return messages.Likenesses(likes, tuple(each.name for each in there), inbox)


def always(desk: Desk, rule: Filing, folder: str, key: str) -> Message:
    """Write a rule that was made of this letter."""
    return messages.Ruled(filing.always(desk.house, desk.member, rule, folder, key).config)
