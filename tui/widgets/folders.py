"""The list of folders, each with its number of unread letters, and what is said in an empty one.

Never: making, renaming or removing a folder.
"""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from core.folder import USUAL
from core.forecast import Forecast
from core.read import Folder
from tui.commands import bindings
from tui.values import LIST, LISTS, SEARCH, SEARCHES, TRIAGE
from tui.widgets.vlist import Cell, VList
from tui.widgets.words import price

QUIET = ("sent", "drafts", "trash")  # folders whose unread letters are no news
_EMPTY = {
    "drafts": "No drafts. {compose} begins a letter; Esc there keeps it here until you go on.",
    "sent": "Nothing sent yet. {compose} writes a letter, and what you have sent stays here.",
    "archive": "Nothing archived. {archive} puts a letter here when you are done with it.",
    "junk": "No junk. {junk} puts a letter here, and takes it back to the inbox.",
    "trash": "The trash is empty. {delete} puts letters here, and {expunge} empties it.",
    "inbox": "Nothing here yet. {run} makes a run{cost}. {compose} writes a letter.",
    TRIAGE: "Everything that came found somebody.",
    LIST: "No letter of this list is in the inbox any more.",
    SEARCH: "Nothing is like this at the moment. {folders} leads to the folders.",
    "": "Nothing in this folder. {move} in another one moves a letter here.",
}
_NAMED = {
    "compose": "mail.compose",
    "archive": "mail.archive",
    "junk": "mail.junk",
    "delete": "mail.delete",
    "expunge": "mail.expunge",
    "run": "app.run",
    "move": "mail.move",
    "folders": "mail.folders",
}


class FolderList(VList[Folder]):
    """Folders with the number of unread letters; posts ``Asked`` when one is to be made, renamed or removed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("folders")]

    class Asked(Message):
        """Something is to be done: "make", "rename" or "remove", and to which folder."""

        def __init__(self, what: str, folder: str) -> None:
            self.what = what
            self.folder = folder
            super().__init__()

    def key(self, row: Folder) -> str:
        """The folder's name."""
        return row.name

    def cells(self, row: Folder, width: int) -> list[Cell]:
        """Name and number."""
        look = "strong" if row.unread and row.name not in QUIET else "plain"
        number = str(row.unread) if row.unread and row.name not in QUIET else ""
        if row.name == "drafts" and row.total:
            number = str(row.total)
        inset = "  " if row.name.startswith((LIST, SEARCH)) else ""
        look = "dim" if row.name in (LISTS, SEARCHES) else look
        return [Cell(f"{inset}{title(row.name)}", width - 6, look), Cell(number, 5, "accent", right=True), Cell("", 1)]

    def has(self, names: Iterable[str]) -> bool:
        """Whether all of these are shown."""
        return set(names) <= {folder.name for folder in self.rows}

    def unread_after(self, name: str) -> str:
        """The next folder with news in it, after this one and around; empty where there is none."""
        names = [folder.name for folder in self.rows]
        at = names.index(name) + 1 if name in names else 0
        around = [*self.rows[at:], *self.rows[: max(0, at - 1)]]
        return next((folder.name for folder in around if folder.unread and not _quiet(folder.name)), "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a folder of one's own is renamed or removed."""
        if action == "ask" and parameters != ("make",):
            return self.current is not None and own(self.current.name)
        return super().check_action(action, parameters)

    def action_ask(self, what: str) -> None:
        """A folder is to be made, renamed or removed."""
        self.post_message(self.Asked(what, self.current_key))


def _quiet(folder: str) -> bool:
    """Whether nobody is led there by unread letters; those of a list or a saved search are in another folder, too."""
    return folder in (*QUIET, "junk") or folder.startswith((LIST, SEARCH))


def own(folder: str) -> bool:
    """Whether a folder is one that the member made, and may change."""
    return folder not in USUAL and (not folder.startswith("/") or folder.startswith(SEARCH))


def title(folder: str) -> str:
    """A folder's name as it is shown: inbox -> Inbox; a mailing list's as it calls itself, else the first of its id."""
    if folder.startswith(LIST):
        words, mark, id_ = folder.removeprefix(LIST).partition("<")
        return (words.strip(' "') if mark else "") or (id_ or words).partition(".")[0]
    name = folder.removeprefix(SEARCH).removeprefix("/")
    return name[:1].upper() + name[1:]


def nothing(folder: str, ahead: Forecast | None, key: Callable[[str], str]) -> str:
    """What an empty folder says: what it is for, or what to do next; ``key`` tells the key of a command by its id."""
    cost = f": {price(ahead.seconds, ahead.cost, ahead.currency, known=ahead.known)}" if ahead else ""
    keys = {word: key(id_) for word, id_ in _NAMED.items()}
    kind = next((kind for kind in (LIST, SEARCH) if folder.startswith(kind)), folder)
    return _EMPTY.get(kind, _EMPTY[""]).format(cost=cost, **keys)
