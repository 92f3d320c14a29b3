"""Searching: what is found, whom and what a search could name, and a member's saved searches.

Never: a change to a letter.
"""

from collections import Counter
from collections.abc import Iterable

from textual.message import Message

from core import read, searches, triage
from core.mail.query import parse, settled
from core.mail.suggest import Known
from tui import messages
from tui.messages import SEARCH, TRIAGE
from tui.verbs.desk import Desk
from tui.verbs.mail import mbox

_FEW = 100  # letters whose words are read while somebody waits; a house with many has them read in the background
_LATELY = 1000  # letters of a folder whose people are likely to be looked for


def find(desk: Desk, folder: str, text: str) -> Message:
    """What is found by a search as far as it is typed: in a folder, or (no ``folder``) everywhere of the member's."""
    wanted = parse(text, desk.now, typing=True)
    where = mbox(folder) if folder else None
    found = read.search(desk.house, desk.member, wanted, where, trust=True, most=_FEW, once=True)
    if folder == TRIAGE:
        waiting = {row.id for row in triage.unclaimed(desk.house)}
        found = read.Rows(row for row in found if row.id in waiting)
    return messages.Found(folder, text, found, wanted.faults)


def rows(desk: Desk, folder: str) -> Message:
    """The letters that a saved search finds, shown as those of a folder."""
    text = searches.saved(desk.house, desk.member).get(folder.removeprefix(SEARCH), "")
    wanted = parse(text, desk.now)
    if not text:
        return messages.Rows(folder, read.Rows())
    return messages.Rows(folder, read.search(desk.house, desk.member, wanted, None, trust=True, most=_FEW, once=True))


def known(desk: Desk) -> Message:
    """The folders, and the people of late, the most frequent first."""
    folders = read.all_folders(desk.house, desk.member)
    met = Counter(_people(desk))
    names = [name for name, _ in met.most_common()]
    return messages.Choices(Known(tuple(folders), tuple(dict.fromkeys([*names, *read.book(desk.house, desk.member)]))))


def _people(desk: Desk) -> Iterable[str]:
    inbox, sent = (read.rows(desk.house, desk.member, name)[-_LATELY:] for name in ("inbox", "sent"))
    yield from (row.sender for row in inbox if row.sender)
    yield from (name for row in sent for name in row.to.split(", ") if name)
    yield from (member.name for member in desk.house.config.members.values() if member.name)


def save(desk: Desk, name: str, folder: str, text: str) -> Message:
    """Keep a search under a name; one in a folder names that folder."""
    wanted = parse(text, desk.now, typing=True)
    within = "" if not folder or wanted.folders else f'in:"{mbox(folder)}" ' if " " in folder else f"in:{mbox(folder)} "
    name = searches.save(desk.house, desk.member, name, within + settled(text))
    return messages.Changed(f"Saved as {name}; it is among the folders now.")


def rename(desk: Desk, folder: str, name: str) -> Message:
    """Give a saved search another name."""
    name = searches.rename(desk.house, desk.member, folder.removeprefix(SEARCH), name)
    return messages.Changed(f"The search is called {name} now.")


def remove(desk: Desk, folder: str) -> Message:
    """Forget a saved search."""
    searches.remove(desk.house, desk.member, folder.removeprefix(SEARCH))
    return messages.Changed("The search is removed; the letters stay where they are.")
