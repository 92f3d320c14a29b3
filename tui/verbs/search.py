"""Searching: what is found, whom and what a search could name, and a member's saved searches.

Never: a change to a letter.
"""

from collections import Counter
from collections.abc import Iterable

from textual.message import Message

from core import read, searches, triage
from core.deliver import INBOX
from core.mail.query import All, Query, parse, settled
from core.mail.suggest import Known
from tui import messages
from tui.values import LIST, SEARCH, TRIAGE
from tui.verbs.desk import Desk

_FEW = 100  # letters whose words are read while somebody waits; a house with many has them read in the background
_LATELY = 1000  # letters of a folder whose people are likely to be looked for


def find(desk: Desk, folder: str, text: str) -> Message:
    """What is found by a search as far as it is typed: in a folder, or (no ``folder``) everywhere of the member's."""
    wanted, shown = parse(text, desk.now, typing=True), _meaning(desk, folder)
    where = None if not folder or folder.startswith(SEARCH) else INBOX if folder.startswith("/") else folder
    whole = Query(text, All((parse(shown, desk.now).term, wanted.term))) if folder.startswith("/") else wanted
    found = read.search(desk.house, desk.member, whole, where, trust=True, most=_FEW, once=True)
    if folder == TRIAGE:
        waiting = {row.id for row in triage.unclaimed(desk.house)}
        found = read.Rows(row for row in found if row.id in waiting)
    return messages.Found(folder, text, found, wanted.faults)


def _meaning(desk: Desk, folder: str) -> str:
    """The search that finds what is shown as this folder."""
    if folder.startswith(SEARCH):
        return searches.saved(desk.house, desk.member).get(folder.removeprefix(SEARCH), "")
    if folder.startswith(LIST):
        return f"in:{INBOX} list:{_quoted(folder.removeprefix(LIST))}"
    return f"in:{_quoted(INBOX if folder == TRIAGE else folder)}" if folder else ""


def _quoted(value: str) -> str:
    plain = value.replace('"', " ")
    return f'"{plain}"' if " " in plain else plain


def rows(desk: Desk, folder: str) -> Message:
    """The letters that a saved search finds, shown as those of a folder."""
    wanted = parse(_meaning(desk, folder), desk.now)
    if not wanted.term.terms:
        return messages.Rows(folder, read.Rows())
    return messages.Rows(folder, read.search(desk.house, desk.member, wanted, None, trust=True, most=_FEW, once=True))


def known(desk: Desk) -> Message:
    """The folders, and the people of late, the most frequent first."""
    inbox, sent = (read.rows(desk.house, desk.member, name, trust=True)[-_LATELY:] for name in ("inbox", "sent"))
    members = [member.name for member in desk.house.config.members.values() if member.name]
    senders = Counter(row.sender for row in inbox if row.sender)
    recipients = Counter(name for row in (*sent, *inbox) for name in row.to.split(", ") if name)
    return messages.Choices(
        Known(
            folders=tuple(read.all_folders(desk.house, desk.member)),
            senders=_often(senders, members),
            recipients=_often(recipients, members),
            lists=tuple(one.name for one in read.lists(desk.house, desk.member, trust=True)),
        )
    )


def _often(met: Counter[str], others: Iterable[str]) -> tuple[str, ...]:
    """Names, the most frequent first, and then those of others."""
    return tuple(dict.fromkeys([*(name for name, _ in met.most_common()), *others]))


def save(desk: Desk, name: str, folder: str, text: str) -> Message:
    """Keep a search under a name, with the folder in which it looks, unless it names some itself."""
    within = "" if parse(text, desk.now).folders else _meaning(desk, folder)
    name = searches.save(desk.house, desk.member, name, f"{within} {settled(text)}")
    return messages.Changed(f"Saved as {name}; it is among the folders now.")


def rename(desk: Desk, folder: str, name: str) -> Message:
    """Give a saved search another name."""
    name = searches.rename(desk.house, desk.member, folder.removeprefix(SEARCH), name)
    return messages.Changed(f"The search is called {name} now.")


def remove(desk: Desk, folder: str) -> Message:
    """Forget a saved search."""
    searches.remove(desk.house, desk.member, folder.removeprefix(SEARCH))
    return messages.Changed("The search is removed; the letters stay where they are.")
