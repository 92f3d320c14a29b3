"""The list of letters and the list of folders.

Never: marking, moving or reading a letter.
"""

from collections.abc import Iterable
from datetime import datetime

from core.read import Folder, Row
from tui.widgets.vlist import Cell, VList
from tui.widgets.words import short, when


class Letters(VList[Row]):
    """Letters, one a line: mark, sender (or addressee in Sent and Drafts), subject, size, date."""

    now: datetime
    outgoing = False

    def key(self, row: Row) -> str:
        """The letter's id in its mbox."""
        return row.id

    def cells(self, row: Row, width: int) -> list[Cell]:
        """Fixed columns at both ends; the subject takes what is left."""
        look = _look(row)
        people = min(24, max(14, width // 5))
        dated = 11 if width >= 70 else 6
        left = width - 4 - people - 1 - (7 if width >= 50 else 0) - 2 - dated
        tail = [Cell(short(row.size), 5, "dim", right=True), Cell("", 2)] if width >= 50 else []
        return [
            Cell(_mark(row), 2, _MARKS.get(_mark(row), look)),
            Cell("!" if "F" in row.flags else "", 2, "warn"),
            Cell(self._people(row), people, look),
            Cell("", 1),
            Cell(row.subject or "(no subject)", left, look),
            Cell("", 2),
            *tail,
            Cell(when(row.date, self.now, brief=dated < 11), dated, "dim"),
        ]

    def _people(self, row: Row) -> str:
        if self.outgoing:
            return row.to or "(to nobody yet)"
        return row.sender or "(unknown)"


_MARKS = {"●": "accent", "x": "warn"}


def _mark(row: Row) -> str:
    """Deleted, came back, a stub, unread, answered; one cell, and not by colour alone."""
    if "D" in row.flags:
        return "D"
    if row.failed:
        return "x"
    if row.stub:
        return "◌"
    if "R" not in row.flags:
        return "●"
    return "r" if "A" in row.flags else ""


def _look(row: Row) -> str:
    if "D" in row.flags:
        return "gone"
    return "plain" if "R" in row.flags else "strong"


class FolderList(VList[Folder]):
    """Folders with the number of unread letters."""

    def key(self, row: Folder) -> str:
        """The folder's name."""
        return row.name

    def cells(self, row: Folder, width: int) -> list[Cell]:
        """Name and number."""
        look = "strong" if row.unread and row.name not in QUIET else "plain"
        number = str(row.unread) if row.unread and row.name not in QUIET else ""
        if row.name == "drafts" and row.total:
            number = str(row.total)
        return [Cell(title(row.name), width - 6, look), Cell(number, 5, "accent", right=True), Cell("", 1)]

    def has(self, names: Iterable[str]) -> bool:
        """Whether all of these are shown."""
        return set(names) <= {folder.name for folder in self.rows}


QUIET = ("sent", "drafts", "trash")  # folders whose unread letters are no news


def title(folder: str) -> str:
    """A folder's name as it is shown: inbox -> Inbox."""
    name = folder.removeprefix("/")
    return name[:1].upper() + name[1:]
