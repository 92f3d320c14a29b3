"""Junk, and what is none: put where it belongs, and taught to the program of the house, where there is one.

Never: what makes a letter junk.
"""

from collections.abc import Sequence

from textual.message import Message

from core import junk, move
from core.junk import FOLDER
from tui import messages
from tui.verbs.desk import Desk
from tui.verbs.place import Where
from tui.widgets.folders import title
from tui.widgets.words import letters


def turn(desk: Desk, where: Where, *, good: bool) -> Message:
    """Put letters into junk, or those that are ``good`` back into the inbox."""
    learned = [one for name, ids in where.items() for one in junk.letters(desk.house, desk.member, name, ids)]
    to = "inbox" if good else FOLDER
    moved = tuple(one for name, ids in where.items() if (one := move.move(desk.house, desk.member, name, ids, to)).ids)
    said = f"{letters(sum(len(one.ids) for one in moved))} moved to {title(to)}."
    return messages.Changed(said, moved, learned=tuple(learned), good=good)


async def train(desk: Desk, learned: Sequence[bytes], *, good: bool) -> Message:
    """Teach the program what a person knows."""
    await junk.train(desk.house, learned, good=good)
    return messages.Done("")
