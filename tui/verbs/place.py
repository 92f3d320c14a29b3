"""Where letters lie and how they are marked: flags, moves and the way back, deletion, orders; the member's folders.

What concerns several letters at once is one change of each mailbox. ``where`` tells ids by folder.

Never: what is in a letter.
"""

from collections.abc import Collection, Mapping, Sequence

from textual.message import Message

from core import folder, move, order, read, triage
from core.move import Moved
from core.rows import Sorting
from tui import messages
from tui.verbs.desk import Desk
from tui.verbs.mail import rows
from tui.widgets.folders import title
from tui.widgets.words import letters

Where = Mapping[str, Collection[str]]


def mark(desk: Desk, where: Where, add: str = "", remove: str = "") -> Message:
    """Set and clear flags."""
    for name, ids in where.items():
        read.mark(desk.house, desk.member, name, ids, add, remove)
    return messages.Done("")


def put(desk: Desk, where: Where, to: str, *, new: bool = False) -> Message:
    """Put letters into another folder, which is made if it is ``new``."""
    to = folder.make(desk.house, desk.member, to) if new else to
    moved = tuple(move.move(desk.house, desk.member, name, ids, to) for name, ids in where.items())
    gone = sum(len(ids) for ids in where.values()) - sum(len(one.ids) for one in moved)
    said = f"{_count(moved)} moved to {title(to)}." + (f" {_gone(gone)}" if gone else "")
    return messages.Changed(said, tuple(one for one in moved if one.ids))


def copy(desk: Desk, where: Where, to: str, *, new: bool = False) -> Message:
    """Put copies of letters into another folder, which is made if it is ``new``."""
    to = folder.make(desk.house, desk.member, to) if new else to
    copied = [move.copy(desk.house, desk.member, name, ids, to) for name, ids in where.items()]
    return messages.Changed(f"{_count(copied)} copied to {title(to)}.")


def undo(desk: Desk, moved: Sequence[Moved]) -> Message:
    """Take a move back, and say what another program has taken away meanwhile."""
    back = [move.back(desk.house, desk.member, one) for one in moved]
    wanted, found = sum(len(one.ids) for one in moved), sum(len(one.ids) for one in back)
    where = title(moved[0].folder) if len(moved) == 1 else "their folders"
    if not found:
        away = "The letter is" if wanted == 1 else "The letters are"
        return messages.Changed(f"{away} no longer in {title(moved[0].to)}; another program has moved or removed them.")
    said = f"{_count(back)} back in {where}."
    if found < wanted:
        said += f" {_gone(wanted - found)}"
    return messages.Changed(said, at=next(id_ for one in back for id_ in one.ids))


def doomed(desk: Desk, name: str) -> Message:
    """What can be removed for good: what other programs marked as deleted in this folder, or else the whole trash."""
    if name != "trash" and not name.startswith("/"):
        marked = [row.id for row in read.rows(desk.house, desk.member, name, "file") if "D" in row.flags]
        if marked:
            return messages.Doomed(name, marked)
    return messages.Doomed("trash", [row.id for row in read.rows(desk.house, desk.member, "trash", "file")])


def expunge(desk: Desk, where: Where) -> Message:
    """Remove letters for good."""
    for name, ids in where.items():
        read.expunge(desk.house, desk.member, name, ids)
    return messages.Changed(f"{letters(sum(len(ids) for ids in where.values()))} removed for good.")


def give(desk: Desk, where: Where, member: str) -> Message:
    """Give letters of the one who sits here to another member."""
    for name, ids in where.items():
        for id_ in ids:
            triage.assign(desk.house, id_, member, desk.now, owner=desk.member, folder=name)
    count, person = sum(len(ids) for ids in where.values()), desk.house.config.members[member].name or member
    return messages.Changed(f"{person} has {'it' if count == 1 else 'them'} now.")


def sort(desk: Desk, name: str, chosen: Sorting) -> Message:
    """The letters of a folder in another order, which is kept."""
    order.remember(desk.house, desk.member, name, chosen)
    return rows(desk, name)


def make(desk: Desk, name: str) -> Message:
    """Make a folder."""
    return messages.Changed(f"There is a folder {title(folder.make(desk.house, desk.member, name))} now.")


def rename(desk: Desk, old: str, name: str) -> Message:
    """Give a folder another name."""
    return messages.Changed(f"{title(old)} is called {title(folder.rename(desk.house, desk.member, old, name))} now.")


def remove(desk: Desk, name: str) -> Message:
    """Remove an empty folder."""
    folder.remove(desk.house, desk.member, name)
    return messages.Changed(f"The folder {title(name)} is removed.")


def _gone(count: int) -> str:
    return f"Another program has moved or removed the other {count}."


def _count(moved: Sequence[Moved]) -> str:
    return letters(sum(len(one.ids) for one in moved))
