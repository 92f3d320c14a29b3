"""A picture that costs time on the line: as it is, or in a smaller size; each with its bytes, minutes and money.

Never: a picture made smaller (``core.picture`` has done it); the choice made for anybody.
"""

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from core.mail.compose import Attachment
from core.picture import Picture
from tui.screens.dialogs import Pick
from tui.widgets.words import size, span

SAID = "The smaller ones do not tell where and when it was taken. The file on this computer stays as it is."

Carriage = Callable[[Attachment], tuple[float, str]]  # seconds and money on the line for a file


class Smaller(Pick):
    """One of the sizes, by its number; empty where it was left as it is."""

    def __init__(self, sizes: Sequence[Picture], carriage: Carriage, at: int) -> None:
        names = [str(number) for number in range(len(sizes))]
        whole = sizes[0]
        question = f"{whole.file.name} ({whole.width} x {whole.height}): send this picture smaller?"
        super().__init__(question, names, rows(sizes, carriage), min(at, len(sizes) - 1), [SAID])

    def compose(self) -> ComposeResult:
        """The question, the sizes, and what else becomes of the picture."""
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False)
            yield OptionList(*map(Content, self._titles), compact=True)
            yield Static(SAID, classes="quiet", markup=False)
            yield Static("Enter: choose     Esc: as it is", classes="quiet", markup=False)


def rows(sizes: Sequence[Picture], carriage: Carriage) -> list[str]:
    """A line for each size, in columns: its dots, bytes, time and money."""
    table = []
    for picture in sizes:
        seconds, money = carriage(picture.file)
        name = "as it is" if picture is sizes[0] else f"{picture.width} x {picture.height}"
        table.append((f"{name:<11}", size(len(picture.file.content)), span(max(1, seconds)), money))
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    return ["   ".join(map(str.rjust, row, widths)).rstrip() for row in table]
