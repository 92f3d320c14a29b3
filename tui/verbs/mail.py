"""Opening a member's mail, and reading it: folders, lists.

Never: another member's mail.
"""

from contextlib import suppress
from dataclasses import replace

from textual.message import Message

from core import order, passphrase, read, searches, triage
from core.deliver import INBOX
from core.errors import MailrunError
from core.folder import stamps
from core.mail.query import parse
from core.mail.text import safe
from tui import messages
from tui.values import LIST, LISTS, SEARCH, SEARCHES, TRIAGE
from tui.verbs.desk import Desk

_FEW = 5000  # letters among which what a saved search finds is counted in no time


def enter(desk: Desk, member: str, words: str = "") -> Message:
    """Open a member's mail; with a passphrase where there is one."""
    hashed = desk.house.config.members[member].passphrase
    if hashed and not passphrase.verify(words, hashed.reveal()):
        return messages.Denied()
    return messages.Opened(member)


def mbox(folder: str) -> str:
    """Where the letters of a folder are: what nobody claimed waits in the postmaster's inbox."""
    return INBOX if folder == TRIAGE else folder


def folders(desk: Desk) -> Message:
    """The member's folders; the postmaster has one more, of what nobody claimed."""
    found = read.folders(desk.house, desk.member, trust=True)
    if desk.member == desk.house.config.household.postmaster:
        found.insert(len(read.FOLDERS) - 1, _unclaimed(desk))
    few = sum(folder.total for folder in found) < _FEW
    saved = searches.saved(desk.house, desk.member)
    named = [read.Folder(SEARCH + name, _news(desk, text) if few else 0, 0) for name, text in saved.items()]
    return messages.Folders([*found, *_headed(LISTS, _lists(desk)), *_headed(SEARCHES, named)])


def _news(desk: Desk, text: str) -> int:
    """How many unread letters a saved search finds, as far as their words are known."""
    with suppress(MailrunError):
        return read.search(desk.house, desk.member, parse(text, desk.now), None, trust=True, most=0, once=True).unread
    return 0


def _headed(head: str, folders: list[read.Folder]) -> list[read.Folder]:
    return [read.Folder(head, 0, 0), *folders] if folders else []


def _lists(desk: Desk) -> list[read.Folder]:
    """The mailing lists of the inbox; where that cannot be read there are none."""
    with suppress(MailrunError):
        return [replace(one, name=LIST + one.name) for one in read.lists(desk.house, desk.member, trust=True)]
    return []


def _unclaimed(desk: Desk) -> read.Folder:
    """It is in the postmaster's inbox; where that cannot be read, the other folders can."""
    try:
        waiting = len(triage.unclaimed(desk.house, trust=True))
    except MailrunError as error:
        return read.Folder(TRIAGE, 0, 0, safe(str(error)))
    return read.Folder(TRIAGE, waiting, waiting)


def stirred(desk: Desk) -> Message:
    """Whether anybody has changed a mailbox, by comparison with an earlier answer."""
    return messages.Stirred(stamps(desk.house, desk.member))


def rows(desk: Desk, name: str) -> Message:
    """The letters of a folder, in the order that was chosen for it."""
    if name == TRIAGE:
        return messages.Rows(name, read.ordered(triage.unclaimed(desk.house, trust=True)))
    if name.startswith(LIST):
        return messages.Rows(name, read.over(desk.house, desk.member, name.removeprefix(LIST), trust=True))
    chosen = order.order(desk.house, desk.member, name)
    found = read.rows(desk.house, desk.member, name, chosen.order, backward=chosen.backward, trust=True)
    return messages.Rows(name, found, chosen)
