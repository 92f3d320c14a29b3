"""The files that go with a letter: each with its size, its time and money on the line, and what it is.

Never: a file; what a line costs (it is told from outside).
"""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.message import Message

from core.picture import possible
from tui.commands import bindings
from tui.widgets.vlist import Cell, VList
from tui.widgets.words import clock, size

KINDS = {"image": "picture", "audio": "sound", "video": "film", "message": "letter", "text": "text"}
MOST = 4  # lines that are shown at once


@dataclass(frozen=True, slots=True)
class File:
    """One attached file: ``number`` tells two of one name apart, ``money`` is empty where the line costs none."""

    number: int
    name: str
    size: int
    seconds: float
    money: str
    kind: str


class Files(VList[File]):
    """A line for each file; posts ``Removed`` with the number of one that shall not go along."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("files")]

    class Removed(Message):
        """This one stays here."""

        def __init__(self, number: int) -> None:
            self.number = number
            super().__init__()

    class Smaller(Message):
        """This picture may go smaller."""

        def __init__(self, number: int) -> None:
            self.number = number
            super().__init__()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is offered only where it does something."""
        if action == "smaller":
            return possible() and self.current is not None and self.current.kind.startswith("image/")
        return super().check_action(action, parameters)

    def show(self, files: list[File]) -> None:
        """Show these files; nothing, where there are none."""
        self.load(files)
        self.display = bool(files)
        self.styles.height = min(MOST, len(files))

    def key(self, row: File) -> str:
        """Its number."""
        return str(row.number)

    def cells(self, row: File, width: int) -> list[Cell]:
        """The names take what the others leave, but no more than the longest needs."""
        longest = max(cell_len(one.name) for one in self.rows) + 1
        fixed = 9 + 8 + 10 + 10
        return [
            Cell("", 1),
            Cell(row.name, max(8, min(longest, width - fixed - 1)), "accent"),
            Cell(size(row.size), 9, right=True),
            Cell(clock(row.seconds), 8, right=True),
            Cell(row.money, 10, right=True),
            Cell(f"  {kind(row)}", 10, "dim"),
        ]

    def action_smaller(self) -> None:
        """The picture under the cursor, smaller."""
        if self.current is not None:
            self.post_message(self.Smaller(self.current.number))

    def action_remove(self) -> None:
        """The one under the cursor."""
        if self.current is not None:
            self.post_message(self.Removed(self.current.number))


def kind(file: File) -> str:
    """What a file is, in a word: by its type, else by the ending of its name."""
    ending = file.name.rpartition(".")[2]
    return KINDS.get(file.kind.partition("/")[0]) or (
        ending.upper() if ending.isalnum() and len(ending) < 6 else "file"
    )
